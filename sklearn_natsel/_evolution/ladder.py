"""The parts of an evaluation, from the cheapest to all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

# What rounding may add to a sum of efforts, or take from it.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Rung:
    """How far an evaluation has come."""

    n_splits: int
    """On how many splits, from the first, there is a fit with this resource."""

    resource: int | None
    """What each of these fits was given; None if there is no resource."""

    first: int
    """The first of the splits that are new; those before are known from the rung below."""

    effort: float
    """What the new fits cost, as a share of a whole evaluation."""


class Ladder(tuple[Rung, ...]):
    """The rungs that evaluations climb; the last one is a whole evaluation.

    With both, the resource grows on few splits first, and then their number.

    Parameters
    ----------
    splits : list of int
        Numbers of splits, the last one is all of them.

    resources : list of int or None, default=(None,)
        The last one is all of it.

    Examples
    --------
    >>> from sklearn_natsel._evolution.ladder import Ladder, geometric
    >>> for rung in Ladder(geometric(1, 10, 3), geometric(9, 81, 3)):
    ...     print(rung.n_splits, rung.resource, round(rung.effort, 3))
    1 9 0.011
    1 27 0.033
    1 81 0.1
    3 81 0.2
    10 81 0.7
    """

    def __new__(cls, splits: Sequence[int], resources: Sequence[int | None] = (None,)) -> Ladder:
        steps = [(0, None), *((splits[0], resource) for resource in resources)]
        steps += [(n_splits, resources[-1]) for n_splits in splits[1:]]
        rungs = []
        for (n_before, before), (n_splits, resource) in pairwise(steps):
            first = n_before if resource == before else 0
            share = 1.0 if resource is None else resource / (resources[-1] or 1)
            rungs.append(Rung(n_splits, resource, first, share * (n_splits - first) / splits[-1]))
        return super().__new__(cls, rungs)

    @property
    def is_whole(self) -> bool:
        """Whether there is a single rung, so that all evaluations are whole."""
        return len(self) == 1


WHOLE = Ladder([1])
"""Evaluations that have a single part."""


def geometric(least: int, most: int, factor: int) -> list[int]:
    """Return numbers up to the most, each about `factor` times the one before.

    Examples
    --------
    >>> from sklearn_natsel._evolution.ladder import geometric
    >>> geometric(2, 52, 3)
    [2, 6, 17, 52]
    >>> geometric(1, 5, 3)
    [1, 2, 5]
    """
    numbers, divisor = [most], factor
    while (number := max(round(most / divisor), 1)) >= least and number < numbers[0]:
        numbers.insert(0, number)
        divisor *= factor
    return numbers
