"""Settings as rows of numbers, for models of the fitness to learn from."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_natsel._space import Genome, Space

# A category of more choices than this is not told apart by each of them.
_MAX_CHOICES = 50

# A scale of no more values than this is too coarse to be followed in small steps.
_COARSE = 20

# A scale of more values than this, but not continuous: its coordinates would be rounded.
_COUNTABLE = 2**53

# Where a gene that is inactive stands on its scale, for distances: outside.
_INACTIVE = -0.5

Rows = NDArray[np.float64]


class Features:
    """Turns genomes into rows of numbers.

    Genes with the same values are often the same thing in several places: the
    widths or the activations of layers, the operations of a cell. Such a family
    gets features of its own, the sum over its members or how many of them have
    each value, so that what is learnt of one is learnt of all.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    Attributes
    ----------
    fine : list of int
        The genes with scales so fine that small steps along them make sense.
    """

    def __init__(self, space: Space) -> None:
        self._domains = [gene.domain for gene in space.genes]
        members: defaultdict[Hashable, list[int]] = defaultdict(list)
        for i in space.changeable:
            members[self._domains[i].signature].append(i)
        families = [family for family in members.values() if len(family) > 1]
        # What a setting can be moved along: not the gene that was added, which is no parameter.
        own = (space.narrower or space).changeable
        self.fine = [i for i in own if self._is_fine(i)]
        self._scales = [i for i in space.changeable if self._domains[i].ordered]
        self._categories = [i for i in space.changeable if self._is_category(i)]
        self._scale_families = [f for f in families if self._domains[f[0]].ordered]
        self._coarse = [i for i in self._scales if i not in self.fine]
        self._coarse_families = [f for f in self._scale_families if f[0] not in self.fine]
        self._category_families = [f for f in families if self._is_category(f[0])]

    @property
    def n_in_kernel(self) -> int:
        """The number of scales and categories."""
        return len(self._scales) + len(self._categories)

    def _is_category(self, i: int) -> bool:
        return not self._domains[i].ordered and self._domains[i].size <= _MAX_CHOICES

    def _is_fine(self, i: int) -> bool:
        size = self._domains[i].size
        return self._domains[i].ordered and (_COARSE < size < _COUNTABLE or size == math.inf)

    def coordinates(self, genomes: Sequence[Genome]) -> Rows:
        """Return a row per genome and a column per gene; NaN is inactive."""
        columns = [
            [np.nan if allele is None else domain.coordinate(allele) for allele in alleles]
            for domain, alleles in zip(self._domains, zip(*genomes))
        ]
        return np.array(columns).T

    def moved(self, genome: Genome, row: Rows) -> list[Any]:
        """Return the alleles of a genome, those of its fine scales taken from a row."""
        alleles = list(genome)
        for i in self.fine:
            if alleles[i] is not None:
                alleles[i] = self._domains[i].nearest(row[i])
        return alleles

    def for_trees(self, coordinates: Rows) -> NDArray[np.float32]:
        """Return all genes, -1 where they are inactive, and the families."""
        own = np.where(np.isnan(coordinates), -1.0, coordinates)
        rows = np.column_stack([own, *self._of_families(coordinates)])
        with np.errstate(over="ignore"):  # what is too large for a tree is infinite
            return rows.astype(np.float32)

    def for_trend(self, coordinates: Rows) -> Rows:
        """Return each coarse scale and its square, indicators of categories, and their families.

        Inactive genes are 0 in all of them. There is no trend along fine scales: it would be
        followed into corners, away from what lies between.
        """
        centred = np.nan_to_num(2 * coordinates[:, self._coarse] - 1)
        indicators = [self._indicators(coordinates, i) for i in self._categories]
        sums = self._sums(coordinates, self._coarse_families)
        counts = self._counts(coordinates)
        return np.column_stack([centred, centred**2, *indicators, *sums, *counts])

    def for_kernel(self, coordinates: Rows) -> list[Rows]:
        """Return blocks of columns, for distances: scales, categories, and the families.

        Two choices of a category are 1 apart, and so are the ends of a scale; a family
        has the mean of its members, or how large a share of them has each value.
        """
        on_scales = np.nan_to_num(coordinates[:, self._scales], nan=_INACTIVE)
        scales = [on_scales[:, [i]] for i in range(len(self._scales))]
        categories = [self._indicators(coordinates, i) / np.sqrt(2) for i in self._categories]
        means = [
            total / len(family)
            for total, family in zip(
                self._sums(coordinates, self._scale_families), self._scale_families
            )
        ]
        shares = [
            count / (len(family) * np.sqrt(2))
            for count, family in zip(self._counts(coordinates), self._category_families)
        ]
        return scales + categories + means + shares

    def slopes(self, coordinates: Rows, of_kernel: Rows) -> Rows:
        """Return the slopes along each scale, from those along the columns for the kernel."""
        slopes = np.zeros(coordinates.shape)
        n = len(self._scales)
        slopes[:, self._scales] = of_kernel[:, :n]
        in_kernel = n + sum(int(self._domains[i].size) for i in self._categories)
        for f, family in enumerate(self._scale_families):
            slopes[:, family] += of_kernel[:, [in_kernel + f]] / len(family)
        return slopes

    def _of_families(self, coordinates: Rows) -> list[Rows]:
        return self._sums(coordinates, self._scale_families) + self._counts(coordinates)

    def _sums(self, coordinates: Rows, families: list[list[int]]) -> list[Rows]:
        """Return a column for each family of scales: the sum over its members."""
        return [np.nansum(coordinates[:, f], axis=1, keepdims=True) for f in families]

    def _counts(self, coordinates: Rows) -> list[Rows]:
        """Return columns for each family of categories: how many members have each value."""
        return [
            np.sum([self._indicators(coordinates, i) for i in family], axis=0)
            for family in self._category_families
        ]

    def _indicators(self, coordinates: Rows, i: int) -> Rows:
        """Return a column per choice of a category: 1 where it is taken."""
        size = int(self._domains[i].size)
        choices = np.round(coordinates[:, i] * (size - 1))
        return (choices[:, np.newaxis] == np.arange(size)).astype(float)
