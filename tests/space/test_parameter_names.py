import pytest
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError
from spaces import KERNELS, Rvs

from sklearn_natsel import Conditional, GeneticSearchCV
from sklearn_natsel._space.parameter_names import check_names
from sklearn_natsel._space.space import Space

PIPELINE = Pipeline([("scale", StandardScaler()), ("clf", LogisticRegression())])


PLACEHOLDER = Pipeline([("scale", "passthrough"), ("clf", "passthrough")])


@pytest.mark.parametrize(
    ("estimator", "param_space"),
    [
        (SVC(), KERNELS),
        (SVC(), [{"C": [1]}, {"gamma": [1]}]),
        (PIPELINE, {"clf__C": [1], "scale__with_mean": [True], "clf": [LogisticRegression()]}),
        (PIPELINE, {"scale": [None, "passthrough"]}),
        (OneVsRestClassifier(SVC()), {"estimator__C": [1], "estimator": [SVC(), SVC(C=2)]}),
        (PLACEHOLDER, {"clf": [SVC(), LogisticRegression()], "clf__C": [1, 2]}),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), DecisionTreeClassifier()],
                "clf__C": Conditional([1], "clf", SVC),
                "clf__max_depth": Conditional([1], "clf", DecisionTreeClassifier),
            },
        ),
        (
            PLACEHOLDER,
            [
                {"clf": [SVC()], "clf__gamma": [1]},
                {"clf": [DecisionTreeClassifier()], "clf__max_depth": [1]},
            ],
        ),
        (
            PLACEHOLDER,
            {
                "clf": [OneVsRestClassifier(SVC()), DecisionTreeClassifier()],
                "clf__estimator__C": Conditional([1], "clf", OneVsRestClassifier),
            },
        ),
        (
            PLACEHOLDER,
            {
                "clf": [OneVsRestClassifier(SVC())],
                "clf__estimator": [SVC(), LogisticRegression()],
                "clf__estimator__C": [1, 2],
            },
        ),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), DecisionTreeClassifier()],
                "clf__kernel": Conditional(["rbf", "linear"], "clf", SVC),
                "clf__gamma": Conditional([1], "clf__kernel", "rbf"),
            },
        ),
        (PLACEHOLDER, {"clf": Rvs(SVC(), LogisticRegression()), "clf__C": [1]}),
    ],
)
def test_names_of_the_estimator_and_of_estimators_in_the_space_are_known(estimator, param_space):
    check_names(Space(param_space), estimator)


@pytest.mark.parametrize(
    ("estimator", "param_space", "parts"),
    [
        (SVC(), {"Q": [1], "C": [1], "kernal": ["rbf"]}, ["'Q'", "'kernal'", "SVC()", "'kernel'"]),
        (SVC(), [{"C": [1]}, {"Q": [1]}, {"kernal": [1]}], ["'Q'", "'kernal'"]),
        (SVC(), {"C": [1, 2], "Q": Conditional([1], "C", 1)}, ["'Q'"]),
        (SVC(), {"svc__C": [1]}, ["'svc__C'"]),
        (
            PIPELINE,
            {"C": [1], "clf__gamma": [1], "svc__C": [1]},
            ["'C'", "'clf__gamma'", "'svc__C'"],
        ),
        (
            PLACEHOLDER,
            {"clf": [SVC(), DecisionTreeClassifier()], "clf__C": [1]},
            ["'clf__C'", "DecisionTreeClassifier()", "'clf'"],
        ),
        (
            PLACEHOLDER,
            {"clf": [SVC(), "passthrough"], "clf__C": [1]},
            ["'clf__C'", "'passthrough'", "'clf'"],
        ),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), LogisticRegression()],
                "clf__gamma": Conditional([1], "clf", LogisticRegression),
            },
            ["'clf__gamma'", "LogisticRegression()", "'clf'"],
        ),
        (
            PLACEHOLDER,
            [{"clf": [SVC()], "clf__max_depth": [1]}, {"clf": [DecisionTreeClassifier()]}],
            ["'clf__max_depth'", "SVC()", "'clf'"],
        ),
        (
            PLACEHOLDER,
            [{"clf": [SVC()]}, {"scale": ["passthrough"], "clf__C": [1]}],
            ["'clf__C'"],
        ),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), DecisionTreeClassifier()],
                "clf__kernel": Conditional(["rbf", "linear"], "clf", SVC),
                "clf__alpha": Conditional([1], "clf__kernel", "rbf"),
            },
            ["'clf__alpha'", "'clf'"],
        ),
        (
            PLACEHOLDER,
            {"clf": [SVC, LogisticRegression], "clf__C": [1]},
            ["'clf__C'", "SVC", "'clf'"],
        ),
    ],
)
def test_unknown_names_are_all_named_at_once(estimator, param_space, parts):
    with pytest.raises(InvalidParameterError) as caught:
        check_names(Space(param_space), estimator)
    message = str(caught.value)
    assert "'param_space'" in message
    assert "Valid names are" in message
    for part in parts:
        assert part in message


def test_known_names_are_not_called_unknown():
    with pytest.raises(InvalidParameterError) as caught:
        check_names(Space({"Q": [1], "C": [1], "tol": [1]}), SVC())
    complaint = str(caught.value).split("Valid names")[0]
    assert "'C'" not in complaint
    assert "'tol'" not in complaint


