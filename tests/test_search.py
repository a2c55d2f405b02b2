"""GeneticSearchCV gives what GridSearchCV gives, on whatever data and with whatever scoring."""

import re

import numpy as np
import pytest
from scipy import sparse
from scipy.stats import loguniform
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import accuracy_score, make_scorer, recall_score
from sklearn.metrics.pairwise import linear_kernel
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    ShuffleSplit,
    cross_val_score,
)
from sklearn.neighbors import KernelDensity, KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import Conditional, GeneticSearchCV

SPACE_OF_24 = {"max_depth": [1, 2, 3, 4], "min_samples_leaf": range(1, 7)}
OWN_COLUMNS = {"generation", "origin", "parent_1", "parent_2"}


def search_all(estimator, space, **params):
    """Search a finite space until nothing of it is left."""
    options = {"n_generations": 1000, "random_state": 0, **params}
    return GeneticSearchCV(estimator, space, **options)


def key(params):
    return tuple(sorted((name, repr(value)) for name, value in params.items()))


def assert_results_agree(search, grid):
    """Compare the rows of `cv_results_`, which stand in another order, times aside."""
    ours, theirs = search.cv_results_, grid.cv_results_
    assert set(ours) == set(theirs) | OWN_COLUMNS
    row_of = {key(params): row for row, params in enumerate(ours["params"])}
    assert len(row_of) == len(ours["params"]) == len(theirs["params"])
    rows = [row_of[key(params)] for params in theirs["params"]]
    assert isinstance(ours["params"], list)
    for name in set(theirs) - {"params"}:
        assert type(ours[name]) is type(theirs[name]), name
        assert ours[name].dtype == theirs[name].dtype, name
        assert ours[name].shape == theirs[name].shape, name
        if name.endswith("_time"):
            assert np.all(ours[name] >= 0)
            continue
        if isinstance(theirs[name], np.ma.MaskedArray):
            np.testing.assert_array_equal(ours[name].mask[rows], theirs[name].mask, err_msg=name)
        np.testing.assert_array_equal(ours[name][rows], theirs[name], err_msg=name)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


def tree():
    return DecisionTreeClassifier(random_state=0)


# The same as GridSearchCV


@pytest.mark.parametrize("return_train_score", [False, True])
@pytest.mark.parametrize(
    "scoring",
    [
        None,
        "balanced_accuracy",
        make_scorer(recall_score, average="macro"),
        ["accuracy", "neg_log_loss"],
        ("accuracy", "f1_macro"),
        {"right": "accuracy", "recall": make_scorer(recall_score, average="macro")},
    ],
    ids=["default", "name", "scorer", "list", "tuple", "dict"],
)
def test_rows_equal_those_of_grid_search(iris, scoring, return_train_score):
    multimetric = isinstance(scoring, (list, tuple, dict))
    options = {
        "scoring": scoring,
        "refit": next(iter(scoring)) if multimetric else True,
        "return_train_score": return_train_score,
        "cv": 3,
    }
    search = search_all(tree(), SPACE_OF_24, **options).fit(*iris)
    grid = GridSearchCV(tree(), SPACE_OF_24, **options).fit(*iris)
    assert_results_agree(search, grid)
    assert search.best_score_ == grid.best_score_
    assert search.multimetric_ is grid.multimetric_ is multimetric
    assert search.n_splits_ == grid.n_splits_ == 3
    assert type(search.scorer_) is type(grid.scorer_)
    if multimetric:
        assert search.scorer_.keys() == grid.scorer_.keys()
    assert search.refit_time_ > 0


