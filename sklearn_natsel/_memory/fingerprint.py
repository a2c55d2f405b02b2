"""Fingerprints of what a score depends on, equal in every process that runs the same code."""

from __future__ import annotations

import inspect
import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
from joblib.hashing import NumpyHasher
from scipy import sparse
from scipy.stats import rv_continuous, rv_discrete
from sklearn.utils.metadata_routing import MetadataRequest

from sklearn_natsel._space import has_own_clone, kept_callbacks, kept_texts

_CACHED_FUNCTION = type(lru_cache(len))

# What a distribution has beside its definition: the generator, which may be NumPy's global one.
_BESIDE_A_DISTRIBUTION = {"_random_state", "_ctor_param", "vecentropy"}

_STDLIB = sysconfig.get_paths()["stdlib"]


class UnstableError(TypeError):
    """Something whose identity can't be told in another process."""


class UnpicklableError(UnstableError):
    """Something that has no form outside of this process."""


def fingerprint(value: Any, by_state: bool = False) -> str:
    """Return a digest of a value: data, settings, estimators, functions.

    `joblib.hash`, but

    - estimators count by what `clone` keeps of them, their class and parameters
      above all, and not by what they have learned; but those that `clone` copies
      as they are, as in a `functools.partial`, by everything;
    - installed classes and functions count by the version of their package, all
      others by their source code, so an edited estimator is another one;
    - distributions count without their random generator;
    - equal values are equal, whether or not parts of them are the same object,
      and whatever the seed of Python's hash function.

    Parameters
    ----------
    value : object
        Anything that can be pickled.

    by_state : bool, default=False
        Whether what estimators have learned counts as well.

    Returns
    -------
    digest : str
        In hexadecimal.

    Raises
    ------
    UnstableError
        If the value holds a lambda, something that was defined inside a
        function, or code whose source can't be read.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> from sklearn_natsel._memory.fingerprint import fingerprint
    >>> fingerprint(SVC()) == fingerprint(SVC(C=1.0).fit([[0], [1]], [0, 1]))
    True
    >>> fingerprint(SVC()) == fingerprint(SVC(C=2.0))
    False
    """
    try:
        return _Fingerprinter(by_state).hash(value)
    except UnstableError:
        raise
    except Exception as error:  # every library has an error of its own for that
        raise UnpicklableError(f"{type(value).__name__} can't be pickled: {error}") from error


class _Fingerprinter(NumpyHasher):
    """joblib's hasher, fed with the identity of things instead of their pickled form."""

    def __init__(self, by_state: bool) -> None:
        super().__init__("sha1", coerce_mmap=True)
        self._by_state = by_state

    def save(self, obj: Any) -> None:
        by_state = self._by_state
        self._by_state |= not _is_cloned_by_parts(obj)
        try:
            super().save(_identity(obj, self._by_state))
        finally:
            self._by_state = by_state

    def memoize(self, obj: Any) -> None:
        """Forget the object: two references to one value are two equal values."""


def _is_cloned_by_parts(value: Any) -> bool:
    """Whether `clone` makes anew what is in it: estimators in all else keep what they learned."""
    if type(value) in (dict, list, tuple, set, frozenset):
        return True
    return hasattr(value, "get_params")


def _identity(value: Any, by_state: bool) -> Any:
    """Return plain values that tell what a value is."""
    if isinstance(value, type):
        return ("class", [_origin(base) for base in value.__mro__])
    if isinstance(value, FunctionType):
        return ("function", _origin(value), _own_defaults(value))
    if isinstance(value, _CACHED_FUNCTION):
        return ("cached function", value.__wrapped__)
    if isinstance(value, MetadataRequest):
        return ("metadata request", str(value))
    if type(value) is dict:
        # Not sorted by the keys, which may not be comparable.
        items = value.items()
        return ("dict", sorted((fingerprint(k), fingerprint(v, by_state)) for k, v in items))
    if isinstance(value, (set, frozenset)):
        return ("set", sorted(fingerprint(member, by_state) for member in value))
    if sparse.issparse(value):
        return _sparse_identity(value)
    if isinstance(value, np.ma.MaskedArray):  # of which joblib can't look at the bytes
        mask = np.ma.getmaskarray(value)
        return ("masked array", type(value), np.asarray(value), mask, value.fill_value)
    if isinstance(value, (rv_continuous, rv_discrete)):
        state = value.__getstate__().items()
        return (type(value), {k: v for k, v in state if k not in _BESIDE_A_DISTRIBUTION})
    if hasattr(value, "get_params") and not by_state:
        if has_own_clone(value):
            return ("cloned by its own rule", fingerprint(value, by_state=True))
        return _estimator_identity(value)
    return value


def _estimator_identity(estimator: Any) -> Any:
    parameters = {}
    for name, value in estimator.get_params(deep=False).items():
        try:
            parameters[name] = fingerprint(value)
        except UnstableError as error:
            raise type(error)(f"parameter {name!r}: {error}") from error
    return (type(estimator), parameters, kept_texts(estimator), kept_callbacks(estimator))


def _sparse_identity(matrix: Any) -> Any:
    # Pickled as they are, matrices differ by what they happen to know of themselves.
    rows = matrix.tocsr()
    return (type(matrix), matrix.shape, rows.data, rows.indices, rows.indptr)


@lru_cache(maxsize=1024)
def _origin(definition: Any) -> tuple[str, str, str | None]:
    """Tell the code of a class or function: its name, and its package's version or its source."""
    module_name, name = str(definition.__module__), definition.__qualname__
    code = definition
    if isinstance(definition, FunctionType) and not _is_called_so(definition):
        # The name that `functools.wraps` has copied is that of another function.
        code = definition.__code__
        module_name, name = str(definition.__globals__.get("__name__", "")), code.co_qualname
    if "<lambda>" in name:
        raise UnstableError(f"it is a lambda ({_place(definition)})")
    if "<locals>" in name:
        raise UnstableError(f"{name} is defined inside a function")
    if _is_installed(sys.modules.get(module_name)):
        package = sys.modules[module_name.partition(".")[0]]
        return module_name, name, getattr(package, "__version__", None)
    try:
        return module_name, name, "\n".join(map(inspect.getsource, _codes(code)))
    except (OSError, TypeError) as error:
        raise UnstableError(f"the source code of {name} can't be read") from error


def _codes(definition: Any) -> Iterator[Any]:
    """Yield what was written to define it: a wrapper's own code too, which Python would skip."""
    while isinstance(definition, FunctionType):
        yield definition.__code__
        definition = getattr(definition, "__wrapped__", None)
    if definition is not None:
        yield definition


def _is_called_so(function: FunctionType) -> bool:
    """Whether the function is found under its name."""
    try:
        return attrgetter(function.__qualname__)(sys.modules[function.__module__]) is function
    except (KeyError, AttributeError):
        return False


def _own_defaults(function: FunctionType) -> Any:
    """Return what its source does not tell: the values of the defaults."""
    if _is_installed(sys.modules.get(function.__globals__.get("__name__", ""))):
        return None
    return function.__defaults__, function.__kwdefaults__


def _place(function: Any) -> str:
    code = function.__code__
    return f"{code.co_filename}, line {code.co_firstlineno}"


def _is_installed(module: Any) -> bool:
    """Whether a module is part of Python or of an installed package."""
    if module is None or module.__name__ == "__main__":
        return False
    file = getattr(module, "__file__", None)
    if file is None or not file.endswith(".py"):
        return True  # compiled: there is no source
    packages = {"site-packages", "dist-packages"}
    return file.startswith(_STDLIB) or not packages.isdisjoint(Path(file).parts)
