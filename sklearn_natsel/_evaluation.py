"""Fit and score candidates in parallel; the results stream back as they finish."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.model_selection._validation import _fit_and_score

from sklearn_natsel._evolution import Candidate
from sklearn_natsel._pool import Call, FitTimeoutError, Known, Pool, WorkerDiedError
from sklearn_natsel._results_store import ResultsStore
from sklearn_natsel._values import same_value

FitResult = dict[str, Any]
"""What scikit-learn records of one fit: scores, times, error."""


def evaluate_candidates(
    pool: Pool,
    candidates: Iterable[Candidate],
    *,
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    splits: Sequence[tuple[Any, Any]],
    store: ResultsStore | None,
    deadline: float,
    goes_on: Callable[[], bool],
    n_candidates: int | None = None,
    **options: Any,
) -> Iterator[tuple[Candidate, list[FitResult]]]:
    """Yield each candidate with its results on all splits, as soon as it is complete.

    Parameters
    ----------
    pool : Pool
        Runs the fits.

    candidates : iterable of Candidate
        What to evaluate; each is taken when a worker has room for it.

    estimator : estimator
        Is cloned for every fit.

    X, y : array-like
        The data.

    splits : list of (train, test)
        The same for every candidate.

    store : ResultsStore or None
        Fits whose results it has are not run; those that run are added to it.

    deadline : float
        Fits that would start after this time (of `time.time`) are left out, but
        for those of the first candidate of the search: there is always a result.

    goes_on : callable
        No further fit is started once this returns False.

    n_candidates : int or None, default=None
        How many they are, if that is known.

    **options
        Passed on to scikit-learn's `_fit_and_score`.
    """
    folds = [{"train": train, "test": test} for train, test in splits]
    shared = {"estimator": estimator, "X": X, "y": y, **options}

    def fits() -> Iterator[Call | Known]:
        for candidate in candidates:
            own = _own_options(candidate, deadline)
            key = store.key(candidate.params) if store else None
            for split, indices in enumerate(folds):
                if not goes_on():
                    return
                result = store.load(key, split) if store and key else None
                if result is not None:
                    yield Known((candidate, split, None), result)
                else:
                    yield Call((candidate, split, key), _fit_split, {**own, **indices, **shared})

    unfinished: defaultdict[Candidate, dict[int, FitResult]] = defaultdict(dict)
    n_fits = None if n_candidates is None else n_candidates * len(splits)
    for (candidate, split, key), result in pool.run(fits(), n_fits):
        if result is None:
            continue
        if isinstance(result, (WorkerDiedError, FitTimeoutError)):
            result = _failed_fit(result, **folds[split], **shared)
        elif store and key and not _has_error_score(result, options["error_score"]):
            store.save(key, split, result)
        unfinished[candidate][split] = result
        if len(unfinished[candidate]) == len(splits):
            results = unfinished.pop(candidate)
            yield candidate, [results[split] for split in range(len(splits))]


def _own_options(candidate: Candidate, deadline: float) -> dict[str, Any]:
    """Return what is different for each candidate."""
    return {
        "parameters": candidate.params,
        "deadline": deadline if candidate.index else math.inf,
        # What goes wrong outside of `fit` the first time is a mistake in the call.
        "strict": candidate.index == 0,
    }


def _fit_split(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    *,
    parameters: dict[str, Any],
    deadline: float,
    strict: bool,
    **options: Any,
) -> FitResult | None:
    """Fit and score one candidate on one split, in a worker."""
    if time.time() >= deadline:
        return None
    try:
        return _fit_and_score(clone(estimator), X, y, parameters=parameters, **options)
    except Exception as error:
        # scikit-learn records what `fit` raises, but not what `set_params` or a scorer
        # that returns no number does; after hours of search that too costs one candidate.
        if options["error_score"] == "raise" or (strict and _can_be_set(estimator, parameters)):
            raise
        return _failed_fit(error, estimator, X, y, **options)


def _has_error_score(result: FitResult, error_score: Any) -> bool:
    """Whether a scorer may have failed, of which scikit-learn leaves no other trace."""
    scores = [result["test_scores"], result.get("train_scores")]
    by_metric = [score if isinstance(score, dict) else {"score": score} for score in scores]
    return any(same_value(value, error_score) for part in by_metric for value in part.values())


def _failed_fit(
    error: Exception, estimator: BaseEstimator, X: Any, y: Any, **options: Any
) -> FitResult:
    """Return what scikit-learn would record if `fit` had raised this error."""
    return _fit_and_score(_Failed(error), X, y, parameters=None, **options)


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
