"""`dockerdecl stop`: stops containers."""

from __future__ import annotations

from dockerdecl.cli.steering import with_grace

stop = with_grace("stop", "Stop containers, those that need others first.")
