"""Parts of the training data, each of which is in all larger ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]

SAMPLES = "n_samples"
"""What a resource is called that is no parameter of the estimator."""


class NestedSamples:
    """The training data of a split in an order of which each beginning is like the whole.

    The order depends on the rows alone: every search has the same parts of a split. Each class
    has its share of a part, and one row at least. Groups are whole, and each part has those that
    it takes to have all classes.

    Parameters
    ----------
    rows : ndarray of int
        The training data.

    classes : ndarray or None, default=None
        The class of each row of all data; None if there are no classes.

    groups : ndarray or None, default=None
        The group of each row of all data; None if rows are independent.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_natsel._evaluation.samples import NestedSamples
    >>> y = np.array(["rare"] + ["often"] * 7)
    >>> samples = NestedSamples(np.arange(8), classes=y)
    >>> y[samples.take(2)].tolist()
    ['rare', 'often']
    >>> set(samples.take(3)) < set(samples.take(5))
    True
    """

    def __init__(self, rows: Any, classes: Any = None, groups: Any = None) -> None:
        rows = positions(rows)
        rng = np.random.RandomState(0)
        codes = _codes(classes, rows)
        self._rows = rows
        if groups is None:
            self._order, self._least = _shuffled(codes, rng), 0
            in_order = np.arange(len(rows))
        else:
            labels = _codes(groups, rows)
            self._order, self._least = _by_group(labels, codes, rng)
            in_order = labels[self._order]
        # Where a part may end: before a group that is not in it.
        self._ends = np.append(np.flatnonzero(np.diff(in_order)) + 1, len(rows))

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, n: int) -> Rows:
        """Return n of the rows in their old order; more where groups would be torn or missed."""
        n = min(max(n, self._least), len(self._rows))
        end = self._ends[np.searchsorted(self._ends, n)]
        return self._rows[np.sort(self._order[:end])]


def positions(rows: Any) -> Rows:
    """Return where the rows of a split are, which may be given by a mask as well."""
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows


def _codes(labels: Any, rows: Rows) -> Rows:
    """Return the labels of rows as numbers from 0; all alike without labels."""
    if labels is None:
        return np.zeros(len(rows), dtype=int)
    # Raveled: a column is taken for classes as well.
    return np.unique(np.ravel(labels)[rows], return_inverse=True)[1]


def _shuffled(classes: Rows, rng: np.random.RandomState) -> Rows:
    """Order positions by chance, each class evenly spread, one of each class first."""
    place = np.empty(len(classes))
    for label in np.unique(classes):
        own = rng.permutation(np.flatnonzero(classes == label))
        place[own] = (np.arange(len(own)) + rng.random_sample(len(own))) / len(own)
        place[own[0]] -= 1.0
    return np.argsort(place, kind="stable")


def _by_group(groups: Rows, classes: Rows, rng: np.random.RandomState) -> tuple[Rows, int]:
    """Order positions group by group, by chance, after those groups that bring all classes.

    How many rows these have is returned as well.
    """
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])
    ordered: list[Rows] = []
    later: list[Rows] = []
    seen: set[int] = set()
    for group in rng.permutation(groups.max() + 1):
        own = members[group]
        is_new = not seen.issuperset(classes[own].tolist())
        seen.update(classes[own].tolist())
        (ordered if is_new else later).append(own)
    return np.concatenate([*ordered, *later]), sum(map(len, ordered))