@pytest.mark.parametrize(
    ("estimator", "param_space"),
    [
        (PIPELINE, {"steps": [[("b", SVC())], [("b", LinearSVC())]], "b__C": [1, 2]}),
        (PIPELINE, [{"clf__C": [1]}, {"steps": [[("b", SVC())]], "b__C": [1, 2]}]),
        (
            VotingClassifier([("a", SVC())]),
            {"estimators": [[("b", SVC())], [("b", SVC()), ("c", GaussianNB())]], "b__C": [1, 2]},
        ),
        (
            make_pipeline(FeatureUnion([("x", PCA(1))])),
            {
                "featureunion__transformer_list": [[("p", PCA(2))]],
                "featureunion__p__n_components": [1, 2],
            },
        ),
    ],
)
def test_a_name_may_belong_to_what_another_value_brings(estimator, param_space):
    check_names(Space(param_space), estimator)
    with pytest.raises(InvalidParameterError, match="'b__wrong'"):
        check_names(Space({"steps": [[("b", SVC())]], "b__wrong": [1]}), PIPELINE)


def test_a_name_must_fit_every_choice_whatever_the_estimator_has_now():
    # The Pipeline's own step has C, but the tree that may take its place has not.
    param_space = {"clf": [LogisticRegression(), DecisionTreeClassifier()], "clf__C": [1, 10]}
    with pytest.raises(InvalidParameterError, match=r"'clf__C'.*DecisionTreeClassifier"):
        check_names(Space(param_space), PIPELINE)


class Net(BaseEstimator):
    """Makes its optimizer from a name or a class and hands parameters on, as wrappers do."""

    def __init__(self, optimizer="sgd", hidden=4, **handed_on):
        self.optimizer = optimizer
        self.hidden = hidden
        vars(self).update(handed_on)

    def get_params(self, deep=True):
        return dict(vars(self))

    def set_params(self, **params):
        for name in params:
            if name not in vars(self) and not name.startswith("optimizer__"):
                raise ValueError(f"Invalid parameter {name}")
        vars(self).update(params)
        return self

    def fit(self, X, y):
        return self

    def score(self, X, y):
        return getattr(self, "optimizer__rate", 0)


class Adam:
    pass


@pytest.mark.parametrize("optimizers", [["sgd", "adam"], [Adam, "sgd"], [Adam()]])
@pytest.mark.parametrize(
    ("estimator", "prefix"),
    [
        (Net(), ""),
        (Pipeline([("net", Net())]), "net__"),
        (OneVsRestClassifier(Pipeline([("net", Net())])), "estimator__net__"),
    ],
)
def test_a_name_may_be_taken_beside_a_value_without_parameters(estimator, prefix, optimizers):
    space = {f"{prefix}optimizer": optimizers, f"{prefix}optimizer__rate": [0.1, 0.2]}
    check_names(Space(space), estimator)
    only_first = Conditional([0.1, 0.2], f"{prefix}optimizer", optimizers[:1])
    check_names(Space({**space, f"{prefix}optimizer__rate": only_first}), estimator)


def test_a_name_may_be_taken_beside_a_value_of_an_estimator_in_the_space():
    space = {
        "net": [Net(), Net(hidden=8)],
        "net__optimizer": ["sgd", "adam"],
        "net__optimizer__rate": [0.1, 0.2],
    }
    check_names(Space(space), Pipeline([("net", "passthrough")]))


@pytest.mark.parametrize(
    ("space", "told"),
    [
        ({"optimizer": ["sgd"], "optimiser__rate": [0.1]}, "'optimiser__rate'"),
        ({"hidden": [1, 2], "hidden__rate": [0.1]}, "'hidden__rate' (not a parameter of 1"),
    ],
)
def test_mistakes_beside_a_value_without_parameters_are_told(space, told):
    with pytest.raises(InvalidParameterError) as caught:
        check_names(Space(space), Net())
    assert told in str(caught.value)


def test_both_are_set_in_a_search_as_by_grid_search():
    X, y = load_iris(return_X_y=True)
    space = {"optimizer": ["sgd", "adam"], "optimizer__rate": [0.1, 0.3]}
    grid = GridSearchCV(Net(), space, cv=2).fit(X, y)
    search = GeneticSearchCV(Net(), space, cv=2, random_state=0).fit(X, y)
    assert search.n_evaluations_ == len(grid.cv_results_["params"]) == 4
    assert search.best_score_ == grid.best_score_ == 0.3


def test_names_of_skorch():
    torch, skorch = pytest.importorskip("torch"), pytest.importorskip("skorch")

    class Module(torch.nn.Module):
        def __init__(self, hidden=2):
            super().__init__()
            self.layers = torch.nn.Sequential(
                torch.nn.Linear(4, hidden), torch.nn.Linear(hidden, 3), torch.nn.Softmax(-1)
            )

        def forward(self, X):
            return self.layers(X)

    X, y = load_iris(return_X_y=True)
    net = skorch.NeuralNetClassifier(Module, max_epochs=1, verbose=0, train_split=None)
    space = {
        "optimizer": [torch.optim.SGD, torch.optim.Adam],
        "optimizer__momentum": Conditional([0.1, 0.9], "optimizer", [torch.optim.SGD]),
        "module": [Module],
        "module__hidden": [2, 3],
    }
    search = GeneticSearchCV(net, space, cv=2, random_state=0, error_score="raise", refit=False)
    search.fit(X.astype("float32"), y.astype("int64"))
    assert search.n_evaluations_ == 6
    with pytest.raises(InvalidParameterError, match="'lr__x'"):
        check_names(Space({"lr": [0.1], "lr__x": [1]}), net)


def test_names_of_scikeras():
    wrappers = pytest.importorskip("scikeras.wrappers")
    classifier = wrappers.KerasClassifier(model=len, optimizer="adam")
    space = {"optimizer": ["sgd", "adam"], "optimizer__learning_rate": [0.1, 0.01]}
    check_names(Space(space), classifier)
    with pytest.raises(InvalidParameterError, match="'optimiser__learning_rate'"):
        check_names(Space({"optimizer": ["sgd"], "optimiser__learning_rate": [0.1]}), classifier)
