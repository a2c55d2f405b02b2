"""What joblib's backend for dask lacks: data that are sent once, news of calls that are lost.

It is done through attributes of that backend that are not documented: `client`, `data_futures`,
`submit` (`apply_async` before joblib 1.5) and the `items` of what it submits, which begin with the
function, the positional and the keyword arguments. Seen in joblib 1.4.2, 1.5.3 and 1.6.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from sklearn_natsel._evaluation.workers.errors import LostCallsError
from sklearn_natsel._evaluation.workers.joblib_internals import active_backend

# Bytes up to which joblib sends an argument with each call.
_WORTH_SENDING = 1e3


@contextmanager
def told_of_lost_calls() -> Iterator[None]:
    """Let joblib's `Parallel` raise a `LostCallsError`, where it would wait for ever.

    joblib's backend for dask tells `Parallel` of calls that return or raise, not of
    those that the cluster gives up. The first argument of each call must be its number.

    All calls go to the cluster. While a single worker is left, joblib would make them in
    this process, and a call that kills its worker would kill the search.
    """
    backend = active_backend()
    if not hasattr(backend, "data_futures"):
        yield
        return
    method = "submit" if hasattr(backend, "submit") else "apply_async"  # joblib < 1.5
    submit, effective_n_jobs = getattr(backend, method), backend.effective_n_jobs

    def submit_and_tell(batch: Any, callback: Any) -> Future[Any]:
        def tell(future: Future[Any]) -> None:
            error = future.exception()
            if error is not None:
                callback(LostCallsError((args[0] for _, args, _ in batch.items), error))

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

    By itself joblib sends large arguments anew for every call of `Parallel`, and to a single
    worker: if that one dies, they are lost.

    Parameters
    ----------
    objects : iterable of object
        Must be the very objects that the calls have as arguments.
    """
    backend = active_backend()
    known = getattr(backend, "data_futures", None)
    if known is None:
        yield
        return
    from dask.sizeof import sizeof

    # All workers may have died. dask and joblib would wait for new ones for some seconds only; a
    # call waits until there is one, and has a cluster that adapts start it.
    backend.client.submit(int, pure=False).result()
    new = {id(obj): obj for obj in objects if id(obj) not in known and sizeof(obj) > _WORTH_SENDING}
    if new:
        # With `hash=False` each search has data of its own on the cluster. Otherwise data with the
        # same content have the same name: those of a search that ends could be removed just when
        # the next search finds them there.
        sent = backend.client.scatter(list(new.values()), broadcast=True, hash=False)
        known.update(zip(new, sent))
    try:
        yield
    finally:
        for identity in new:
            del known[identity]
