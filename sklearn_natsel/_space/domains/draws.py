"""Objects that can be drawn from, and of which nothing else is known."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sklearn_natsel._space.equality import as_float, is_number, value_key


class AnyDistribution:
    """Any object with ``rvs``."""

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

    def nearest(self, coordinate: float) -> _Drawn:
        raise ValueError("an object with rvs alone has no order")

    def alleles(self) -> Iterator[_Drawn]:
        raise ValueError("an object with rvs alone has no list of values")


@dataclass(frozen=True)
class _Drawn:
    """A drawn value of any type, which may be unhashable or None."""

    key: Hashable
    value: Any = field(compare=False)
