"""Networks that are trained together, as one compiled program: with JAX alone.

`train_together` finds out which dense networks are alike and can be stacked; `KerasClassifier` and
`KerasRegressor` take models of any kind.
"""

from sklearn_natsel.keras._population.together import train_together
from sklearn_natsel.keras._population.wrappers import KerasClassifier, KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor", "train_together"]
