"""The renderer that needs no GPU: synthetic speech in the right register, for timing."""
