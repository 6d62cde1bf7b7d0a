"""`dockerdecl start`: starts containers that don't run."""

from __future__ import annotations

from dockerdecl.cli.steering import at_once

start = at_once("start", "Start containers, those that others need first.")
