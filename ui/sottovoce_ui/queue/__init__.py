"""What is being rendered, what waits for it, and what came of it."""
