"""Evaluations in parts, as a user meets them: racing over splits, growing resources, both."""

import pickle
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partial_searches import (
    GROWING,
    PARTS,
    SPACE,
    TREE,
    X,
    assert_consistent,
    results_in,
    search_of,
    whole_rows_of,
    y,
)
from same_search import assert_same_search
from scipy.stats import loguniform, uniform
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional, GeneticSearchCV, maximize, minimize

EVERY_KIND = pytest.mark.parametrize("kind", PARTS)


# What is found


@EVERY_KIND
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_partial_rows_can_not_be_taken_for_whole_ones(kind, schedule):
    search = search_of(kind, schedule=schedule).fit(X, y)
    assert_consistent(search)
    whole = whole_rows_of(search)
    assert whole[0]
    assert 1 <= whole.sum() < len(whole)
    assert len(whole) > 8  # more than whole evaluations would have been


@EVERY_KIND
def test_whole_rows_are_those_of_whole_evaluations(kind):
    search = search_of(kind).fit(X, y)
    rows = np.flatnonzero(whole_rows_of(search))
    for row in rows:
        estimator = clone(search.estimator).set_params(**search.cv_results_["params"][row])
        other = GeneticSearchCV(estimator, {}, cv=6).fit(X, y)
        assert other.best_score_ == search.cv_results_["mean_test_score"][row]


@EVERY_KIND
def test_the_same_seed_finds_the_same_with_two_jobs(kind):
    searches = [search_of(kind, n_jobs=n_jobs).fit(X, y) for n_jobs in (1, 2)]
    assert_same_search(*searches)


@EVERY_KIND
@pytest.mark.parametrize("options", [{"surrogate": False}, {"surrogate": "per_second"}])
def test_other_surrogates(kind, options):
    assert_consistent(search_of(kind, **options).fit(X, y))


def test_with_both_off_it_is_the_search_that_it_was():
    search = GeneticSearchCV(TREE, SPACE, max_evaluations=15, random_state=0, factor=2).fit(X, y)
    assert not {"n_splits", "n_resources"} & search.cv_results_.keys()
    assert not {"n_complete", "n_fits", "n_resources"} & search.evolution_history_.keys()
    assert not np.isnan(search.cv_results_["mean_test_score"]).any()
    assert search.n_evaluations_ == 15


def test_a_single_part_is_the_whole():
    plain = search_of("racing", racing=False).fit(X, y)
    for parts in (
        {"resource": "n_samples", "min_resources": 100},
        {"resource": "max_features", "max_resources": 8, "min_resources": 8},
    ):
        single = search_of("racing", **{"racing": False, **parts}).fit(X, y)
        np.testing.assert_array_equal(
            single.cv_results_["mean_test_score"], plain.cv_results_["mean_test_score"]
        )
        assert set(single.cv_results_["n_resources"]) == {parts.get("max_resources", 100)}


@EVERY_KIND
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_the_budget_counts_whole_evaluations(kind, schedule):
    search = search_of(kind, schedule=schedule, max_evaluations=7).fit(X, y)
    assert search.stop_reason_ == "max_evaluations"
    history = search.evolution_history_
    if search.resource is None:
        spent = history["n_fits"][-1] / 6
    else:
        spent = history["n_resources"][-1] / (6 * max(search.cv_results_["n_resources"]))
    assert 6 < spent < 7.5
    single = search_of(kind, schedule=schedule, max_evaluations=1).fit(X, y)
    assert whole_rows_of(single).tolist() == [True]


EVERY_SCHEDULE = pytest.mark.parametrize("schedule", ["generational", "steady-state"])


def maximize_in_parts(function, **options):
    space = {"a": uniform(), "b": uniform()}
    return maximize(function, space, resource="r", surrogate=False, **options)


def noise_but_in_the_end(a, b, r=81):
    return -((a - 0.3) ** 2) - (b - 0.7) ** 2 if r == 81 else a * 7919 * r % 1


@EVERY_SCHEDULE
@pytest.mark.parametrize("seed", range(10))
def test_the_budget_holds_where_many_are_evaluated_whole_at_once(schedule, seed):
    options = {"population_size": 5, "schedule": schedule, "random_state": seed}
    result = maximize_in_parts(noise_but_in_the_end, max_evaluations=17, **options)
    assert result.stop_reason == "max_evaluations"
    assert 15 < result.history["n_resources"][-1] / 81 <= 17


@pytest.mark.parametrize("seed", range(10))
def test_generations_of_the_steady_state_cost_no_more_than_they_may(seed):
    options = {"population_size": 5, "schedule": "steady-state", "random_state": seed}
    result = maximize_in_parts(noise_but_in_the_end, n_generations=5, **options)
    assert (result.stop_reason, result.nit) == ("n_generations", 5)
    assert 23 < result.history["n_resources"][-1] / 81 <= 25


