"""Joins: where they lie, how they sound, and what a person asks of them."""
