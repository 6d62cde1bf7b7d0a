"""A plan as one page that needs nothing beside it: `page` puts it together, `parts` has its pieces; style and script
are files of their own, which the page holds.
"""
