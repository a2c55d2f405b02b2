"""Spaces in the notation of other libraries: how to write them here."""

from __future__ import annotations

import numbers
from typing import Any

from sklearn_natsel._space.equality import is_number

_LOGARITHMIC = ("log-uniform", "loguniform")
_SCALES = ("uniform", *_LOGARITHMIC)

_LIBRARIES = {
    "ConfigSpace": "ConfigSpace",
    "optuna": "Optuna",
    "skopt": "scikit-optimize",
    "sklearn_genetic": "sklearn-genetic-opt",
}


def rewritten(values: Any) -> tuple[str, str] | None:
    """Return the library whose notation an entry has, and the same as it is written here.

    None if it is no such entry. No library is imported: a class tells where it comes from.

    Examples
    --------
    >>> from sklearn_natsel._space.domains.other_libraries import rewritten
    >>> rewritten((1e-6, 1e6, "log-uniform"))
    ('scikit-optimize', 'loguniform(1e-06, 1000000.0)')
    >>> rewritten((1, 10, "uniform"))
    ('scikit-optimize', 'range(1, 11)')
    """
    if _is_range_with_scale(values):
        low, high, scale = values[:3]
        are_integers = all(isinstance(end, numbers.Integral) for end in (low, high))
        return "scikit-optimize", _write_range(low, high, scale in _LOGARITHMIC, are_integers)
    origins = (base.__module__.partition(".")[0] for base in type(values).__mro__)
    library = next((_LIBRARIES[origin] for origin in origins if origin in _LIBRARIES), None)
    return None if library is None else (library, _write(values))


def _is_range_with_scale(values: Any) -> bool:
    """Whether it is two numbers and the name of a scale, perhaps with a base behind it."""
    return (
        isinstance(values, (list, tuple))
        and 3 <= len(values) <= 4
        and all(map(is_number, values[:2]))
        and isinstance(values[2], str)
        and values[2] in _SCALES
        and all(map(is_number, values[3:]))
    )


def _write(dimension: Any) -> str:
    """Write the range or the choices of an object of another library."""
    for name in ("categories", "choices"):
        if hasattr(dimension, name):
            return repr(list(getattr(dimension, name)))
    for low, high in (("low", "high"), ("lower", "upper")):
        if hasattr(dimension, low) and hasattr(dimension, high):
            ends = getattr(dimension, low), getattr(dimension, high)
            are_integers = "int" in type(dimension).__name__.lower()
            step = getattr(dimension, "step", None) or 1
            return _write_range(*ends, _is_logarithmic(dimension), are_integers, step)
    return "a list of values or a distribution of scipy.stats"


def _is_logarithmic(dimension: Any) -> bool:
    scales = (getattr(dimension, name, None) for name in ("prior", "distribution"))
    return getattr(dimension, "log", None) is True or any(s in _LOGARITHMIC for s in scales)


def _write_range(
    low: Any, high: Any, is_logarithmic: bool, are_integers: bool, step: Any = 1
) -> str:
    if are_integers:
        low, behind = int(low), int(high) + 1
        if is_logarithmic:
            return f"lograndint({low}, {behind})"
        return f"range({low}, {behind}{'' if step == 1 else f', {step}'})"
    low, high = float(low), float(high)
    return f"loguniform({low}, {high})" if is_logarithmic else f"uniform({low}, {high - low})"