@pytest.mark.parametrize(
    ("estimator", "space"),
    [
        (
            SVC(),
            [
                {"kernel": ["linear"], "C": [1, 10]},
                {"kernel": ["rbf"], "C": [1], "gamma": [0.1, 1.0]},
            ],
        ),
        (
            Pipeline([("scale", "passthrough"), ("classify", KNeighborsClassifier())]),
            {
                "scale": [StandardScaler(), MinMaxScaler(), "passthrough", None],
                "classify__n_neighbors": [1, 5],
                "classify__weights": ["uniform", "distance"],
            },
        ),
        (SVC(), {"class_weight": [None, "balanced", {0: 2.0}], "shrinking": [True, False]}),
        (SVC(), {"C": np.array([0.5, 1.0, 2.0]), "degree": np.array([2, 3])}),
        (SVC(), {"gamma": ["scale", "auto", 0.1], "C": (1, 2.5)}),
    ],
    ids=["list of dicts", "estimators", "dicts and bools", "arrays", "mixed types"],
)
def test_any_values_give_the_columns_of_grid_search(iris, estimator, space):
    search = search_all(estimator, space, cv=2).fit(*iris)
    grid = GridSearchCV(estimator, space, cv=2).fit(*iris)
    assert_results_agree(search, grid)
    assert search.best_score_ == grid.best_score_


@pytest.mark.parametrize("space", [{}, [{}, {"C": [0.1, 10]}]], ids=repr)
def test_an_empty_dict_stands_for_the_estimator_as_it_is(iris, space):
    search = search_all(SVC(), space, cv=2).fit(*iris)
    grid = GridSearchCV(SVC(), space, cv=2).fit(*iris)
    assert_results_agree(search, grid)
    assert search.best_score_ == grid.best_score_


class Preset(BaseEstimator):
    """Has a parameter that sets another one."""

    def __init__(self, constant=0, preset=0):
        self.constant = constant
        self.preset = preset

    def set_params(self, **params):
        for name, value in params.items():
            setattr(self, name, value)
            if name == "preset":
                self.constant = value + 1
        return self

    def fit(self, X, y):
        return self

    def score(self, X, y):
        return self.constant


@pytest.mark.parametrize("names", [("constant", "preset"), ("preset", "constant")])
def test_parameters_are_set_in_the_order_of_grid_search(iris, names):
    space = {name: [5] for name in names}
    search = search_all(Preset(), space, cv=2).fit(*iris)
    grid = GridSearchCV(Preset(), space, cv=2).fit(*iris)
    assert search.best_score_ == grid.best_score_ == search.best_estimator_.constant
    columns = [[n for n in s.cv_results_ if n.startswith("param_")] for s in (search, grid)]
    assert columns[0] == columns[1]


def test_conditional_space_equals_the_list_of_grids_it_stands_for(iris):
    space = {
        "kernel": ["linear", "rbf", "poly"],
        "gamma": Conditional([0.1, 1.0], "kernel", ["rbf", "poly"]),
        "degree": Conditional([2, 3], "kernel", "poly"),
    }
    grids = [
        {"kernel": ["linear"]},
        {"kernel": ["rbf"], "gamma": [0.1, 1.0]},
        {"kernel": ["poly"], "gamma": [0.1, 1.0], "degree": [2, 3]},
    ]
    search = search_all(SVC(), space, cv=2).fit(*iris)
    assert_results_agree(search, GridSearchCV(SVC(), grids, cv=2).fit(*iris))


def test_finite_space_is_covered_once_each(iris):
    search = search_all(tree(), SPACE_OF_24).fit(*iris)
    settings = [tuple(params.values()) for params in search.cv_results_["params"]]
    assert sorted(settings) == [(d, leaf) for d in range(1, 5) for leaf in range(1, 7)]
    assert search.n_evaluations_ == 24
    assert search.stop_reason_ == "space_exhausted"


def test_rows_stand_in_the_order_of_breeding(iris):
    results = (
        search_all(tree(), SPACE_OF_24, initial_params={"max_depth": 4}).fit(*iris).cv_results_
    )
    generation, origin = results["generation"], results["origin"]
    assert np.all(np.diff(generation) >= 0)
    assert origin[0] == "initial"
    assert set(origin) <= {
        "initial",
        "default",
        "random",
        "mutation",
        "crossover",
        "crossover+mutation",
    }
    bred = np.array(["crossover" in how for how in origin])
    assert bred.any()
    rows = np.arange(len(origin))
    for parent in (results["parent_1"], results["parent_2"]):
        assert np.all(parent[~bred] == -1)
        assert np.all((parent[bred] >= 0) & (parent[bred] < rows[bred]))
        assert np.all(generation[parent[bred]] < generation[bred])
    assert np.all(results["parent_1"][bred] != results["parent_2"][bred])


