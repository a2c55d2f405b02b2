"""Whether names are parameters of an estimator, and values suit it."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils._param_validation import (
    InvalidParameterError,
    validate_parameter_constraints,
)

from sklearn_natsel._space.domains.base import Domain, is_enumerable
from sklearn_natsel._space.space import Space

# How many settings are tried to find one in which a name is a parameter.
_N_TRIALS = 20


def check_names(space: Space, estimator: Any, source: str = "param_space") -> None:
    """Raise if a space names something that is no parameter of an estimator.

    Parameters
    ----------
    space : Space
        Its sub-estimators count for the names behind them, as `svc__C`, not those
        that the estimator has at present.

    estimator : estimator
        Is not changed.

    source : str, default="param_space"
        The parameter of the search that the message blames.

    Raises
    ------
    InvalidParameterError
        With the unknown names, and all that are valid.
    """
    # `clone` says so if it is a class or something else.
    own = clone(estimator).get_params(deep=True)
    reasons = [_why_unknown(space, i, estimator) for i in range(len(space.genes))]
    unknown = list(dict.fromkeys(reason for reason in reasons if reason))
    if unknown:
        raise InvalidParameterError(
            f"The {source!r} parameter has names that are no parameter of {estimator!r}: "
            f"{'; '.join(unknown)}. Valid names are: {sorted(own)}."
        )


def check_values(params: Mapping[str, Any], space: Space, estimator: Any, source: str) -> None:
    """Raise if an estimator says of itself that it can't be fitted with a value.

    Values of sub-estimators that are replaced are not looked at.
    """
    owners = {"": estimator, **estimator.get_params(deep=True)}
    replaced = tuple(f"{name}__" for name in {gene.name for gene in space.genes}.union(params))
    for name, value in params.items():
        prefix, _, own = name.rpartition("__")
        constraints = getattr(owners.get(prefix), "_parameter_constraints", {})
        if name.startswith(replaced) or own not in constraints:
            continue
        try:
            validate_parameter_constraints(
                {own: constraints[own]}, {own: value}, type(owners[prefix]).__name__
            )
        except InvalidParameterError as error:
            raise InvalidParameterError(
                f"The {source!r} parameter has an invalid value for {name!r}: {error}"
            ) from None


def can_be_set(estimator: Any, params: Mapping[str, Any]) -> bool:
    """Whether an estimator, which is not changed, takes all of these parameters."""
    try:
        clone(estimator).set_params(**clone(params, safe=False))
    except Exception:  # every estimator has an error of its own for that
        return False
    return True


def _why_unknown(space: Space, i: int, estimator: Any) -> str | None:
    """Say why gene i can't be set on an estimator."""
    name, domain = space.genes[i].name, space.genes[i].domain
    if name is None:
        return None
    for prefix, rest in _splits(name):
        owner = _gene_beside(space, i, prefix)
        if owner is not None:  # the sub-estimators in the space count, not the present one
            values = _values_beside(space, i, owner)
            missing = [
                value
                for value in values
                if not _takes(value, rest, domain)
                and not _goes_with_others(space, i, value, f"{prefix}__")
                and not _taken_together(space, i, owner, value, estimator)
            ]
            if not missing:
                return None
            return f"{name!r} (not a parameter of {missing[0]!r}, a choice of {prefix!r})"
    is_known = _takes(estimator, name, domain) or _goes_with_others(space, i, estimator)
    return None if is_known else repr(name)


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """Yield the names of all that a parameter may belong to, the nearest first, and its own."""
    words = name.split("__")
    for cut in range(len(words) - 1, 0, -1):
        yield "__".join(words[:cut]), "__".join(words[cut:])


def _gene_beside(space: Space, i: int, name: str) -> int | None:
    """Find the gene of that name in the same dict as gene i."""
    positions = space.dicts[space.dict_of(i)]
    return next((j for j in positions if space.genes[j].name == name), None)


def _values_beside(space: Space, i: int, owner: int) -> list[Any]:
    """List the values of gene `owner` with which gene i exists."""
    domain = space.genes[owner].domain
    if not is_enumerable(domain.size):
        return []
    values = [domain.decode(allele) for allele in domain.alleles()]
    gene = space.genes[i]
    if gene.parent == owner:
        return [value for value in values if gene.holds(value)]
    if space.is_free(i):
        return values
    # It depends on a third gene: which values meet can't be told, one that fits must do.
    rest = (gene.name or "").removeprefix(f"{space.genes[owner].name}__")
    return [value for value in values if _has_param(value, rest)] or values


def _goes_with_others(space: Space, i: int, owner: Any, prefix: str = "") -> bool:
    """Whether gene i can be set in some setting, where others bring what it belongs to.

    As the `steps` of a Pipeline do. The names of an owner in the space begin with `prefix`.
    """
    for params in _random_settings(space, i):
        own = {n.removeprefix(prefix): v for n, v in params.items() if n.startswith(prefix)}
        if can_be_set(owner, own):
            return True
    return False


def _random_settings(space: Space, i: int) -> Iterator[dict[str, Any]]:
    """Yield settings in which gene i exists."""
    rng = np.random.RandomState(0)
    for genome in (space.random(rng, space.dict_of(i)) for _ in range(_N_TRIALS)):
        if genome[i] is not None:
            yield space.decode(genome)


def _taken_together(space: Space, i: int, owner: int, value: Any, estimator: Any) -> bool:
    """Whether the estimator takes gene i beside a value that has no parameters itself.

    As an estimator does that makes an optimizer from its name or class, and hands parameters on.
    """
    if hasattr(value, "get_params") or isinstance(value, (numbers.Number, np.bool_)):
        return False
    name, owner_name = space.genes[i].name or "", space.genes[owner].name or ""
    names = {name, *(prefix for prefix, _ in _splits(name))}
    for params in _random_settings(space, i):
        chain = {n: params[n] for n in sorted(names.intersection(params))}
        if can_be_set(estimator, {**chain, owner_name: value}):
            return True
    return False


def _has_param(value: Any, name: str) -> bool:
    if isinstance(value, type) or not hasattr(value, "get_params"):
        return False
    return name in value.get_params(deep=True)


def _takes(estimator: Any, name: str, domain: Domain) -> bool:
    """Whether a parameter can be set: some estimators take more than they list."""
    if _has_param(estimator, name):
        return True
    example = domain.decode(domain.draw(np.random.RandomState(0)))
    return can_be_set(estimator, {name: example})
