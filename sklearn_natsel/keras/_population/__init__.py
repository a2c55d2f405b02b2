"""Networks that are trained together, as one compiled program: with JAX alone.

`train_together` finds out which dense networks are alike and can be stacked, `train_models` which
models of any kind; `Predictions` are those of such a model.
"""

from sklearn_natsel.keras._population.models import ModelTraining, train_models
from sklearn_natsel.keras._population.predictions import Forgotten, Predictions
from sklearn_natsel.keras._population.together import train_together

__all__ = ["Forgotten", "ModelTraining", "Predictions", "train_models", "train_together"]
