"""The values that one gene can take.

An *allele* is the form in which a genome holds a value: small, hashable and
cheap to draw, step and compare. Each domain maps between alleles and values:

=====================  =============================  ======================
``param_space`` entry  domain                         allele
=====================  =============================  ======================
list, tuple, array     :class:`Choices`               index into the list
continuous, ``ppf``    :class:`ContinuousQuantiles`   quantile in (0, 1)
discrete, ``ppf``      :class:`DiscreteQuantiles`     the integer
range, very long       :class:`Positions`             index into the range
``rvs`` alone          :class:`Draws`                 the value, wrapped
=====================  =============================  ======================

The index keeps ``1``, ``1.0`` and ``True`` apart and lets unhashable values be
choices; the quantile makes ``loguniform`` evolve on its log scale.
"""

from __future__ import annotations

import bisect
import inspect
import itertools
import math
import numbers
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._values import (
    as_float,
    distinct,
    is_collection,
    is_number,
    same_value,
    value_key,
)

Allele = Any
"""Hashable; ``None`` stands for the missing allele of an inactive gene."""

# The longest step of a mutation, and the shortest on a continuous scale, as fractions of the range.
_LONGEST_STEP = 0.5
_SHORTEST_STEP = 1e-4

# More alleles than this are never enumerated.
_ENUMERABLE = 100_000

_LARGEST = float(np.finfo(float).max)


class Domain(Protocol):
    """What the operators need to know about the values of a gene."""

    @property
    def ordered(self) -> bool:
        """Whether `step` can move to a near value."""

    @property
    def size(self) -> float:
        """Number of distinct values, ``math.inf`` if unknown or infinite."""

    @property
    def signature(self) -> Hashable:
        """Equal for domains of the same values."""

    def draw(self, rng: np.random.RandomState) -> Allele: ...

    def redraw(self, allele: Allele, rng: np.random.RandomState) -> Allele: ...

    def step(self, allele: Allele, rng: np.random.RandomState) -> Allele: ...

    def decode(self, allele: Allele) -> Any: ...

    def encode(self, value: Any) -> Allele:
        """Return the allele of an equal value; raise ValueError if there is none."""

    def find(self, value: Any) -> Allele:
        """Return the allele of a value of this domain: of a list, of one of the same type."""

    def coordinate(self, allele: Allele) -> float: ...

    def alleles(self) -> Iterator[Allele]: ...


def make_domain(name: str, values: Any, cloned: bool = True) -> Domain:
    """Turn one entry of a ``param_space`` into the domain of a gene."""
    if isinstance(values, type):  # what its instances would have are only promises
        return Choices(_check_list(name, values), cloned)
    if hasattr(values, "ppf") and hasattr(values, "cdf") and not _is_heavy_tailed(values):
        _check_frozen(name, values)
        if not hasattr(values, "pmf"):
            return ContinuousQuantiles(values)
        if _has_integer_quantiles(values):
            return DiscreteQuantiles(values)
    if hasattr(values, "rvs"):
        _check_rvs(name, values)
        return Draws(values, cloned)
    if isinstance(values, range) and not is_enumerable(_length(name, values)):
        return Positions(values)
    return Choices(_check_list(name, values), cloned)


def _length(name: str, values: range) -> int:
    """Return the number of values, or raise if nobody could draw from so many."""
    try:
        return len(values)
    except OverflowError:
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter must have less than 2**63 values. "
            f"Got {values!r} instead."
        ) from None


def _is_heavy_tailed(distribution: Any) -> bool:
    """Whether it is discrete, of infinite variance: scipy may count to its quantiles for ever."""
    if not hasattr(distribution, "pmf") or not hasattr(distribution, "mean"):
        return False
    try:
        with np.errstate(all="ignore"):  # scipy computes further moments on the way
            return math.isinf(distribution.mean()) or math.isinf(distribution.var())
    except TypeError:  # not frozen
        return False


def _has_integer_quantiles(distribution: Any) -> bool:
    """Whether there are steps: not over fractions, nor where scipy finds no quantile."""
    try:
        quantiles = distribution.ppf([*np.linspace(0.001, 0.999, 999), _inside_unit_interval(1)])
    except RuntimeError:
        return False
    return bool(np.all(np.mod(quantiles, 1) == 0))


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
            f"values: its median is NaN. Check the order and the sign of its parameters, "
            f"{getattr(distribution, 'args', ())} {getattr(distribution, 'kwds', {})}."
        )


def _check_rvs(name: str, distribution: Any) -> None:
    """Raise if nothing can be drawn with a given random state."""
    try:
        signature = inspect.signature(distribution.rvs)
    except (TypeError, ValueError):  # some that are compiled do not tell what they take
        return
    try:
        signature.bind(random_state=None)
    except TypeError as error:
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter must have a method rvs that takes "
            f"the keyword random_state. Got {distribution!r} instead ({error})."
        ) from None


