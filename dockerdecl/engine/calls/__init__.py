"""The calls made to an engine: one API call a function, by kind, raw Engine API JSON in and out.

Public modules: `containers`, `images`, `networks`, `volumes`. Every function takes the `Engine` first and raises a
`DockerdeclError` whose code says what the engine objected to (`not-found`, `name-in-use`, `in-use` ...).
"""
