"""The search space: turn a ``param_space`` into genes, and genomes into settings.

A *genome* is a tuple with one allele per gene, ``None`` where a gene is
inactive. It is canonical (two genomes are equal exactly if they stand for the
same setting) and hashable, so a set of genomes remembers what was trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._domains import (
    Allele,
    Choices,
    Domain,
    is_enumerable,
    make_domain,
)
from sklearn_natsel._values import is_collection, same_value, value_key

Genome = tuple[Allele, ...]


class Conditional:
    """A parameter that exists only while another one satisfies a condition.

    While the condition does not hold, the parameter is not set, is masked in
    ``cv_results_``, and does not make two settings different.

    Parameters
    ----------
    values : list, tuple, range, array or distribution
        The values of the parameter while it exists, as they would stand in
        ``param_space`` without a condition.

    parent : str
        The parameter of the same space on which this one depends. It may be
        conditional itself; then this one exists only if its parent does.

    condition : value, collection of values, class or callable
        What the parent's value must satisfy:

        - a list, tuple, set, range or array: be one of its members;
        - a class: be an instance of it;
        - any other callable: make it return a true value;
        - anything else: be equal to it. (Wrap a value in a list if it is
          itself a collection, a class or a callable.)

        Booleans are not equal to numbers here.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn_natsel import Conditional
    >>> space = {
    ...     "kernel": ["linear", "rbf", "poly"],
    ...     "gamma": Conditional(loguniform(1e-4, 1), "kernel", ["rbf", "poly"]),
    ...     "degree": Conditional([2, 3, 4], "kernel", "poly"),
    ... }
    >>> space["degree"]
    Conditional([2, 3, 4], parent='kernel', condition='poly')
    """

    def __init__(self, values: Any, parent: str, condition: Any) -> None:
        self.values = values
        self.parent = parent
        self.condition = condition

    def holds(self, value: Any) -> bool:
        """Whether the parameter exists while its parent has this value."""
        if isinstance(self.condition, type):
            return isinstance(value, self.condition)
        if is_collection(self.condition) or isinstance(self.condition, AbstractSet):
            return any(same_value(member, value) for member in self.condition)
        if callable(self.condition) and not hasattr(self.condition, "get_params"):
            return bool(self.condition(value))
        return same_value(self.condition, value)

    def __repr__(self) -> str:
        return f"Conditional({self.values!r}, parent={self.parent!r}, condition={self.condition!r})"


@dataclass(frozen=True)
class Gene:
    """A parameter, its values, and when it exists."""

    name: str | None
    """The parameter; None for the gene that chooses among several spaces."""

    domain: Domain
    parent: int | None = None
    holds: Callable[[Any], bool] | None = None


class Space:
    """All settings that a ``param_space`` describes.

    A list of dicts becomes one space with a leading gene that chooses the dict,
    on which the other genes depend: dependent genes are the only mechanism.

    Parameters
    ----------
    param_space : dict or list of dicts
        As :class:`~sklearn_natsel.GeneticSearchCV` takes it.

    Attributes
    ----------
    genes : tuple of Gene
        Parents stand before the genes that depend on them.

    changeable : list of int
        Positions of the genes that have more than one value.

    size : float
        Number of distinct settings, ``math.inf`` if it is unknown or infinite;
        an upper bound if some are in more than one dict.
    """

    def __init__(self, param_space: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        spaces = _list_dicts(param_space)
        genes: list[Gene] = []
        if len(spaces) > 1:
            genes.append(Gene(None, Choices(range(len(spaces)))))
        for number, space in enumerate(spaces):
            genes.extend(_genes_of(space, len(genes), None if len(spaces) == 1 else number))
        self.genes = tuple(genes)
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
        if not children or not is_enumerable(gene.domain.size):
            return gene.domain.size if not children else math.inf
        sizes = [self._count(child) for child in children]
        total = 0.0
        for allele in gene.domain.alleles():
            value = gene.domain.decode(allele)
            holding = (n for c, n in zip(children, sizes) if self.genes[c].holds(value))  # type: ignore[misc]
            total += math.prod(holding, start=1.0)
        return total

    def is_active(self, i: int, alleles: Sequence[Allele]) -> bool:
        """Whether gene i exists, given the alleles of the genes before it."""
        gene = self.genes[i]
        if gene.parent is None or gene.holds is None:
            return True
        allele = alleles[gene.parent]
        return allele is not None and gene.holds(self.genes[gene.parent].domain.decode(allele))

    def complete(self, alleles: Sequence[Allele], rng: np.random.RandomState) -> Genome:
        """Drop the alleles of inactive genes and draw those that active genes miss."""
        if self._is_flat and None not in alleles:
            return tuple(alleles)
        genome: list[Allele] = []
        for i, gene in enumerate(self.genes):
            if not self.is_active(i, genome):
                genome.append(None)
            else:
                genome.append(gene.domain.draw(rng) if alleles[i] is None else alleles[i])
        return self._in_first_dict(tuple(genome))

    def _in_first_dict(self, genome: Genome) -> Genome:
        """Return the same setting as a member of the first dict that has it."""
        if not self._has_dicts or genome[0] == 0:
            return genome
        params = self.decode(genome)
        for start in range(genome[0]):
            with suppress(ValueError):
                other = self._encode_from(start, params, None, exact=True)
                if value_key(self.decode(other)) == value_key(params):
                    return other
        return genome

    @property
    def _has_dicts(self) -> bool:
        return self.genes[0].name is None

    def random(self, rng: np.random.RandomState) -> Genome:
        """Draw a setting."""
        return self.complete([None] * len(self.genes), rng)

    def decode(self, genome: Genome) -> dict[str, Any]:
        """Return the setting: a dict of the active parameters."""
        return {
            gene.name: gene.domain.decode(allele)
            for gene, allele in zip(self.genes, genome)
            if allele is not None and gene.name is not None
        }

    def encode(self, params: Mapping[str, Any], rng: np.random.RandomState | None = None) -> Genome:
        """Return the genome of a setting.

        Parameters
        ----------
        params : dict
            Values by parameter name; names that are no active gene do not
            matter.

        rng : RandomState or None, default=None
            With it, active genes that `params` does not name are drawn.

        Raises
        ------
        ValueError
            If a value is outside the space, or missing and `rng` is None.
        """
        starts = self.genes[0].domain.alleles() if self._has_dicts else [None]
        fitting, errors = [], []
        for start in starts:
            try:
                fitting.append(self._encode_from(start, params, rng))
            except ValueError as error:
                errors.append(str(error))
        if not fitting:
            raise ValueError("; ".join(dict.fromkeys(errors)))
        # Of several dicts, the one that uses most of what is given, 1.0 rather as 1.0 than as 1.
        return max(fitting, key=lambda genome: self._agreement(genome, params))

    def _agreement(self, genome: Genome, params: Mapping[str, Any]) -> tuple[int, int]:
        """Count the parameters that a genome takes from a setting: all, and those of its types."""
        taken = {name: v for name, v in self.decode(genome).items() if name in params}
        return len(taken), sum(value_key(v) == value_key(params[name]) for name, v in taken.items())

    def _encode_from(
        self,
        start: Allele,
        params: Mapping[str, Any],
        rng: np.random.RandomState | None,
        exact: bool = False,
    ) -> Genome:
        genome: list[Allele] = []
        for i, gene in enumerate(self.genes):
            if not self.is_active(i, genome):
                genome.append(None)
            elif gene.name is None:
                genome.append(start)
            elif gene.name in params:
                encode = gene.domain.find if exact else gene.domain.encode
                try:
                    genome.append(encode(params[gene.name]))
                except ValueError as error:
                    raise ValueError(f"{gene.name}: {error}") from error
            elif rng is not None:
                genome.append(gene.domain.draw(rng))
            else:
                raise ValueError(f"{gene.name}: is not given")
        return tuple(genome)

    def genomes(self) -> Iterator[Genome]:
        """Yield every genome of a finite space."""
        return (genome for genome in self._complete_ones() if self._in_first_dict(genome) == genome)

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

    def listed_values(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of all that stands in a list of the space."""
        for gene in self.genes:
            if gene.name is not None and isinstance(gene.domain, Choices):
                yield from ((gene.name, value) for value in gene.domain.values)

    def check_names(self, estimator: Any, source: str = "param_space") -> None:
        """Raise if the space names something that is no parameter of the estimator.

        The message blames the parameter of the search called `source`.
        """
        # `clone` says so if it is a class or something else.
        own = clone(estimator).get_params(deep=True)
        reasons = [self._why_unknown(i, estimator) for i in range(len(self.genes))]
        unknown = list(dict.fromkeys(reason for reason in reasons if reason))
        if unknown:
            raise InvalidParameterError(
                f"The {source!r} parameter has names that are no parameter of {estimator!r}: "
                f"{'; '.join(unknown)}. Valid names are: {sorted(own)}."
            )

    def _why_unknown(self, i: int, estimator: Any) -> str | None:
        """Say why gene i can't be set on an estimator."""
        name, domain = self.genes[i].name, self.genes[i].domain
        if name is None:
            return None
        parts = name.split("__")
        for cut in range(len(parts) - 1, 0, -1):
            prefix, rest = "__".join(parts[:cut]), "__".join(parts[cut:])
            owner = self._gene_beside(i, prefix)
            if owner is not None:  # the sub-estimators in the space count, not the present one
                values = self._values_beside(i, owner)
                missing = [value for value in values if not _takes(value, rest, domain)]
                if not missing:
                    return None
                return f"{name!r} (not a parameter of {missing[0]!r}, a choice of {prefix!r})"
        return None if _takes(estimator, name, domain) else repr(name)

    def _gene_beside(self, i: int, name: str) -> int | None:
        """Find the gene of that name in the same dict as gene i."""
        root = self._root(i)
        found = (
            j for j, gene in enumerate(self.genes) if gene.name == name and self._root(j) == root
        )
        return next(found, None)

    def _root(self, i: int) -> tuple[int | None, Any]:
        """Tell the dict that gene i stands in."""
        gene = self.genes[i]
        while gene.parent is not None and self.genes[gene.parent].name is not None:
            gene = self.genes[gene.parent]
        return gene.parent, getattr(gene.holds, "alternative", None)

    def _values_beside(self, i: int, owner: int) -> list[Any]:
        """List the values of gene `owner` with which gene i exists."""
        domain = self.genes[owner].domain
        if not is_enumerable(domain.size):
            return []
        values = [domain.decode(allele) for allele in domain.alleles()]
        gene = self.genes[i]
        if gene.parent == owner and gene.holds is not None:
            return [value for value in values if gene.holds(value)]
        if gene.parent is None or self.genes[gene.parent].name is None:
            return values
        # It depends on a third gene: which values meet can't be told, one that fits must do.
        rest = (gene.name or "").removeprefix(f"{self.genes[owner].name}__")
        return [value for value in values if _has_param(value, rest)] or values


