"""What people do beside reconciling: look into containers, work with images, and see what they use.

`found` finds the containers that a command line means; `archives` saves, loads, exports and imports; `output_files`
writes files whole or not at all. Nothing here plans, and nothing prints.
"""
