"""Training a LoRA for registers of one's own: recordings to clips, clips to a LoRA, the LoRA to a register."""
