"""Putting the chosen takes together: sample-exact sound, frame-exact picture, measured joins."""
