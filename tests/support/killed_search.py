"""A search to be run, and killed, in a process of its own.

python killed_search.py FOLDER LOG N_JOBS OUTPUT SCHEDULE
"""

import pickle
import sys

import numpy as np
from logging_classifier import LoggingClassifier
from scipy.stats import uniform

from sklearn_natsel import GeneticSearchCV


def make_search(memory, log, n_jobs=1, seconds=0.05, **options):
    """Return a search of 30 settings, 90 fits of so many seconds."""
    sizes = {"population_size": 10, "n_offspring": 5, "n_generations": 5}
    options = {**sizes, "random_state": 3, "cv": 3, **options}
    return GeneticSearchCV(
        LoggingClassifier(seconds=seconds, log=log),
        {"a": uniform(0, 1), "b": range(4)},
        memory=memory,
        n_jobs=n_jobs,
        **options,
    )


def make_data():
    rng = np.random.RandomState(0)
    X = rng.uniform(size=(60, 4))
    return X, (X[:, 2] > 0.6).astype(int)


if __name__ == "__main__":
    memory, log, n_jobs, output, schedule = sys.argv[1:]
    options = {"n_jobs": int(n_jobs), "schedule": schedule, "max_evaluations": 30}
    search = make_search(memory, log, **options).fit(*make_data())
    with open(output, "wb") as file:
        pickle.dump((search.cv_results_, search.evolution_history_, search.best_params_), file)
