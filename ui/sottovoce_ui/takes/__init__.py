"""The takes of a region: what was measured, what people said, and which one is chosen."""