@EVERY_SCHEDULE
@pytest.mark.parametrize("seed", range(5, 12))
def test_the_best_setting_is_in_the_population(schedule, seed):
    def crossing(a, b, r=27):
        return b - a * a + (a - 0.5) * (27 - r) / 27 * 2

    options = {"population_size": 3, "schedule": schedule, "random_state": seed}
    result = maximize_in_parts(crossing, max_evaluations=15, **options)
    np.testing.assert_array_equal(result.history["max"], result.history["best_so_far"])


def test_a_resource_of_a_single_amount_is_counted():
    search = search_of("racing", racing=False, resource="n_samples", min_resources=100).fit(X, y)
    assert set(search.cv_results_["n_resources"]) == {100}
    history = search.evolution_history_
    assert history["n_complete"].tolist() == history["n_evaluations"].tolist()
    assert (
        history["n_resources"][-1]
        == 100 * history["n_fits"][-1]
        == 600 * len(whole_rows_of(search))
    )


def test_the_default_setting_is_evaluated_whole():
    tree = DecisionTreeClassifier(max_depth=8, random_state=0)
    first = {"max_depth": 1, "min_samples_leaf": 1}
    search = search_of("racing", estimator=tree, initial_params=first).fit(X, y)
    assert search.cv_results_["origin"][1] == "default"
    assert whole_rows_of(search)[:2].all()


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_the_default_setting_is_evaluated_whole_if_it_is_given_as_well(schedule):
    def misleading(a=5, r=27):
        return a if r == 27 else -a

    result = maximize(
        misleading,
        {"a": range(6)},
        resource="r",
        initial_params=[{"a": 1}, {"a": 5}],
        max_evaluations=4,
        schedule=schedule,
        random_state=0,
    )
    assert result.candidates["n_resources"][1] == 27
    assert result.fun == 5


def test_a_search_through_a_whole_space_ends():
    search = search_of("both", space={"max_depth": range(1, 9)}, max_evaluations=100).fit(X, y)
    assert search.stop_reason_ == "space_exhausted"
    assert search.n_evaluations_ == 8
    assert_consistent(search)


@EVERY_KIND
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_in_an_exhausted_space_what_was_given_up_is_completed(kind, schedule):
    space = {"min_samples_leaf": [1, 2, 4, 8, 16, 32]}
    search = search_of(kind, space=space, schedule=schedule, max_evaluations=30).fit(X, y)
    assert search.stop_reason_ == "space_exhausted"
    assert whole_rows_of(search).tolist() == [True] * 6
    assert_consistent(search)
    # As far as the budget lasts.
    search.set_params(max_evaluations=2).fit(X, y)
    assert search.stop_reason_ == "max_evaluations"
    assert 1 <= whole_rows_of(search).sum() <= 2


class Die:
    def rvs(self, random_state):
        return int(random_state.randint(8))


# How many settings they have is an upper bound, or unknown.
@pytest.mark.parametrize(
    "space", [[{"a": range(6)}, {"a": range(2, 8)}], {"a": Die()}], ids=["dicts", "rvs"]
)
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_where_nothing_new_can_be_bred_what_was_given_up_is_completed(space, schedule):
    def misleading(a, r=27):
        return a if r == 27 else -a

    result = maximize(
        misleading, space, resource="r", max_evaluations=60, schedule=schedule, random_state=0
    )
    assert result.stop_reason == "space_exhausted"
    assert sorted(params["a"] for params in result.candidates["params"]) == list(range(8))
    assert set(result.candidates["n_resources"]) == {27}
    assert result.fun == 7


@pytest.mark.parametrize("surrogate", [False, True])
def test_in_an_exhausted_space_members_of_the_population_are_counted_once(surrogate):
    result = maximize(
        lambda a, r=9: a - 1 / r,
        {"a": range(12)},
        resource="r",
        population_size=8,
        max_evaluations=40,
        surrogate=surrogate,
        random_state=0,
    )
    assert result.stop_reason == "space_exhausted"
    assert set(result.history["diversity"]) == {1.0}


@pytest.mark.parametrize("seed", range(4))
def test_a_setting_of_two_dicts_is_evaluated_once(seed):
    calls = []

    def peak(a, b, r=9):
        calls.append((a, b, r))
        return -abs(a - 36) - abs(b - 15) * 0.3 - 1 / r

    space = [{"a": range(40), "b": range(14, 17)}, {"a": range(10, 50), "b": range(14, 17)}]
    maximize(peak, space, resource="r", max_evaluations=15, random_state=seed)
    assert len(calls) == len(set(calls))


