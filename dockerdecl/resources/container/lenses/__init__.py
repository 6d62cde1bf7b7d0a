"""The lenses of container fields whose shape on the engine differs from the manifest's."""
