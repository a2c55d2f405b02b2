"""The search space: turn a ``param_space`` into genes, and genomes into settings.

A *genome* is a tuple with one allele per gene, ``None`` where a gene is
inactive. It is canonical (two genomes are equal exactly if they stand for the
same setting) and hashable, so a set of genomes remembers what was trained.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import Any

import numpy as np

from sklearn_natsel._space.domains.base import Allele, is_enumerable
from sklearn_natsel._space.domains.lists import Choices, may_overlap
from sklearn_natsel._space.domains.make import make_domain
from sklearn_natsel._space.equality import is_number, value_key
from sklearn_natsel._space.genes import Gene, genes_of, list_dicts

Genome = tuple[Allele, ...]

# How many values of a parent are drawn to find one with which a given parameter exists, if they
# can't be listed.
_DRAWS = 100


class Space:
    """All settings that a ``param_space`` describes.

    A list of dicts becomes one space with a leading gene that chooses the dict,
    on which the other genes depend: dependent genes are the only mechanism.

    Parameters
    ----------
    param_space : dict or list of dicts
        As :class:`~sklearn_natsel.GeneticSearchCV` takes it.

    cloned : bool, default=True
        Whether estimators are cloned before use, so that what they have learned does not count.

    Attributes
    ----------
    cloned : bool
        As given.

    genes : tuple of Gene
        Parents stand before the genes that depend on them.

    dicts : list of sequence of int
        Positions of the genes of each dict.

    changeable : list of int
        Positions of the genes that have more than one value.

    size : float
        Number of distinct settings, ``math.inf`` if it is unknown or infinite;
        an upper bound if some are in more than one dict.

    narrower : Space or None
        What `with_gene` has added a gene to.
    """

    def __init__(
        self, param_space: Mapping[str, Any] | Sequence[Mapping[str, Any]], cloned: bool = True
    ) -> None:
        self.cloned = cloned
        self.narrower: Space | None = None
        spaces = list_dicts(param_space)
        genes: list[Gene] = []
        if len(spaces) > 1:
            genes.append(Gene(None, Choices(range(len(spaces)))))
        self.dicts: list[Sequence[int]] = []
        for number, space in enumerate(spaces):
            own = genes_of(space, len(genes), None if len(spaces) == 1 else number, cloned)
            self.dicts.append(range(len(genes), len(genes) + len(own)))
            genes.extend(own)
        self.genes = tuple(genes)
        # Looked up once: most lists hold one dict for each model, which have nothing in common.
        self._alike_and_earlier = [
            [earlier for earlier in range(number) if self._may_share(earlier, number)]
            for number in range(len(spaces))
        ]
        named = ((gene.name, i) for i, gene in enumerate(genes) if gene.name is not None)
        self._by_name = sorted(named)
        self.changeable = [i for i, gene in enumerate(genes) if gene.domain.size > 1]
        self._children = [
            [i for i, gene in enumerate(genes) if gene.parent == parent]
            for parent in range(len(genes))
        ]
        # Then every genome without gaps is complete: most are bred in such spaces.
        self._is_flat = len(spaces) == 1 and all(gene.parent is None for gene in genes)
        self.size = math.prod(
            (self._count(i) for i, gene in enumerate(genes) if gene.parent is None), start=1.0
        )

    def _count(self, i: int) -> float:
        """Count the settings of gene i and all that depend on it."""
        gene, children = self.genes[i], self._children[i]
        if not children:
            return gene.domain.size
        if not is_enumerable(gene.domain.size):
            return math.inf
        sizes = [self._count(child) for child in children]
        total = 0.0
        for allele in gene.domain.alleles():
            value = gene.domain.decode(allele)
            holding = (n for c, n in zip(children, sizes) if self.genes[c].holds(value))
            total += math.prod(holding, start=1.0)
        return total

    def with_gene(self, values: Any) -> Space:
        """Return a space with one gene more, of no parameter, at the end of each genome.

        It is for models to learn from: nothing is to be drawn from it.
        """
        wider, position = copy(self), len(self.genes)
        wider.genes = (*self.genes, Gene(None, make_domain("", values)))
        wider.changeable = [*self.changeable, position]
        wider.dicts = [(*genes, position) for genes in self.dicts]
        wider.narrower = self
        return wider

    def is_active(self, i: int, alleles: Sequence[Allele]) -> bool:
        """Whether gene i exists, given the alleles of the genes before it."""
        gene = self.genes[i]
        if gene.parent is None:
            return True
        allele = alleles[gene.parent]
        return allele is not None and gene.holds(self.genes[gene.parent].domain.decode(allele))

    def complete(self, alleles: Sequence[Allele], rng: np.random.RandomState) -> Genome:
        """Drop the alleles of inactive genes and draw those that active genes miss."""
        if self._is_flat and None not in alleles:
            return tuple(alleles)
        number = 0
        if self._has_dicts:
            number = self.genes[0].domain.draw(rng) if alleles[0] is None else alleles[0]
        genome = self._blank(number)
        for i in self.dicts[number]:
            if self.is_active(i, genome):
                allele = alleles[i]
                genome[i] = self.genes[i].domain.draw(rng) if allele is None else allele
        return self.in_first_dict(tuple(genome))

    def _blank(self, number: int | None = None) -> list[Allele]:
        """Return the alleles of a genome that has none but the number of its dict."""
        alleles: list[Allele] = [None] * len(self.genes)
        if self._has_dicts:
            alleles[0] = number
        return alleles

    def in_first_dict(self, genome: Genome) -> Genome:
        """Return the same setting as a member of the first dict that has it."""
        if self.narrower is not None:
            return (*self.narrower.in_first_dict(genome[:-1]), genome[-1])
        earlier = self._alike_and_earlier[genome[0]] if self._has_dicts else []
        if not earlier:
            return genome
        params = self.decode(genome)
        for number in earlier:
            with suppress(ValueError):
                other = self._encode_in(number, params, None, exact=True)
                if _keys(self.decode(other)) == _keys(params):
                    return other
        return genome

    def _may_share(self, *numbers: int) -> bool:
        """Whether two dicts may have a setting in common: what always exists in one tells."""
        first, second = ({self.genes[i].name: i for i in self.dicts[n]} for n in numbers)
        always = {name for own in (first, second) for name, i in own.items() if self.is_free(i)}
        return all(
            name in first
            and name in second
            and may_overlap(self.genes[first[name]].domain, self.genes[second[name]].domain)
            for name in always
        )

    def is_free(self, i: int) -> bool:
        """Whether gene i depends on no other one of its dict."""
        parent = self.genes[i].parent
        return parent is None or self.genes[parent].name is None

    def always_exists(self, i: int) -> bool:
        """Whether gene i exists in all settings of its dict, as far as lists tell."""
        parent = self.genes[i].parent
        if parent is None or self.is_free(i):
            return True
        domain = self.genes[parent].domain
        is_sure = isinstance(domain, Choices) and all(map(self.genes[i].holds, domain.values))
        return is_sure and self.always_exists(parent)

    @property
    def _has_dicts(self) -> bool:
        return len(self.dicts) > 1

    def never_active(self) -> Iterator[tuple[str | None, str, Sequence[Any]]]:
        """Yield what exists with no value of its parent, the parent, and those values.

        Not if they are all numbers: fewer layers than a space is made for are no mistake.
        """
        for gene in self.genes:
            parent = None if gene.parent is None else self.genes[gene.parent]
            if parent is None or parent.name is None or not isinstance(parent.domain, Choices):
                continue
            values = parent.domain.values
            if not all(map(is_number, values)) and not any(map(gene.holds, values)):
                yield gene.name, parent.name, values

    def random(self, rng: np.random.RandomState, number: int | None = None) -> Genome:
        """Draw a setting: of the dict of this number, or of any."""
        return self.complete(self._blank(number), rng)

    def dict_of(self, i: int) -> int:
        """Return the number of the dict that gene i stands in."""
        return next(number for number, genes in enumerate(self.dicts) if i in genes)

    def decode(self, genome: Genome) -> dict[str, Any]:
        """Return the setting: a dict of the active parameters, by name.

        As in scikit-learn's searches: where one parameter sets another, the order matters.
        """
        return {
            name: self.genes[i].domain.decode(genome[i])
            for name, i in self._by_name
            if genome[i] is not None
        }

    def encode(self, params: Mapping[str, Any], rng: np.random.RandomState | None = None) -> Genome:
        """Return the genome of a setting.

        Parameters
        ----------
        params : dict
            Values by parameter name; names that are no active gene do not
            matter.

        rng : RandomState or None, default=None
            With it, active genes that `params` does not name are drawn, such that what it
            does name exists.

        Raises
        ------
        ValueError
            If a value is outside the space, or missing and `rng` is None.
        """
        fitting, errors = [], []
        for number in range(len(self.dicts)):
            try:
                fitting.append(self._encode_in(number, params, rng))
            except ValueError as error:
                errors.append(str(error))
        if not fitting:
            raise ValueError("; ".join(dict.fromkeys(errors)))
        # Of several dicts, the one that uses most of what is given and adds least to it, 1.0 rather
        # as 1.0 than as 1.
        return self.in_first_dict(max(fitting, key=lambda g: self._agreement(g, params)))

    def _agreement(self, genome: Genome, params: Mapping[str, Any]) -> tuple[int, int, int]:
        """Count what a genome takes from a setting, adds to it, and takes with its type."""
        decoded = self.decode(genome)
        taken = {name: v for name, v in decoded.items() if name in params}
        alike = sum(value_key(v) == value_key(params[name]) for name, v in taken.items())
        return len(taken), len(taken) - len(decoded), alike

    def _encode_in(
        self,
        number: int,
        params: Mapping[str, Any],
        rng: np.random.RandomState | None,
        exact: bool = False,
    ) -> Genome:
        """Return the genome of a setting as one of a dict."""
        genome = self._blank(number)
        for i in self.dicts[number]:
            gene = self.genes[i]
            if not self.is_active(i, genome):
                continue
            if gene.name in params:
                encode = gene.domain.encode_exactly if exact else gene.domain.encode
                try:
                    genome[i] = encode(params[gene.name])  # type: ignore[index]
                except ValueError as error:
                    raise ValueError(f"{gene.name}: {error}") from error
            elif rng is not None:
                genome[i] = self._draw_for(params, i, rng)
            else:
                raise ValueError(f"{gene.name}: is not given")
        return tuple(genome)

    def _draw_for(self, params: Mapping[str, Any], i: int, rng: np.random.RandomState) -> Allele:
        """Draw an allele of gene i with which as much as possible of a setting exists."""
        domain = self.genes[i].domain
        given = [self.genes[child] for child in self._children[i] if self._leads_to(child, params)]
        if not given:
            return domain.draw(rng)
        is_listed = is_enumerable(domain.size)
        alleles = list(domain.alleles() if is_listed else (domain.draw(rng) for _ in range(_DRAWS)))
        counts = [sum(gene.holds(domain.decode(allele)) for gene in given) for allele in alleles]
        most = max(counts)
        best = [allele for allele, count in zip(alleles, counts) if count == most]
        return best[rng.randint(len(best))]

    def _leads_to(self, i: int, params: Mapping[str, Any]) -> bool:
        """Whether a setting names gene i, or one that depends on it."""
        children = self._children[i]
        return self.genes[i].name in params or any(self._leads_to(c, params) for c in children)

    def genomes(self) -> Iterator[Genome]:
        """Yield every genome of a finite space."""
        return (genome for genome in self._complete_ones() if self.in_first_dict(genome) == genome)

    def _complete_ones(self) -> Iterator[Genome]:
        starts: list[Iterator[Genome]] = [iter([()])]
        while starts:  # a stack, because thousands of genes would be too deep a recursion
            start = next(starts[-1], None)
            if start is None:
                starts.pop()
            elif len(start) == len(self.genes):
                yield start
            else:
                starts.append(self._extend(start))

    def _extend(self, start: Genome) -> Iterator[Genome]:
        """Yield the start with each allele that the next gene may have."""
        i = len(start)
        alleles = self.genes[i].domain.alleles() if self.is_active(i, start) else iter([None])
        return ((*start, allele) for allele in alleles)

    def outlines(self) -> Iterator[tuple[float, list[bool]]]:
        """Yield the size of each gene, and with which listed values of its parent it exists."""
        for gene in self.genes:
            parent = None if gene.parent is None else self.genes[gene.parent].domain
            values = parent.values if isinstance(parent, Choices) else []
            yield gene.domain.size, [gene.holds(value) for value in values]

    def listed_values(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of all that stands in a list of the space."""
        for gene in self.genes:
            if gene.name is not None and isinstance(gene.domain, Choices):
                yield from ((gene.name, value) for value in gene.domain.values)


def _keys(params: Mapping[str, Any]) -> dict[str, Hashable]:
    """Return what two settings share only if they are interchangeable."""
    return {name: value_key(value) for name, value in params.items()}
