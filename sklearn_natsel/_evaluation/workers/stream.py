"""joblib's `Parallel` as a stream: calls go in, what they return comes out as soon as it can."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from joblib import effective_n_jobs
from sklearn.utils.parallel import Parallel

from sklearn_natsel._evaluation.workers.call import Returned
from sklearn_natsel._evaluation.workers.caught_warnings import ignored
from sklearn_natsel._evaluation.workers.dask_backend import sent_once, told_of_lost_calls
from sklearn_natsel._evaluation.workers.joblib_internals import (
    active_backend,
    is_loky,
    is_one_by_one,
    own_backend,
    set_batch_size,
    take_finished,
    unread_jobs,
)


class Stream:
    """The workers of joblib's active backend, which are opened anew after a crash.

    Parameters
    ----------
    n_jobs, pre_dispatch
        As of `joblib.Parallel`.

    shared : list of object
        Arguments that many calls have in common: a cluster gets them once.

    Attributes
    ----------
    n_workers : int
        How many calls run at once.

    can_replace_workers : bool
        Whether the workers are processes of this machine, started anew when they have died.

    is_one_by_one : bool
        Whether outcomes come as soon as they are there, and not all at the end. Is known once
        the stream is open.
    """

    def __init__(self, n_jobs: int | None, pre_dispatch: int | str, shared: Sequence[Any]) -> None:
        self._n_jobs = n_jobs
        self._pre_dispatch = pre_dispatch
        self._shared = shared
        self.n_workers = effective_n_jobs(n_jobs)
        self.can_replace_workers = self.n_workers > 1 and is_loky(active_backend())
        self._opened = ExitStack()
        self._returned: Iterator[Returned] = iter(())
        self._unread: deque[Any] = deque()

    def open(self) -> None:
        """Make the workers ready."""
        if self.can_replace_workers:
            # joblib warns when it replaces a worker that has grown. It does so in the thread that
            # all others depend on: where warnings are errors, the search would wait for ever.
            self._opened.enter_context(ignored("A worker stopped while some jobs"))
        self._opened.enter_context(sent_once(self._shared))
        self._opened.enter_context(told_of_lost_calls())
        with own_backend():
            parallel = _make_parallel(self._n_jobs, self._pre_dispatch)
        self._parallel = self._opened.enter_context(parallel)

    def close(self) -> None:
        """Let go of the workers."""
        try:
            self.stop()
        finally:
            self._opened.close()

    @property
    def is_one_by_one(self) -> bool:
        return is_one_by_one(self._parallel)

    def start(self, calls: Iterable[Any], batch_size: int | str) -> None:
        """Begin to run calls, so many in a message; they are taken while earlier ones run."""
        self._unread = unread_jobs(self._parallel)
        set_batch_size(self._parallel, batch_size)
        self._returned = iter(self._parallel(calls))

    def receive(self) -> Returned | None:
        """Wait for what the next call returns; return None after the last one."""
        return next(self._returned, None)

    def stop(self) -> None:
        """Give up the calls that are running."""
        returned, self._returned = self._returned, iter(())
        if isinstance(returned, Generator):
            with warnings.catch_warnings():
                # joblib tells of the calls that it gives up.
                warnings.simplefilter("ignore")
                returned.close()

    def take_unread(self) -> Iterator[Returned]:
        """Give up all calls; yield what has come back and was not received."""
        self.stop()
        yield from take_finished(self._unread)


def _make_parallel(n_jobs: int | None, pre_dispatch: int | str) -> Parallel:
    """Return a `Parallel` that hands over each result as soon as its backend can."""
    with suppress(ValueError):  # some backends can only return lists
        return Parallel(n_jobs, pre_dispatch=pre_dispatch, return_as="generator_unordered")
    if effective_n_jobs(n_jobs) == 1:  # which is this process, whatever the backend is
        return Parallel(1, backend="sequential", return_as="generator_unordered")
    return Parallel(n_jobs, pre_dispatch=pre_dispatch)
