"""How the learning rate changes in the course of a training."""

from __future__ import annotations

from keras.optimizers.schedules import CosineDecay, LearningRateSchedule

SCHEDULES = ("constant", "cosine", "one_cycle")

# Of one cycle: the share of its steps that the rate rises, and what it begins with.
_RISING = 0.3
_FIRST = 1 / 25


def make_schedule(name: str, peak: float, n_steps: float) -> LearningRateSchedule:
    """Make a schedule that ends with the training.

    Parameters
    ----------
    name : {"cosine", "one_cycle"}
        Whether the rate falls along half a cosine to zero from the start; or after
        it has risen to its peak (L. N. Smith, "A disciplined approach to neural
        network hyper-parameters", 2018).

    peak : float
        The highest rate.

    n_steps : float
        Steps of the optimizer in the whole training.

    Returns
    -------
    schedule : keras.optimizers.schedules.LearningRateSchedule
        The rate of each step, counted from 0. It is saved and loaded as Keras' own.
    """
    if name == "cosine":
        return CosineDecay(peak, n_steps)
    falling, rising = (1 - _RISING) * n_steps, _RISING * n_steps
    return CosineDecay(_FIRST * peak, falling, warmup_target=peak, warmup_steps=rising)
