"""A plan to an engine: every step run when its needs are met, waits by events, sagas taken back. Decides nothing.

Public modules: `scheduler` (runs a plan), `urgency` (what goes first), `events` (what it tells on the way), `report`
(what came of it).
"""