def test_own_parameters_are_the_first_candidate_if_they_lie_in_the_space(iris):
    space = {"C": loguniform(1e-3, 1e3), "kernel": ["linear", "rbf"]}
    search = GeneticSearchCV(SVC(C=7.25, kernel="linear"), space, max_evaluations=3, random_state=0)
    results = search.fit(*iris).cv_results_
    assert results["params"][0] == {"C": 7.25, "kernel": "linear"}
    assert results["origin"][0] == "default"
    search.set_params(estimator__kernel="poly")
    assert "default" not in search.fit(*iris).cv_results_["origin"]


class Remember(BaseEstimator):
    """Remembers the data that it was fitted on."""

    seen = []

    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y):
        Remember.seen.append(X.tobytes())
        return self

    def score(self, X, y):
        return self.x


def test_unseeded_shuffling_cv_gives_every_candidate_the_same_folds(iris):
    Remember.seen.clear()
    cv = ShuffleSplit(n_splits=2, test_size=0.3)
    search = search_all(Remember(), {"x": range(29)}, cv=cv, refit=False).fit(*iris)
    assert search.n_generations_ > 1
    assert len(Remember.seen) == 2 * 29
    assert len(set(Remember.seen)) == 2


def test_cv_may_be_an_iterator_that_can_be_consumed_once(iris):
    splits = KFold(3, shuffle=True, random_state=0).split(*iris)
    search = search_all(tree(), {"max_depth": range(1, 15)}, cv=splits).fit(*iris)
    listed = list(KFold(3, shuffle=True, random_state=0).split(*iris))
    grid = GridSearchCV(tree(), {"max_depth": range(1, 15)}, cv=listed).fit(*iris)
    assert_results_agree(search, grid)


def test_cv_that_contradicts_itself_is_an_error(iris):
    class Liar(KFold):
        def get_n_splits(self, *args, **kwargs):
            return 7

    with pytest.raises(ValueError, match="Expected 7 splits, got 3"):
        search_all(tree(), {"max_depth": [1, 2]}, cv=Liar(3)).fit(*iris)


# Refit


def simplest_within_one_standard_error(results):
    mean, std = results["mean_test_score"], results["std_test_score"]
    best = np.argmax(mean)
    depth = np.asarray(results["param_max_depth"], dtype=int)
    good = np.flatnonzero(mean >= mean[best] - std[best])
    return int(good[np.argmin(depth[good])])


def test_refit_by_the_one_standard_error_rule(iris):
    options = {"refit": simplest_within_one_standard_error, "cv": 5}
    search = search_all(tree(), {"max_depth": [1, 2, 3, 4, 5]}, **options).fit(*iris)
    grid = GridSearchCV(tree(), {"max_depth": [1, 2, 3, 4, 5]}, **options).fit(*iris)
    assert search.best_params_ == grid.best_params_ == {"max_depth": 2}
    assert search.cv_results_["params"][search.best_index_] == {"max_depth": 2}
    assert search.best_estimator_.max_depth == 2
    assert hasattr(search, "best_score_") is hasattr(grid, "best_score_") is False


@pytest.mark.parametrize(
    ("index", "error"), [(10**6, IndexError), (-1, IndexError), (0.5, TypeError)]
)
def test_refit_callable_that_returns_no_row_is_an_error(iris, index, error):
    with pytest.raises(error, match="best_index_"):
        search_all(tree(), {"max_depth": [1, 2]}, refit=lambda results: index).fit(*iris)


BEST = ["best_index_", "best_params_", "best_score_", "best_estimator_", "refit_time_"]


def several_scores(estimator, X, y):
    predicted = estimator.predict(X)
    return {"right": accuracy_score(y, predicted), "depth": -estimator.get_depth()}


