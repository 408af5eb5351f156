"""The timeline: what is where, how it is drawn, and what a hand on it means."""
