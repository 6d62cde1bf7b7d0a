"""People: commands, options, rendering, progress, exit codes. The only room that prints.

`app` is the entry point, `commands` holds one module a command, and `render` turns documents into text. What commands
share: `options`; `parameters` (how their values are taken); `terminal` (where a run speaks), `presentation` and
`looking` (documents to where they are wanted), `confirmation` (what is asked first), `interruption` (what a signal
means), `progress` and `transfers` (what is said meanwhile); `changing` (a plan into the engine), `steering` (start,
stop, pause), `moving` (pull, push), `registry_pruning`, `log_output`, `watching` (a table that is drawn again),
`person` (who talks with a process in a container), `foreign_words` (another program's command line behind ours).
"""