@pytest.mark.parametrize(
    ("scoring", "refit"),
    [
        (None, True),
        (None, False),
        (["accuracy", "f1_macro"], "f1_macro"),
        (["accuracy", "f1_macro"], False),
        (["accuracy", "f1_macro"], lambda results: 0),
        (several_scores, "depth"),
        (several_scores, False),
        (several_scores, lambda results: 0),
    ],
)
def test_attributes_are_those_of_grid_search(iris, scoring, refit):
    space = {"max_depth": [1, 2, 3]}
    search = search_all(tree(), space, scoring=scoring, refit=refit).fit(*iris)
    grid = GridSearchCV(tree(), space, scoring=scoring, refit=refit).fit(*iris)
    assert_results_agree(search, grid)
    assert [name for name in BEST if hasattr(search, name)] == [
        name for name in BEST if hasattr(grid, name)
    ]
    for method in ("predict", "score", "predict_proba", "classes_", "n_features_in_"):
        assert hasattr(search, method) is hasattr(grid, method)
    if isinstance(refit, str):
        assert search.best_score_ == grid.best_score_
        assert search.score(*iris) == grid.score(*iris)


def test_a_second_fit_leaves_nothing_of_the_first(iris):
    search = search_all(tree(), {"max_depth": range(1, 9)}).fit(*iris)
    assert [name for name in BEST if hasattr(search, name)] == BEST
    search.set_params(scoring=["accuracy", "f1_macro"], refit=False).fit(*iris)
    assert not [name for name in BEST if hasattr(search, name)]
    search.set_params(scoring=None, refit=lambda results: 1).fit(*iris)
    assert search.best_index_ == 1
    assert not hasattr(search, "best_score_")


@pytest.mark.filterwarnings("ignore:None of the first")
def test_a_second_fit_that_fails_leaves_the_first_as_it_was(iris):
    search = search_all(tree(), {"max_depth": range(1, 9)}).fit(*iris)
    before = {name: value for name, value in vars(search).items() if name.endswith("_")}
    with pytest.raises(ValueError, match="All the 5 fits failed"):
        search.set_params(param_space={"max_depth": [-1]}).fit(*iris)
    assert before == {name: value for name, value in vars(search).items() if name.endswith("_")}


@pytest.mark.parametrize("refit", [True, "unknown"])
@pytest.mark.parametrize("scoring", [["accuracy", "f1_macro"], several_scores])
def test_refit_that_is_no_metric_is_explained(iris, scoring, refit):
    with pytest.raises(ValueError, match=f"refit must be set to a scorer key.*{refit}"):
        search_all(tree(), {"max_depth": [1, 2, 3]}, scoring=scoring, refit=refit).fit(*iris)


def depth_first(estimator, X, y):
    """Return two metrics that contradict each other: the first one likes deep trees."""
    return {"deep": estimator.max_depth, "shallow": -estimator.max_depth}


@pytest.mark.parametrize(
    ("refit", "metric"),
    [("deep", "deep"), ("shallow", "shallow"), (False, "deep"), (lambda results: 3, "deep")],
)
def test_fitness_is_the_refit_metric_else_the_first_one(iris, refit, metric):
    search = search_all(tree(), {"max_depth": range(1, 30)}, scoring=depth_first, refit=refit, cv=2)
    search.fit(*iris)
    best = np.max(search.cv_results_[f"mean_test_{metric}"])
    assert search.evolution_history_["best_so_far"][-1] == best


def test_fitness_is_the_first_of_a_list_of_metrics(iris):
    scoring = ["neg_log_loss", "accuracy"]
    search = search_all(tree(), SPACE_OF_24, scoring=scoring, refit=False).fit(*iris)
    best = search.cv_results_["mean_test_neg_log_loss"].max()
    assert search.evolution_history_["best_so_far"][-1] == best


def test_best_estimator_does_not_share_estimators_with_the_space(iris):
    scalers = [StandardScaler(), MinMaxScaler()]
    pipeline = Pipeline([("scale", "passthrough"), ("classify", SVC())])
    search = search_all(pipeline, {"scale": scalers}).fit(*iris)
    assert hasattr(search.best_estimator_["scale"], "scale_")
    assert not any(hasattr(scaler, "scale_") for scaler in scalers)
    assert not hasattr(search.best_params_["scale"], "scale_")


