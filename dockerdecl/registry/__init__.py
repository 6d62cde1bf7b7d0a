"""Registries of images, asked without an engine between: what they hold, under which tags and digests.

- `opening`: a registry with the stored login, as secure as the engine wants it. Where most begin.
- `client`: one registry, as calls of the distribution API (v2).
- `authentication`: challenges, and the header that answers one.
- `trust`: certificates.
- `failures`: what a registry, or the way to it, objects to.
"""
