"""Fingerprints of what a score depends on, equal in every process that runs the same code."""

from __future__ import annotations

import contextlib
import copyreg
import functools
import itertools
import struct
import threading
import types
import weakref
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

import numpy as np
from scipy.stats import rv_continuous, rv_discrete
from sklearn.utils.metadata_routing import MetadataRequest

from sklearn_natsel._memory.code import (
    describe_builtin,
    describe_by_name,
    describe_class,
    describe_code,
    describe_function,
    describe_module,
    describe_package,
    describe_patch,
)
from sklearn_natsel._memory.data import describe_data
from sklearn_natsel._memory.digest import Digester, Node, UnstableError
from sklearn_natsel._memory.estimators import describe_estimator
from sklearn_natsel._memory.installed import shown_by_a_package
from sklearn_natsel._memory.networks import describe_of_keras
from sklearn_natsel._memory.patches import Package, Patch, package_of

_CACHED_FUNCTION = type(functools.lru_cache(len))

# What a generator function decorates others by; it makes a new generator for each call.
_DECORATING_GENERATOR = type(contextlib.contextmanager(lambda: iter(()))())

# What a distribution has beside its definition: the generator, which may be NumPy's global one.
_BESIDE_A_DISTRIBUTION = {"_random_state", "_ctor_param", "vecentropy"}

# Whoever holds one, it has no effect on a score.
_LOCKS = (type(threading.Lock()), type(threading.RLock()))

_OF_COMPILED_CLASSES = (
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
)


# What is the same whether or not something around it is cloned.
_DEFINITIONS = (types.FunctionType, type, types.CodeType, types.ModuleType, Package, Patch)


class UnpicklableError(UnstableError):
    """Something that has no form outside of this process."""


class Fingerprinter(Digester):
    """Gives fingerprints; what it has seen of functions and classes, it does not look at again."""

    def __init__(self) -> None:
        super().__init__(describe, _DEFINITIONS)

    def fingerprint(self, value: Any, cloned: bool = True) -> str:
        """Return a fingerprint, as the function of this name."""
        return self.digest(value, cloned).hex()


def fingerprint(value: Any, cloned: bool = True) -> str:
    """Return a digest of a value: data, settings, estimators, functions.

    - Estimators count by what `clone` keeps of them, their class and parameters above all, and not
      by what they have learned; but those that `clone` copies as they are, as in a
      `functools.partial`, by everything;
    - installed classes and functions count by the version of their package, all others by what is
      loaded: their code, and what it names;
    - arrays and tables count by what they hold, distributions without their random generator;
    - equal values are equal, whether or not parts of them are the same object, and whatever the
      seed of Python's hash function.

    Parameters
    ----------
    value : object
        Anything that can be pickled, and all functions and classes.

    cloned : bool, default=True
        Whether the value is cloned before use, so that what estimators have learned does not count.

    Returns
    -------
    digest : str
        In hexadecimal.

    Raises
    ------
    UnstableError
        If the value holds something that can't be followed, such as an open file; the message
        tells the way to it.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from sklearn_natsel._memory.fingerprint import fingerprint
    >>> fingerprint(SVC()) == fingerprint(SVC(C=1.0).fit([[0], [1]], [0, 1]))
    True
    >>> fingerprint(SVC()) == fingerprint(SVC(C=2.0))
    False
    """
    return Fingerprinter().fingerprint(value, cloned)


def describe(value: Any, cloned: bool) -> Node:
    """Tell what a value consists of."""
    describe_kind = _DESCRIBERS.get(type(value))
    try:
        if describe_kind is not None:
            return describe_kind(value)._replace(cloned=cloned and type(value) in _CLONED_BY_PARTS)
        if isinstance(value, type):
            return describe_class(value)
        if isinstance(value, types.ModuleType):
            return describe_module(value)
        return describe_data(value) or _describe_object(value, cloned)
    except UnstableError:
        raise
    except Exception as error:  # every library has an error of its own for that
        shown = shown_by_a_package(value)
        if shown is not None:
            return Node(("shown by a package", *shown), [("", package_of(shown[0]))])
        raise UnpicklableError(f"{type(value).__name__} can't be pickled: {error}") from error


def _describe_object(value: Any, cloned: bool) -> Node:
    if cloned and hasattr(value, "get_params"):
        return describe_estimator(value)
    if isinstance(value, MetadataRequest):
        return Node(("metadata request", str(value)))
    if isinstance(value, (rv_continuous, rv_discrete)):
        state = sorted(value.__getstate__().items())
        own = [item for item in state if item[0] not in _BESIDE_A_DISTRIBUTION]
        return Node(("distribution",), [("", type(value)), *own])
    return describe_of_keras(value) or _describe_of_numba(value) or _describe_reduced(value)


def _describe_of_numba(value: Any) -> Node | None:
    """Tell what is compiled, and how; it would be pickled with a number of its own."""
    is_of_numba = type(value).__module__.partition(".")[0] == "numba"
    if not is_of_numba or not hasattr(value, "py_func"):
        return None
    parts = [value.py_func, value.targetoptions, type(value)]
    return Node(("compiled by numba",), [("", part) for part in parts])


