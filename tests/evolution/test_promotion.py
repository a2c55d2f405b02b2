"""Who is asked to a higher rung: the best of a rung that may still become the best of all."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_natsel._evolution.candidates import Candidate
from sklearn_natsel._evolution.ladder import Ladder
from sklearn_natsel._evolution.promotion import Promotion

LADDER = Ladder([1, 3, 9])


def candidates_of(promotion, n, origins=()):
    origins = [*origins, *["random"] * n][:n]
    candidates = [
        Candidate(i, (i,), {}, 0, origin, (), is_default=origin == "default")
        for i, origin in enumerate(origins)
    ]
    for candidate in candidates:
        promotion.admit(candidate)
    return candidates


def climb(promotion, candidate, *scores):
    """Tell scores on the next rungs, a second for each whole evaluation."""
    for score in scores:
        seconds = promotion.effort_of(len(candidate.scores) + 1)
        promotion.tell(candidate, score, seconds)


def all_promoted(promotion, limit=math.inf, **options):
    promoted = []
    while candidate := promotion.promote(limit - promotion.effort, **options):
        promoted.append(candidate.index)
    return promoted


def test_the_first_and_the_default_are_asked_for_all_others_for_the_first_rung():
    promotion = Promotion(LADDER, 3)
    asked = candidates_of(promotion, 4, ["initial", "random", "default"])
    assert [candidate.rung for candidate in asked] == [2, 0, 2, 0]
    assert promotion.effort == pytest.approx(2 + 2 / 9)


def test_the_best_third_of_a_rung_goes_on():
    promotion = Promotion(LADDER, 3)
    first, *others = candidates_of(promotion, 7)
    climb(promotion, first, 0.0, 0.0, 0.0)
    for score, candidate in enumerate(others, start=1):
        climb(promotion, candidate, score)
    assert all_promoted(promotion) == [6, 5]
    assert [c.rung for c in (first, *others)] == [2, 0, 0, 0, 0, 1, 1]


def test_nobody_waits_until_a_rung_is_full():
    promotion = Promotion(LADDER, 3)
    first, second, third, *_ = candidates_of(promotion, 9)
    climb(promotion, first, 1.0, 1.0, 1.0)
    climb(promotion, second, 0.0)
    assert all_promoted(promotion) == []
    climb(promotion, third, 2.0)
    assert all_promoted(promotion) == [2]
    # It is not asked again before its score is there.
    assert all_promoted(promotion) == []


def test_a_limit_leaves_out_what_would_cost_too_much():
    promotion = Promotion(LADDER, 3)
    first, *others = candidates_of(promotion, 7)
    climb(promotion, first, 0.0, 0.0, 0.0)
    for score, candidate in enumerate(others, start=1):
        climb(promotion, candidate, score)
    limit = promotion.effort + 0.3
    assert all_promoted(promotion, limit) == [6]
    assert promotion.effort <= limit


def test_who_will_hardly_become_the_best_is_given_up():
    promotion = Promotion(LADDER, 3)
    candidates = candidates_of(promotion, 30)
    rng = np.random.RandomState(0)
    for candidate in candidates[:10]:
        candidate.rung = 2
        final = rng.normal()
        climb(promotion, candidate, final + 0.01, final - 0.01, final)
    best = max(candidate.scores[-1] for candidate in candidates[:10])
    hopeless, hopeful = candidates[10:12]
    climb(promotion, hopeless, best - 0.5)
    climb(promotion, hopeful, best + 0.02)
    assert all_promoted(promotion) == [hopeful.index]


def test_who_is_level_with_the_best_may_get_ahead():
    promotion = Promotion(LADDER, 3)
    candidates = candidates_of(promotion, 12)
    for candidate in candidates[:8]:
        candidate.rung = 2
        climb(promotion, candidate, 1.0, 1.0, 1.0)
    climb(promotion, candidates[8], 1.0)
    climb(promotion, candidates[9], 0.999)
    # Such leads have never changed, so who is behind stays there.
    assert all_promoted(promotion) == [8]


@pytest.mark.parametrize(
    ("firsts", "rungs"),
    [
        # The first rung ranks them as the last one does, ...
        ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [0, 0, 0, 0]),
        # ... or the other way round, or not at all.
        ([0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0], [2, 2, 2, 2]),
        ([0.5] * 8, [2, 2, 2, 2]),
        # The correlation of the best five is 0.7, so it leaves half of the variance.
        ([0.0, 0.0, 0.0, 0.1, 0.0, 0.5, 0.3, 0.4], [0, 2, 0, 2]),
    ],
)
def test_once_some_are_complete_others_are_evaluated_whole_as_the_first_rung_says_little(
    firsts, rungs
):
    promotion = Promotion(LADDER, 3)
    candidates = candidates_of(promotion, 8)
    assert [candidate.rung for candidate in candidates] == [2] + [0] * 7
    for i, (candidate, first) in enumerate(zip(candidates, firsts)):
        candidate.rung = 2
        climb(promotion, candidate, first, 0.2, i / 10)
    assert [candidate.rung for candidate in candidates_of(promotion, 4)] == rungs


@pytest.mark.parametrize("score", [0.5, 29 / 30, 1 / 3, 0.1])
@pytest.mark.parametrize("n", [8, 12, 20])
def test_rounding_does_not_tell_what_is_evaluated_whole(score, n):
    promotion = Promotion(LADDER, 3)
    for i, candidate in enumerate(candidates_of(promotion, n)):
        candidate.rung = 2
        climb(promotion, candidate, score, score, score + i / 10)
    assert [candidate.rung for candidate in candidates_of(promotion, 2)] == [2, 2]
    # Where all that are complete are level there is nothing that a first rung could miss.
    promotion = Promotion(LADDER, 3)
    for i, candidate in enumerate(candidates_of(promotion, n)):
        candidate.rung = 2
        climb(promotion, candidate, score - i / 10, score, score)
    assert [candidate.rung for candidate in candidates_of(promotion, 2)] == [0, 0]


def test_who_is_level_but_for_rounding_may_get_ahead():
    promotion = Promotion(LADDER, 3)
    candidates = candidates_of(promotion, 9)
    for score, candidate in zip([0.9, 0.9, *[0.5] * 6], candidates):
        candidate.rung = 2
        climb(promotion, candidate, score, score, score)
    climb(promotion, candidates[8], math.nextafter(0.9, 0.0))
    assert all_promoted(promotion) == [8]


@pytest.mark.filterwarnings("error")
def test_very_large_scores_are_compared_as_others_are():
    rungs = []
    for unit in (1.0, 1e200):
        promotion = Promotion(LADDER, 3)
        for i, candidate in enumerate(candidates_of(promotion, 10)):
            candidate.rung = 2
            climb(promotion, candidate, *(-unit * np.array([i + 2.0, i + 1.5, i + i % 2])))
        new = candidates_of(promotion, 6)
        for i, candidate in enumerate(new):
            climb(promotion, candidate, -unit * i)
        rungs.append(([candidate.rung for candidate in new], all_promoted(promotion)))
    assert rungs[0] == rungs[1]


def test_the_estimate_of_a_partial_score_is_never_above_the_best():
    promotion = Promotion(LADDER, 3)
    first, better, worse = candidates_of(promotion, 3)
    climb(promotion, first, 0.5, 0.6, 0.7)
    climb(promotion, better, 0.9)
    climb(promotion, worse, 0.4)
    assert first.fitness == 0.7
    assert better.fitness < 0.7  # the best stays the best
    assert better.fitness == pytest.approx(0.7)
    assert worse.fitness == pytest.approx(0.6)  # as far below as on the same split
    assert [c.seconds for c in (first, better)] == pytest.approx([1.0, 1.0])


def test_all_estimates_follow_a_new_best():
    promotion = Promotion(LADDER, 3)
    first, second, third = candidates_of(promotion, 3)
    climb(promotion, first, 0.5, 0.6, 0.7)
    climb(promotion, third, 0.4)
    climb(promotion, second, 0.3, 0.5, 0.9)
    assert third.fitness == pytest.approx(0.9)


def test_who_has_failed_is_never_asked_again():
    promotion = Promotion(LADDER, 3)
    first, *others = candidates_of(promotion, 7)
    climb(promotion, first, 0.0, 0.0, 0.0)
    for candidate in others:
        climb(promotion, candidate, math.nan)
    assert all_promoted(promotion) == []
    assert all(math.isnan(candidate.fitness) for candidate in others)


def test_if_the_first_has_failed_the_next_best_goes_to_the_end():
    """There must be a complete one with a score, however few there are."""
    promotion = Promotion(LADDER, 3)
    first, second, third = candidates_of(promotion, 3)
    climb(promotion, first, math.nan, math.nan, math.nan)
    climb(promotion, second, 0.1)
    climb(promotion, third, math.nan)
    for score in (0.2, 0.3):
        assert all_promoted(promotion) == [1]
        climb(promotion, second, score)
    assert second.fitness == 0.3
    assert all_promoted(promotion) == []


def test_of_complete_ones_that_tie_the_first_bred_is_the_best_whoever_comes_first():
    estimates = []
    for order in [(1, 2), (2, 1)]:
        promotion = Promotion(LADDER, 3)
        candidates = candidates_of(promotion, 4)
        climb(promotion, candidates[0], 0.0, 0.0, 0.0)
        for i in order:
            climb(promotion, candidates[i], 0.1 * i, 0.5, 1.0)
        climb(promotion, candidates[3], 0.05)
        estimates.append(candidates[3].fitness)
    assert estimates == pytest.approx([0.95, 0.95])


def test_one_of_few_goes_on_if_it_is_the_best():
    promotion = Promotion(LADDER, 3)
    first, second = candidates_of(promotion, 2)
    climb(promotion, first, 1.0, 1.0, 1.0)
    for _ in range(2):
        climb(promotion, second, 2.0)
        assert all_promoted(promotion) == [1]


# Scores of few values, so that there are ties.
SCORES = st.lists(
    st.tuples(*[st.sampled_from([0.0, 0.5, 1.0, math.nan, math.inf, -math.inf])] * 3),
    min_size=1,
    max_size=20,
)


@given(scores=SCORES, order=st.randoms(use_true_random=False), factor=st.integers(2, 4))
def test_the_order_in_which_results_come_makes_no_difference(scores, order, factor):
    runs = []
    for is_shuffled in (False, True):
        promotion = Promotion(LADDER, factor)
        candidates = candidates_of(promotion, len(scores))
        due, promoted = list(candidates), []
        while due:
            if is_shuffled:
                order.shuffle(due)
            for candidate in due:
                while len(candidate.scores) <= candidate.rung:
                    climb(promotion, candidate, scores[candidate.index][len(candidate.scores)])
            promoted.append(all_promoted(promotion))
            due = [candidates[i] for i in promoted[-1]]
        runs.append((promoted, repr([candidate.fitness for candidate in candidates])))
    assert runs[0] == runs[1]


def test_complete_ones_that_failed_at_last_tell_nothing_of_the_others():
    promotion = Promotion(LADDER, 3)
    candidates = candidates_of(promotion, 20)
    climb(promotion, candidates[0], 0.0, 0.0, 0.0)
    for candidate in candidates[1:8]:
        candidate.rung = 2
        climb(promotion, candidate, 0.5, 0.5, math.nan)
    climb(promotion, candidates[8], 0.9)
    assert all_promoted(promotion) == [8]


def test_if_nobody_is_given_up_all_go_on_the_best_first():
    promotion = Promotion(LADDER, 3)
    first, *others = candidates_of(promotion, 7)
    climb(promotion, first, 5.0, 5.0, 5.0)
    for candidate, score in zip(others, [2.0, 1.0, 3.0, math.nan, 0.0]):
        climb(promotion, candidate, score)
    assert all_promoted(promotion) == []
    # One has failed, and the score of another one is not there yet.
    assert all_promoted(promotion, gives_up=False) == [3, 1, 2, 5]
