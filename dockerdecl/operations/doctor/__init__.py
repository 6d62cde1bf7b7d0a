"""What an engine is like, and what of a manifest will have trouble with it: `gather` asks, `whereabouts` tells
what of it is this machine's, `engine_checks` and
`manifest_checks` judge what was gathered, `releases` knows Docker's releases, `document` is what comes of it.
"""
