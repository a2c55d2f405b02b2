"""When two parameter values are the same."""

from __future__ import annotations

import copyreg
import math
import numbers
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

# What `set_output`, `set_fit_request` and its like have chosen.
_KEPT_BY_CLONE = ("_sklearn_output_config", "_metadata_request")

_KINDS: dict[type, tuple[type, ...]] = {
    bool: (bool, np.bool_),
    int: (int, np.integer),
    float: (float, np.floating),
    str: (np.str_,),
    bytes: (np.bytes_,),
}


def is_number(value: Any) -> bool:
    """Whether the value is a real number; bools are not, nor are NumPy's times, its integers."""
    not_numbers = (bool, np.bool_, np.timedelta64)
    return isinstance(value, numbers.Real) and not isinstance(value, not_numbers)


def as_float(number: Any) -> float:
    """Return a number as a float; infinity for integers that no float reaches."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def is_collection(value: Any) -> bool:
    """Whether the value is a list or behaves like one: a tuple, range, array or Series."""
    if isinstance(value, (str, bytes, Mapping, type)):
        return False
    # Arrays and Series are no Sequences.
    return isinstance(value, Sequence) or (
        hasattr(value, "__len__") and hasattr(value, "__array__")
    )


def same_value(a: Any, b: Any) -> bool:
    """Whether two parameter values are equal.

    A bool never equals a number, NaN equals NaN, and estimators are equal if
    all that `clone` keeps of them is; likewise inside lists, tuples and dicts.
    Objects of classes that do not tell when they are equal, as scikit-learn's
    splitters, are so if all that they have is: those in a space and in
    `initial_params` are copies of their own after a search was cloned. Partial
    functions are so if all that they have is interchangeable.
    """
    if a is b:
        return True
    if isinstance(a, (bool, np.bool_)) is not isinstance(b, (bool, np.bool_)):
        return False
    if is_number(a) and is_number(b):
        with suppress(OverflowError):  # a NumPy float beside an integer that no float reaches
            return bool(a == b or (a != a and b != b))
        return False
    if type(a) is type(b):
        if hasattr(a, "get_params") and not isinstance(a, type):
            return what_clone_keeps(a) == what_clone_keeps(b) and same_value(
                a.get_params(deep=False), b.get_params(deep=False)
            )
        if isinstance(a, dict):
            return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
        if isinstance(a, (list, tuple)):
            return len(a) == len(b) and all(same_value(x, y) for x, y in zip(a, b))
    try:
        if type(a) is type(b) is partial:
            return value_key(a) == value_key(b)
        if type(a) is type(b) and _is_compared_by_identity(a):
            state = _plain_state(a)
            return bool(state) and same_value(state, _plain_state(b))
        equal = a == b
        if isinstance(equal, (bool, np.bool_)):
            return bool(equal)
        return np.shape(a) == np.shape(b) and bool(np.all(equal))
    except Exception:  # incomparable, and every library has an error of its own for that
        return False


def _is_compared_by_identity(value: Any) -> bool:
    equals: Any = type(value).__eq__
    return equals is object.__eq__


def _plain_state(value: Any) -> Any:
    """Return all that an object has; None if there may be more to it, as to a function."""
    try:
        reduced: Any = value.__reduce_ex__(4)
    except Exception:  # locks, open files, ...
        return None
    make, arguments, state = (*reduced, None)[:3]
    is_plain = make is copyreg.__newobj__ and len(arguments) == 1  # type: ignore[attr-defined]
    return state if is_plain else None


def has_own_clone(estimator: Any) -> bool:
    """Whether `clone` may keep what the estimator has learned, as of one that is frozen."""
    usual: Any = BaseEstimator.__sklearn_clone__
    return getattr(type(estimator), "__sklearn_clone__", usual) is not usual


def kept_texts(estimator: Any) -> tuple[str, ...]:
    """Return what `set_output`, `set_fit_request` and its like have chosen."""
    return tuple(str(getattr(estimator, name, None)) for name in _KEPT_BY_CLONE)


def callbacks_of(estimator: Any) -> list[Any]:
    """Return scikit-learn's callbacks (from 1.9) that an estimator has."""
    return list(getattr(estimator, "_skl_callbacks", []))