def _has_param(value: Any, name: str) -> bool:
    if isinstance(value, type) or not hasattr(value, "get_params"):
        return False
    return name in value.get_params(deep=True)


def _takes(estimator: Any, name: str, domain: Domain) -> bool:
    """Whether a parameter can be set: some estimators take more than they list."""
    if _has_param(estimator, name):
        return True
    try:
        example = domain.decode(domain.draw(np.random.RandomState(0)))
        clone(estimator).set_params(**{name: example})
    except Exception:
        return False
    return True


@dataclass(frozen=True)
class _IsAlternative:
    """The condition of the genes of one dict in a list of dicts."""

    alternative: int

    def __call__(self, value: Any) -> bool:
        return bool(value == self.alternative)


def _list_dicts(param_space: Any) -> list[Mapping[str, Any]]:
    """Return the dicts of a `param_space`, or say what is wrong with it."""
    spaces = list(param_space) if isinstance(param_space, (list, tuple)) else [param_space]
    if not spaces or not all(isinstance(space, Mapping) and space for space in spaces):
        raise InvalidParameterError(
            "The 'param_space' parameter must be a dict with at least one entry, or a list of "
            f"such dicts. Got {param_space!r} instead."
        )
    for name in (name for space in spaces for name in space):
        if not isinstance(name, str):
            raise InvalidParameterError(
                f"The names in the 'param_space' parameter must be strings. Got {name!r} instead."
            )
    return spaces


