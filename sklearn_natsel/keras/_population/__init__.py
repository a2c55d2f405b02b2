"""Networks that are trained together, as one compiled program: with JAX alone.

`train_together` finds out which networks are alike and can be stacked.
"""

from sklearn_natsel.keras._population.together import train_together

__all__ = ["train_together"]
