"""LTX-2.3 with the whisper & soft-spoken LoRA on a local GPU. torch is imported once a render starts, not before."""
