"""What can be declared, and what it looks like on an engine, both in one normal form. No engine call is made here.

A spec is declared with `spec`, `rows` and `notes`; `taking` reads what is right, `models` asks pydantic about the rest
and for the schema, `dumping` writes it down. Other public modules: `address`, `words`, `ownership`, `desired`,
`actual`, and a room per kind: `container`, `image`, `network`, `volume`, `files`.
"""
