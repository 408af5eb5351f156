"""`sottovoce train`: from a folder of recordings to a register that can be asked for."""
