"""Keras networks as scikit-learn estimators, made to be searched.

Needs scikeras, and TensorFlow, JAX or torch, whichever Keras runs on:
``pip install 'sklearn-natsel[keras]'``, ``[keras-jax]`` or ``[keras-torch]``.
"""

from sklearn_natsel.keras._environment import prepare_keras

prepare_keras()

from sklearn_natsel.keras._architectures.dense import DenseClassifier, DenseRegressor  # noqa: E402
from sklearn_natsel.keras._architectures.dense_space import dense_space  # noqa: E402
from sklearn_natsel.keras._backends import backend  # noqa: E402

if backend.trains_together:
    from sklearn_natsel.keras._population import KerasClassifier, KerasRegressor
else:
    from scikeras.wrappers import KerasClassifier, KerasRegressor  # type: ignore[no-redef]

__all__ = ["DenseClassifier", "DenseRegressor", "KerasClassifier", "KerasRegressor", "dense_space"]
