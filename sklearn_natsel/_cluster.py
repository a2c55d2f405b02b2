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
    known.update(zip(new, backend.client.scatter(list(new.values()), broadcast=True)))
    try:
        yield
    finally:
        for identity in new:
            del known[identity]