def _describe_reduced(value: Any) -> Node:
    """Tell of any other object what it would be pickled by."""
    registered = copyreg.dispatch_table.get(type(value))
    reduced: Any = value.__reduce_ex__(4) if registered is None else registered(value)
    if isinstance(reduced, str):
        return describe_by_name(value, reduced)
    make, arguments, state, items, pairs, *rest = (*reduced, None, None, None)[:6]
    parts = [("", make), *(("", argument) for argument in arguments), *_state(state)]
    parts += [("", item) for item in items or ()]
    for key, item in pairs or ():
        parts += [("", key), (f"item {key!r}" if isinstance(key, str) else "", item)]
    return Node(("object",), [*parts, *(("", each) for each in rest)])


def _state(state: Any) -> list[tuple[str, Any]]:
    """Return what an object has, by name if it is the usual kind of state."""
    named, slots = state if type(state) is tuple and len(state) == 2 else (state, None)
    if type(named) is not dict or not all(isinstance(name, str) for name in named):
        return [("", state)]
    attributes = [(f"attribute {name!r}", value) for name, value in sorted(named.items())]
    return [*attributes, ("", slots)]


def _describe_dict(value: dict[Any, Any]) -> Node:
    parts = []
    for key, item in value.items():
        parts += [("", key), (f"item {key!r}" if isinstance(key, str) else "", item)]
    return Node(("dict",), parts)


def _describe_set(value: Any) -> Node:
    return Node((type(value).__name__,), [("", member) for member in value], is_ordered=False)


def _describe_list(value: Any) -> Node:
    return Node((type(value).__name__,), [("", member) for member in value])


def _describe_cell(cell: types.CellType) -> Node:
    try:
        return Node(("cell",), [("", cell.cell_contents)])
    except ValueError:
        return Node(("empty cell",))


def _describe_compiled(value: Any) -> Node:
    return Node(("of a compiled class", value.__name__), [("", value.__objclass__)])


def _describe_ufunc(ufunc: np.ufunc) -> Node:
    # By what they would be pickled: the name alone does not tell whose it is.
    import scipy.special

    for module in (np, scipy.special):
        if getattr(module, ufunc.__name__, None) is ufunc:
            label = ("ufunc", module.__name__, ufunc.__name__)
            return Node(label, [("", package_of(module.__name__))])
    raise TypeError(f"nobody knows what is in the ufunc {ufunc.__name__}")


def _describe_context_variable(variable: ContextVar[Any]) -> Node:
    if variable in copy_context():
        raise UnstableError(
            f"the context variable {variable.name!r} is set: threads and worker processes do not "
            "have its value"
        )
    try:
        return Node(("context variable", variable.name), [("", Context().run(variable.get))])
    except LookupError:
        return Node(("context variable", variable.name))


def _attributes(*names: str) -> Callable[[Any], Node]:
    """Return a describer of what has these attributes and no more."""

    def describe(value: Any) -> Node:
        label = (type(value).__module__, type(value).__qualname__)
        return Node(label, [("", getattr(value, name)) for name in names])

    return describe


def _describe_cached(value: Any) -> Node:
    size = tuple(sorted(value.cache_parameters().items()))
    return Node(("cached function", size), [("", value.__wrapped__)])


_CLONED_BY_PARTS = {dict, list, tuple, set, frozenset}

_DESCRIBERS: dict[type, Callable[[Any], Node]] = {
    dict: _describe_dict,
    list: _describe_list,
    tuple: _describe_list,
    set: _describe_set,
    frozenset: _describe_set,
    Package: describe_package,
    Patch: describe_patch,
    types.CodeType: describe_code,
    types.FunctionType: describe_function,
    types.BuiltinFunctionType: describe_builtin,
    types.MethodType: _attributes("__func__", "__self__"),
    types.MethodWrapperType: _attributes("__name__", "__self__"),
    types.MappingProxyType: lambda value: _describe_dict(dict(value)),
    types.CellType: _describe_cell,
    property: _attributes("fget", "fset", "fdel", "__doc__"),
    types.UnionType: _attributes("__args__"),
    TypeVar: _attributes("__name__", "__bound__", "__constraints__"),
    staticmethod: _attributes("__func__"),
    classmethod: _attributes("__func__"),
    functools.cached_property: _attributes("func", "attrname"),
    weakref.ref: lambda value: Node(("weak reference",), [("", value())]),
    weakref.WeakValueDictionary: lambda value: _describe_dict(dict(value)),
    ContextVar: _describe_context_variable,
    itertools.count: lambda value: Node(("count", repr(value))),
    struct.Struct: _attributes("format"),
    **dict.fromkeys(_LOCKS, lambda value: Node((type(value).__name__,))),
    np.ufunc: _describe_ufunc,
    _DECORATING_GENERATOR: _attributes("func", "args", "kwds"),
    _CACHED_FUNCTION: _describe_cached,
    **dict.fromkeys(_OF_COMPILED_CLASSES, _describe_compiled),
}
