"""What people do beside reconciling: look into containers, work with images, and see what they use.

`found` finds the containers that a command line means. Nothing here plans, and nothing prints.
"""
