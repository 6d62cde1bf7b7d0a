"""JSON documents and errors into text. Pure: knows no engine, file, clock or stream.

`plan_text`, `plan_markdown`, `report_text`, `status_text` and `errors` each render one thing; `values` and `marks`
say how a value and an action look. rich is imported at the top of these modules, and these inside the commands.
"""
