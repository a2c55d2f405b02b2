"""Fit and score candidates in parallel; the results stream back as they finish."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.parallel import Parallel, delayed

from sklearn_natsel._evolution import Candidate

FitResult = dict[str, Any]
"""What scikit-learn records of one fit: scores, times, error."""


def make_parallel(n_jobs: int | None, pre_dispatch: int | str) -> Parallel:
    """Return a Parallel that hands out each result as soon as its backend can."""
    with suppress(ValueError):  # some backends can only return lists
        return Parallel(n_jobs, pre_dispatch=pre_dispatch, return_as="generator_unordered")
    return Parallel(n_jobs, pre_dispatch=pre_dispatch)


def evaluate_candidates(
    parallel: Parallel,
    candidates: Sequence[Candidate],
    *,
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    splits: Sequence[tuple[Any, Any]],
    deadline: float,
    goes_on: Callable[[], bool],
    **options: Any,
) -> Iterator[tuple[Candidate, list[FitResult]]]:
    """Yield each candidate with its results on all splits, as soon as it is complete.

    Parameters
    ----------
    parallel : Parallel
        As of :func:`make_parallel`.

    candidates : list of Candidate
        What to evaluate.

    estimator : estimator
        Is cloned for every fit.

    X, y : array-like
        The data.

    splits : list of (train, test)
        The same for every candidate.

    deadline : float
        Fits that would start after this time (of `time.time`) are left out, but
        for those of the first candidate of the search: there is always a result.

    goes_on : callable
        No further fit is started once this returns False.

    **options
        Passed on to scikit-learn's `_fit_and_score`.
    """
    fits = (
        delayed(_fit_split)(
            (i, split),
            estimator,
            X,
            y,
            parameters=candidate.params,
            train=train,
            test=test,
            deadline=deadline if candidate.index else float("inf"),
            # What goes wrong outside of `fit` the first time is a mistake in the call.
            strict=candidate.index == 0,
            **options,
        )
        for i, candidate in enumerate(candidates)
        for split, (train, test) in enumerate(splits)
        if goes_on()
    )
    finished: defaultdict[int, dict[int, FitResult]] = defaultdict(dict)
    for (i, split), result in parallel(fits):
        if result is None:
            continue
        finished[i][split] = result
        if len(finished[i]) == len(splits):
            results = finished.pop(i)
            yield candidates[i], [results[split] for split in range(len(splits))]


def _fit_split(
    position: tuple[int, int],
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    *,
    parameters: dict[str, Any],
    deadline: float,
    strict: bool,
    error_score: Any,
    **options: Any,
) -> tuple[tuple[int, int], FitResult | None]:
    """Fit and score one candidate on one split, in a worker."""
    if time.time() >= deadline:
        return position, None
    options["error_score"] = error_score
    try:
        result = _fit_and_score(clone(estimator), X, y, parameters=parameters, **options)
    except Exception as error:
        # scikit-learn records what `fit` raises, but not what `set_params` or a scorer
        # that returns no number does; after hours of search that too costs one candidate.
        if error_score == "raise" or (strict and _can_be_set(estimator, parameters)):
            raise
        result = _fit_and_score(_Failed(error), X, y, parameters=None, **options)
    return position, result


def _can_be_set(estimator: BaseEstimator, parameters: dict[str, Any]) -> bool:
    try:
        clone(estimator).set_params(**clone(parameters, safe=False))
    except Exception:
        return False
    return True


class _Failed(BaseEstimator):
    """Fails to fit, so that scikit-learn records the error in its own form."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def fit(self, X: Any, y: Any = None, **params: Any) -> None:
        raise self.error
