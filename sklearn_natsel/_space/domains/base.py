"""What the rest of the evolution knows of the values of a gene."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

Allele = Any
"""Hashable; ``None`` stands for the missing allele of an inactive gene."""

# More alleles than this are never enumerated.
_ENUMERABLE = 100_000


@runtime_checkable
class Domain(Protocol):
    """What the operators need to know about the values of a gene.

    An object that has all of this can stand in a ``param_space`` as it is.

    Crossover takes alleles as a whole, from one parent or the other. Where an allele is a
    structure, a graph for instance, a method ``cross(allele, other, rng)`` beside `redraw` and
    `step` would be the place to make one of two.
    """

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

    def encode_exactly(self, value: Any) -> Allele:
        """Return the allele of a value of this domain: of a list, of one of the same type."""

    def coordinate(self, allele: Allele) -> float: ...

    def nearest(self, coordinate: float) -> Allele:
        """Return the allele at a coordinate or next to it, if the domain is ordered."""

    def alleles(self) -> Iterator[Allele]: ...


def is_enumerable(size: float) -> bool:
    """Whether so many values can be listed one by one in reasonable time."""
    return size <= _ENUMERABLE
