"""The lock file of a manifest's images: `lock` writes and checks it.

Takes requests, gives documents; prints nothing. That `apply --locked` uses it is no matter of this room: there it is a
part of the manifest.
"""
