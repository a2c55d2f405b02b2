"""What a search and a result of `maximize` have in common: a table of evaluated settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.validation import check_is_fitted

from sklearn_natsel._evolution import first_best

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class EvaluatedSettings:
    """The evaluated settings, and which of them was chosen: what most displays begin with."""

    candidates: Mapping[str, Any]
    """As `candidates` of a result of :func:`~sklearn_natsel.maximize`; with ``last_value`` if some
    were evaluated in part, and ``n_resources`` with a resource."""

    best_index: int
    """Row of the setting that was chosen."""

    score_name: str

    @classmethod
    def from_search(cls, search: Any, score_name: str | None = None) -> EvaluatedSettings:
        """Take them from a fitted search; `score_name` None stands for its scoring.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        InvalidParameterError
            If it is another kind of estimator.
        """
        check_is_evolved(search)
        results, metric = search.cv_results_, metric_of(search)
        value = np.asarray(results[f"mean_test_{metric}"], dtype=float)
        ancestry = ("generation", "origin", "parent_1", "parent_2")
        candidates = {
            "params": np.array(results["params"], dtype=object),
            "value": value,
            **{name: np.asarray(results[name]) for name in ancestry},
        }
        if "n_resources" in results:
            candidates["n_resources"] = np.asarray(results["n_resources"])
        if {"n_splits", "n_resources"} & results.keys():
            candidates["last_value"] = _last_values(results, metric, search.n_splits_)
        # With several metrics and no refit the search chooses none: take the best of the first
        # metric, or any row if nothing has a score.
        best_index = int(getattr(search, "best_index_", first_best(value) or 0))
        return cls(candidates, best_index, score_name or score_name_of(search))

    @classmethod
    def from_result(cls, result: Any, score_name: str = "Value") -> EvaluatedSettings:
        """Take them from what `maximize` or `minimize` returned."""
        value = np.asarray(result.candidates["value"], dtype=float)
        return cls(result.candidates, int(np.flatnonzero(value == result.fun)[0]), score_name)


def _last_values(results: Mapping[str, Any], metric: str, n_splits: int) -> Floats:
    """Return the mean score of each setting on the splits that it was evaluated on."""
    mean = f"mean_test_{metric}"
    names = [mean.replace("mean", f"split{i}", 1) for i in range(n_splits)]
    scores = np.column_stack([results[name] for name in names])
    n_run = results.get("n_splits", [n_splits] * len(scores))
    return np.array([own[:n].mean() for own, n in zip(scores, n_run)])


def last_values(candidates: Mapping[str, Any]) -> Floats:
    """Return what each setting has reached so far: its value, unless it was evaluated in part."""
    value = np.asarray(candidates["value"], dtype=float)
    last = np.asarray(candidates.get("last_value", value), dtype=float)
    return np.where(np.isnan(value), last, value)


def check_is_evolved(search: Any) -> None:
    """Raise unless it is a fitted search by evolution."""
    check_is_fitted(search)
    if not hasattr(search, "evolution_history_"):
        raise InvalidParameterError(
            f"The 'estimator' parameter must be a fitted GeneticSearchCV. Got {search!r} instead."
        )


def metric_of(search: Any) -> str:
    """Return the metric that the evolution maximised, as the columns of `cv_results_` name it."""
    prefix = "mean_test_"
    names = [key.removeprefix(prefix) for key in search.cv_results_ if key.startswith(prefix)]
    return search.refit if search.refit in names else names[0]


def score_name_of(search: Any) -> str:
    """Return what the score of a search is called on an axis."""
    metric = search.scoring if isinstance(search.scoring, str) else metric_of(search)
    return f"Mean test {metric}"