def test_small_parts_of_groups_with_a_class_each_can_be_fitted():
    groups = np.repeat(np.arange(10), 60)
    target = groups % 2
    data = np.random.RandomState(0).normal(size=(600, 3)) + target[:, None]
    search = GeneticSearchCV(
        LogisticRegression(),
        {"C": loguniform(1e-4, 1e3)},
        cv=StratifiedGroupKFold(5),
        resource="n_samples",
        max_evaluations=4,
        random_state=0,
    ).fit(data, target, groups=groups)
    assert not whole_rows_of(search).all()
    assert np.isfinite(search.cv_results_["split0_test_score"]).all()


@pytest.mark.parametrize("kind", ["racing", "both"])
def test_the_steady_state_has_as_many_generations_as_it_was_given(kind):
    options = {"schedule": "steady-state", "population_size": 2, "max_evaluations": None}
    search = search_of(kind, n_generations=9, **options).fit(X, y)
    assert search.stop_reason_ == "n_generations"
    assert search.n_generations_ == 9
    born = np.bincount(search.cv_results_["generation"], minlength=9)
    assert born.tolist() == search.evolution_history_["n_evaluated"].tolist()


# The settings and the data


@pytest.mark.parametrize("kind", ["racing", "samples and splits", "n_samples"])
def test_dependent_genes_and_alternatives(kind):
    space = [
        {
            "splitter": ["best", "random"],
            "max_leaf_nodes": Conditional(range(2, 20), "splitter", "random"),
        },
        {"ccp_alpha": loguniform(1e-4, 1e-1)},
    ]
    search = search_of(kind, space=space, max_evaluations=12).fit(X, y)
    assert_consistent(search)
    params = search.cv_results_["params"]
    assert any("ccp_alpha" in p for p in params)
    assert all(("max_leaf_nodes" in p) == (p.get("splitter") == "random") for p in params)


def test_the_resource_is_one_of_the_parameters_that_were_found():
    search = search_of("both").fit(X, y)
    assert search.best_params_["max_leaf_nodes"] == 18
    assert search.best_estimator_.max_leaf_nodes == 18
    amounts = np.array(search.cv_results_["n_resources"])
    assert set(amounts) <= {2, 6, 18}
    np.testing.assert_array_equal(search.cv_results_["param_max_leaf_nodes"], amounts)
    assert [p["max_leaf_nodes"] for p in search.cv_results_["params"]] == amounts.tolist()
    assert "n_samples" not in search_of("n_samples").fit(X, y).best_params_


def test_a_resource_of_a_step():
    pipeline = make_pipeline(StandardScaler(), GROWING)
    space = {f"decisiontreeclassifier__{name}": values for name, values in SPACE.items()}
    resource = "decisiontreeclassifier__max_leaf_nodes"
    search = search_of("both", estimator=pipeline, space=space, resource=resource).fit(X, y)
    assert_consistent(search)
    assert search.best_estimator_[-1].max_leaf_nodes == 18


def test_more_than_the_own_value_of_a_resource():
    search = search_of("a parameter", max_resources=36, min_resources=9, factor=2).fit(X, y)
    assert set(search.cv_results_["n_resources"]) <= {9, 18, 36}
    assert search.best_estimator_.max_leaf_nodes == 36


def test_what_was_found_can_be_taken_up_by_another_search():
    first = search_of("both").fit(X, y)
    own = {name: first.best_params_[name] for name in SPACE}
    for kind in ("both", "a parameter"):
        for initial_params in (first.best_params_, [first.best_params_, {"max_depth": 2}]):
            options = {"min_resources": 2, "max_resources": 6}
            second = search_of(kind, initial_params=initial_params, **options).fit(X, y)
            found = second.cv_results_["params"][0]
            assert found == {**own, "max_leaf_nodes": 6}


def test_the_refit_may_have_more_of_the_resource():
    search = search_of("both", refit_params={"max_leaf_nodes": 40}).fit(X, y)
    assert search.best_params_["max_leaf_nodes"] == 18
    assert search.best_estimator_.max_leaf_nodes == 40
    assert search.best_estimator_.max_depth == search.best_params_["max_depth"]
    search = search_of("both", refit_params={"ccp_alpha": 0.01}).fit(X, y)
    assert search.best_estimator_.max_leaf_nodes == 18
    assert search.best_estimator_.ccp_alpha == 0.01


class Recorder(ClassifierMixin, BaseEstimator):
    """Writes down which samples it was given, in the first column, and their weights."""

    seen = []

    def __init__(self, a=0):
        self.a = a

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        Recorder.seen.append((np.asarray(X)[:, 0].astype(int), np.asarray(y), sample_weight))
        return self

    def predict(self, X):
        return np.resize(self.classes_, len(X))

    def score(self, X, y, sample_weight=None):
        assert sample_weight is None or (sample_weight == np.asarray(X)[:, 0] * 10).all()
        return self.a / 100 + np.asarray(X)[0, 0] / 1e6


