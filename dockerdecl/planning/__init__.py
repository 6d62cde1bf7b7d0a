"""Desired state and actual state to a plan. Pure: no engine, clock, file or randomness.

Public modules: `values` (what a plan is), `verbs` (what its steps can be), `plan` (how one is made), `document` (how
it is written down).
"""
