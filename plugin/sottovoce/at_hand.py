"""What stays warm while a timeline is open: the renderers' processes, the judge's, what was listened to at joins."""

from contextlib import AbstractContextManager, ExitStack
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from sottovoce.reading import Reading

if TYPE_CHECKING:
    from sottovoce.joins_at_hand import JoinsAtHand
    from sottovoce_engine.judge.apart import JudgeApart
    from sottovoce_engine.renderers.worker import Worker
    from sottovoce_engine.store import Store

T = TypeVar("T")


class AtHand:
    """Each begins when it is first asked for. Threads may share it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._held = ExitStack()
        self._making = Lock()  # takes are rendered and looked at side by side
        self._judge: JudgeApart | None = None
        self._joins: JoinsAtHand | None = None
        self._workers: dict[str, Worker] = {}

    def hold(self, what: AbstractContextManager[T]) -> T:
        """Keeps something until all this is let go of."""
        return self._held.enter_context(what)

    def close(self) -> None:
        """Ends all of it."""
        with self._making:
            self._held.close()
            self._workers.clear()
            self._judge = self._joins = None

    def worker(self, renderer: str, store: "Store") -> "Worker":
        from sottovoce_engine.renderers.worker import Worker

        with self._making:
            if renderer not in self._workers:
                self._workers[renderer] = self.hold(Worker(renderer, store.media.root, stands_back=True))
            return self._workers[renderer]

    def judge(self) -> "JudgeApart":
        from sottovoce_engine.judge.apart import JudgeApart

        with self._making:
            if self._judge is None:
                self._judge = self.hold(JudgeApart(thresholds_file=self._reading.settings.thresholds_file))
            return self._judge

    def joins(self) -> "JoinsAtHand":
        from sottovoce.joins_at_hand import JoinsAtHand

        with self._making:
            if self._joins is None:
                self._joins = JoinsAtHand()
                self._held.callback(self._joins.close)
            return self._joins
