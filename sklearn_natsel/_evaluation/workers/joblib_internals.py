"""All that is used of joblib, and of loky inside it, beside joblib's documented names.

Seen in joblib 1.4.2, 1.5.3 and 1.6.0. A newer version may change any of it: then this file is to be
adapted, and `dask_backend.py`, which has the same for joblib's backend for dask.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from joblib import Parallel, parallel_config
from joblib.externals.loky.backend.reduction import dumps
from joblib.externals.loky.process_executor import ShutdownExecutorError
from joblib.parallel import TASK_DONE, LokyBackend, get_active_backend

__all__ = [
    "ShutdownExecutorError",
    "active_backend",
    "can_be_sent",
    "is_loky",
    "is_one_by_one",
    "own_backend",
    "set_batch_size",
    "take_finished",
    "unread_jobs",
]


def active_backend() -> Any:
    """Return the backend that a `Parallel` would have that is made here."""
    backend, _ = get_active_backend()
    return backend


def is_loky(backend: Any) -> bool:
    """Whether it is joblib's default backend, of processes on this machine."""
    return isinstance(backend, LokyBackend)


def own_backend() -> AbstractContextManager[Any]:
    """Give a `Parallel` that is made inside a loky backend of its own.

    All that are made within one `parallel_config` share a backend. One that ends, for instance in
    a callback, would then take the workers from the search. Other backends than loky stay.
    """
    backend = active_backend()
    if type(backend) is not LokyBackend:
        return nullcontext()
    own = LokyBackend(
        nesting_level=backend.nesting_level,
        inner_max_num_threads=backend.inner_max_num_threads,
        **getattr(backend, "backend_kwargs", {}),  # from joblib 1.5
    )
    return cast(AbstractContextManager[Any], parallel_config(backend=own))


def is_one_by_one(parallel: Parallel) -> bool:
    """Whether a `Parallel` hands over each result as soon as it is there."""
    return bool(parallel.return_generator)


def set_batch_size(parallel: Parallel, size: int | str) -> None:
    """Set how many calls a `Parallel` that is open puts into a message."""
    parallel.batch_size = size


def unread_jobs(parallel: Parallel) -> deque[Any]:
    """Return where a `Parallel` puts what comes back; to be asked before it is called.

    It makes a new place after an interrupt and forgets the old one, with all that was there.
    """
    jobs: deque[Any] = getattr(parallel, "_jobs", deque())  # without it: a single worker
    return jobs


def take_finished(jobs: deque[Any]) -> Iterator[Any]:
    """Take all jobs, and yield what was returned by the calls of those that have succeeded."""
    while jobs:
        job = jobs.popleft()
        if job.status == TASK_DONE:
            yield from job.get_result(None)


def can_be_sent(error: Exception) -> bool:
    """Whether another process could rebuild an error; joblib would wait for ever if it could not.

    Errors are sent by loky's pickler, which can do more than Python's.
    """
    try:
        pickle.loads(dumps(error))
    except Exception:
        return False
    return True
