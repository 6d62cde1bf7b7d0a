"""What was applied before: `keeping` writes a revision at the end of a run, `source` tells which commit it came from
(both found out `beside` the steps), `history` reads and compares revisions, `going_back` makes an earlier one what is
desired.

Decides nothing about the engine's things: going back is an ordinary plan.
"""
