"""Lists of values, and ranges that are too long for a list."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from sklearn_natsel._space.domains.base import Domain
from sklearn_natsel._space.domains.steps import step_integer
from sklearn_natsel._space.equality import as_float, distinct, is_number, same_value, value_key


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
        return step_integer(allele, 0, self.size - 1, rng)

    def decode(self, allele: int) -> Any:
        return self.values[allele]

    def coordinate(self, allele: int) -> float:
        return allele / max(self.size - 1, 1)

    def nearest(self, coordinate: float) -> int:
        return round(coordinate * (self.size - 1))

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
            return self.encode_exactly(value)
        for position, choice in enumerate(self.values):
            if same_value(choice, value):
                return position
        raise ValueError(f"{value!r} is none of the choices")

    def encode_exactly(self, value: Any) -> int:
        try:
            return self._positions[value_key(value, self._cloned)]
        except KeyError:
            raise ValueError(f"{value!r} is none of the choices") from None


def _is_monotone(values: Sequence[Any]) -> bool:
    if not all(is_number(value) for value in values):
        return False
    pairs = list(itertools.pairwise(values))
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)


class LongRange(_Indices):
    """A range that is too long for a list; alleles are positions in it."""

    ordered = True

    def __init__(self, values: range) -> None:
        self.values = values
        self.size = len(values)

    @property
    def signature(self) -> Hashable:
        return self.values

    def encode(self, value: Any) -> int:
        is_whole = is_number(value) and (
            isinstance(value, numbers.Integral) or as_float(value).is_integer()
        )
        # As an integer it is found at once, any other number by counting.
        if not is_whole or int(value) not in self.values:
            raise ValueError(f"{value!r} is not in {self.values}")
        return self.values.index(int(value))

    encode_exactly = encode


def may_overlap(a: Domain, b: Domain) -> bool:
    """Whether two domains may have a value in common; that of two distributions is not told."""
    listed, other = (a, b) if isinstance(a, Choices) else (b, a)
    return not isinstance(listed, Choices) or any(_holds(other, v) for v in listed.values)


def _holds(domain: Domain, value: Any) -> bool:
    try:
        domain.encode_exactly(value)
    except ValueError:
        return False
    return True
