"""The values that one gene can take.

An *allele* is the form in which a genome holds a value: small, hashable and
cheap to draw, step and compare. Each domain maps between alleles and values:

=====================  =============================  ======================
``param_space`` entry  domain                         allele
=====================  =============================  ======================
list, tuple, array     :class:`Choices`               index into the list
continuous, ``ppf``    :class:`ContinuousQuantiles`   quantile in (0, 1)
discrete, ``ppf``      :class:`DiscreteQuantiles`     the integer
``rvs`` alone          :class:`Draws`                 the value, wrapped
=====================  =============================  ======================

The index keeps ``1``, ``1.0`` and ``True`` apart and lets unhashable values be
choices; the quantile makes ``loguniform`` evolve on its log scale.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._values import distinct, is_collection, is_number, same_value

Allele = Any
"""Hashable; ``None`` stands for the missing allele of an inactive gene."""

# Farthest step and number of halvings of the breeder genetic algorithm's
# mutation, as fractions of a gene's range (see `step_length`).
_LONGEST_STEP = 0.5
_STEP_PRECISION = 8

# More alleles than this are never enumerated.
_ENUMERABLE = 1_000_000


class Domain(Protocol):
    """What the operators need to know about the values of a gene."""

    @property
    def ordered(self) -> bool:
        """Whether `step` can move to a near value."""

    @property
    def size(self) -> float:
        """Number of distinct values, ``math.inf`` if unknown or infinite."""

    def draw(self, rng: np.random.RandomState) -> Allele: ...

    def redraw(self, allele: Allele, rng: np.random.RandomState) -> Allele: ...

    def step(self, allele: Allele, rng: np.random.RandomState) -> Allele: ...

    def decode(self, allele: Allele) -> Any: ...

    def encode(self, value: Any) -> Allele: ...

    def coordinate(self, allele: Allele) -> float: ...

    def alleles(self) -> Iterator[Allele]: ...


def make_domain(name: str, values: Any) -> Domain:
    """Turn one entry of a ``param_space`` into the domain of a gene."""
    if hasattr(values, "ppf") and hasattr(values, "cdf"):
        _check_frozen(name, values)
        if not hasattr(values, "pmf"):
            return ContinuousQuantiles(values)
        # A discrete distribution may be over fractions, which have no steps.
        if np.all(np.mod(values.ppf([0.01, 0.5, 0.99]), 1) == 0):
            return DiscreteQuantiles(values)
    if hasattr(values, "rvs"):
        return Draws(values)
    return Choices(_check_list(name, values))


def _check_frozen(name: str, distribution: Any) -> None:
    """Raise if the distribution lacks its parameters, or they make no sense."""
    try:
        median = float(distribution.ppf(0.5))
    except TypeError as error:
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter must be a frozen distribution, "
            f"for instance loguniform(1e-3, 1e3). Got {distribution!r} instead ({error})."
        ) from error
    if math.isnan(median):
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter is a distribution without "
            "values: its median is NaN. Check the order and the sign of its parameters."
        )


def _check_list(name: str, values: Any) -> list[Any]:
    """Return the choices as a list, or say why they can't be one."""
    prefix = f"The {name!r} entry of the 'param_space' parameter"
    if not is_collection(values):
        raise InvalidParameterError(
            f"{prefix} must be a list of values (for a single value, a list of one) or a "
            f"scipy.stats distribution. Got {values!r} instead."
        )
    if getattr(values, "ndim", 1) != 1:
        raise InvalidParameterError(
            f"{prefix} must be one-dimensional. Got an array of shape {values.shape} instead."
        )
    choices = list(values)
    if not choices:
        raise InvalidParameterError(f"{prefix} must have at least one value. Got {values!r}.")
    if all(is_number(value) for value in choices) and any(value != value for value in choices):
        raise InvalidParameterError(
            f"{prefix} must not have NaN in a list of numbers. Got {values!r} instead."
        )
    return choices


def step_length(rng: np.random.RandomState) -> float:
    """Draw the length of a mutation step, as a fraction of a gene's range.

    Log-uniform, so that far and near values are both tried at every stage of
    the evolution and no step size has to be set or adapted.

    References
    ----------
    H. Mühlenbein and D. Schlierkamp-Voosen, "Predictive Models for the Breeder
    Genetic Algorithm I", Evolutionary Computation 1(1), 1993, section 4.
    """
    return float(_LONGEST_STEP * 2.0 ** (-_STEP_PRECISION * rng.random_sample()))


def _step_integer(value: int, low: int, high: int, rng: np.random.RandomState) -> int:
    """Move at least 1 and at most half the range; reflect where an end is hit."""
    if low == high:
        return value
    distance = max(1, round(step_length(rng) * (high - low)))
    moved = value + (distance if rng.random_sample() < 0.5 else -distance)
    if moved < low or moved > high:
        moved = 2 * value - moved
    return int(min(max(moved, low), high))


class Choices:
    """A list of values; *ordered* if it is three or more numbers in monotone order."""

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = distinct(values)
        self.size = len(self.values)
        self.ordered = self.size >= 3 and _is_monotone(self.values)

    def draw(self, rng: np.random.RandomState) -> int:
        return int(rng.randint(self.size))

    def redraw(self, allele: int, rng: np.random.RandomState) -> int:
        if self.size == 1:
            return allele
        other = int(rng.randint(self.size - 1))
        return other + (other >= allele)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        return _step_integer(allele, 0, self.size - 1, rng)

    def decode(self, allele: int) -> Any:
        return self.values[allele]

    def encode(self, value: Any) -> int:
        matches = [i for i, choice in enumerate(self.values) if same_value(choice, value)]
        if not matches:
            raise ValueError(f"{value!r} is none of the choices")
        # Both 1 and 1.0 may be choices: the one of the same type comes first.
        return min(matches, key=lambda i: type(self.values[i]) is not type(value))

    def coordinate(self, allele: int) -> float:
        return allele / max(self.size - 1, 1)

    def alleles(self) -> Iterator[int]:
        return iter(range(self.size))


