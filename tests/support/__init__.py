"""What tests stand on: private engines, images without a network, a registry, and the scenario framework.

Modules: `engines`, `engine_api`, `events`, `eventually`, `images`, `registry`, `engine_state`, `program`, `scenario`,
`checks`. Nothing here imports dockerdecl: the program is judged from outside.
"""
