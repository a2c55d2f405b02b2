"""Growing resources on real trainings: the time to the score of a random search.

The target is the best score of 50 random settings. Each searcher runs until it has found a setting
at least as good, trained with all of the resource on all splits; random search draws its settings
anew with each seed, and a halving search is begun again while it has not found one. Time is that of
the processor, so that other work on the machine does not count; one price is that of an
evaluation with all of the resource.

    OMP_NUM_THREADS=1 python benchmarks/real_resources.py --seeds 3 --csv real.csv

The network is one of JAX.
"""

import argparse
import os
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from kept import run_all
from scipy.stats import loguniform, uniform
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_digits, make_classification
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.svm import SVC

from sklearn_natsel import GeneticSearchCV, lograndint

N_RANDOM = 50
FACTOR = 3


@dataclass(frozen=True)
class Training:
    """What is trained, and the resource that it can be given less of."""

    name: str
    estimator: BaseEstimator
    space: dict[str, Any]
    X: np.ndarray
    y: np.ndarray
    resource: str
    most: int
    scoring: str
    n_splits: int = 3

    def common(self):
        """Return the arguments that all searches take."""
        cv = StratifiedKFold(self.n_splits, shuffle=True, random_state=0)
        return {"scoring": self.scoring, "cv": cv, "refit": False}

    def score(self, setting):
        """Return the score of a setting with all of the resource, on all splits."""
        names = {name: value for name, value in setting.items() if name != self.resource}
        model = clone(self.estimator).set_params(**names)
        options = {"cv": self.common()["cv"], "scoring": self.scoring}
        return cross_val_score(model, self.X, self.y, **options).mean()


def boosting():
    """Tune gradient boosting; its trees are the resource."""
    X, y = make_classification(
        1200, n_features=20, n_informative=8, n_clusters_per_class=4, flip_y=0.1, random_state=0
    )
    space = {
        "learning_rate": loguniform(1e-2, 1),
        "max_leaf_nodes": lograndint(2, 65),
        "min_samples_leaf": lograndint(1, 101),
        "l2_regularization": loguniform(1e-6, 1e3),
        "max_features": uniform(0.1, 0.9),
    }
    model = HistGradientBoostingClassifier(max_iter=81, early_stopping=False, random_state=0)
    return Training("boosting", model, space, X, y, "max_iter", 81, "neg_log_loss")


def support_vectors():
    """Tune a support vector machine; the samples are the resource."""
    X, y = load_digits(return_X_y=True)
    space = {
        "C": loguniform(1e-2, 1e3),
        "gamma": loguniform(1e-5, 1e1),
        "kernel": ["rbf", "poly", "sigmoid"],
        "class_weight": [None, "balanced"],
    }
    return Training("svc", SVC(), space, X / 16, y, "n_samples", len(X), "accuracy")


def network():
    """Tune a dense network; its epochs are the resource."""
    from sklearn_natsel.keras import DenseClassifier

    X, y = load_digits(return_X_y=True)
    space = {
        "learning_rate": loguniform(1e-4, 1e-1),
        "dropout": uniform(0, 0.6),
        "input_dropout": uniform(0, 0.4),
        "optimizer": ["adam", "sgd"],
        "n_hidden_layers": [1, 2],
        "neurons": [32, 64, 128],
    }
    model = DenseClassifier(epochs=27, batch_size=64, random_state=0)
    return Training("network", model, space, X / 16, y, "epochs", 27, "neg_log_loss", 2)


def natsel(training, target, most, seed, **parameters):
    """Search with GeneticSearchCV until the target is reached."""
    search = GeneticSearchCV(
        training.estimator,
        training.space,
        max_evaluations=most,
        target_score=target,
        random_state=seed,
        **training.common(),
        **parameters,
    ).fit(training.X, training.y)
    history = search.evolution_history_
    if "n_resources" in history:
        whole = max(search.cv_results_["n_resources"]) * training.n_splits
        return search.best_score_, history["n_resources"][-1] / whole
    return search.best_score_, search.n_evaluations_


