"""Fit and score an estimator with the parameters of a candidate, on all splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.multiclass import type_of_target

from sklearn_natsel._evaluation.fit_context import FitContext
from sklearn_natsel._evaluation.samples import SAMPLES, NestedSamples
from sklearn_natsel._evaluation.task import Procedure, Result, Task
from sklearn_natsel._evaluation.together import (
    JointFit,
    fit_together,
    offers_joint_fits,
    own_prefix,
)
from sklearn_natsel._space import can_be_set, same_value

_NO_ROWS = np.array([], dtype=int)


class CrossValidation(Procedure):
    """A fit for each split. A result is what scikit-learn records: scores, times, error.

    Parameters
    ----------
    estimator : estimator
        Is cloned for every fit.

    X, y : array-like
        The data.

    splits : list of (train, test)
        The same for every candidate.

    error_score : float or "raise"
        The score of a fit that fails.

    scorer : callable
        Gives the score, or several by name, of a fitted estimator.

    fit_params, score_params : dict of str -> object
        Routed to the estimator and the scorer.

    return_train_score : bool
        Whether a result has scores of the training data.

    verbose : int
        Above 1, each fit tells of itself.

    resource : str or None, default=None
        What fits may be given less of: the name of a parameter, or "n_samples".

    groups : ndarray or None, default=None
        Of each row of X; those of a group are given together.
    """

    times = ("fit_time", "score_time")

    def __init__(
        self,
        estimator: BaseEstimator,
        X: Any,
        y: Any,
        splits: Sequence[tuple[Any, Any]],
        *,
        scorer: Callable[..., Any],
        error_score: float | str,
        fit_params: dict[str, Any],
        score_params: dict[str, Any],
        return_train_score: bool,
        verbose: int,
        resource: str | None = None,
        groups: Any = None,
    ) -> None:
        self.n_splits = len(splits)
        # Of fits that are made together, none could tell how long it took.
        self.has_joint_tasks = verbose <= 1 and offers_joint_fits(estimator, fit_params)
        self._own_prefix = own_prefix(estimator)
        self._resource = resource
        self._samples: list[NestedSamples] | None = None
        if resource == SAMPLES:
            classes = y if _has_classes(estimator, y) else None
            self._samples = [NestedSamples(train, classes, groups) for train, _ in splits]
        indices = [rows for split in splits for rows in split]
        self.shared = [X, y, fit_params, score_params, *indices]
        self._splits = [{"train": train, "test": test} for train, test in splits]
        self._error_score = error_score
        # What scikit-learn's function for one fit takes, whatever the candidate and the split.
        self._common = {
            "estimator": estimator,
            "X": X,
            "y": y,
            "scorer": scorer,
            "error_score": error_score,
            "fit_params": fit_params,
            "score_params": score_params,
            "return_train_score": return_train_score,
            "return_times": True,
            "verbose": verbose,
        }

    def setting(self, task: Task) -> dict[str, Any]:
        """Return the parameters of a task, the resource included unless it is all samples."""
        params = task.candidate.params
        if task.resource is None or self._resource is None:
            return params
        if self._samples is None:
            return {**params, self._resource: task.resource}
        if task.resource >= max(map(len, self._samples)):
            return params
        # A name that no parameter can have.
        return {**params, "samples of the split": task.resource}

    def prepare(self, task: Task) -> tuple[Callable[..., Result], dict[str, Any]]:
        """Return a function that fits on one split, and its arguments."""
        return _fit_split, {**self._own(task), **self._common}

    def is_joint(self, task: Task) -> bool:
        """Whether a task has no parameters but those that `fit_many` is given."""
        names = self._parameters(task)
        return self.has_joint_tasks and all(name.startswith(self._own_prefix) for name in names)

    def prepare_many(
        self, tasks: Sequence[Task]
    ) -> tuple[Callable[..., list[Result | None]], dict[str, Any]]:
        """Return a function that fits on several splits, and its arguments."""
        return _fit_splits, {"members": [self._own(task) for task in tasks], **self._common}

    def _own(self, task: Task) -> dict[str, Any]:
        """Return the arguments of a fit that others do not have."""
        own = {
            "parameters": self._parameters(task),
            # What goes wrong outside of `fit` the first time is a mistake in the call.
            "strict": task.candidate.index == 0,
        }
        if task.context is not None:
            own["context"] = task.context
        if self._samples is not None and task.resource is not None:
            own["train"] = self._samples[task.split].take(task.resource)
        return {**self._splits[task.split], **own}

    def _parameters(self, task: Task) -> dict[str, Any]:
        """Return what is to be set: of the resource, only what is a parameter."""
        return self.setting(task) if self._samples is None else task.candidate.params

    def failure(self, error: Exception) -> Result:
        """Return what scikit-learn would record if `fit` had raised this error."""
        return _failed_fit(error, **self._common)

    def is_lasting(self, result: Result) -> bool:
        """Whether nothing has failed: of a scorer that did, only the error score is left."""
        scores = [result["test_scores"], result.get("train_scores")]
        by_metric = [score if isinstance(score, dict) else {"score": score} for score in scores]
        metrics = [metric for named in by_metric for metric in named.items()]
        failed = any(same_value(value, self._error_score) for _, value in metrics)
        # A file would make texts of all names.
        has_names = all(isinstance(name, str) for name, _ in metrics)
        return super().is_lasting(result) and has_names and not failed


def _has_classes(estimator: BaseEstimator, y: Any) -> bool:
    return is_classifier(estimator) and type_of_target(y) in ("binary", "multiclass")


def _fit_split(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    *,
    parameters: dict[str, Any],
    strict: bool,
    context: FitContext | None = None,
    fitted: BaseEstimator | None = None,
    **common: Any,
) -> Result:
    """Fit and score one candidate on one split, in a worker; only score what is fitted already."""
    told = {"caller": context.search, "callback_ctx": context.context} if context else {}
    try:
        if fitted is not None:
            return _fit_and_score(_left_as_it_is(fitted), X, y, parameters=None, **common)
        return _fit_and_score(clone(estimator), X, y, parameters=parameters, **told, **common)
    except Exception as error:
        # scikit-learn records what `fit` raises, but not what `set_params` or a scorer
        # that returns no number does. After hours of search that must not end it either.
        if common["error_score"] == "raise":
            raise
        if strict and can_be_set(estimator, parameters):
            error.add_note(
                f"Raised with the first setting, {parameters}. With a later one it would have been "
                "a score of 'error_score'."
            )
            raise
        return _failed_fit(error, estimator, X, y, **common)


def _left_as_it_is(fitted: BaseEstimator) -> BaseEstimator:
    """Return a fitted estimator whose `fit` does nothing, once."""

    def fit(*args: Any, **params: Any) -> None:
        del fitted.fit

    fitted.fit = fit
    return fitted


def _fit_splits(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    *,
    members: list[dict[str, Any]],
    fit_params: dict[str, Any],
    **common: Any,
) -> list[Result | None]:
    """Fit candidates on splits together, in a worker, and score them; None for what is left out."""
    settings = [member["parameters"] for member in members]
    splits = [member["train"] for member in members]
    fits = fit_together(estimator, settings, X, y, splits, fit_params)
    common = {"estimator": estimator, "X": X, "y": y, "fit_params": fit_params, **common}
    return [_joint_result(fit, **member, **common) for fit, member in zip(fits, members)]


def _joint_result(fit: JointFit, *, strict: bool, **arguments: Any) -> Result | None:
    """Return what scikit-learn would record of a fit; None if it must be made alone.

    So must be what raises an error: then that ends the search, but does not lose the others.
    """
    if fit.fitted is None or (strict and isinstance(fit.fitted, Exception)):
        return None
    try:
        if isinstance(fit.fitted, Exception):
            del arguments["parameters"]
            result = _failed_fit(fit.fitted, **arguments)
        else:
            result = _fit_split(fitted=fit.fitted, strict=strict, **arguments)
    except Exception:
        return None
    result["fit_time"] += fit.seconds
    return result


def _failed_fit(
    error: Exception, estimator: BaseEstimator, X: Any, y: Any, **common: Any
) -> Result:
    """Return what scikit-learn would record if `fit` had raised this error."""
    # Without samples: the rows of a split are copied, and too little memory may be the error.
    common |= {"train": _NO_ROWS, "test": _NO_ROWS}
    return _fit_and_score(_Failed(error), X, y, parameters=None, **common)


class _Failed(BaseEstimator):
    """Fails to fit, so that scikit-learn records the error in its own form."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def fit(self, X: Any, y: Any = None, **params: Any) -> None:
        raise self.error
