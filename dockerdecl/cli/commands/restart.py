"""`dockerdecl restart`: stops containers and starts them again."""

from __future__ import annotations

from dockerdecl.cli.steering import with_grace

restart = with_grace("restart", "Restart containers, in the order of their dependencies.")