def _genes_of(space: Mapping[str, Any], first: int, alternative: int | None) -> list[Gene]:
    """Make the genes of one dict; the first of them will stand at position `first`."""
    names = _parents_first(space)
    positions = {name: first + i for i, name in enumerate(names)}
    genes = []
    for name in names:
        entry = space[name]
        if isinstance(entry, Conditional):
            domain = make_domain(name, entry.values)
            genes.append(Gene(name, domain, positions[entry.parent], entry.holds))
        elif alternative is not None:
            domain = make_domain(name, entry)
            genes.append(Gene(name, domain, 0, _IsAlternative(alternative)))
        else:
            genes.append(Gene(name, make_domain(name, entry)))
    return genes


def _parents_first(space: Mapping[str, Any]) -> list[str]:
    """Order the names so that every parent precedes its children, else as they stand."""
    ordered: list[str] = []

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise InvalidParameterError(
                "The 'param_space' parameter has a cycle of Conditional entries: "
                f"{' -> '.join([*path[path.index(name) :], name])}."
            )
        if name in ordered:
            return
        entry = space[name]
        if isinstance(entry, Conditional):
            if entry.parent not in space:
                raise InvalidParameterError(
                    f"The {name!r} entry of the 'param_space' parameter depends on "
                    f"{entry.parent!r}, which is not in the same space. It has: {list(space)}."
                )
            place(entry.parent, (*path, name))
        ordered.append(name)

    for name in space:
        place(name, ())
    return ordered
