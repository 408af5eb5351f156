"""The commands of `sottovoce`, one module each, imported when asked for."""
