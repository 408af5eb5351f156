"""Options with which commands render on the tiny model of random weights, on the CPU."""

TINY = [
    *("--preset", "fast", "--ltx", "random_weights=true", "--ltx", "random_size=tiny"),
    *("--ltx", "device=cpu", "--ltx", "dtype=float32", "--ltx", "pixels=8192"),
    *("--ltx", "text_tokens=128", "--ltx", "sampling.sigmas=[1.0, 0.5]"),
]