def recorded(n=60, n_classes=3, cv=None, X=None, **params):
    """Return the samples that fits were given, smallest parts first."""
    Recorder.seen = []
    X = np.column_stack([np.arange(n), np.zeros(n)]) if X is None else X
    y = np.arange(n) % n_classes if n_classes else np.arange(n) / n
    options = {"cv": cv or KFold(3, shuffle=True, random_state=0), "refit": False, **params}
    fit_params = {k: options.pop(k) for k in ("groups", "sample_weight") if k in options}
    search = GeneticSearchCV(
        Recorder(), {"a": range(20)}, resource="n_samples", random_state=0, max_evaluations=6,
        error_score="raise", **options,
    ).fit(X, y, **fit_params)  # fmt: skip
    return search, sorted(Recorder.seen, key=lambda fit: len(fit[0]))


def test_parts_of_the_samples_are_nested_and_have_all_classes():
    search, fits = recorded()
    assert {len(rows) for rows, *_ in fits} == set(search.cv_results_["n_resources"]) == {13, 40}
    assert all(set(y) == {0, 1, 2} for _, y, _ in fits)
    for split in (train for train, _ in search.cv.split(np.zeros(60))):
        # One of its 13 and one of all samples, whatever the setting.
        parts = {frozenset(rows) for rows, *_ in fits if set(rows) <= set(split) and len(rows) > 4}
        assert len(parts) == 2
        assert min(parts, key=len) < max(parts, key=len)


def test_groups_stay_whole():
    groups = np.repeat(np.arange(15), 4)
    _, fits = recorded(cv=GroupKFold(3), groups=groups)
    assert len(fits[0][0]) < len(fits[-1][0])
    for rows, *_ in fits:
        rest = np.setdiff1d(np.arange(60), rows)
        assert not set(groups[rows]) & set(groups[rest]) or len(rows) == 40
        assert all((groups[rows] == g).sum() == 4 for g in set(groups[rows]))


def test_splits_that_are_marks():
    rng = np.random.RandomState(0)
    splits = []
    for _ in range(3):
        test = rng.permutation(60) < 20
        splits.append((~test, test))
    numbered = [(np.flatnonzero(train), np.flatnonzero(test)) for train, test in splits]
    (marked, fits), (other, other_fits) = recorded(cv=splits), recorded(cv=numbered)
    assert_same_search_scores(marked, other)
    assert [rows.tolist() for rows, *_ in fits] == [rows.tolist() for rows, *_ in other_fits]


def assert_same_search_scores(search, other):
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"]
    )


def test_weights_go_with_their_samples():
    weights = np.arange(60) * 10.0
    _, fits = recorded(sample_weight=weights)
    assert {len(rows) for rows, *_ in fits} == {13, 40}
    for rows, _, weight in fits:
        np.testing.assert_array_equal(weight, rows * 10.0)


def test_data_frames_and_targets_without_classes():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"i": np.arange(60), "z": 0.0}, index=np.arange(60)[::-1])
    _, fits = recorded(X=frame)
    _, other = recorded()
    assert [rows.tolist() for rows, *_ in fits] == [rows.tolist() for rows, *_ in other]
    rng = np.random.RandomState(0)
    search = GeneticSearchCV(
        LogisticRegression(), {"C": loguniform(1e-3, 1e3)}, resource="n_samples", racing=True,
        max_evaluations=4, random_state=0,
    )  # fmt: skip
    frame = pd.DataFrame(rng.normal(size=(90, 3)), columns=list("abc"))
    search.fit(frame, pd.Series(list("xyz") * 30))
    assert search.feature_names_in_.tolist() == ["a", "b", "c"]
    assert set(search.classes_) == set("xyz")


def test_models_without_targets():
    search = GeneticSearchCV(
        KMeans(random_state=0, n_init=1), {"n_clusters": range(2, 9), "tol": uniform(0, 1e-3)},
        resource="n_samples", racing=True, max_evaluations=4, random_state=0,
    ).fit(X)  # fmt: skip
    assert_consistent(search)
    assert set(search.cv_results_["n_resources"]) >= {11, 96}


# Scores and what is chosen


def test_several_metrics_without_a_refit():
    search = search_of("both", scoring=["accuracy", "roc_auc"], refit=False).fit(X, y)
    assert not hasattr(search, "best_index_")
    results, whole = search.cv_results_, whole_rows_of(search)
    for metric in ("accuracy", "roc_auc"):
        assert np.isnan(results[f"mean_test_{metric}"][~whole]).all()
        assert not np.isnan(results[f"mean_test_{metric}"][whole]).any()
        assert not np.isnan(results[f"split0_test_{metric}"]).any()


