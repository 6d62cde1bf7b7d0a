"""One module a command: takes options, calls `reconcile`, renders, gives an exit code, and nothing else."""
