"""In which order calls are run, in parallel or alone."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator

from sklearn_natsel._evaluation.workers.call import AnyCall


class CallQueue:
    """Calls that wait: those that must run alone, those that were lost, and new ones.

    A call that ran when a worker died may have killed it. It is run again alone, so that it is
    known to be the cause if its worker dies once more.

    Parameters
    ----------
    calls : iterable of Call, Group or Known
        The new ones. Each is taken when there is room for it.

    Attributes
    ----------
    alone : Call or Known or None
        What runs alone now, None if calls run in parallel.

    n_taken : int
        How many were taken to be run in parallel, some of them several times.

    is_done : bool
        Whether nothing waits any more.
    """

    def __init__(self, calls: Iterable[AnyCall]) -> None:
        self._new = iter(calls)
        self._has_new = True
        self._again = deque[AnyCall]()
        self._run_alone = deque[AnyCall]()
        self._lock = threading.Lock()
        self.alone: AnyCall | None = None
        self.n_taken = 0

    @property
    def is_done(self) -> bool:
        return not (self._has_new or self._again or self._run_alone)

    def next_calls(self) -> Iterable[AnyCall]:
        """Return what to run next: one call that must run alone, or all that may run together."""
        self.alone = self._run_alone.popleft() if self._run_alone else None
        return self.take() if self.alone is None else [self.alone]

    def take(self) -> Iterator[AnyCall]:
        """Take out, one after the other, the calls that may run in parallel."""
        while True:
            # joblib's threads may still take calls for workers that have just died.
            with self._lock:
                call = self._again.popleft() if self._again else next(self._new, None)
                self._has_new &= call is not None
            if call is None:
                return
            self.n_taken += 1
            yield call

    def put_back(self, call: AnyCall, run_alone: bool = False) -> None:
        """Have a call run again, in parallel with others or alone."""
        (self._run_alone if run_alone else self._again).append(call)

    def run_none_alone(self) -> None:
        """Let all calls run in parallel again, because the one that kills workers was found."""
        self._again.extend(self._run_alone)
        self._run_alone.clear()