def natsel_resource(training, target, most, seed):
    """Search with GeneticSearchCV and the resource."""
    return natsel(training, target, most, seed, resource=training.resource)


def random(training, target, most, seed):
    """Search at random, some settings at a time, until the target is reached."""
    rng, best, price = np.random.RandomState(seed), -np.inf, 0
    while best < target and price < most:
        search = RandomizedSearchCV(
            training.estimator, training.space, n_iter=5, random_state=rng, **training.common()
        ).fit(training.X, training.y)
        best, price = max(best, np.nanmax(search.cv_results_["mean_test_score"])), price + 5
    return best, price


def halving(training, target, most, seed):
    """Search with HalvingRandomSearchCV: 27 settings with a ninth, 9 with a third, 3 with all."""
    rng, best, price = np.random.RandomState(seed), -np.inf, 0.0
    while best < target and price < most:
        search = HalvingRandomSearchCV(
            training.estimator,
            training.space,
            n_candidates=27,
            factor=FACTOR,
            resource=training.resource,
            min_resources=training.most // FACTOR**2,
            max_resources=training.most,
            random_state=rng,
            **training.common(),
        ).fit(training.X, training.y)
        amounts = search.cv_results_["n_resources"]
        price += amounts.sum() / training.most
        last = np.flatnonzero(amounts == amounts.max())
        winner = last[np.nanargmax(search.cv_results_["mean_test_score"][last])]
        score = search.cv_results_["mean_test_score"][winner]
        if amounts.max() < training.most:  # its samples are not all of them
            score, price = training.score(search.cv_results_["params"][winner]), price + 1
        best = max(best, score)
    return best, price


TASKS = {"boosting": boosting, "svc": support_vectors, "network": network}
SEARCHERS = {
    "natsel": natsel,
    "natsel_resource": natsel_resource,
    "halving": halving,
    "random": random,
}


@cache
def training_of(task):
    """Return what is trained, and the best score of some random settings.

    What has to be compiled for the task is compiled by then.
    """
    training = TASKS[task]()
    search = RandomizedSearchCV(
        training.estimator, training.space, n_iter=N_RANDOM, random_state=99, **training.common()
    ).fit(training.X, training.y)
    return training, np.nanmax(search.cv_results_["mean_test_score"])


def run_one(task, most, seed, searcher):
    """Run a search; return what it has found and what it has cost."""
    training, target = training_of(task)
    started = process_time()
    score, price = SEARCHERS[searcher](training, target, most, seed)
    return {"found": score >= target, "price": price, "seconds": process_time() - started}


def main():
    """Run all searchers on all tasks and print the time that they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    add("--searchers", nargs="*", default=list(SEARCHERS), choices=SEARCHERS)
    add("--seeds", type=int, default=3)
    add("--most", type=int, default=200, help="evaluations after which a search is ended")
    add("--csv", type=Path, help="results are added to it; what it holds is not run again")
    add("--again", action="store_true", help="run again what the CSV file holds")
    args = parser.parse_args()
    os.environ["KERAS_BACKEND"] = "jax"
    warnings.simplefilter("ignore")
    runs = [
        {"task": task, "most": args.most, "seed": seed, "searcher": searcher}
        for task in args.tasks
        for seed in range(args.seeds)
        for searcher in args.searchers
    ]
    report(run_all(runs, run_one, args.csv, args.again))


def report(results):
    """Print the means over seeds."""
    groups = results.groupby(["task", "searcher"])
    table = groups.agg(
        seeds=("seed", "size"), found=("found", "sum"), price=("price", "mean"),
        seconds=("seconds", "mean"), error=("seconds", "sem"),
    )  # fmt: skip
    print(table.to_string(float_format="%.1f"))


if __name__ == "__main__":
    main()
