"""Changing a scene's marks: pure functions from one draft to the next, their history, and merging two edits."""
