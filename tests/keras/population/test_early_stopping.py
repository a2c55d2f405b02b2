"""Networks of a group stop one by one, as Keras would stop them."""

import jax.numpy as jnp
import numpy as np

from sklearn_natsel.keras._population.early_stopping import EarlyStopping

LOSSES = np.array(
    [
        [3.0, 3.0, np.nan],
        [2.0, 4.0, np.nan],
        [2.5, 5.0, 1.0],
        [1.0, 1.0, 2.0],
        [1.5, 1.0, 3.0],
        [1.6, 1.0, 4.0],
    ]
)


def watched(patience, initial_epoch=0):
    stopping = EarlyStopping(patience, initial_epoch)
    for epoch, losses in enumerate(LOSSES, start=initial_epoch):
        stopping.look(epoch, losses, [jnp.full((3, 2), epoch)])
        if stopping.all_stopped:
            break
    return stopping


def test_each_network_goes_back_to_its_best_epoch():
    stopping = watched([2, 2, 3])
    assert stopping.all_stopped
    # The second one does not see its best epoch, the third starts with what is no number.
    assert stopping.lengths(6) == [6, 3, 6]
    assert np.asarray(stopping.best[0])[:, 0].tolist() == [3, 0, 2]
    assert np.asarray(stopping.last[0])[:, 0].tolist() == [5, 2, 5]


def test_without_patience_nobody_stops():
    stopping = watched([None, 9, 2], initial_epoch=4)
    assert not stopping.all_stopped
    assert stopping.lengths(6) == [6, 6, 2]
