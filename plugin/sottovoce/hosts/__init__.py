"""One thin launcher per editor, and putting it where the editor looks for its scripts."""
