"""Renderers, the socket they fit, and the child process they run in."""
