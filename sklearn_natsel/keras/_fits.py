"""Several fits, each begun by itself, and all trained together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

History = dict[str, list[float]]

# An estimator, what is to be trained of it, and what is to be done with the losses then.
Begun = tuple[Any, Any, Callable[[History], None]]


def fit_together(
    settings: Sequence[dict[str, Any]],
    splits: Sequence[Any],
    begin: Callable[[dict[str, Any], np.ndarray], Begun],
    train: Callable[[list[Any]], Iterable[History | None]],
) -> list[Any]:
    """Do what `fit_many` of an estimator is to do.

    Parameters
    ----------
    settings : list of dict of str -> object
        Parameters to set, for each fit.

    splits : list of array of int or bool
        The rows to be trained on, for each fit, or a mask of all rows.

    begin : callable
        Is given a setting and rows. What it raises is the result of this fit.

    train : callable
        Is given what is to be trained; returns the losses of each, or None if it can't be
        trained with others.

    Returns
    -------
    fitted : list of estimator, Exception or None
        For each fit, in order.
    """
    fitted: list[Any] = []
    trainings, ends = {}, {}
    for i, (setting, split) in enumerate(zip(settings, splits)):
        rows = np.asarray(split)
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        try:
            estimator, trainings[i], ends[i] = begin(setting, rows)
            fitted.append(estimator)
        except Exception as error:
            fitted.append(error)
    for i, history in zip(trainings, train(list(trainings.values()))):
        if history is None:
            fitted[i] = None
        else:
            ends[i](history)
    return fitted
