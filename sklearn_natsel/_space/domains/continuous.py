"""Continuous distributions, searched in their quantiles."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from sklearn_natsel._space.domains.quantiles import (
    inside_unit_interval,
    signature_of,
    support_of,
)
from sklearn_natsel._space.domains.steps import LONGEST_STEP, SHORTEST_STEP, step_length
from sklearn_natsel._space.equality import as_float, is_number

_LARGEST = float(np.finfo(float).max)


class ContinuousDistribution:
    """A continuous distribution, searched in its quantiles."""

    ordered = True
    size = math.inf

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution
        quantiles = np.linspace(1e-4, 1 - 1e-4, 101)
        nearly = _values_at(distribution, quantiles + 1e-9)
        # Whether quantiles a billionth apart have one value: it is rounded, or there are jumps.
        self._has_ties = any(a == b for a, b in zip(_values_at(distribution, quantiles), nearly))

    @property
    def signature(self) -> Hashable:
        return signature_of(self.distribution)

    def draw(self, rng: np.random.RandomState) -> float:
        return self._of_its_value(rng.random_sample())

    def redraw(self, allele: float, rng: np.random.RandomState) -> float:
        return self.draw(rng)

    def step(self, allele: float, rng: np.random.RandomState) -> float:
        length = step_length(SHORTEST_STEP, LONGEST_STEP, rng)
        distance = length if rng.random_sample() < 0.5 else -length
        moved = allele + distance
        if not 0 < moved < 1:
            moved = allele - distance
        return self._of_its_value(moved)

    def _of_its_value(self, quantile: float) -> float:
        """Return the allele of a quantile: where several have one value, that of the value."""
        quantile = inside_unit_interval(quantile)
        return _GivenQuantile(quantile, self.decode(quantile)) if self._has_ties else quantile

    def decode(self, allele: float) -> float:
        if isinstance(allele, _GivenQuantile):
            return allele.value
        return float(self.distribution.ppf(allele))

    def encode(self, value: Any) -> float:
        low, high = map(float, support_of(self.distribution))
        number = as_float(value) if is_number(value) else math.nan
        if not low <= number <= high or abs(number) > _LARGEST:
            raise ValueError(f"{value!r} is not between {low} and {high}")
        quantile = inside_unit_interval(self.distribution.cdf(number))
        is_exact = self.decode(quantile) == number and not self._has_ties
        return quantile if is_exact else _GivenQuantile(quantile, number)

    encode_exactly = encode

    def coordinate(self, allele: float) -> float:
        return allele

    def nearest(self, coordinate: float) -> float:
        return self._of_its_value(coordinate)

    def alleles(self) -> Iterator[float]:
        raise ValueError("a continuous distribution has no list of values")


class _GivenQuantile(float):
    """The quantile of a value that was given, and the value itself.

    ppf(cdf(value)) may be a rounding error off, and far out in a tail different values
    have the same quantile.
    """

    value: float

    def __new__(cls, quantile: float, value: float) -> _GivenQuantile:
        allele = super().__new__(cls, quantile)
        allele.value = value
        return allele

    def __reduce__(self) -> tuple[type, tuple[float, float]]:
        return _GivenQuantile, (float(self), self.value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, float):
            return NotImplemented
        return isinstance(other, _GivenQuantile) and self.value == other.value

    def __ne__(self, other: object) -> bool:
        return not self == other  # else it would be that of float

    def __hash__(self) -> int:
        return hash(self.value)


def _values_at(distribution: Any, quantiles: Any) -> list[float]:
    """Return the values at several quantiles, of which a `ppf` of the user may take only one."""
    try:
        return list(distribution.ppf(quantiles))
    except (TypeError, ValueError):
        return [float(distribution.ppf(quantile)) for quantile in quantiles]
