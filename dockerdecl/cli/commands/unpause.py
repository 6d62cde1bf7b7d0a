"""`dockerdecl unpause`: lets frozen containers go on."""

from __future__ import annotations

from dockerdecl.cli.steering import at_once

unpause = at_once("unpause", "Let paused containers go on, those that others need first.")
