import numpy as np

from sklearn_natsel._space.generator import own_generator


def test_a_seed_and_its_generator_draw_the_same():
    assert own_generator(3).random_sample() == np.random.RandomState(3).random_sample()


def test_a_given_generator_is_used_itself():
    rng = np.random.RandomState(0)
    assert own_generator(rng) is rng


def test_without_a_seed_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].tolist()
    first, second = own_generator(None), own_generator(None)
    assert first.random_sample() != second.random_sample()
    assert np.random.get_state()[1].tolist() == before
