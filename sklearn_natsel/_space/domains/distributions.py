"""Distributions: searched in their quantiles, by integers, or by draws alone."""

from __future__ import annotations

import bisect
import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sklearn_natsel._space.domains.base import is_enumerable
from sklearn_natsel._space.domains.steps import (
    LONGEST_STEP,
    SHORTEST_STEP,
    step_integer,
    step_length,
)
from sklearn_natsel._space.equality import as_float, is_number, value_key

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
        return _quantiles(self.distribution)

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
        low, high = map(float, _support(self.distribution))
        number = as_float(value) if is_number(value) else math.nan
        if not low <= number <= high or abs(number) > _LARGEST:
            raise ValueError(f"{value!r} is not between {low} and {high}")
        quantile = inside_unit_interval(self.distribution.cdf(number))
        is_exact = self.decode(quantile) == number and not self._has_ties
        return quantile if is_exact else _GivenQuantile(quantile, number)

    encode_exactly = encode

    def coordinate(self, allele: float) -> float:
        return allele

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


def _quantiles(distribution: Any) -> Hashable:
    """Return what distributions share that are the same."""
    return tuple(float(distribution.ppf(quantile)) for quantile in np.linspace(0.1, 0.9, 9))


def _values_at(distribution: Any, quantiles: Any) -> list[float]:
    """Return the values at several quantiles, of which a `ppf` of the user may take only one."""
    try:
        return list(distribution.ppf(quantiles))
    except (TypeError, ValueError):
        return [float(distribution.ppf(quantile)) for quantile in quantiles]


def inside_unit_interval(quantile: float) -> float:
    # The ends themselves may be infinite values.
    return min(max(float(quantile), 1e-12), 1 - 1e-12)


def _support(distribution: Any) -> tuple[Any, Any]:
    """Return the ends as they are: a float would round integers beyond 2**53."""
    return distribution.support() if hasattr(distribution, "support") else (-math.inf, math.inf)


class IntegerDistribution:
    """A distribution over integers: drawn from it, stepped along the integers."""

    ordered = True

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution
        low, high = _support(distribution)
        self.size = float(high) - float(low) + 1
        # Steps and coordinates need ends, also where the support has none.
        near = (int(distribution.ppf(quantile)) for quantile in (0.001, 0.999))
        ends = [int(end) if math.isfinite(end) else n for end, n in zip((low, high), near)]
        self._values: Sequence[int] = range(ends[0], ends[1] + 1)
        if is_enumerable(len(self._values)):
            chances = distribution.pmf(np.asarray(self._values))
            self._values = np.asarray(self._values)[chances > 0].tolist()
            if is_enumerable(self.size):
                self.size = len(self._values)

    @property
    def signature(self) -> Hashable:
        return _quantiles(self.distribution)

    def draw(self, rng: np.random.RandomState) -> int:
        return int(self.distribution.ppf(inside_unit_interval(rng.random_sample())))

    def redraw(self, allele: int, rng: np.random.RandomState) -> int:
        other = self.draw(rng)
        return other if other != allele else self.step(allele, rng)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        last = len(self._values) - 1
        moved = self._values[step_integer(min(self._position(allele), last), 0, last, rng)]
        # Only of a range that is too long for a list are there values without a chance.
        is_listed = not isinstance(self._values, range)
        return moved if is_listed or self.distribution.pmf(moved) > 0 else self.draw(rng)

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
        return self._position(allele) / max(len(self._values) - 1, 1)

    def alleles(self) -> Iterator[int]:
        if not is_enumerable(self.size):
            raise ValueError("a distribution without end has no list of values")
        return iter(self._values)

    def _position(self, allele: int) -> int:
        if isinstance(self._values, range):
            return allele - self._values.start
        return bisect.bisect_left(self._values, allele)


class AnyDistribution:
    """Any object with ``rvs``: can be drawn from, and nothing else is known."""

    ordered = False
    size = math.inf

    def __init__(self, distribution: Any, cloned: bool = True) -> None:
        self.distribution = distribution
        self._cloned = cloned

    @property
    def signature(self) -> Hashable:
        return id(self.distribution)

    def draw(self, rng: np.random.RandomState) -> _Drawn:
        return self.encode(self.distribution.rvs(random_state=rng))

    def redraw(self, allele: _Drawn, rng: np.random.RandomState) -> _Drawn:
        return self.draw(rng)

    def step(self, allele: _Drawn, rng: np.random.RandomState) -> _Drawn:
        return self.draw(rng)

    def decode(self, allele: _Drawn) -> Any:
        return allele.value

    def encode(self, value: Any) -> _Drawn:
        return _Drawn(value_key(value, self._cloned), value)

    encode_exactly = encode

    def coordinate(self, allele: _Drawn) -> float:
        return as_float(allele.value) if is_number(allele.value) else 0.0

    def alleles(self) -> Iterator[_Drawn]:
        raise ValueError("an object with rvs alone has no list of values")


@dataclass(frozen=True)
class _Drawn:
    """A drawn value of any type, which may be unhashable or None."""

    key: Hashable
    value: Any = field(compare=False)
