"""Functions are compared by what they compute."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_natsel.keras._population.traced import Traced, differing, mentions

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)


def scaled(factor):
    return lambda x: jax.nn.relu(x) * factor


def weighted(weights):
    weights = np.array(weights, np.float32)
    return lambda x: {"sums": (x * weights).sum(axis=1)}


def looped(factor, times=3):
    return lambda x: jax.lax.fori_loop(0, times, lambda i, x: x * factor, x)


@jax.custom_vjp
def cut(x):
    return jnp.clip(x, -0.5, 0.5)


cut.defvjp(lambda x: (cut(x), x), lambda x, gradient: (gradient * 2,))


def sloped(factor):
    return jax.grad(lambda x: (cut(x) * factor).sum())


@pytest.mark.parametrize(
    ("make", "one", "other"),
    [(scaled, 2.0, 3.0), (weighted, [1, 2, 3], [3, 2, 1]), (sloped, 1.0, 0.5)],
)
def test_numbers_in_which_functions_differ_become_data(make, one, other):
    first, second = Traced(make(one), X), Traced(make(other), X)
    assert first.form == second.form
    places = differing(first, second)
    assert places
    assert not differing(first, Traced(make(one), X))
    given = {i: np.stack([second.values[i], first.values[i]]) for i in places}
    stacked = jax.jit(jax.vmap(first, in_axes=(0, None)))(given, X)
    expected = jax.tree.map(lambda *parts: np.stack(parts), make(other)(X), make(one)(X))
    jax.tree.map(partial(assert_allclose, rtol=1e-6), stacked, expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (scaled(2.0), lambda x: jax.nn.silu(x) * 2.0),
        (scaled(2.0), lambda x: jax.nn.relu(x) + 2.0),
        (scaled(2.0), lambda x: (jax.nn.relu(x) * 2.0,)),
        (weighted([1, 2, 3]), weighted([[1, 2, 3], [1, 2, 3]])),
        (looped(2.0), looped(3.0)),
        (looped(2.0), looped(2.0, times=4)),
        (lambda x: x.reshape(3, 2), lambda x: x.T),
        (lambda x: x[:1], lambda x: x[1:]),
        (lambda x: x - x.T.T, lambda x: x.T.T - x - x),
    ],
)
def test_other_computations_have_another_form(one, other):
    assert Traced(one, X).form != Traced(other, X).form
    assert Traced(one, X).form == Traced(one, X).form
    assert Traced(one, X).form != Traced(one, X.astype(np.float16)).form


def test_results_have_names_of_their_own():
    def one(x, y, z):
        total, product = x + y, x * y
        return total * product, z

    def other(x, y, z):
        total, _ = x + y, x * y
        return total * z, z

    assert Traced(one, X, X, X).form != Traced(other, X, X, X).form


def test_operations_are_mentioned_wherever_they_are():
    form = Traced(looped(2.0), X).form
    assert mentions(form, "scan")
    assert mentions(form, "mul")
    assert not mentions(form, "dot_general")


def test_functions_of_python_are_the_same_only_if_they_are_one_object():
    def called_back(factor):
        def call(x):
            return x * factor

        shape = jax.ShapeDtypeStruct(X.shape, X.dtype)
        return lambda x: jax.pure_callback(call, shape, x, vmap_method="sequential")

    assert Traced(called_back(2.0), X).form != Traced(called_back(2.0), X).form


def test_what_does_more_than_compute_is_refused():
    with pytest.raises(NotImplementedError, match="more than compute"):
        Traced(lambda x: jax.debug.print("{}", x), X)
