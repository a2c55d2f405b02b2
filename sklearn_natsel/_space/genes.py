"""Turn the entries of a ``param_space`` into genes, or say what is wrong with them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._space.conditional import Conditional
from sklearn_natsel._space.domains.base import Domain
from sklearn_natsel._space.domains.make import make_domain


@dataclass(frozen=True)
class Gene:
    """A parameter, its values, and when it exists."""

    name: str | None
    """The parameter; None for the gene that chooses among several spaces."""

    domain: Domain
    parent: int | None = None
    holds: Callable[[Any], bool] = bool
    """Whether it exists while its parent has this value; without a parent it always does."""


def list_dicts(param_space: Any) -> list[Mapping[str, Any]]:
    """Return the dicts of a `param_space`, or say what is wrong with it."""
    spaces = list(param_space) if isinstance(param_space, list) else [param_space]
    if not spaces or not all(isinstance(space, Mapping) for space in spaces):
        raise InvalidParameterError(
            "The 'param_space' parameter must be a dict, or a list of at least one dict. "
            f"Got {param_space!r} instead."
        )
    for name in chain.from_iterable(spaces):
        if not isinstance(name, str):
            raise InvalidParameterError(
                f"The names in the 'param_space' parameter must be strings. Got {name!r} instead."
            )
    return spaces


def genes_of(
    space: Mapping[str, Any], first: int, alternative: int | None, cloned: bool
) -> list[Gene]:
    """Make the genes of one dict; the first of them will stand at position `first`."""
    names = _parents_first(space)
    positions = {name: first + i for i, name in enumerate(names)}
    genes = []
    for name in names:
        entry = space[name]
        if isinstance(entry, Conditional):
            domain = make_domain(name, entry.values, cloned)
            genes.append(Gene(name, domain, positions[entry.parent], entry.holds))
        elif alternative is not None:
            domain = make_domain(name, entry, cloned)
            genes.append(Gene(name, domain, 0, partial(operator.eq, alternative)))
        else:
            genes.append(Gene(name, make_domain(name, entry, cloned)))
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
