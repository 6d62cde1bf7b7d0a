"""People: commands, options, rendering, progress, exit codes. The only room that prints.

`app` is the entry point, `commands` holds one module a command, `options` what they share, `terminal` where a
run speaks, `confirmation` what it asks first, `interruption` what a signal means, `progress` what it says while
it works, and `render` turns documents into text.
"""
