"""What arrays and tables hold, however they lie in memory."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from sklearn_natsel._memory.digest import Node
from sklearn_natsel._memory.networks import describe_tensor

# Bytes of an array that are put into the order of its rows at once.
_BLOCK = 2**24


def describe_data(value: Any) -> Node | None:
    """Tell what an array or a table holds; None if it is neither."""
    if isinstance(value, np.ndarray):
        return _describe_array(value)
    if isinstance(value, np.generic):
        return Node(("scalar",), [("", type(value)), ("", np.asarray(value))])
    if isinstance(value, np.dtype):
        return Node(("dtype", repr(value)))
    if sparse.issparse(value):
        return _describe_sparse(value)
    # Only where a table may be one: to look for a class would load its package.
    if _is_of("pandas", value, "DataFrame", "Series", "Index"):
        return _describe_pandas(value)
    if _is_of("pandas", value, "api.extensions.ExtensionArray"):
        return _describe_column(value)
    if _is_of("polars", value, "DataFrame", "Series"):
        return _describe_polars(value)
    if _is_of("torch", value, "Tensor"):
        return describe_tensor(value)
    return None


def _is_of(package: str, value: Any, *names: str) -> bool:
    """Whether a value is of a class of a package; one that is not loaded has made none."""
    loaded: Any = sys.modules.get(package)
    if loaded is None:
        return False
    for name in names:
        cls = loaded
        for part in name.split("."):
            cls = getattr(cls, part, None)
        if isinstance(cls, type) and isinstance(value, cls):
            return True
    return False


def _describe_array(array: np.ndarray) -> Node:
    """Tell the class, the type, the shape and the values: not strides, nor a file behind it."""
    kind = np.ndarray if isinstance(array, np.memmap) else type(array)
    parts: list[tuple[str, Any]] = [("", kind), ("", array.dtype)]
    if isinstance(array, np.ma.MaskedArray):
        values = [np.asarray(array), np.ma.getmaskarray(array), np.asarray(array.fill_value)]
        return Node(("masked array",), [*parts, *(("", part) for part in values)])
    plain = np.asarray(array)
    if kind is not np.ndarray:  # one that may have more than values, such as a unit
        own = sorted((getattr(array, "__dict__", None) or {}).items())
        return Node(("array of a class",), [*parts, ("", plain), *own])
    if plain.dtype.names:
        fields = [(name, plain[name]) for name in plain.dtype.names]
        return Node(("records", plain.shape), [*parts, *fields])
    if plain.dtype.hasobject:
        return Node(("objects", plain.shape), [*parts, ("", plain.ravel().tolist())])
    return Node(("array", plain.shape, _digest_values(plain)), parts)


def _digest_values(array: np.ndarray) -> bytes:
    digest = hashlib.sha1(usedforsecurity=False)
    for block in [array] if array.flags.c_contiguous else _blocks(array):
        digest.update(np.ascontiguousarray(block).reshape(-1).view(np.uint8).data)
    return digest.digest()


def _blocks(array: np.ndarray) -> Iterator[np.ndarray]:
    n_rows = max(1, _BLOCK * len(array) // max(1, array.nbytes))
    for first in range(0, len(array), n_rows):
        yield array[first : first + n_rows]


def _describe_sparse(matrix: Any) -> Node:
    """Tell the class, the shape and the values, but not what the matrix knows of their order."""
    rows = matrix.tocsr(copy=True)
    rows.sum_duplicates()
    indices = [rows.indices.astype(np.int64), rows.indptr.astype(np.int64)]
    parts = [type(matrix), rows.data, *indices]
    return Node(("sparse", tuple(map(int, matrix.shape))), [("", part) for part in parts])


def _describe_pandas(table: Any) -> Node:
    """Tell index, columns, types, values and attributes, not the blocks behind them."""
    parts: list[tuple[str, Any]] = [("", type(table))]
    if _is_of("pandas", table, "DataFrame"):
        parts += [("index", table.index), ("columns", table.columns), ("attrs", dict(table.attrs))]
        columns = [table.iloc[:, i] for i in range(table.shape[1])]
        parts += [("column", _values_of(column)) for column in columns]
        parts += [(name, getattr(table, name, None)) for name in table._metadata]
        return Node(("data frame", tuple(table.shape)), parts)
    if _is_of("pandas", table, "MultiIndex"):
        levels = [table.get_level_values(i) for i in range(table.nlevels)]
        return Node(("index of levels",), [*parts, *(("level", level) for level in levels)])
    if _is_of("pandas", table, "RangeIndex"):
        limits = (table.start, table.stop, table.step)
        return Node(("range index", limits), [*parts, ("name", table.name)])
    parts += [("name", table.name), ("values", _values_of(table))]
    if _is_of("pandas", table, "Series"):
        parts += [("index", table.index), ("attrs", dict(table.attrs))]
    return Node(("series", str(getattr(table, "freq", None))), parts)


def _values_of(series: Any) -> Any:
    """Return an array of NumPy where pandas has one, else its own."""
    return series.to_numpy() if isinstance(series.dtype, np.dtype) else series.array


def _describe_column(array: Any) -> Node:
    """Tell what an array of pandas' own holds: categories, texts, whole numbers with gaps."""
    dtype = array.dtype
    label = ("column", repr(dtype), str(getattr(dtype, "storage", None)))
    parts: list[tuple[str, Any]] = [("", type(array)), ("", type(dtype))]
    if _is_of("pandas", dtype, "CategoricalDtype"):
        ordered = ("ordered", bool(dtype.ordered))
        return Node(label, [*parts, ("", dtype.categories), ordered, ("", np.asarray(array.codes))])
    if isinstance(dtype, np.dtype):
        return Node(label, [*parts, ("", array.to_numpy())])
    if _is_of("pandas", dtype, "DatetimeTZDtype", "PeriodDtype"):
        return Node(label, [*parts, ("", np.asarray(array.view("i8")))])
    missing = np.asarray(array.isna())
    return Node(label, [*parts, ("missing", missing), ("", list(array[~missing]))])


def _describe_polars(table: Any) -> Node:
    """Tell names, types and values."""
    if _is_of("polars", table, "DataFrame"):
        columns = [("column", column) for column in table.get_columns()]
        return Node(("polars", tuple(table.shape)), [("", type(table)), *columns])
    dtype = table.dtype
    label = ("polars series", table.name, repr(dtype))
    # Lists would be of Python's times, which have no nanoseconds.
    numbers = table.to_physical() if dtype.is_temporal() else table
    has_numbers = numbers.dtype.is_integer() or numbers.dtype.is_float()
    # NumPy has no integers of 128 bits: they would be rounded.
    is_array = has_numbers and not table.null_count() and "128" not in repr(dtype)
    values = numbers.to_numpy() if is_array else numbers.to_list()
    return Node(label, [("", type(table)), ("", values)])
