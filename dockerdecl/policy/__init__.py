"""Policies: what may not be declared, or not without being asked about it, although it is valid.

`spec` is what a policy file may say, `load` reads one, `judge` holds a manifest against several. `builtin` has the
rules that everybody has, `conditions` what rules of one's own are made of. Knows no engine and prints nothing.
"""