def _check_list(name: str, values: Any) -> list[Any]:
    """Return the choices as a list, or say why they can't be one."""
    prefix = f"The {name!r} entry of the 'param_space' parameter"
    if not is_collection(values):
        raise InvalidParameterError(
            f"{prefix} must be a list of values (for a single value, a list of one) or a "
            f"distribution with rvs, as a scipy.stats distribution has it. Got {values!r} instead."
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


def step_length(shortest: float, longest: float, rng: np.random.RandomState) -> float:
    """Draw the length of a mutation step, uniform on the log scale.

    Far and near values are both tried at every stage of the evolution: no step
    size has to be set or adapted.

    References
    ----------
    H. Mühlenbein and D. Schlierkamp-Voosen, "Predictive Models for the Breeder
    Genetic Algorithm I", Evolutionary Computation 1(1), 1993, section 4.
    """
    return float(shortest * (longest / shortest) ** rng.random_sample())


def _step_integer(value: int, low: int, high: int, rng: np.random.RandomState) -> int:
    """Move at least 1 and at most half the range; reflect where an end is hit."""
    if low == high:
        return value
    distance = round(step_length(1.0, max(1.0, _LONGEST_STEP * (high - low)), rng))
    moved = value + (distance if rng.random_sample() < 0.5 else -distance)
    if moved < low or moved > high:
        moved = 2 * value - moved
    return int(min(max(moved, low), high))


class _Indices:
    """A sequence without repetition; alleles are positions in it."""

    values: Sequence[Any]
    size: int

    def draw(self, rng: np.random.RandomState) -> int:
        return int(rng.randint(self.size, dtype=np.int64))

    def redraw(self, allele: int, rng: np.random.RandomState) -> int:
        if self.size == 1:
            return allele
        other = int(rng.randint(self.size - 1, dtype=np.int64))
        return other + (other >= allele)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        return _step_integer(allele, 0, self.size - 1, rng)

    def decode(self, allele: int) -> Any:
        return self.values[allele]

    def coordinate(self, allele: int) -> float:
        return allele / max(self.size - 1, 1)

    def alleles(self) -> Iterator[int]:
        return iter(range(self.size))


class Choices(_Indices):
    """A list of values; *ordered* if it is three or more numbers in monotone order."""

    def __init__(self, values: Sequence[Any], cloned: bool = True) -> None:
        self._cloned = cloned
        self.values = distinct(values, cloned)
        self._positions = {value_key(value, cloned): i for i, value in enumerate(self.values)}
        self.size = len(self.values)
        self.ordered = self.size >= 3 and _is_monotone(self.values)

    def __reduce__(self) -> tuple[type, tuple[Sequence[Any], bool]]:
        # The key of a value that can't be hashed is its place in the memory of this process.
        return Choices, (self.values, self._cloned)

    @property
    def signature(self) -> Hashable:
        return tuple(self._positions)

    def encode(self, value: Any) -> int:
        with suppress(ValueError):  # both 1 and 1.0 may be choices
            return self.find(value)
        for position, choice in enumerate(self.values):
            if same_value(choice, value):
                return position
        raise ValueError(f"{value!r} is none of the choices")

    def find(self, value: Any) -> int:
        try:
            return self._positions[value_key(value, self._cloned)]
        except KeyError:
            raise ValueError(f"{value!r} is none of the choices") from None


def _is_monotone(values: Sequence[Any]) -> bool:
    if not all(is_number(value) for value in values):
        return False
    pairs = list(itertools.pairwise(values))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


class ContinuousQuantiles:
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
        length = step_length(_SHORTEST_STEP, _LONGEST_STEP, rng)
        distance = length if rng.random_sample() < 0.5 else -length
        moved = allele + distance
        if not 0 < moved < 1:
            moved = allele - distance
        return self._of_its_value(moved)

    def _of_its_value(self, quantile: float) -> float:
        """Return the allele of a quantile: where several have one value, that of the value."""
        quantile = _inside_unit_interval(quantile)
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
        quantile = _inside_unit_interval(self.distribution.cdf(number))
        is_exact = self.decode(quantile) == number and not self._has_ties
        return quantile if is_exact else _GivenQuantile(quantile, number)

    find = encode

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


def _inside_unit_interval(quantile: float) -> float:
    # The ends themselves may be infinite values.
    return min(max(float(quantile), 1e-12), 1 - 1e-12)


def _support(distribution: Any) -> tuple[Any, Any]:
    """Return the ends as they are: a float would round integers beyond 2**53."""
    return distribution.support() if hasattr(distribution, "support") else (-math.inf, math.inf)


class DiscreteQuantiles:
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
        return int(self.distribution.ppf(_inside_unit_interval(rng.random_sample())))

    def redraw(self, allele: int, rng: np.random.RandomState) -> int:
        other = self.draw(rng)
        return other if other != allele else self.step(allele, rng)

    def step(self, allele: int, rng: np.random.RandomState) -> int:
        last = len(self._values) - 1
        moved = self._values[_step_integer(min(self._position(allele), last), 0, last, rng)]
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

    find = encode

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


class Positions(_Indices):
    """A range that is too long for a list; alleles are positions in it."""

    ordered = True

    def __init__(self, values: range) -> None:
        self.values = values
        self.size = len(values)

    @property
    def signature(self) -> Hashable:
        return self.values

    def encode(self, value: Any) -> int:
        # As an integer it is found at once, any other number by counting.
        if not is_number(value) or not (
            isinstance(value, numbers.Integral) or as_float(value).is_integer()
        ):
            raise ValueError(f"{value!r} is not in {self.values}")
        return self.values.index(int(value))

    find = encode


class Draws:
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

    find = encode

    def coordinate(self, allele: _Drawn) -> float:
        return as_float(allele.value) if is_number(allele.value) else 0.0

    def alleles(self) -> Iterator[_Drawn]:
        raise ValueError("an object with rvs alone has no list of values")


@dataclass(frozen=True)
class _Drawn:
    """A drawn value of any type, which may be unhashable or None."""

    key: Hashable
    value: Any = field(compare=False)


def may_overlap(a: Domain, b: Domain) -> bool:
    """Whether two domains may have a value in common; that of two distributions is not told."""
    listed, other = (a, b) if isinstance(a, Choices) else (b, a)
    return not isinstance(listed, Choices) or any(_holds(other, v) for v in listed.values)


def _holds(domain: Domain, value: Any) -> bool:
    try:
        domain.find(value)
    except ValueError:
        return False
    return True


def is_enumerable(size: float) -> bool:
    """Whether so many values can be listed one by one in reasonable time."""
    return size <= _ENUMERABLE
