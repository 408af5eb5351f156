"""The panel. Qt only; no rules of the trade."""
