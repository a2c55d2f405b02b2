"""How many children a generation has."""

import pytest
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._evolution.sizes import Sizes


def sizes_of(population_size=10, n_offspring=0.02, elite_fraction=1.0, lucky_rate=0.0):
    return Sizes(population_size, n_offspring, elite_fraction, lucky_rate)


@pytest.mark.parametrize(
    ("n_offspring", "n_candidates", "n_children"),
    [
        (0.02, 10, 2),  # two at least
        (0.02, 149, 2),
        (0.02, 150, 3),
        (0.07, 100, 7),  # 0.07 * 100 is a little more than 7
        (0.5, 1000, 10),  # the population at most
        (3, 1000, 3),
        (12, 10, 12),
    ],
)
def test_a_share_is_of_what_was_bred_before(n_offspring, n_candidates, n_children):
    assert sizes_of(n_offspring=n_offspring).offspring(n_candidates) == n_children


def test_without_a_number_children_fill_up_the_population():
    sizes = sizes_of(n_offspring=None, elite_fraction=0.35)
    assert sizes.elites == 4  # rounded up
    assert sizes.offspring(100) == 6
    assert sizes.offspring(100, n_survivors=7) == 3
    assert sizes.offspring(100, n_survivors=10) == 1


@pytest.mark.parametrize("changed", [{"elite_fraction": 0.91}, {"lucky_rate": 1}])
def test_there_must_be_room_for_children(changed):
    with pytest.raises(InvalidParameterError, match="leaves no room for children"):
        sizes_of(**{"n_offspring": None, "elite_fraction": 0.1, **changed})
    assert sizes_of(**{"n_offspring": 1, "elite_fraction": 0.1, **changed}).offspring(10) == 1


def test_generations_are_counted_from_the_first_one():
    sizes = sizes_of(n_offspring=3)
    assert [sizes.count_generations(10, n) for n in (9, 10, 11, 13, 14)] == [1, 1, 2, 2, 3]
    assert sizes.count_generations(10, 10**9) is None  # nobody would count so many


def test_luck_leaves_the_number_of_generations_open():
    lucky = {"elite_fraction": 0.4, "lucky_rate": 0.1}
    assert sizes_of(n_offspring=None, **lucky).count_generations(10, 100) is None
    assert sizes_of(n_offspring=6, **lucky).count_generations(10, 100) == 16
