"""Training a LoRA on LTX-2.3. `door.py` and `machine.py` are light to import; the rest needs torch."""
