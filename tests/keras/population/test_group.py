"""Networks of a group are what they would be alone, one by one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sklearn_natsel.keras._population.group import filled, train_group
from sklearn_natsel.keras._population.program import program_of
from sklearn_natsel.keras._population.structure import structure_of

FOLDS = [np.arange(200), np.arange(50, 250), np.arange(1, 200)]
DIFFERENT = [
    {"random_state": 1},
    {"learning_rate": 0.003, "rows": FOLDS[0]},
    {"dropout": 0.4, "rows": FOLDS[1]},
    {"weight_decay": 0.1, "rows": FOLDS[2], "kernel_initializer": "he_normal"},
]


@pytest.mark.parametrize(
    "common", [{}, {"batch_normalization": True}, {"early_stopping": True, "patience": 1}], ids=str
)
def test_a_group_is_as_good_as_single_trainings(begin, digits, common):
    rows = np.arange(200)
    different = [{"dropout": 0.1, "rows": rows, "epochs": 3, **common, **d} for d in DIFFERENT]
    together, alone = ([begin(**params) for params in different] for _ in range(2))
    program = program_of(structure_of(together[0]))
    histories = train_group(program, together, digits[0])
    for ours, single, history in zip(together, alone, histories):
        (expected,) = train_group(program, [single], digits[0])
        assert history.keys() == expected.keys()
        for name, losses in history.items():
            assert_allclose(losses, expected[name], rtol=1e-4)
        for variables in zip(*(_variables(each.network) for each in (ours, single))):
            assert_allclose(*map(np.asarray, variables), rtol=1e-3, atol=1e-4)


def _variables(network):
    return [*network.variables, *network.optimizer.variables]


def test_networks_are_validated_on_all_of_their_own_rows(begin, digits):
    params = {"early_stopping": True, "validation_fraction": 0.1, "epochs": 3}
    rows = [np.arange(n) for n in (200, 201, 209)]
    together, alone = ([begin(rows=own, **params) for own in rows] for _ in range(2))
    assert [len(each.validation_rows) for each in together] == [20, 21, 21]
    program = program_of(structure_of(together[0]))
    histories = train_group(program, together, digits[0])
    for history, single in zip(histories, alone):
        (expected,) = train_group(program, [single], digits[0])
        assert_allclose(history["val_loss"], expected["val_loss"], rtol=1e-4)


def test_what_is_no_number_stays_in_its_network(begin, digits):
    common = {"optimizer": "sgd", "hidden_activation": "linear"}
    together = [begin(learning_rate=rate, **common) for rate in (0.1, 1e30, 0.1)]
    first, broken, last = train_group(program_of(structure_of(together[0])), together, digits[0])
    assert first == last
    assert np.isfinite(first["loss"]).all()
    assert not np.isfinite(broken["loss"]).all()


def test_an_optimizer_goes_on_where_it_was(begin, digits):
    training = begin()
    program = program_of(structure_of(training))
    train_group(program, [training], digits[0])
    assert int(training.network.optimizer.iterations) == 2 * 10


def test_rows_that_only_fill_the_room_are_repeated():
    array = np.arange(66.0).reshape(33, 2)
    assert filled(array).shape == (34, 2)
    np.testing.assert_array_equal(filled(array)[:33], array)
    np.testing.assert_array_equal(filled(array)[33], array[0])
