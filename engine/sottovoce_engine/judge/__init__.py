"""The judge: what a take sounds like, measured, and whether it can stay. It advises; the editor decides."""