# Data of every kind


def as_pandas(X, y):
    pd = pytest.importorskip("pandas")
    return pd.DataFrame(X, columns=list("abcd")), pd.Series(y)


def as_polars(X, y):
    pl = pytest.importorskip("polars")
    return pl.DataFrame(X, schema=list("abcd")), y


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    "convert",
    [
        as_pandas,
        as_polars,
        lambda X, y: (sparse.csr_matrix(X), y),
        lambda X, y: (sparse.csr_array(X), y),
        lambda X, y: (X.tolist(), y.tolist()),
        lambda X, y: (X.astype(np.float32), y.astype(str)),
    ],
    ids=["pandas", "polars", "sparse matrix", "sparse array", "lists", "strings"],
)
def test_containers(iris, convert, n_jobs):
    X, y = convert(*iris)
    space = {"C": [0.01, 0.1, 1.0]}
    search = search_all(SVC(), space, cv=2, n_jobs=n_jobs).fit(X, y)
    grid = GridSearchCV(SVC(), space, cv=2).fit(X, y)
    assert_results_agree(search, grid)
    np.testing.assert_array_equal(search.predict(X), grid.predict(X))


class LengthClassifier(KNeighborsClassifier):
    """Classifies texts by their lengths, to show that X need not be an array."""

    def fit(self, X, y):
        return super().fit([[len(text)] for text in X], y)

    def predict(self, X):
        return super().predict([[len(text)] for text in X])


def test_texts():
    texts = ["a", "bb", "cccc", "ddddd"] * 10
    labels = [0, 0, 1, 1] * 10
    search = search_all(LengthClassifier(), {"n_neighbors": [1, 3]}).fit(texts, labels)
    assert search.best_score_ == 1.0


def test_precomputed_kernel_is_split_on_both_sides(iris):
    X, y = iris
    kernel = linear_kernel(X)
    search = search_all(SVC(kernel="precomputed"), {"C": [0.1, 1.0]}).fit(kernel, y)
    grid = GridSearchCV(SVC(kernel="linear"), {"C": [0.1, 1.0]}).fit(X, y)
    assert_results_agree(search, grid)
    np.testing.assert_array_equal(search.predict(kernel), grid.predict(X))


def test_multi_output_regression():
    X, y = load_diabetes(return_X_y=True)
    Y = np.column_stack([y, -y])
    search = search_all(Ridge(), {"alpha": [0.1, 1.0, 10.0]}).fit(X, Y)
    assert_results_agree(search, GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}).fit(X, Y))
    assert search.predict(X).shape == Y.shape


def test_multilabel_classification():
    X, Y = make_multilabel_classification(n_samples=60, random_state=0)
    estimator, space = KNeighborsClassifier(), {"n_neighbors": [1, 5]}
    search = search_all(estimator, space).fit(X, Y)
    assert_results_agree(search, GridSearchCV(estimator, space).fit(X, Y))


def negative_inertia(estimator, X, y=None):
    assert y is None
    return estimator.score(X)


@pytest.mark.parametrize(
    ("estimator", "space", "scoring"),
    [
        (KMeans(random_state=0, n_init=1), {"n_clusters": [2, 3, 5]}, None),
        (KernelDensity(), {"bandwidth": [0.1, 0.5, 1.0]}, None),
        (KMeans(random_state=0, n_init=1), {"n_clusters": [2, 3, 5]}, negative_inertia),
        (PCA(), {"n_components": [1, 2, 3]}, None),
    ],
    ids=["KMeans", "KernelDensity", "KMeans with a scorer", "PCA"],
)
def test_unsupervised_without_y(iris, estimator, space, scoring):
    X, _ = iris
    search = search_all(estimator, space, scoring=scoring).fit(X)
    grid = GridSearchCV(estimator, space, scoring=scoring).fit(X)
    assert_results_agree(search, grid)
    assert search.score(X) == grid.score(X)


