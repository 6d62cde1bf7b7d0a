"""How fast dockerdecl is beside others, on the same engine, in one run. Not part of what is installed.

`host` says what is to run, in one description, and `works` what is done with it. `competitors` knows the command of
each, `programs/` holds those that are written for the comparison. `measuring` measures one command, `running` all of
them in turn, and `results` keeps what came out. `calls` says which API calls dockerdecl may make, `limits` how fast it
must be; `report`, `tables` and `plot` make a page of it.
"""
