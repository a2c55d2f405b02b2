"""
=================
On a dask cluster
=================

Where the fits run is joblib's business: a dask cluster is a backend. Neither the settings nor the
scores depend on it. (For fits as short as these, it costs more than it saves: each one travels to a
worker and back.)
"""

# %%
# A cluster
# ---------
# Two workers on this machine stand for a cluster of many. It needs dask: ``pip install
# 'sklearn-natsel[dask]'``.

import joblib
import matplotlib.pyplot as plt
from distributed import Client, LocalCluster
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from sklearn_natsel import EvolutionDisplay, GeneticSearchCV


def main():
    """Run the same search here and on the cluster."""
    X, y = load_digits(return_X_y=True)
    search = GeneticSearchCV(
        SVC(),
        {"C": loguniform(1e-2, 1e3), "gamma": loguniform(1e-5, 1)},
        max_evaluations=30,
        cv=3,
        random_state=0,
    ).fit(X, y)
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster), joblib.parallel_config("dask"):
        remote = GeneticSearchCV(**search.get_params(deep=False)).fit(X, y)
    print(search.best_params_)
    print(remote.best_params_)
    display = EvolutionDisplay.from_estimator(search, name="here", x="seconds")
    EvolutionDisplay.from_estimator(remote, name="on two dask workers", x="seconds", ax=display.ax_)
    plt.show()


# %%
# The workers import this file, so what starts them stands behind the usual guard.

if __name__ == "__main__":
    main()
