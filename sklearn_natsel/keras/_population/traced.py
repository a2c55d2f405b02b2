"""What a function computes, compared without knowing anything of it.

JAX writes down the operations of a function, whatever code they come from. Two functions that are
written down alike, but for some numbers, can be run as one program, to which these numbers are
data: a rate of dropout, a penalty, what a lambda has closed over.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal

# Operations that only group others, and where these are.
_CALLS = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "custom_vjp_call_jaxpr": "fun_jaxpr",
}


class Traced:
    """The operations of a function for arguments of given shapes.

    Parameters
    ----------
    function : callable
        What JAX could compile.

    *arguments : pytree of array
        Arguments of it.

    Attributes
    ----------
    form : hashable
        Equal if two functions differ in their `values` alone.

    values : list of ndarray
        The numbers and arrays that the function has brought with it.

    outputs : pytree of jax.ShapeDtypeStruct
        What it returns.

    Raises
    ------
    NotImplementedError
        If it does more than compute, as printing.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._operations, self.outputs = jax.make_jaxpr(function, return_shape=True)(*arguments)
        if self._operations.effects:
            raise NotImplementedError(f"It does more than compute: {self._operations.effects}")
        self.values: list[np.ndarray] = []
        structures = jax.tree.structure(arguments), jax.tree.structure(self.outputs)
        self.form: Hashable = (*structures, _describe(self._operations, self.values))

    def __call__(self, values: Mapping[int, Any], *arguments: Any) -> Any:
        """Compute what the function does; by their place, some values may be others."""
        own = (values.get(i, value) for i, value in enumerate(self.values))
        outputs = _compute(self._operations, own, jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(self.outputs), outputs)


def differing(one: Traced, other: Traced) -> set[int]:
    """Return the places of the values in which two functions of one form differ."""
    pairs = zip(one.values, other.values)
    return {i for i, (a, b) in enumerate(pairs) if a.tobytes() != b.tobytes()}


def mentions(form: Hashable, operation: str) -> bool:
    """Whether an operation is part of a form."""
    if isinstance(form, tuple):
        return any(mentions(part, operation) for part in form)
    return isinstance(form, str) and form == operation


def _describe(operations: ClosedJaxpr, values: list[np.ndarray]) -> Hashable:
    """Describe operations without their values, which are appended to a list."""
    jaxpr = operations.jaxpr
    values.extend(np.asarray(constant) for constant in operations.consts)
    names: dict[Any, int] = {}

    def name(variables: Sequence[Any]) -> Hashable:
        for variable in variables:
            names[variable] = len(names)
        return tuple(variable.aval for variable in variables)

    def read(source: Any) -> Hashable:
        if not isinstance(source, Literal):
            return names[source]
        of_literal: Any = source.aval
        value = np.asarray(source.val, of_literal.dtype)
        if not _is_free(source):
            return of_literal, value.tobytes()
        values.append(value)
        return of_literal

    described: list[Hashable] = [name([*jaxpr.constvars, *jaxpr.invars])]
    for operation in jaxpr.eqns:
        inputs = tuple(read(source) for source in operation.invars)
        called = _called(operation)
        what = _plain(operation.params) if called is None else _describe(called, values)
        described.append((operation.primitive.name, inputs, what, name(operation.outvars)))
    return (*described, tuple(read(source) for source in jaxpr.outvars))


def _compute(operations: ClosedJaxpr, values: Iterator[Any], arguments: Sequence[Any]) -> list[Any]:
    """Run operations with values in the order in which `_describe` has found them."""
    jaxpr = operations.jaxpr
    constants = [next(values) for _ in operations.consts]
    known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *arguments]))

    def read(source: Any) -> Any:
        if not isinstance(source, Literal):
            return known[source]
        return next(values) if _is_free(source) else source.val

    for operation in jaxpr.eqns:
        inputs = [read(source) for source in operation.invars]
        called = _called(operation)
        if called is None:
            outputs = operation.primitive.bind(*inputs, **operation.params)
            outputs = outputs if operation.primitive.multiple_results else [outputs]
        else:
            outputs = _compute(called, values, inputs)
        known.update(zip(operation.outvars, outputs))
    return [read(source) for source in jaxpr.outvars]


def _is_free(literal: Any) -> bool:
    """Whether a number may be another one; shapes and counts may not."""
    return bool(np.issubdtype(literal.aval.dtype, np.floating))


def _called(operation: Any) -> ClosedJaxpr | None:
    """Return the operations that one of them stands for."""
    return operation.params.get(_CALLS.get(operation.primitive.name))


def _plain(param: Any) -> Hashable:
    """Return what two parameters of operations are compared by: if in doubt, they differ."""
    if isinstance(param, Jaxpr):
        param = ClosedJaxpr(param, ())
    if isinstance(param, ClosedJaxpr):
        values: list[np.ndarray] = []
        described = _describe(param, values)
        return described, tuple(value.tobytes() for value in values)
    if isinstance(param, Mapping):
        return tuple((name, _plain(value)) for name, value in sorted(param.items()))
    if isinstance(param, tuple | list):
        return type(param), tuple(_plain(value) for value in param)
    if isinstance(param, np.ndarray):
        return str(param.dtype), param.shape, param.tobytes()
    try:
        hash(param)
    except TypeError:
        return object()
    return type(param), param
