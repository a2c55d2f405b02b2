"""Distributions over integers."""

from __future__ import annotations

import bisect
import math
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from sklearn_natsel._space.domains.base import is_enumerable
from sklearn_natsel._space.domains.quantiles import (
    inside_unit_interval,
    signature_of,
    support_of,
)
from sklearn_natsel._space.domains.steps import (
    LONGEST_STEP,
    SHORTEST_STEP,
    step_integer,
    step_length,
)
from sklearn_natsel._space.equality import is_number


class IntegerDistribution:
    """A distribution over integers, stepped in its quantiles.

    So those that it draws often are far apart, those that it draws seldom lie close together:
    from 10 to 100 it is as far as from 100 to 1,000 if both are drawn equally often.
    """

    ordered = True

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution
        low, high = self._support = support_of(distribution)
        self.size = float(high) - float(low) + 1
        self._values: Sequence[int] = []
        self._up_to: list[float] = []
        if is_enumerable(self.size):
            values = np.arange(int(low), int(high) + 1)
            chances = distribution.pmf(values)
            self._values = values[chances > 0].tolist()
            # Looked up instead of asking scipy, which would take most of the time of a search.
            self._up_to = np.cumsum(chances[chances > 0]).tolist()
            self.size = len(self._values)
        self._middles: dict[int, float] = {}

    @property
    def signature(self) -> Hashable:
        return signature_of(self.distribution)

    def draw(self, rng: np.random.RandomState) -> int:
        return self._at(rng.random_sample())

    def redraw(self, allele: int, rng: np.random.RandomState) -> int:
        other = self.draw(rng)
        return other if other != allele else self.step(allele, rng)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        middle, chance = self._middle(allele), float(self.distribution.pmf(allele))
        shortest = max(SHORTEST_STEP, chance)  # less may end at the same integer
        length = step_length(shortest, max(LONGEST_STEP, shortest), rng)
        distance = length if rng.random_sample() < 0.5 else -length
        next_one = math.copysign(chance / 2 + 1e-9, distance)
        for move in (distance, -distance, next_one, -next_one):
            if 0 < middle + move < 1 and (moved := self._at(middle + move)) != allele:
                return moved
        return allele

    def decode(self, allele: int) -> int:
        return allele

    def encode(self, value: Any) -> int:
        # Beyond 64 bits there is nothing that scipy could draw.
        whole = is_number(value) and abs(value) < 2**63 and float(value).is_integer()
        if not whole or not self.distribution.pmf(int(value)) > 0:
            raise ValueError(f"{value!r} is not an integer that the distribution can draw")
        return int(value)

    encode_exactly = encode

    def coordinate(self, allele: int) -> float:
        first, last = self._ends
        return (self._middle(allele) - first) / (last - first)

    def nearest(self, coordinate: float) -> int:
        first, last = self._ends
        return self._at(first + coordinate * (last - first))

    def alleles(self) -> Iterator[int]:
        if not is_enumerable(self.size):
            raise ValueError("a distribution without end has no list of values")
        return iter(self._values)

    def _at(self, quantile: float) -> int:
        quantile = inside_unit_interval(quantile)
        if not self._up_to:
            low, high = self._support  # which scipy leaves where a chance is 1
            return int(min(max(self.distribution.ppf(quantile), low), high))
        return self._values[min(bisect.bisect_left(self._up_to, quantile), len(self._values) - 1)]

    @cached_property
    def _ends(self) -> tuple[float, float]:
        low, high = self._support
        return (
            self._middle(int(low)) if math.isfinite(low) else 0.0,
            self._middle(int(high)) if math.isfinite(high) else 1.0,
        )

    def _middle(self, allele: int) -> float:
        """Return the middle of the quantiles of an integer."""
        if allele not in self._middles:  # scipy is too slow to be asked each time
            below, chance = self.distribution.cdf(allele), self.distribution.pmf(allele)
            self._middles[allele] = float(below - chance / 2)
        return self._middles[allele]


class EvenIntegers(IntegerDistribution):
    """Integers that all have the same chance, stepped one by one."""

    def __init__(self, distribution: Any) -> None:
        super().__init__(distribution)
        if not self._values:
            low, high = map(int, support_of(distribution))
            self._values = range(low, high + 1)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        last = len(self._values) - 1
        moved = self._values[step_integer(self._position(allele), 0, last, rng)]
        # Only of a range that is too long for a list are there values without a chance.
        is_listed = not isinstance(self._values, range)
        return moved if is_listed or self.distribution.pmf(moved) > 0 else self.draw(rng)

    def coordinate(self, allele: int) -> float:
        return self._position(allele) / max(len(self._values) - 1, 1)

    def nearest(self, coordinate: float) -> int:
        nearest = self._values[round(coordinate * (len(self._values) - 1))]
        # Of a range that is too long for a list there may be values without a chance.
        return nearest if self.distribution.pmf(nearest) > 0 else self._at(coordinate)

    def _position(self, allele: int) -> int:
        if isinstance(self._values, range):
            return allele - self._values.start
        return bisect.bisect_left(self._values, allele)


def has_equal_chances(distribution: Any) -> bool:
    """Whether all integers of a distribution have the same chance, as far as samples tell."""
    if not all(map(math.isfinite, support_of(distribution))):
        return False
    chances = distribution.pmf(distribution.ppf(np.linspace(0.001, 0.999, 999)))
    return bool(np.ptp(chances) <= 1e-9 * np.max(chances))
