"""JSON documents and errors into text. Pure: knows no engine, file, clock or stream.

`plan_text`, `plan_markdown`, `report_text`, `status_text` and `errors` each render one thing, `fields` the fields of
one change, `plan_empty` a plan in which nothing is to be done; `visible` keeps a text harmless, and `values`, `marks`
and `wrapping` say how a value, an action and a sentence look. rich is imported at the top of these modules, and these
inside the commands.
"""
