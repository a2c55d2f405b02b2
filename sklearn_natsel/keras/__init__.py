"""Dense Keras networks as scikit-learn estimators, made to be searched.

Needs TensorFlow and scikeras: ``pip install 'sklearn-natsel[keras]'``.
"""

from sklearn_natsel.keras._environment import prepare_tensorflow

prepare_tensorflow()

from sklearn_natsel.keras._architectures.dense import DenseClassifier, DenseRegressor  # noqa: E402
from sklearn_natsel.keras._architectures.dense_space import dense_space  # noqa: E402

__all__ = ["DenseClassifier", "DenseRegressor", "dense_space"]
