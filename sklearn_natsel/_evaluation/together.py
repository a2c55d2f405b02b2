"""Fits that an estimator makes together: by its method `fit_many`, in a worker."""

from __future__ import annotations

import time
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, NamedTuple

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import cross_validate
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from sklearn_natsel._evaluation.samples import Rows, positions


class JointFit(NamedTuple):
    """What has come of one of the fits that were made together."""

    fitted: Any
    """The estimator; the exception that its `fit` would have raised; None if it must be fitted
    alone."""

    seconds: float
    """An equal share of what all of them took."""


def own_prefix(estimator: BaseEstimator) -> str:
    """Return what the names of all parameters begin with that differ among fits made together.

    Those of a Pipeline are made together by its last step.
    """
    # A subclass may do something else between its steps.
    is_pipeline = type(estimator) is Pipeline and estimator.steps
    return f"{estimator.steps[-1][0]}__" if is_pipeline else ""


def offers_joint_fits(estimator: BaseEstimator, fit_params: Mapping[str, Any]) -> bool:
    """Whether fits of an estimator, with these parameters of its `fit`, can be made together."""
    prefix = own_prefix(estimator)
    last = estimator.steps[-1][1] if prefix else estimator
    own_params = {name.removeprefix(prefix) for name in fit_params if name.startswith(prefix)}
    return (
        hasattr(last, "fit_many")
        and own_params <= {"sample_weight"}
        # Other data than rows would have to be taken out for each split, or are handed on.
        and not get_tags(estimator).input_tags.pairwise
        and not get_config()["enable_metadata_routing"]
    )


def fit_together(
    estimator: BaseEstimator,
    settings: Sequence[dict[str, Any]],
    X: Any,
    y: Any,
    splits: Sequence[Any],
    fit_params: dict[str, Any],
) -> list[JointFit]:
    """Fit copies of an estimator with several settings, each on the rows of a split.

    Parameters
    ----------
    estimator : estimator
        Has `fit_many`, or is a Pipeline whose last step has it. In a Pipeline all settings are
        of that step, so the others are fitted once for each split.

    settings : list of dict
        For each fit.

    X, y : array-like
        All rows.

    splits : list of ndarray
        The training data of each fit.

    fit_params : dict of str -> object
        As of `fit`, for all rows.
    """
    # What a value learns in one fit is not to be seen in another.
    settings = [clone(setting, safe=False) for setting in settings]
    splits = [positions(split) for split in splits]
    if not own_prefix(estimator):
        return _fit_many(estimator, settings, X, y, splits, fit_params)
    members: defaultdict[bytes, list[int]] = defaultdict(list)
    for i, split in enumerate(splits):
        members[split.tobytes()].append(i)
    fits: dict[int, JointFit] = {}
    for own in members.values():
        rows = splits[own[0]]
        found = _fit_last_steps(estimator, [settings[i] for i in own], X, y, rows, fit_params)
        fits.update(zip(own, found))
    return [fits[i] for i in range(len(settings))]


def _fit_many(
    estimator: Any,
    settings: list[dict[str, Any]],
    X: Any,
    y: Any,
    splits: list[Rows],
    fit_params: dict[str, Any],
) -> list[JointFit]:
    started = time.time()
    try:
        fitted = list(estimator.fit_many(settings, X, y, splits, **fit_params))
    except Exception as error:
        name = type(estimator).__name__
        warnings.warn(
            f"'fit_many' of {name} has failed, so its fits are made one by one: {error!r}",
            RuntimeWarning,
            stacklevel=2,
        )
        fitted = [None] * len(settings)
    if len(fitted) != len(settings):
        raise ValueError(
            f"'fit_many' of {type(estimator).__name__} must return one entry for each setting. "
            f"Got {len(fitted)} for {len(settings)} settings instead."
        )
    seconds = (time.time() - started) / len(settings)
    return [JointFit(one, seconds) for one in fitted]


def _fit_last_steps(
    pipeline: Pipeline,
    settings: list[dict[str, Any]],
    X: Any,
    y: Any,
    rows: Rows,
    fit_params: dict[str, Any],
) -> list[JointFit]:
    """Fit a Pipeline on some rows up to its last step, and that with several settings."""
    name, last = pipeline.steps[-1]
    started = time.time()
    try:
        first = _fit_first_steps(pipeline, X, y, rows, fit_params)
    except Exception:
        # Each fit fails in the same way, which is recorded of each.
        return [JointFit(None, 0.0)] * len(settings)
    seconds = (time.time() - started) / len(settings)
    given = first[-1]
    own = [
        {key.removeprefix(f"{name}__"): value for key, value in setting.items()}
        for setting in settings
    ]
    all_rows = [np.arange(len(rows))] * len(own)
    fits = _fit_many(last, own, given.X_, given.y_, all_rows, given.fit_params_)
    return [JointFit(_with_last(first, fit.fitted), seconds + fit.seconds) for fit in fits]


class _Given(BaseEstimator):
    """The last step of a Pipeline, which only remembers what it is given to be fitted on."""

    def fit(self, X: Any, y: Any = None, **fit_params: Any) -> _Given:
        self.X_, self.y_, self.fit_params_ = X, y, fit_params
        return self


def _fit_first_steps(
    pipeline: Pipeline, X: Any, y: Any, rows: Rows, fit_params: dict[str, Any]
) -> Pipeline:
    """Fit all steps but the last one, whose place takes what it would be fitted on."""
    name, _ = pipeline.steps[-1]
    fits = cross_validate(
        clone(pipeline).set_params(**{name: _Given()}),
        X,
        y,
        cv=[(rows, rows[:0])],
        scoring=_no_score,
        params=fit_params,
        n_jobs=1,
        return_estimator=True,
        error_score="raise",
    )
    return fits["estimator"][0]


def _no_score(estimator: Any, X: Any, y: Any = None) -> float:
    return 0.0


def _with_last(first: Pipeline, fitted: Any) -> Any:
    """Return a Pipeline with this last step; the others are shared by all that are made."""
    if fitted is None or isinstance(fitted, Exception):
        return fitted
    return copy(first).set_params(**{first.steps[-1][0]: fitted})