def test_estimator_without_score_needs_scoring(iris):
    class NoScore:
        def fit(self, X, y=None):
            return self

        def get_params(self, deep=True):
            return {"a": 1}

        def set_params(self, a):
            return self

    with pytest.raises(TypeError, match="score"):
        search_all(NoScore(), {"a": [1, 2]}).fit(*iris)


def test_groups_reach_the_splitter(iris):
    X, y = iris
    groups = np.arange(len(y)) % 4
    for cv in (GroupKFold(2), LeaveOneGroupOut()):
        search = search_all(tree(), {"max_depth": [1, 2, 3]}, cv=cv).fit(X, y, groups=groups)
        grid = GridSearchCV(tree(), {"max_depth": [1, 2, 3]}, cv=cv).fit(X, y, groups=groups)
        assert_results_agree(search, grid)
    with pytest.raises(ValueError, match="groups"):
        search.fit(X, y)


def test_nested_in_cross_validation(iris):
    X, y = iris
    search = search_all(tree(), {"max_depth": [1, 2, 3]}, cv=2, random_state=0)
    grid = GridSearchCV(tree(), {"max_depth": [1, 2, 3]}, cv=2)
    np.testing.assert_array_equal(cross_val_score(search, X, y), cross_val_score(grid, X, y))


def test_search_within_a_search(iris):
    inner = search_all(tree(), {"max_depth": [1, 2, 3]}, cv=2)
    outer = search_all(inner, {"estimator__criterion": ["gini", "entropy"]}, cv=2, n_jobs=2)
    outer.fit(*iris)
    assert outer.n_evaluations_ == 2
    assert outer.best_estimator_.n_evaluations_ == 3
    assert outer.predict(iris[0]).shape == (150,)


def test_search_as_a_step_of_a_pipeline_and_over_a_pipeline(iris):
    space = {"alpha": [0.1, 10.0, 1000.0]}
    inside = make_pipeline(StandardScaler(), search_all(RidgeClassifier(), space)).fit(*iris)
    over = search_all(
        make_pipeline(StandardScaler(), RidgeClassifier()),
        {"ridgeclassifier__alpha": space["alpha"]},
    ).fit(*iris)
    assert inside[-1].best_params_["alpha"] == over.best_params_["ridgeclassifier__alpha"]
    np.testing.assert_array_equal(inside.predict(iris[0]), over.predict(iris[0]))


def test_fits_with_distributions(iris):
    X, y = load_diabetes(return_X_y=True)
    space = {"max_features": loguniform(0.1, 1.0), "min_samples_leaf": range(1, 30)}
    search = GeneticSearchCV(
        RandomForestRegressor(n_estimators=5, random_state=0),
        space,
        max_evaluations=12,
        cv=2,
        random_state=0,
    ).fit(X, y)
    values = search.cv_results_["param_max_features"].astype(float)
    assert np.all((values >= 0.1) & (values <= 1.0))
    assert search.best_score_ == search.cv_results_["mean_test_score"].max()
    assert search.best_params_ == search.cv_results_["params"][search.best_index_]


# Verbosity


def test_silent_by_default(iris, capsys):
    search_all(tree(), {"max_depth": [1, 2, 3]}).fit(*iris)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_verbose_prints_a_line_by_generation(iris, capsys):
    search = search_all(tree(), {"max_depth": range(1, 30)}, verbose=1).fit(*iris)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == search.n_generations_ > 1
    for number, line in enumerate(lines):
        assert str(number) in line
        best = float(re.search(r"best so far ([\d.]+)", line)[1])
        assert best == pytest.approx(search.evolution_history_["best_so_far"][number], rel=1e-3)


@pytest.mark.parametrize("verbose", [2, 3, 10])
def test_higher_verbosity_prints_each_fit(iris, capsys, verbose):
    search_all(tree(), {"max_depth": [1, 2, 3]}, verbose=verbose, cv=2).fit(*iris)
    out = capsys.readouterr().out
    assert out.count("END ") == 6
    assert "max_depth=3" in out
