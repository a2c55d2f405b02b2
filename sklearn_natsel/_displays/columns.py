"""The values of one parameter as numbers: positions on an axis, features of a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._space import Space, as_float, distinct, is_number, value_key

# A parameter whose values span less is as well seen on a linear axis.
_LOGARITHMIC_SPAN = 10

_N_SAMPLED = 99
_LONGEST_LABEL = 24
_LONGEST_END = 9

# Without a space, so many settings tell the scale: the first ones are drawn at random, those
# bred from them crowd together.
_N_FIRST = 10


@dataclass(frozen=True)
class Column:
    """A parameter of all evaluated settings; where NaN is a value, all values are categories."""

    name: str

    positions: NDArray[np.float64]
    """Of shape (n_settings,): numbers as they are, categories by their place among
    `labels`, NaN where the parameter does not exist."""

    labels: list[str] | None = None
    """The categories; None for numbers."""

    logarithmic: bool = False
    """Whether its values are spread evenly on a logarithmic scale."""


def make_columns(params: Sequence[Mapping[str, Any]], param_space: Any = None) -> list[Column]:
    """Turn settings into columns.

    Parameters
    ----------
    params : sequence of dict, of length n_settings
        The settings; parameters that do not exist in one are not in its dict.

    param_space : dict or list of dicts, default=None
        Where they come from. It decides the order of the parameters and of
        their categories, and which scales are logarithmic. None leaves that to
        the settings.

    Returns
    -------
    columns : list of Column
        One for each parameter that exists in any of the settings.

    Examples
    --------
    >>> from sklearn_natsel._displays.columns import make_columns
    >>> kernel, gamma = make_columns([{"kernel": "linear"}, {"kernel": "rbf", "gamma": 0.1}])
    >>> kernel.labels, kernel.positions
    (['linear', 'rbf'], array([0., 1.]))
    >>> gamma.labels, gamma.positions
    (None, array([nan, 0.1]))
    """
    sampled = {} if param_space is None else _sample_space(param_space)
    tried = dict.fromkeys(name for setting in params for name in setting)
    names = [name for name in dict.fromkeys([*sampled, *tried]) if name in tried]
    return [_make_column(name, params, sampled.get(name)) for name in names]


def _sample_space(param_space: Any) -> dict[str, list[Any]]:
    """Return values of each parameter: all that are listed, and draws of the distributions."""
    space, rng = Space(param_space), np.random.RandomState(0)
    listed: dict[str, list[Any]] = {}
    for name, value in space.listed_values():
        listed.setdefault(name, []).append(value)
    samples: dict[str, list[Any]] = {}
    for gene in space.genes:
        if gene.name in listed:
            samples[gene.name] = listed[gene.name]
        elif gene.name is not None:
            draws = (gene.domain.draw(rng) for _ in range(_N_SAMPLED))
            samples.setdefault(gene.name, []).extend(map(gene.domain.decode, draws))
    return samples


def _make_column(
    name: str, params: Sequence[Mapping[str, Any]], sample: Sequence[Any] | None
) -> Column:
    tried = [setting[name] for setting in params if name in setting]
    if all(is_number(value) and value == value for value in tried):
        positions = [as_float(setting.get(name, np.nan)) for setting in params]
        # Another dict of the space may have drawn what a logarithm can't show.
        can_be = all(value > 0 for value in tried)
        logarithmic = can_be and is_logarithmic(sample or tried[:_N_FIRST])
        return Column(name, np.array(positions), None, logarithmic)
    categories = distinct(_in_natural_order(tried) if sample is None else [*sample, *tried])
    place = {value_key(value): i for i, value in enumerate(categories)}
    positions = [
        place[value_key(setting[name])] if name in setting else np.nan for setting in params
    ]
    return Column(name, np.array(positions, dtype=float), _labels_of(categories))


def _labels_of(categories: Sequence[Any]) -> list[str]:
    """Call estimators by their class where that tells all of them apart."""
    short = [
        type(value).__name__ if hasattr(value, "get_params") else label_of(value)
        for value in categories
    ]
    return short if len(set(short)) == len(short) else [label_of(value) for value in categories]


def _in_natural_order(values: Sequence[Any]) -> list[Any]:
    """Put numbers first, in their order, then the rest in alphabetical order."""
    return sorted(values, key=lambda v: (not is_number(v), v if is_number(v) else 0, label_of(v)))


def is_logarithmic(values: Sequence[Any]) -> bool:
    """Whether the values are more evenly spread on a logarithmic scale than on a linear one.

    Examples
    --------
    >>> from sklearn_natsel._displays.columns import is_logarithmic
    >>> is_logarithmic([0.01, 0.1, 1, 10]), is_logarithmic(range(1, 100))
    (True, False)
    """
    numbers = np.array([as_float(value) for value in values if is_number(value)])
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers) or numbers.min() <= 0 or numbers.max() < _LOGARITHMIC_SPAN * numbers.min():
        return False
    # Where the median stands between the ends: in the middle if the spread is even.
    linear, logarithmic = (
        (np.median(scaled) - scaled.min()) / np.ptp(scaled) for scaled in (numbers, np.log(numbers))
    )
    return bool(abs(logarithmic - 0.5) < abs(linear - 0.5))


def label_of(value: Any) -> str:
    """Describe a value in a few letters: of many, the first and the last."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    text = getattr(value, "__name__", None) or (value if isinstance(value, str) else repr(value))
    text = " ".join(str(text).split())
    if len(text) <= _LONGEST_LABEL:
        return text
    return f"{text[: _LONGEST_LABEL - _LONGEST_END - 1]}…{text[-_LONGEST_END:]}"


def choose_names(searched: list[str], params: Sequence[str] | None, caller: str) -> list[str]:
    """Return the parameters to draw, all if `params` is None; raise if one was not searched."""
    names = searched if params is None else list(params)
    unknown = [name for name in names if name not in searched]
    if unknown or not names:
        raise InvalidParameterError(
            f"The 'params' parameter of {caller}.plot must be a list of parameters that were "
            f"searched: {searched}. Got {unknown or names!r} instead."
        )
    return names
