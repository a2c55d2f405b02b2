"""A dense layer computes what Keras' does, and its gradient lies as its weights do."""

import jax
import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_natsel.keras._population.dense import Dense


@pytest.mark.parametrize("options", [{"activation": "elu"}, {"use_bias": False}], ids=str)
def test_outputs_and_gradients_are_those_of_keras(options):
    x = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    theirs = keras.layers.Dense(3, **options)
    theirs.build(x.shape)
    ours = Dense.from_config(theirs.get_config())
    ours.build(x.shape)
    values = [variable.value for variable in theirs.trainable_variables]

    def both(layer):
        def loss(values, x):
            outputs, _ = layer.stateless_call(values, [], x)
            return (outputs**3).sum(), outputs

        return jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)(values, x)

    jax.tree.map(lambda a, b: assert_allclose(a, b, rtol=1e-4, atol=1e-5), both(ours), both(theirs))


def test_no_gradient_of_weights_is_transposed():
    layer = Dense(3)
    layer.build((None, 5))
    kernel = layer.kernel.value

    def loss(kernel, x):
        return layer.stateless_call([kernel, np.zeros(3, np.float32)], [], x)[0].sum()

    lines = str(jax.make_jaxpr(jax.grad(loss))(kernel, np.ones((6, 5), np.float32)))
    assert "dot_general" in lines
    assert "transpose" not in lines
