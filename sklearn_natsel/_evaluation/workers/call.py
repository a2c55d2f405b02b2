"""What a worker does with a call."""

from __future__ import annotations

import os
import pickle
import time
import traceback
from collections.abc import Callable
from typing import Any

from joblib.externals.loky.backend.reduction import dumps

from sklearn_natsel._evaluation.workers.caught_warnings import Caught, catching
from sklearn_natsel._evaluation.workers.crash_log import Witness
from sklearn_natsel._evaluation.workers.errors import WorkerDiedError

Returned = tuple[int, Any, list[Caught], float]
"""The number of a call, its outcome, its warnings, and its seconds."""


def run_call(
    number: int,
    function: Callable[..., Any],
    deadline: float,
    witness: Witness | None,
    timeout: float | None,
    search: int,
    /,
    **kwargs: Any,
) -> Returned:
    """Run a call in a worker; its warnings and seconds come back with its outcome."""
    if time.time() >= deadline:
        return number, None, [], 0.0
    started = time.perf_counter()
    unsendable = None
    with catching() as caught:
        try:
            if witness is None:
                outcome = function(**kwargs)
            else:
                outcome = witness.run(number, timeout, function, kwargs)
        except SystemExit as error:
            if os.getpid() == search:  # it may be meant for the search
                raise
            outcome = WorkerDiedError(f"The fit has called sys.exit({error.code!r}).")
        except Exception as error:
            if os.getpid() == search or _can_be_sent(error):
                raise
            unsendable = "".join(traceback.format_exception(error))
    if unsendable is not None:
        # Not in the `except`: dask also sends what else was being handled.
        raise RuntimeError(unsendable)
    return number, outcome, caught, time.perf_counter() - started


def _can_be_sent(error: Exception) -> bool:
    """Whether another process could rebuild an error: otherwise it would wait for ever."""
    try:
        pickle.loads(dumps(error))
    except Exception:
        return False
    return True


def give_back(number: int, outcome: Any, /) -> Returned:
    """Return an outcome that is known already."""
    return number, outcome, [], 0.0
