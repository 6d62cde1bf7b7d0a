"""What can be declared, and what it looks like on an engine, both in one normal form. No engine call is made here.

Public modules: `address`, `words`, `rows`, `ownership`, `desired`, `actual`, and a room per kind: `container`,
`image`, `network`, `volume`, `files`.
"""
