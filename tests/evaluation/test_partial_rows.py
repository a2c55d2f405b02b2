"""`cv_results_` of settings that were evaluated in part."""

import warnings

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

from sklearn_natsel._evaluation.evaluator import Outcome
from sklearn_natsel._evaluation.partial_rows import format_outcomes, whole_rows
from sklearn_natsel._evolution import Candidate, Ladder

LADDER = Ladder([1, 3])


def outcome_of(index, scores, **more):
    candidate = Candidate(index, (), {"C": index}, 0, "random", ())
    results = [
        {"test_scores": s, "fit_time": 2.0 * i, "score_time": 1.0, "fit_error": None} | more
        for i, s in enumerate(scores)
    ]
    is_complete = len(scores) == 3
    return Outcome(candidate, LADDER[is_complete], results, is_complete)


def formatted(outcomes, more=()):
    search = GridSearchCV(SVC(), {}, return_train_score="train_scores" in outcomes[0].results[0])
    params = [outcome.candidate.params for outcome in outcomes]
    return format_outcomes(search._format_results, outcomes, params, 3, dict(more))


def test_scores_that_are_there_stand_in_their_columns_and_nothing_else():
    table = formatted(
        [outcome_of(0, [0.1, 0.2, 0.3]), outcome_of(1, [0.9]), outcome_of(2, [0.4, 0.4, 0.4])]
    )
    nan = np.nan
    np.testing.assert_array_equal(table["split0_test_score"], [0.1, 0.9, 0.4])
    np.testing.assert_array_equal(table["split1_test_score"], [0.2, nan, 0.4])
    np.testing.assert_allclose(table["mean_test_score"], [0.2, nan, 0.4])
    assert np.isnan(table["std_test_score"][1])
    np.testing.assert_array_equal(table["rank_test_score"], [2, 3, 1])
    np.testing.assert_array_equal(table["mean_fit_time"], [2.0, 0.0, 2.0])
    np.testing.assert_array_equal(table["std_score_time"], [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(table["param_C"], [0, 1, 2])


def test_without_parts_it_is_scikit_learns_table():
    calls = []

    def format_results(*arguments):
        calls.append(arguments)
        return {}

    outcomes = [outcome_of(0, [0.1, 0.2, 0.3])]
    assert format_outcomes(format_results, outcomes, [{}], 3, {"generation": [0]}) == {}
    assert calls == [([{}], 3, outcomes[0].results, {"generation": [0]})]


def test_several_metrics_and_scores_of_training():
    scores = {"train_scores": {"a": 0.5, "b": 0.6}}
    whole = outcome_of(0, [{"a": 0.1, "b": 0.2}] * 3, **scores)
    part = outcome_of(1, [{"a": 0.3, "b": 0.4}], **scores)
    table = formatted([whole, part], {"n_splits": [3, 1]})
    assert table["split0_test_b"].tolist() == [0.2, 0.4]
    assert table["split0_train_a"].tolist() == [0.5, 0.5]
    assert np.isnan(
        [table[f"mean_{kind}_{m}"][1] for kind in ("test", "train") for m in "ab"]
    ).all()
    assert np.isnan(
        [table[f"split1_{kind}_{m}"][1] for kind in ("test", "train") for m in "ab"]
    ).all()
    assert list(table["n_splits"]) == [3, 1]


def test_only_scores_that_are_missing_in_whole_ones_are_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        formatted([outcome_of(0, [0.1, 0.2, 0.3]), outcome_of(1, [0.9])])
    with pytest.warns(UserWarning, match="non-finite"):
        formatted([outcome_of(0, [0.1, np.nan, 0.3]), outcome_of(1, [0.9])])


def test_whole_rows_alone_can_be_chosen_from():
    outcomes = [outcome_of(0, [0.9]), outcome_of(1, [0.1, 0.2, 0.3]), outcome_of(2, [0.2] * 3)]
    table = formatted(outcomes, {"origin": np.array(["a", "b", "c"])})
    rows, whole = whole_rows(table, outcomes)
    assert rows == [1, 2]
    assert whole.keys() == table.keys()
    assert whole["params"] == [{"C": 1}, {"C": 2}]
    assert whole["param_C"].tolist() == [1, 2]
    assert whole["origin"].tolist() == ["b", "c"]
    assert not np.isnan(whole["mean_test_score"]).any()


def test_if_all_are_whole_the_table_is_not_copied():
    outcomes = [outcome_of(0, [0.9] * 3)]
    table = formatted(outcomes)
    rows, whole = whole_rows(table, outcomes)
    assert list(rows) == [0]
    assert whole is table
