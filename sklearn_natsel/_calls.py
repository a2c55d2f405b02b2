"""Call a function with settings in parallel; its values stream back as they are known."""

from __future__ import annotations

import math
import numbers
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

from sklearn_natsel._evolution import Candidate
from sklearn_natsel._pool import Call, FitTimeoutError, Known, Pool, WorkerDiedError
from sklearn_natsel._results_store import ResultsStore

Outcome = dict[str, Any]
"""What is known of one call: `value`, `seconds`, and `fit_error`, a text or None."""


class NotANumberError(TypeError):
    """A function has returned something that can't be compared."""


def call_with_candidates(
    pool: Pool,
    candidates: Iterable[Candidate],
    *,
    function: Callable[..., Any],
    store: ResultsStore | None,
    deadline: float,
    error_score: float | str,
    n_candidates: int | None = None,
) -> Iterator[tuple[Candidate, Outcome]]:
    """Yield each candidate with the outcome of its call, as soon as it is known.

    Parameters
    ----------
    pool : Pool
        Runs the calls.

    candidates : iterable of Candidate
        Their settings are the keyword arguments; each is taken when a worker has
        room for it.

    function : callable
        What to call.

    store : ResultsStore or None
        Calls whose outcome it has are not made; the others are added to it. It
        has a single split.

    deadline : float
        Calls that would start after this time (of `time.time`) are left out, but
        for the first one of all: there is always a result.

    error_score : float or "raise"
        The value of a call that raises an error.

    n_candidates : int or None, default=None
        How many they are, if that is known.
    """
    shared = {"function": function, "error_score": error_score}

    def calls() -> Iterator[Call | Known]:
        for candidate in candidates:
            key = store.key(candidate.params) if store else None
            outcome = store.load(key, 0) if store and key else None
            if outcome is not None:
                yield Known((candidate, None), outcome)
            else:
                yield Call((candidate, key), _call, {**_own_options(candidate, deadline), **shared})

    for (candidate, key), outcome in pool.run(calls(), n_candidates):
        if outcome is None:
            continue
        if isinstance(outcome, (WorkerDiedError, FitTimeoutError)):
            outcome = _failed_call(outcome, error_score)
        elif store and key:
            store.save(key, 0, outcome)
        yield candidate, outcome


def _own_options(candidate: Candidate, deadline: float) -> dict[str, Any]:
    """Return what is different for each candidate."""
    return {
        "params": candidate.params,
        "deadline": deadline if candidate.index else math.inf,
        # A function whose first value is no number will hardly return one later.
        "strict": candidate.index == 0,
    }


def _call(
    function: Callable[..., Any],
    *,
    params: dict[str, Any],
    deadline: float,
    strict: bool,
    error_score: float | str,
) -> Outcome | None:
    """Call the function with one setting, in a worker."""
    if time.time() >= deadline:
        return None
    started = time.perf_counter()
    try:
        # A copy, as in another process: what the function does to a value stays its own.
        value = _as_number(function(**deepcopy(params)))
    except Exception as error:
        if strict and isinstance(error, NotANumberError):
            raise
        return _failed_call(error, error_score, time.perf_counter() - started)
    return {"value": value, "seconds": time.perf_counter() - started, "fit_error": None}


def _as_number(value: Any) -> float:
    """Return a float of what a function has returned: a number, or an array of one."""
    number = value
    if hasattr(value, "item"):
        with suppress(ValueError):  # an array of several
            number = value.item()
    if not isinstance(number, numbers.Real):
        raise NotANumberError(
            f"The function must return a real number. Got {value!r} of {type(value)} instead."
        )
    return float(number)


def _failed_call(error: Exception, error_score: float | str, seconds: float = math.nan) -> Outcome:
    if isinstance(error_score, str):  # "raise"
        raise error
    text = "".join(traceback.format_exception(error))
    return {"value": float(error_score), "seconds": seconds, "fit_error": text}
