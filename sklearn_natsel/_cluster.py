"""Data on the workers of a dask cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from joblib.parallel import get_active_backend


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
    new = {id(obj): obj for obj in objects if obj is not None and id(obj) not in known}
    # Named by their content, the data of one search could be gone when the next one, which
    # finds them there, begins.
    sent = backend.client.scatter(list(new.values()), broadcast=True, hash=False)
    known.update(zip(new, sent))
    try:
        yield
    finally:
        for identity in new:
            del known[identity]
