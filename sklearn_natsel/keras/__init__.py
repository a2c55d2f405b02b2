"""Dense Keras networks as scikit-learn estimators, made to be searched.

Needs scikeras, and TensorFlow, JAX or torch, whichever Keras runs on:
``pip install 'sklearn-natsel[keras]'``, ``[keras-jax]`` or ``[keras-torch]``.
"""

from sklearn_natsel.keras._environment import prepare_keras

prepare_keras()

from sklearn_natsel.keras._architectures.dense import DenseClassifier, DenseRegressor  # noqa: E402
from sklearn_natsel.keras._architectures.dense_space import dense_space  # noqa: E402

__all__ = ["DenseClassifier", "DenseRegressor", "dense_space"]