def kept_callbacks(estimator: Any) -> list[Any]:
    """Return the callbacks that may end a fit: not scikit-learn's own, which only watch."""
    return [c for c in callbacks_of(estimator) if not type(c).__module__.startswith("sklearn.")]


def what_clone_keeps(estimator: Any) -> Hashable:
    """Return what `clone` keeps beside the class and the parameters.

    Where it has a rule of its own, nobody knows: then no other object is the same.
    """
    if has_own_clone(estimator):
        return id(estimator)
    return kept_texts(estimator), tuple(map(id, kept_callbacks(estimator)))


def value_key(value: Any, cloned: bool = True) -> Hashable:
    """Return what two values share only if they are interchangeable.

    Bools, integers and floats are kept apart, NumPy's and Python's are not. Members of an
    enumeration are no numbers. The order of dicts counts, and so do classes, also where equality
    asks for neither. Estimators and other objects that are not `cloned` before use may have
    changed: then no other one is the same.
    """
    try:
        return _key(value, cloned)
    except (RecursionError, TypeError):  # it holds itself, or what has no hash
        # Not the place of what it holds, which may be made anew whenever it is asked for.
        return type(value), id(value)


def _key(value: Any, cloned: bool) -> Hashable:
    if value is None:
        return None
    if isinstance(value, Enum):
        return type(value), value.name
    if isinstance(value, np.timedelta64):  # a kind of integer to NumPy, but of some unit
        return np.timedelta64, value.dtype.str, value.tobytes()
    for kind, types in _KINDS.items():
        if type(value) is kind or (isinstance(value, np.generic) and isinstance(value, types)):
            # NaN is not equal to itself, so it can't be found again.
            return kind, "NaN" if value != value else kind(value)
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        return type(value), _members_key(value, cloned), _key_beside_members(value, cloned)
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        own = _key(getattr(value, "__dict__", None), cloned)  # of a subclass, such as a unit
        return type(value), value.dtype, value.shape, np.asarray(value).tobytes(), own
    if hasattr(value, "get_params") and not isinstance(value, type):
        if not cloned:
            return type(value), id(value)
        params = sorted(value.get_params(deep=False).items())
        return type(value), what_clone_keeps(value), _key(params, cloned)
    if type(value) is partial:
        # It is copied as it is: estimators in it keep what they have learned.
        return partial, _key(_arguments(value), cloned=False)
    if cloned and _is_compared_by_identity(value) and (state := _plain_state(value)):
        return type(value), _key(state, cloned)
    hash(value)  # an error if it has none
    # Those that are equal may still hold 1, 1.0 or True.
    state = None if _is_compared_by_identity(value) else _plain_state(value)
    return type(value), value, _key(state, cloned)


def _arguments(function: partial[Any]) -> tuple[Any, ...]:
    """Return all that a partial has: its function as well."""
    return function.func, function.args, function.keywords, vars(function)


def _members_key(values: Any, cloned: bool) -> Hashable:
    if isinstance(values, dict):
        return tuple((_key(name, cloned), _key(item, cloned)) for name, item in values.items())
    keys = (_key(item, cloned) for item in values)
    return frozenset(keys) if isinstance(values, (set, frozenset)) else tuple(keys)


def _key_beside_members(values: Any, cloned: bool) -> Hashable:
    """Return the key of what a subclass of list, dict and so on has more than members."""
    if type(values).__module__ == "builtins":
        return None
    try:
        _, arguments, state = (*values.__reduce_ex__(4), None)[:3]
    except Exception:  # whatever else it holds can't be told
        return id(values)
    return _key((arguments, state), cloned)


def distinct(values: Sequence[Any], cloned: bool = True) -> list[Any]:
    """Drop repeated values; ``1``, ``1.0`` and ``True`` all stay."""
    firsts: dict[Hashable, Any] = {}
    for value in values:
        firsts.setdefault(value_key(value, cloned), value)
    return list(firsts.values())