def _is_monotone(values: Sequence[Any]) -> bool:
    if not all(is_number(value) for value in values):
        return False
    steps = np.diff(np.asarray(values, dtype=float))
    return bool(np.all(steps > 0) or np.all(steps < 0))


class ContinuousQuantiles:
    """A continuous distribution, searched in its quantiles."""

    ordered = True
    size = math.inf

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution
        # Given values come back as they were: ppf(cdf(value)) may be a rounding error off.
        self._given: dict[float, float] = {}

    def draw(self, rng: np.random.RandomState) -> float:
        return _inside_unit_interval(rng.random_sample())

    def redraw(self, allele: float, rng: np.random.RandomState) -> float:
        return self.draw(rng)

    def step(self, allele: float, rng: np.random.RandomState) -> float:
        distance = step_length(rng) * (1 if rng.random_sample() < 0.5 else -1)
        moved = allele + distance
        if not 0 < moved < 1:
            moved = allele - distance
        return _inside_unit_interval(moved)

    def decode(self, allele: float) -> float:
        given = self._given.get(allele)
        return float(self.distribution.ppf(allele)) if given is None else given

    def encode(self, value: Any) -> float:
        low, high = _support(self.distribution)
        if not is_number(value) or not low <= value <= high:
            raise ValueError(f"{value!r} is not between {low} and {high}")
        allele = _inside_unit_interval(float(self.distribution.cdf(value)))
        # Far out in a tail, different values have the same quantile.
        while self._given.setdefault(allele, float(value)) != value:
            allele = float(np.nextafter(allele, 0.5))
        return allele

    def coordinate(self, allele: float) -> float:
        return allele

    def alleles(self) -> Iterator[float]:
        raise ValueError("a continuous distribution has no list of values")


def _inside_unit_interval(quantile: float) -> float:
    # The ends themselves may be infinite values.
    return min(max(float(quantile), 1e-12), 1 - 1e-12)


def _support(distribution: Any) -> tuple[float, float]:
    if not hasattr(distribution, "support"):
        return -math.inf, math.inf
    low, high = distribution.support()
    return float(low), float(high)


class DiscreteQuantiles:
    """A distribution over integers: drawn by its quantiles, stepped along the integers."""

    ordered = True

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution
        self._low, self._high = _support(distribution)
        self.size = self._high - self._low + 1
        if is_enumerable(self.size):
            self.size = float(np.count_nonzero(distribution.pmf(self._range()) > 0))
        # Steps and coordinates need a range, also where the support is infinite.
        self._near_low, self._near_high = (int(distribution.ppf(q)) for q in (0.001, 0.999))

    def draw(self, rng: np.random.RandomState) -> int:
        return int(self.distribution.ppf(_inside_unit_interval(rng.random_sample())))

    def redraw(self, allele: int, rng: np.random.RandomState) -> int:
        other = self.draw(rng)
        return other if other != allele else self.step(allele, rng)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        low, high = min(self._near_low, allele), max(self._near_high, allele)
        moved = _step_integer(allele, low, high, rng)
        # A support may have gaps.
        return moved if self.distribution.pmf(moved) > 0 else self.draw(rng)

    def decode(self, allele: int) -> int:
        return allele

    def encode(self, value: Any) -> int:
        if not is_number(value) or value % 1 != 0 or not self.distribution.pmf(value) > 0:
            raise ValueError(f"{value!r} is not an integer that the distribution can draw")
        return int(value)

    def coordinate(self, allele: int) -> float:
        return (allele - self._near_low) / max(self._near_high - self._near_low, 1)

    def alleles(self) -> Iterator[int]:
        support = self._range()
        return iter(support[self.distribution.pmf(support) > 0].tolist())

    def _range(self) -> NDArray[np.int64]:
        return np.arange(int(self._low), int(self._high) + 1)


class Draws:
    """Any object with ``rvs``: can be drawn from, and nothing else is known."""

    ordered = False
    size = math.inf

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution

    def draw(self, rng: np.random.RandomState) -> _Drawn:
        return self.encode(self.distribution.rvs(random_state=rng))

    def redraw(self, allele: _Drawn, rng: np.random.RandomState) -> _Drawn:
        return self.draw(rng)

    def step(self, allele: _Drawn, rng: np.random.RandomState) -> _Drawn:
        return self.draw(rng)

    def decode(self, allele: _Drawn) -> Any:
        return allele.value

    def encode(self, value: Any) -> _Drawn:
        try:
            hash(value)
        except TypeError:
            return _Drawn((type(value), pickle.dumps(value)), value)
        return _Drawn((type(value), value), value)

    def coordinate(self, allele: _Drawn) -> float:
        return float(allele.value) if is_number(allele.value) else 0.0

    def alleles(self) -> Iterator[_Drawn]:
        raise ValueError("an object with rvs alone has no list of values")


@dataclass(frozen=True)
class _Drawn:
    """A drawn value of any type, which may be unhashable or None."""

    key: tuple[type, Any]
    value: Any = field(compare=False)


def is_enumerable(size: float) -> bool:
    """Whether so many values can be listed one by one in reasonable time."""
    return size <= _ENUMERABLE
