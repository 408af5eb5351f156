"""Picture and sound files: probing, reading, writing, measuring."""
