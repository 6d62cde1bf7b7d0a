"""Other formats to and from manifests: Compose files in and out, live containers in. Changes nothing.

`loading` reads a manifest, or a Compose file as one; `writing` gives either as text. `from_compose` is the way in, with
`compose_files`, `compose_scalars`, `compose_words` and `compose_builds`; `to_compose` is the way out.
"""
