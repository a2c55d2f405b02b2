import math

import numpy as np

from sklearn_natsel._evolution.candidates import Candidate, Child, fitness_of


def candidate(index=0, **known):
    return Candidate(index, (1, 2), {"a": 1}, 0, "random", (), **known)


def test_nothing_is_known_of_a_candidate_before_it_is_told():
    new = candidate()
    assert new.fitness is None
    assert math.isnan(new.seconds)


def test_candidates_of_the_same_setting_are_not_equal_and_can_be_keys():
    one, other = candidate(), candidate()
    assert one != other
    assert {one: "one", other: "other"}[one] == "one"
    one.fitness = 3.0  # its hash stays
    assert {one: "one", other: "other"}[one] == "one"


def test_children_with_the_same_genome_origin_and_parents_are_equal():
    assert Child((1, None), "random") == Child((1, None), "random")
    assert Child((1, None), "random") != Child((1, None), "crossover", (3, 4))


def test_the_fitness_of_candidates_is_nan_where_it_was_not_told():
    told = [candidate(fitness=2.0), candidate(), candidate(fitness=math.nan)]
    np.testing.assert_array_equal(fitness_of(told), [2.0, math.nan, math.nan])
    assert fitness_of([]).shape == (0,)
    assert fitness_of([candidate()]).dtype == float
