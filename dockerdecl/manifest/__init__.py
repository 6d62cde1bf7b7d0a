"""Text to manifest: strict YAML with positions, variables, includes, overlays, and paths made absolute.

`load` is the way in (files to one tree of nodes); `nodes` has the tree and the places of what is in it. The stages
between them stand alone: `sources` finds and reads files, `yaml_nodes` makes nodes of text, `variables`,
`interpolation` and `env_file` replace `${NAME}`, `include` and `merge` put files together, `paths` makes paths
absolute. The only room that reads the user's files.
"""
