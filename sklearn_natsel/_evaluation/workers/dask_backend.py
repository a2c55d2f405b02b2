"""What joblib's dask backend lacks: data that are sent once, news of calls that are lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from typing import Any

from joblib.parallel import get_active_backend

# Bytes up to which joblib sends an argument with each call.
_WORTH_SENDING = 1e3


class LostCallsError(BrokenExecutor):
    """Calls that the cluster has given up, because they have killed several workers.

    Attributes
    ----------
    numbers : set of int
        Their first arguments.

    reason : str
        The name of dask's error.
    """

    def __init__(self, batch: Any, error: BaseException) -> None:
        super().__init__(f"The cluster has given up a call: {error}")
        self.numbers = {args[0] for _, args, _ in batch.items}
        self.reason = type(error).__name__


@contextmanager
def told_of_lost_calls() -> Iterator[None]:
    """Let joblib's `Parallel` raise a `LostCallsError`, where it would wait for ever.

    Its dask backend tells it of calls that return or raise, not of those that
    the cluster gives up. And all calls go to the cluster: while a single worker
    is left, joblib would make them in this process, where one that kills its
    worker would kill the search.
    """
    backend, _ = get_active_backend()
    if not hasattr(backend, "data_futures"):
        yield
        return
    method = "submit" if hasattr(backend, "submit") else "apply_async"  # joblib < 1.5
    submit, effective_n_jobs = getattr(backend, method), backend.effective_n_jobs

    def submit_and_tell(batch: Any, callback: Any) -> Future[Any]:
        def tell(future: Future[Any]) -> None:
            error = future.exception()
            if error is not None:
                callback(LostCallsError(batch, error))

        future: Future[Any] = submit(batch, callback)
        future.add_done_callback(tell)
        return future

    def at_least_two(n_jobs: int) -> int:
        return max(2, effective_n_jobs(n_jobs))

    setattr(backend, method, submit_and_tell)
    backend.effective_n_jobs = at_least_two
    try:
        yield
    finally:
        setattr(backend, method, submit)
        backend.effective_n_jobs = effective_n_jobs


@contextmanager
def sent_once(objects: Iterable[Any]) -> Iterator[None]:
    """Send what many calls share to all workers of a dask cluster, if there is one.

    By itself joblib sends large arguments anew for every `Parallel` call, and to
    a single worker: when that one dies, they are lost.

    Parameters
    ----------
    objects : iterable of object
        Must be the very objects that the calls have as arguments.
    """
    backend, _ = get_active_backend()
    known = getattr(backend, "data_futures", None)
    if known is None:
        yield
        return
    from dask.sizeof import sizeof

    new = {id(obj): obj for obj in objects if id(obj) not in known and sizeof(obj) > _WORTH_SENDING}
    # Named by their content, the data of one search could be gone when the next one, which
    # finds them there, begins.
    if new:
        sent = backend.client.scatter(list(new.values()), broadcast=True, hash=False)
        known.update(zip(new, sent))
    try:
        yield
    finally:
        for identity in new:
            del known[identity]