@EVERY_KIND
def test_a_callable_refit_sees_whole_rows_alone(kind):
    seen = []

    def last_row(results):
        seen.append(results)
        return len(results["params"]) - 1

    search = search_of(kind, refit=last_row).fit(X, y)
    whole = np.flatnonzero(whole_rows_of(search))
    assert len(whole) < search.n_evaluations_
    assert len(seen[0]["params"]) == len(whole)
    assert not np.isnan(seen[0]["mean_test_score"]).any()
    assert search.best_index_ == whole[-1]
    assert search.best_params_ == search.cv_results_["params"][whole[-1]]


def test_several_metrics_with_scores_of_training():
    scoring = {"a": "accuracy", "b": "roc_auc"}
    search = search_of("both", scoring=scoring, refit="b", return_train_score=True).fit(X, y)
    whole = whole_rows_of(search)
    assert whole[search.best_index_]
    assert search.best_score_ == np.nanmax(search.cv_results_["mean_test_b"])
    assert np.isnan(search.cv_results_["mean_train_a"][~whole]).all()
    assert not np.isnan(search.cv_results_["split0_train_a"]).any()


class FailsAtSome(DecisionTreeClassifier):
    """Raises an error for half of the settings, or for all."""

    every = False

    def fit(self, X, y, **params):
        if self.every or self.min_samples_leaf % 2:
            raise RuntimeError("odd")
        return super().fit(X, y, **params)


@pytest.mark.parametrize("kind", ["racing", "n_samples", "samples and splits"])
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
@pytest.mark.parametrize("first", [2, 3])
@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_settings_that_fail_cost_little(kind, schedule, first):
    estimator = FailsAtSome(random_state=0)
    options = {"initial_params": {"max_depth": 2, "min_samples_leaf": first}, "schedule": schedule}
    with pytest.warns(FitFailedWarning):
        search = search_of(kind, estimator=estimator, **options).fit(X, y)
    failed = search.cv_results_["param_min_samples_leaf"] % 2 == 1
    assert failed[0] == first % 2
    assert 0 < failed.sum() < len(failed)
    assert not whole_rows_of(search)[1:][failed[1:]].any()
    assert np.isnan(search.cv_results_["split0_test_score"][failed.astype(bool)]).all()
    assert search.evolution_history_["n_failed"].sum() == failed.sum()
    assert search.best_params_["min_samples_leaf"] % 2 == 0
    assert_consistent(search)


class NeedsMany(DecisionTreeClassifier):
    def fit(self, X, y):
        if len(X) < 15:
            raise ValueError("too few samples")
        return super().fit(X, y)


def search_for_depth(X, y, **options):
    options = {"cv": 3, "resource": "n_samples", "max_evaluations": 4, **options}
    space = {"max_depth": range(1, 9)}
    return GeneticSearchCV(NeedsMany(random_state=0), space, random_state=0, **options).fit(X, y)


@pytest.mark.parametrize("names", [range(10), "abcdefghij"], ids=["numbers", "letters"])
def test_the_smallest_part_of_many_classes_can_be_fitted(names):
    digits, numbers = load_digits(return_X_y=True)
    search = search_for_depth(digits[:120], [names[number] for number in numbers[:120]])
    assert set(search.cv_results_["n_resources"]) == {27, 80}
    assert np.isfinite(search.cv_results_["split0_test_score"]).all()


@pytest.mark.filterwarnings("ignore:One or more of the test scores:UserWarning")
def test_a_part_that_is_too_small_is_told():
    digits, numbers = load_digits(return_X_y=True)
    with pytest.warns(FitFailedWarning) as warned:
        search = search_for_depth(digits[:120], numbers[:120], min_resources=9)
    hint = "given 9 of the 'resource': a larger 'min_resources' may help"
    assert any(hint in str(each.message) for each in warned)
    # The first settings have failed with few samples as well, and have a score with all.
    failed = np.isnan(search.cv_results_["split0_test_score"])
    assert not failed[0]
    assert failed.any()
    assert search.evolution_history_["n_failed"].sum() == failed.sum()


def test_if_all_fail_it_is_told():
    estimator = FailsAtSome(random_state=0)
    FailsAtSome.every = True
    try:
        with (
            pytest.warns(FitFailedWarning),
            pytest.raises(ValueError, match=r"All the .* fits failed"),
        ):
            search_of("racing", estimator=estimator, cv=6).fit(X, y)
    finally:
        FailsAtSome.every = False


# Limits and observers


def test_patience_target_callback_and_lines(capsys):
    rows = []

    def callback(search, row):
        rows.append(row)

    search = search_of("both", callback=callback, verbose=1, patience=2, max_evaluations=30)
    search.fit(X, y)
    assert search.stop_reason_ == "patience"
    assert len(rows) == search.n_generations_ == capsys.readouterr().out.count("Generation")
    assert rows[-1]["best_params"] == search.best_params_
    assert {"n_complete", "n_fits", "n_resources"} <= rows[-1].keys()
    reached = search_of("both", target_score=search.best_score_).fit(X, y)
    assert reached.stop_reason_ == "target_score"
    assert reached.best_score_ >= search.best_score_
    stopped = search_of("both", callback=lambda search, row: row["generation"] == 1).fit(X, y)
    assert stopped.stop_reason_ == "callback"
    assert stopped.n_generations_ == 2
    assert_consistent(stopped)


