"""Spaces and values for tests."""

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_natsel import Conditional

try:
    import pandas as pd
except ImportError:
    pd = None


RandomState = np.random.RandomState


class Rvs:
    """An object with rvs alone, as RandomizedSearchCV takes it."""

    def __init__(self, *values):
        self.values = values

    def rvs(self, random_state=None):
        return self.values[random_state.randint(len(self.values))]


LISTS = {
    "strings": ["linear", "rbf"],
    "None beside others": [None, 1, "auto", 0.5],
    "1, 1.0 and True": [1, 1.0, True],
    "0, 0.0 and False": [False, 0.0, 0],
    "dicts": [{"a": 1}, {"a": 2}, {}],
    "lists": [[1], [1, 2], []],
    "tuples": [(1,), (2, 3), ()],
    "sets": [{1}, {1, 2}],
    "estimators": [SVC(), LogisticRegression(), SVC(C=2)],
    "estimators, None and a string": [StandardScaler(), None, "passthrough"],
    "classes": [SVC, LogisticRegression],
    "functions": [len, max, np.mean],
    "NaN beside a string": [np.nan, "mean"],
    "infinity": [1.0, np.inf],
    "arrays": [np.array([1, 2]), np.array([1]), np.array([[1, 2]])],
    "one value": ["only"],
    "tuple": (1, "a"),
    "range": range(3, 9, 2),
    "integer array": np.arange(3),
    "float array": np.logspace(-2, 2, 5),
    "string array": np.array(["a", "b"]),
    "object array": np.array([None, "x", 2], dtype=object),
}


if pd is not None:
    LISTS |= {
        "series with another index": pd.Series([3, 1, 2], index=[7, 8, 9]),
        "series of strings": pd.Series(["a", "b"], index=["b", "a"]),
        "categorical series": pd.Series(["u", "v"], dtype="category"),
        "index": pd.Index([5, 6, 7]),
    }


DISTRIBUTIONS = {
    "loguniform": stats.loguniform(1e-3, 1e3),
    "uniform": stats.uniform(-2, 5),
    "norm": stats.norm(10, 2),
    "expon": stats.expon(scale=3),
    "cauchy": stats.cauchy(),
    "randint": stats.randint(1, 11),
    "randint of one value": stats.randint(4, 5),
    "binom": stats.binom(8, 0.3),
    "poisson": stats.poisson(3),
    "geom": stats.geom(0.2),
    "negative integers": stats.randint(-5, -1),
    "shifted poisson": stats.poisson(2, loc=-4),
    "gaps": stats.rv_discrete(values=([1, 5, 10], [0.2, 0.3, 0.5])),
}


CONTINUOUS = ["loguniform", "uniform", "norm", "expon", "cauchy"]


DISCRETE = [name for name in DISTRIBUTIONS if name not in CONTINUOUS]


def is_same(a, b):
    """Whether two values are the same to a user, by a rule of the test's own."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return type(a) is type(b) and a.shape == b.shape and bool((a == b).all())
    return type(a) is type(b) and (a is b or a == b)


def alleles_of(domain):
    return list(domain.alleles())


def is_text(value):
    return isinstance(value, str)


def is_positive(value):
    return isinstance(value, (int, float)) and value > 0


def never(value):
    return False


KERNELS = {
    "kernel": ["linear", "rbf", "poly"],
    "C": [1, 10],
    "gamma": Conditional([0.1, 1, 10], "kernel", ["rbf", "poly"]),
    "degree": Conditional([2, 3], "kernel", "poly"),
}


CHAIN = {
    "dropout": Conditional([0.1, 0.2], "layer_2", is_positive),
    "layer_2": Conditional([None, 8, 16], "layer_1", int),
    "layer_1": [None, 8, 16],
}


def key_of(setting):
    """Tell settings apart by the type of each value too: 1 is neither 1.0 nor True."""
    plain = {n: v.item() if isinstance(v, np.generic) else v for n, v in setting.items()}
    return frozenset((name, type(value), repr(value)) for name, value in plain.items())
