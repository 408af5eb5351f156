"""The add-on for Blender's video sequencer. Installed, `add_on.py` is the package's own module.

Nothing here imports anything of ours, nor what Blender's Python does not bring along.
"""
