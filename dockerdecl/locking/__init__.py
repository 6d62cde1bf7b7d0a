"""Which images a manifest takes: `lock` writes and checks its lock file, `outdated` tells what is newer.

Takes requests, gives documents; prints nothing. That `apply --locked` uses it is no matter of this room: there it is a
part of the manifest.
"""
