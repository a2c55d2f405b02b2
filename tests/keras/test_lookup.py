"""Names of Keras, and errors that tell which parameter holds a wrong one."""

import pytest
from sklearn.utils._param_validation import InvalidParameterError

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras._lookup import look_up


@pytest.mark.parametrize(
    ("get", "name", "expected"),
    [
        (keras.activations.get, "relu", keras.activations.relu),
        (keras.losses.get, "mse", keras.losses.mean_squared_error),
    ],
)
def test_what_keras_knows_is_found(get, name, expected):
    assert look_up("p", "a thing", get, name) is expected


@pytest.mark.parametrize(
    ("get", "name"),
    [
        (keras.activations.get, "nonsense"),
        (keras.optimizers.get, "nonsense"),
        (keras.losses.get, ""),
        ({}.__getitem__, "nonsense"),
        (keras.initializers.get, "constant_of_pi"),
    ],
)
def test_the_error_names_parameter_value_and_kind(get, name):
    with pytest.raises(InvalidParameterError) as raised:
        look_up("the_parameter", "a thing", get, name)
    assert str(raised.value) == (
        "The 'the_parameter' parameter must be the name of a thing of Keras that needs no "
        f"arguments. Got {name!r} instead."
    )
    assert raised.value.__cause__ is not None
