"""How many takes over one picture that stays are sampled side by side, since memory last ran out.

takes at once   8 ──► 4 ──► 2 ──► 1 ──► weights placed one step down, and 8 again
"""

_ALL = 64  # no batch has more


class SideBySide:
    """Holds for all batches that follow each other. Fewer at once changes no take beyond rounding.

    Attributes:
        most: Takes at once.
    """

    def __init__(self) -> None:
        self.most = _ALL

    def halved(self, takes: int) -> bool:
        """Whether fewer can be tried, after a batch of so many ran out of memory; if not, all are tried next."""
        tried = min(takes, self.most)
        self.most = _ALL if tried == 1 else -(-tried // 2)
        return tried > 1
