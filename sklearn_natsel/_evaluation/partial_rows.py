"""`cv_results_` with rows of settings that were evaluated in part."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from sklearn_natsel._evaluation.evaluator import Outcome
from sklearn_natsel._evaluation.task import Result

FormatResults = Callable[..., dict[str, Any]]


def format_outcomes(
    format_results: FormatResults,
    outcomes: Sequence[Outcome],
    params: Sequence[dict[str, Any]],
    n_splits: int,
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """Return `cv_results_`, a row for each outcome.

    A setting that was evaluated in part has the scores of the splits that it was evaluated on,
    and NaN elsewhere. Its mean score is NaN as well, for it would be taken for that of a whole
    evaluation; so its rank is behind all others.

    Parameters
    ----------
    format_results : callable
        scikit-learn's own: takes the settings, the number of splits, the fits and `more`.

    outcomes : list of Outcome
        One for each row.

    params : list of dict
        The settings.

    n_splits : int
        Of a whole evaluation.

    more : dict of str -> list
        Columns to add.
    """
    fits = list(chain.from_iterable(_padded(outcome, n_splits) for outcome in outcomes))
    whole = [i for i, outcome in enumerate(outcomes) if outcome.is_complete]
    if len(whole) == len(outcomes):
        return format_results(params, n_splits, fits, more)
    # For its warning of scores that are not finite, which below would be about what was not run.
    fits_of_whole = list(chain.from_iterable(outcomes[i].results for i in whole))
    format_results([params[i] for i in whole], n_splits, fits_of_whole)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One or more of the", UserWarning)
        cv_results = format_results(params, n_splits, fits, more)
    for row, outcome in enumerate(outcomes):
        if not outcome.is_complete:
            _fill_in(cv_results, row, outcome.results)
    return cv_results


def whole_rows(
    cv_results: Mapping[str, Any], outcomes: Sequence[Outcome]
) -> tuple[Sequence[int], Mapping[str, Any]]:
    """Return the rows of whole evaluations: their positions, and a `cv_results_` of them alone."""
    rows = [row for row, outcome in enumerate(outcomes) if outcome.is_complete]
    if len(rows) == len(outcomes):
        return rows, cv_results
    return rows, {
        name: [column[i] for i in rows] if isinstance(column, list) else column[rows]
        for name, column in cv_results.items()
    }


def _padded(outcome: Outcome, n_splits: int) -> list[Result]:
    """Return the results of a whole evaluation; of one in part only what stands for them."""
    return outcome.results if outcome.is_complete else [_not_run(outcome.results[0])] * n_splits


def _not_run(like: Result) -> Result:
    """Return what stands for a fit that was not run, in the form of one that was."""
    missing = {name: _missing(value) for name, value in like.items() if name != "fit_error"}
    return {**missing, "fit_error": None}


def _missing(value: Any) -> Any:
    return dict.fromkeys(value, np.nan) if isinstance(value, dict) else np.nan


def _fill_in(cv_results: dict[str, Any], row: int, results: Sequence[Result]) -> None:
    """Show the scores of the fits that were run, and the means of their times."""
    for split, result in enumerate(results):
        for name, score in _named(result):
            cv_results[f"split{split}_{name}"][row] = score
    for kind in ("fit_time", "score_time"):
        seconds = [result[kind] for result in results]
        cv_results[f"mean_{kind}"][row] = np.mean(seconds)
        cv_results[f"std_{kind}"][row] = np.std(seconds)


def _named(result: Result) -> Iterator[tuple[str, float]]:
    """Yield the scores of a fit, by the ends of the names of their columns."""
    for kind, key in (("test", "test_scores"), ("train", "train_scores")):
        scores = result.get(key)
        if scores is not None:
            named = scores if isinstance(scores, dict) else {"score": scores}
            yield from ((f"{kind}_{metric}", score) for metric, score in named.items())
