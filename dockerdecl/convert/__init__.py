"""Other formats to and from manifests: Compose files in and out, live containers in. Changes nothing."""
