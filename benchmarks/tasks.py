"""What the searchers are compared on: results that are looked up, and live estimators."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.stats import loguniform, randint, uniform
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.svm import SVC, SVR

from sklearn_natsel import Conditional, lograndint


@dataclass(frozen=True)
class Task:
    """An estimator, the space to search, and the data to search it on.

    Parameters
    ----------
    name : str
        How reports call the task.
    estimator : estimator
        The estimator to tune.
    space : dict
        Parameter names with lists of choices or frozen distributions of scipy.stats; `Conditional`
        where a parameter exists for some choices of another one alone.
    X, y : ndarray
        The data.
    cv : list of (train, test)
        The splits, drawn once, so that every setting of every searcher sees the same ones.
    scoring : str, default=None
        The metric; None asks the estimator.
    best, median : float, default=nan
        The best and the median score of the whole space, where these are known.
    """

    name: str
    estimator: BaseEstimator
    space: dict
    X: np.ndarray
    y: np.ndarray
    cv: list
    scoring: str | None = None
    best: float = np.nan
    median: float = np.nan

    @property
    def is_conditional(self):
        """Whether some parameters exist only for some choices of another one."""
        return any(isinstance(values, Conditional) for values in self.space.values())

    def regret(self, score):
        """Normalised regret: 0 is the best setting of the space, 1 the median one."""
        return (self.best - score) / (self.best - self.median)


# What is looked up is not trained.
_NO_DATA = {
    "X": np.zeros((4, 1)),
    "y": np.zeros(4),
    "cv": [(np.array([0, 1]), np.array([2, 3]))],
}


class Table:
    """The score of every setting of a grid, and how long its training took.

    Parameters
    ----------
    axes : dict
        Parameter names with their lists of choices, in the order of the axes.
    scores, seconds : ndarray
        One axis per parameter.
    """

    def __init__(self, axes, scores, seconds):
        self.axes = axes
        self.scores = scores
        self.seconds = seconds
        self._positions = [{v: i for i, v in enumerate(values)} for values in axes.values()]

    def __deepcopy__(self, memo):
        # A table never changes: clones of an estimator share it instead of copying it.
        return self

    def look_up(self, setting):
        """Return the score of a setting, given as a dict."""
        return float(self.scores[self._index(setting)])

    def seconds_of(self, setting):
        """Return how long the training of a setting took."""
        return float(self.seconds[self._index(setting)])

    def _index(self, setting):
        pairs = zip(self._positions, self.axes, strict=True)
        return tuple(places[setting[name]] for places, name in pairs)


class TableEstimator(RegressorMixin, BaseEstimator):
    """An estimator whose score is looked up.

    Its parameters are those of the table, so that a search runs through the same code as a
    user's. A parameter that has not been set is None, which is no choice of any table: no
    searcher gets a head start from defaults.

    Parameters
    ----------
    table : Table
        The scores.
    **setting : object
        The choice for each parameter of the table.
    """

    def __init__(self, table, **setting):
        self.table = table
        for name in table.axes:
            setattr(self, name, setting.get(name))

    def get_params(self, deep=True):
        """Return the table and the present setting."""
        return {name: getattr(self, name) for name in ("table", *self.table.axes)}

    def fit(self, X, y=None):
        """Do nothing: the training has been done already."""
        return self

    def score(self, X, y=None):
        """Return the score that the table holds for the present setting."""
        return self.table.look_up(vars(self))


@cache
def _onnx_session(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options)


class PredictedTable:
    """The accuracy of dense networks on a data set of LCBench, predicted by a network.

    It is that of YAHPO Gym, and without noise.

    Parameters
    ----------
    folder : Path
        Holds ``model.onnx`` and ``encoding.json``.
    instance : str
        The number of the data set on OpenML.
    """

    axes = {
        "batch_size": lograndint(16, 513),
        "learning_rate": loguniform(1e-4, 1e-1),
        "momentum": uniform(0.1, 0.89),
        "weight_decay": uniform(1e-5, 0.1 - 1e-5),
        "num_layers": randint(1, 6),
        "max_units": lograndint(64, 1025),
        "max_dropout": uniform(0, 1),
    }
    n_epochs = 52

    def __init__(self, folder, instance):
        self._path = str(folder / "model.onnx")
        codes = json.loads((folder / "encoding.json").read_text())
        self._code = codes["OpenML_task_id"][instance]

    def __deepcopy__(self, memo):
        return self

    def look_up(self, setting, n_epochs=n_epochs):
        """Return the accuracy on the validation data after so many epochs, in per cent."""
        session = _onnx_session(self._path)
        row = [n_epochs, *(setting[name] for name in self.axes)]
        category, numbers = (entry.name for entry in session.get_inputs())
        inputs = {
            category: np.array([[self._code]], np.int32),
            numbers: np.array([row], np.float32),
        }
        outputs = session.run(None, inputs)
        return float(np.concatenate([np.ravel(output) for output in outputs])[1])


def predicted_tasks(folder):
    """Return a task for each data set of the folder of LCBench."""
    with open(Path(folder) / "reference.csv", newline="") as file:
        references = list(csv.DictReader(file))
    return [
        Task(
            name=f"lcbench_{reference['instance']}",
            estimator=TableEstimator(PredictedTable(Path(folder), reference["instance"])),
            space=PredictedTable.axes,
            best=float(reference["top"]),
            median=float(reference["median"]),
            **_NO_DATA,
        )
        for reference in references
    ]


def load_table(path):
    """Read one table as a task.

    Parameters
    ----------
    path : Path
        A file with the arrays ``names``, ``values_<name>``, ``score`` and ``fit_time``.

    Returns
    -------
    task : Task
    """
    with np.load(path) as file:
        axes = {str(name): file[f"values_{name}"].tolist() for name in file["names"]}
        scores, seconds = file["score"].astype(float), file["fit_time"].astype(float)
    return Task(
        name=path.stem,
        estimator=TableEstimator(Table(axes, scores, seconds)),
        space=axes,
        best=scores.max(),
        median=np.median(scores),
        **_NO_DATA,
    )


def table_tasks(folder):
    """Read every table of a folder."""
    return [load_table(path) for path in sorted(Path(folder).glob("*.npz"))]


def _folds(X, y, classify=True):
    splitter = (StratifiedKFold if classify else KFold)(3, shuffle=True, random_state=0)
    return list(splitter.split(X, y))


def _some_digits(n_samples):
    X, y = load_digits(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(y))[:n_samples]
    return X[chosen] / 16, y[chosen]


def support_vectors():
    """Tune a support vector machine on digits: two continuous parameters and a kernel."""
    X, y = _some_digits(400)
    space = {
        "C": loguniform(1e-2, 1e3),
        "gamma": loguniform(1e-5, 1e1),
        "kernel": ["rbf", "poly", "sigmoid"],
        "class_weight": [None, "balanced"],
    }
    return Task("svc_digits", SVC(), space, X, y, _folds(X, y))


def support_vector_regression():
    """Tune support vector regression in a pipeline: three continuous parameters."""
    X, y = load_diabetes(return_X_y=True)
    estimator = Pipeline([("scale", StandardScaler()), ("svr", SVR())])
    space = {
        "svr__C": loguniform(1e-2, 1e3),
        "svr__gamma": loguniform(1e-5, 1e1),
        "svr__epsilon": loguniform(1e-2, 1e2),
    }
    return Task("svr_diabetes", estimator, space, X, y, _folds(X, y, classify=False))


def boosting():
    """Tune gradient boosting for regression."""
    X, y = load_diabetes(return_X_y=True)
    estimator = HistGradientBoostingRegressor(early_stopping=False, random_state=0)
    space = {
        "learning_rate": loguniform(1e-2, 1),
        "max_iter": randint(5, 80),
        "max_leaf_nodes": randint(2, 32),
        "min_samples_leaf": randint(1, 60),
        "l2_regularization": loguniform(1e-4, 1e3),
        "max_features": uniform(0.1, 0.9),
    }
    return Task("boosting_diabetes", estimator, space, X, y, _folds(X, y, classify=False))


def boosting_in_detail():
    """Tune all that gradient boosting has, for classification: eight scales."""
    X, y = load_breast_cancer(return_X_y=True)
    estimator = HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    space = {
        "learning_rate": loguniform(1e-2, 1),
        "max_iter": lograndint(5, 80),
        "max_leaf_nodes": lograndint(2, 65),
        "max_depth": randint(1, 13),
        "min_samples_leaf": lograndint(1, 101),
        "l2_regularization": loguniform(1e-6, 1e3),
        "max_features": uniform(0.1, 0.9),
        "max_bins": lograndint(4, 256),
    }
    return Task("boosting_cancer", estimator, space, X, y, _folds(X, y), "neg_log_loss")


def forest():
    """Tune a random forest; its log loss tells settings apart that classify alike."""
    X, y = load_breast_cancer(return_X_y=True)
    space = {
        "max_depth": randint(1, 16),
        "max_features": uniform(0.03, 0.97),
        "min_samples_split": randint(2, 21),
        "min_samples_leaf": randint(1, 21),
        "criterion": ["gini", "entropy"],
        "bootstrap": [True, False],
    }
    estimator = RandomForestClassifier(n_estimators=15, random_state=0)
    return Task("forest_cancer", estimator, space, X, y, _folds(X, y), "neg_log_loss")


def network():
    """Tune a small dense network, trained for a few epochs."""
    X, y = _some_digits(300)
    space = {
        "hidden_layer_sizes": randint(4, 129),
        "activation": ["relu", "tanh", "logistic"],
        "solver": ["adam", "sgd"],
        "alpha": loguniform(1e-6, 1e1),
        "batch_size": [8, 16, 32, 64, 128],
        "learning_rate_init": loguniform(1e-4, 1),
    }
    estimator = MLPClassifier(max_iter=8, random_state=0)
    return Task("network_digits", estimator, space, X, y, _folds(X, y), "neg_log_loss")


def pipeline():
    """Choose and tune a scaler, a reduction and a classifier together."""
    X, y = load_wine(return_X_y=True)
    steps = [("scale", StandardScaler()), ("reduce", PCA()), ("classify", KNeighborsClassifier())]
    space = {
        "scale": [StandardScaler(), MinMaxScaler(), RobustScaler(), "passthrough"],
        "reduce": [
            *(PCA(n, random_state=0) for n in (2, 4, 6, 8, 10)),
            *(SelectKBest(k=k) for k in (2, 4, 6, 8, 10)),
        ],
        "classify__n_neighbors": randint(1, 60),
        "classify__weights": ["uniform", "distance"],
        "classify__p": uniform(1, 3),
    }
    return Task("pipeline_wine", Pipeline(steps), space, X, y, _folds(X, y), "neg_log_loss")


def models():
    """Choose one of three models of regression and tune it: seven parameters, each of one model."""
    X, y = load_diabetes(return_X_y=True)
    space = {
        "model": [Ridge(), SVR(), RandomForestRegressor(n_estimators=15, random_state=0)],
        "model__alpha": Conditional(loguniform(1e-3, 1e3), "model", Ridge),
        "model__C": Conditional(loguniform(1e-2, 1e3), "model", SVR),
        "model__gamma": Conditional(loguniform(1e-5, 1e1), "model", SVR),
        "model__epsilon": Conditional(loguniform(1e-2, 1e2), "model", SVR),
        "model__max_depth": Conditional(randint(1, 16), "model", RandomForestRegressor),
        "model__max_features": Conditional(uniform(0.03, 0.97), "model", RandomForestRegressor),
        "model__min_samples_leaf": Conditional(randint(1, 41), "model", RandomForestRegressor),
    }
    steps = [("scale", StandardScaler()), ("model", Ridge())]
    return Task("models_diabetes", Pipeline(steps), space, X, y, _folds(X, y, classify=False))


def live_tasks():
    """Return the live tasks: real estimators on data that scikit-learn ships."""
    makers = (
        support_vectors,
        support_vector_regression,
        boosting,
        boosting_in_detail,
        forest,
        network,
        pipeline,
        models,
    )
    return [make() for make in makers]