class Slow(DecisionTreeClassifier):
    def fit(self, X, y, **params):
        time.sleep(0.05)
        return super().fit(X, y, **params)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_time_may_be_up_at_any_moment(schedule, n_jobs):
    for max_time in (0.01, 0.5):
        search = search_of(
            "racing", estimator=Slow(random_state=0), max_time=max_time, max_evaluations=None,
            schedule=schedule, n_jobs=n_jobs,
        ).fit(X, y)  # fmt: skip
        assert search.stop_reason_ == "max_time"
        assert_consistent(search)


@pytest.mark.filterwarnings("ignore:The estimator .* does not support callbacks:UserWarning")
def test_callbacks_of_scikit_learn():
    callback = pytest.importorskip("sklearn.callback")
    pytest.importorskip("rich")
    for kind in ("racing", "both"):
        for schedule in ("generational", "steady-state"):
            search = search_of(kind, schedule=schedule, max_evaluations=4)
            plain = clone(search).fit(X, y)
            search.set_callbacks(callback.ProgressBar()).fit(X, y)
            assert_same_search(search, plain)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_callbacks_that_are_told_of_fits(schedule):
    """A setting that goes on has another evaluation, with the fits that are new."""
    callback = pytest.importorskip("sklearn.callback")
    pytest.importorskip("rich")
    options = {"racing": True, "resource": "n_samples", "schedule": schedule}
    search = GeneticSearchCV(
        LogisticRegression(max_iter=2000), {"C": loguniform(1e-3, 1e3)}, max_evaluations=4,
        random_state=0, **options,
    )  # fmt: skip
    plain = clone(search).fit(X, y)
    assert_same_search(search.set_callbacks(callback.ProgressBar()).fit(X, y), plain)


# Memory


@EVERY_KIND
@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_a_search_with_a_memory_is_repeated_without_a_fit(tmp_path, kind, schedule):
    options = {"memory": tmp_path, "schedule": schedule, "refit": False}
    first = search_of(kind, **options).fit(X, y)
    files = results_in(tmp_path)
    n_fits = first.evolution_history_["n_fits"][-1]
    assert len(files) == n_fits
    second = search_of(kind, n_jobs=2, **options).fit(X, y)
    assert_same_search(first, second)
    assert results_in(tmp_path) == files
    longer = search_of(kind, **{**options, "max_evaluations": 12}).fit(X, y)
    assert {k: v for k, v in results_in(tmp_path).items() if k in files} == files
    assert len(results_in(tmp_path)) > n_fits
    assert longer.n_evaluations_ > first.n_evaluations_


@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_no_partial_score_is_taken_for_a_whole_one(tmp_path_factory, data):
    """Whatever searches share a memory, whole rows are those of a search without any parts."""
    memory = tmp_path_factory.mktemp("memory")
    space = {"max_depth": range(1, 5), "min_samples_leaf": range(1, 5)}
    plain = GeneticSearchCV(TREE, space, cv=4, max_evaluations=16, surrogate=False).fit(X, y)
    expected = dict(
        zip(map(str, plain.cv_results_["params"]), plain.cv_results_["mean_test_score"])
    )
    for _ in range(3):
        options = data.draw(
            st.fixed_dictionaries(
                {
                    "racing": st.booleans(),
                    "resource": st.sampled_from([None, "n_samples"]),
                    "factor": st.integers(2, 4),
                    "random_state": st.integers(0, 3),
                    "schedule": st.sampled_from(["generational", "steady-state"]),
                    "surrogate": st.just(False),
                }
            )
        )
        if options["resource"]:
            options["min_resources"] = data.draw(st.none() | st.integers(1, 90))
        search = GeneticSearchCV(TREE, space, cv=4, max_evaluations=6, memory=memory, **options)
        search.fit(X, y)
        for row in np.flatnonzero(whole_rows_of(search)):
            setting = str(search.cv_results_["params"][row])
            assert search.cv_results_["mean_test_score"][row] == expected[setting]


def test_other_groups_have_other_parts(tmp_path):
    """The same samples in the same splits, of which other ones are given first."""
    cv = [(np.arange(60) % 3 != i, np.arange(60) % 3 == i) for i in range(3)]
    recorded(cv=cv, memory=tmp_path)
    plain, _ = recorded(cv=cv, groups=np.repeat(np.arange(20), 3))
    again, fits = recorded(cv=cv, groups=np.repeat(np.arange(20), 3), memory=tmp_path)
    assert any(len(rows) < 40 for rows, *_ in fits)
    assert_same_search(plain, again)


