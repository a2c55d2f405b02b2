"""What is dropped is random enough, and the same whatever a network is stacked with."""

import jax
import numpy as np
import pytest

from sklearn_natsel.keras._population.dropout import fold, kept


@pytest.mark.parametrize("dropout", [0.001, 0.1, 0.5, 0.999])
def test_the_share_is_dropped_and_made_up_for(dropout):
    factors = np.asarray(kept(np.uint32(0), (1000, 1000), np.float32(dropout)))
    values, counts = np.unique(factors, return_counts=True)
    np.testing.assert_allclose(values, [0, 1 / (1 - dropout)], rtol=1e-4)
    deviation = np.sqrt(1e6 * dropout * (1 - dropout))
    assert abs(counts[0] - 1e6 * dropout) < 4 * deviation


def test_nothing_tells_what_is_dropped_elsewhere():
    keys = [fold(fold(np.uint32(seed), epoch), 1) for seed in range(3) for epoch in range(3)]
    drawn = np.array([kept(key, (200, 200), np.float32(0.5)) for key in keys]) - 1
    for axis in (0, 1, 2):
        for lag in range(1, 5):
            products = drawn * np.roll(drawn, lag, axis)
            assert abs(products.mean()) < 4 / np.sqrt(products.size)
    for of_each in (drawn.mean(axis=2), drawn.mean(axis=1)):
        np.testing.assert_allclose(of_each.std(), 1 / np.sqrt(200), rtol=0.1)


def test_stacked_networks_drop_what_single_ones_do():
    keys, rates = np.arange(4, dtype=np.uint32), np.float32([0.0, 0.2, 0.2, 0.5])
    stacked = jax.vmap(lambda key, rate: kept(fold(key, 7), (30, 20), rate))(keys, rates)
    for key, rate, factors in zip(keys, rates, stacked):
        np.testing.assert_array_equal(factors, kept(fold(key, 7), (30, 20), rate))
    assert (stacked[0] == 1).all()
    assert (stacked[1] != stacked[2]).any()


def test_wider_layers_drop_the_same_of_the_first_outputs():
    wide, narrow = (np.asarray(kept(np.uint32(3), (20, n), np.float32(0.5))) for n in (64, 40))
    np.testing.assert_array_equal(wide[:, :40], narrow)
