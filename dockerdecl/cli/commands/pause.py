"""`dockerdecl pause`: freezes containers."""

from __future__ import annotations

from dockerdecl.cli.steering import at_once

pause = at_once("pause", "Freeze the processes of containers, of those that need others first.")