class Sampled(DecisionTreeClassifier):
    """Has a parameter that is called like the number of samples."""

    def __init__(self, max_depth=1, n_samples=1):
        super().__init__(max_depth=max_depth, random_state=0)
        self.n_samples = n_samples

    def fit(self, X, y):
        return super().fit(X, y)


def test_a_parameter_of_the_name_of_the_resource_is_told_from_it(tmp_path):
    options = {"cv": 3, "random_state": 0, "memory": tmp_path, "max_evaluations": 3}
    GeneticSearchCV(
        Sampled(), {"max_depth": [1, 2, 3]}, resource="n_samples", min_resources=26, **options
    ).fit(X, y)
    space = {"max_depth": [1, 2, 3], "n_samples": [27]}
    with_memory = GeneticSearchCV(Sampled(), space, **options).fit(X, y)
    without = GeneticSearchCV(Sampled(), space, **{**options, "memory": None}).fit(X, y)
    assert_same_search(with_memory, without)


# Functions


def learned(x, epochs=27, calls=None):
    """A learning curve: better for x near 3, and for more epochs."""
    return 1 - abs(x - 3) / 10 - 1 / (1 + epochs)


@pytest.mark.parametrize("schedule", ["generational", "steady-state"])
def test_a_function_with_a_resource(schedule):
    options = {"random_state": 0, "max_evaluations": 12, "schedule": schedule}
    found = maximize(learned, {"x": uniform(0, 10)}, resource="epochs", **options)
    assert found.x["epochs"] == 27
    assert found.fun == learned(**found.x)
    candidates = found.candidates
    amounts, values = candidates["n_resources"], candidates["value"]
    assert set(amounts) == {3, 9, 27}
    np.testing.assert_array_equal(np.isnan(values), amounts < 27)
    assert np.nanmax(values) == found.fun
    expected = [learned(**params) for params in candidates["params"]]
    np.testing.assert_array_equal(candidates["last_value"], expected)
    assert [params["epochs"] for params in candidates["params"]] == amounts.tolist()
    assert found.nfev == len(values) > 12
    assert found.history["n_complete"][-1] == (amounts == 27).sum()
    assert 11 < found.history["n_resources"][-1] / 27 < 12.5


def test_minimize_is_the_mirror_image():
    def loss(**params):
        return -learned(**params)

    options = {"resource": "epochs", "max_resources": 27, "random_state": 0, "max_evaluations": 12}
    largest = maximize(learned, {"x": uniform(0, 10)}, **options)
    smallest = minimize(loss, {"x": uniform(0, 10)}, **options)
    assert smallest.x == largest.x
    assert smallest.fun == -largest.fun
    np.testing.assert_array_equal(
        smallest.candidates["last_value"], -largest.candidates["last_value"]
    )
    np.testing.assert_array_equal(smallest.history["best"], -largest.history["best"])


def test_what_was_found_for_a_function_can_be_taken_up():
    options = {"resource": "epochs", "max_evaluations": 3, "random_state": 0}
    first = maximize(learned, {"x": range(40)}, **options)
    second = maximize(learned, {"x": range(40)}, initial_params=first.x, **options)
    assert second.candidates["params"][0] == first.x


def test_a_function_with_a_memory(tmp_path):
    options = {"random_state": 0, "resource": "epochs", "memory": tmp_path}
    first = maximize(learned, {"x": range(40)}, max_evaluations=6, **options)
    files = results_in(tmp_path)
    again = maximize(learned, {"x": range(40)}, max_evaluations=6, **options)
    assert again.candidates["params"].tolist() == first.candidates["params"].tolist()
    assert results_in(tmp_path) == files
    assert len(files) == first.history["n_fits"][-1]


def fails_below(x, epochs=9):
    if x < 5:
        raise RuntimeError("small")
    return x * epochs


@pytest.mark.parametrize("first", [1, 9])
def test_a_function_that_fails_at_some(first):
    options = {"initial_params": {"x": first}, "random_state": 0, "max_evaluations": 5}
    with pytest.warns(RuntimeWarning, match="raised an error"):
        found = maximize(fails_below, {"x": range(20)}, resource="epochs", **options)
    assert found.fun == found.x["x"] * 9 >= 45
    assert np.isnan(found.candidates["last_value"]).any()


# What is refused, and what must not break


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"resource": "n_trees"}, "'resource' parameter has names .*: 'n_trees'. Valid names"),
        ({"resource": "max_depth"}, "'resource' parameter names 'max_depth', which is searched"),
        ({"resource": "max_features"}, "'max_resources' .* must be given.* 'max_features'.* None"),
        ({"resource": "n_samples", "max_resources": 101}, "'max_resources'.* at most 100.*Got 101"),
        (
            {"resource": "n_samples", "min_resources": 101},
            "'min_resources' .* at most 100.*Got 101",
        ),
        ({"min_resources": 3}, "'min_resources'.*without 'resource'"),
        ({"max_resources": 3}, "'max_resources'.*without 'resource'"),
        ({"resource": "n_samples", "min_resources": 0}, "'min_resources'"),
        ({"resource": "n_samples", "max_resources": 2.5}, "'max_resources'"),
        ({"resource": 3}, "'resource'"),
        ({"resource": "n_samples", "initial_params": [5]}, "'initial_params'.*5 is not a dict"),
        ({"racing": "yes"}, "'racing'"),
        ({"racing": True, "factor": 1}, "'factor'"),
        ({"racing": True, "factor": 2.5}, "'factor'"),
    ],
)
def test_bad_input_is_told_before_anything_is_trained(params, message):
    class Untrained(DecisionTreeClassifier):
        def fit(self, X, y):
            raise AssertionError("was trained")

    search = search_of("racing", estimator=Untrained(), **{"racing": False, **params})
    with pytest.raises(ValueError, match=f"(?s){message}"):
        search.fit(X, y)


def test_a_resource_that_not_every_setting_has_is_refused():
    pipeline = make_pipeline(StandardScaler(), GROWING)
    space = {"decisiontreeclassifier": [GROWING, LogisticRegression()]}
    resource = "decisiontreeclassifier__max_leaf_nodes"
    search = search_of("a parameter", estimator=pipeline, space=space, resource=resource)
    with pytest.raises(ValueError, match=r"(?s)'resource' parameter.*LogisticRegression"):
        search.fit(X, y)


def test_a_resource_is_no_step_and_no_switch():
    pipeline = make_pipeline(StandardScaler(), MLPClassifier())
    for resource in ("mlpclassifier", "mlpclassifier__early_stopping"):
        options = {"resource": resource, "max_resources": 9}
        search = search_of("a parameter", estimator=pipeline, space={}, **options)
        with pytest.raises(ValueError, match=f"'resource' .*takes integers. Got '{resource}'"):
            search.fit(X, y)


class FailsInTheEnd(DecisionTreeClassifier):
    def fit(self, X, y):
        if self.max_leaf_nodes == 27:
            raise MemoryError("too large")
        return super().fit(X, y)


@pytest.mark.parametrize("refit", [True, False])
def test_where_no_whole_evaluation_succeeds_there_is_no_best(refit):
    options = {"max_resources": 27, "max_evaluations": 4, "refit": refit, "cv": 3}
    search = search_of("a parameter", estimator=FailsInTheEnd(), **options)
    with pytest.raises(ValueError, match=r"(?s)All the .* fits failed.*too large"):
        search.fit(X, y)


def test_where_no_whole_call_succeeds_there_is_no_best():
    def fails_in_the_end(x, epochs):
        return np.nan if epochs == 27 else x

    options = {"resource": "epochs", "max_resources": 27, "max_evaluations": 5}
    with pytest.raises(ValueError, match="there is no best setting"):
        maximize(fails_in_the_end, {"x": range(99)}, **options)


def called(x, epochs, batch="no"):
    raise AssertionError("was called")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"resource": "epochs"}, "'max_resources' .* must be given .*'epochs'"),
        ({"resource": "steps", "max_resources": 3}, "'resource'.*an argument of.*Got 'steps'"),
        ({"resource": "x", "max_resources": 3}, "'resource' parameter names 'x'.*is searched"),
        (
            {"resource": "batch", "param_space": {"x": [1], "epochs": [1]}},
            "'max_resources' .* must be given .*'batch'",
        ),
        ({"resource": "epochs", "max_resources": 3, "min_resources": 4}, "'min_resources'"),
        (
            {"min_resources": 4, "param_space": {"x": [1], "epochs": [1]}},
            "'min_resources'.*without 'resource'",
        ),
    ],
)
def test_bad_input_of_a_function_is_told_before_it_is_called(params, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        maximize(called, **{"param_space": {"x": range(9)}, "error_score": "raise", **params})


def test_parameters_are_kept_by_clone_and_pickle():
    parts = {"racing": True, "resource": "n_samples", "min_resources": 5, "max_resources": 50}
    search = search_of("racing", **parts, factor=2)
    for copy in (clone(search), pickle.loads(pickle.dumps(search))):
        assert {**parts, "factor": 2}.items() <= copy.get_params().items()
    fitted = search.fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    assert_same_search(fitted, again)


def test_a_search_without_parts_has_nothing_of_an_earlier_fit():
    search = search_of("both").fit(X, y)
    search.set_params(racing=False, resource=None).fit(X, y)
    assert not {"n_splits", "n_resources"} & search.cv_results_.keys()
