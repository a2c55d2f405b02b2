"""
==============================================
The simplest model within one standard error
==============================================

Search by one metric, record another, and refit not the best setting but the simplest one that is
about as good.
"""

# %%
# A rule for the refit
# --------------------
# It gets `cv_results_` and returns the row to refit: of all trees whose accuracy is within one
# standard error of the best, the one with the fewest leaves.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import load_breast_cancer
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV


def n_leaves(tree, X, y):
    """Return the size of a tree, as a scorer."""
    return tree.get_n_leaves()


def simplest_within_one_standard_error(results):
    """Choose a row of cv_results_."""
    mean, std = results["mean_test_accuracy"], results["std_test_accuracy"]
    best = np.nanargmax(mean)
    good = mean >= mean[best] - std[best] / np.sqrt(N_SPLITS)
    return int(np.where(good, results["mean_test_leaves"], np.inf).argmin())


N_SPLITS = 5
X, y = load_breast_cancer(return_X_y=True)

# %%
# The search
# ----------
# With a callable `refit` the evolution maximises the first metric.

search = GeneticSearchCV(
    DecisionTreeClassifier(random_state=0),
    {
        "criterion": ["gini", "entropy"],
        "ccp_alpha": loguniform(1e-4, 1e-1),
        "min_samples_leaf": range(1, 30),
    },
    scoring={"accuracy": "accuracy", "leaves": n_leaves},
    refit=simplest_within_one_standard_error,
    max_evaluations=60,
    cv=N_SPLITS,
    random_state=0,
).fit(X, y)

# %%
# What it chose
# -------------

results = search.cv_results_
best, chosen = np.nanargmax(results["mean_test_accuracy"]), search.best_index_
for name, row in {"best": best, "chosen": chosen}.items():
    print(
        f"{name:7} accuracy {results['mean_test_accuracy'][row]:.4f}, "
        f"{results['mean_test_leaves'][row]:.1f} leaves"
    )

fig, ax = plt.subplots(layout="constrained")
ax.plot(results["mean_test_leaves"], results["mean_test_accuracy"], "C0.", label="tried")
ax.errorbar(
    results["mean_test_leaves"][best],
    results["mean_test_accuracy"][best],
    yerr=results["std_test_accuracy"][best] / np.sqrt(N_SPLITS),
    fmt="ks",
    capsize=4,
    label="best, ±1 standard error",
)
ax.plot(
    results["mean_test_leaves"][chosen],
    results["mean_test_accuracy"][chosen],
    "C1o",
    markersize=14,
    fillstyle="none",
    markeredgewidth=2,
    label="chosen",
)
ax.set(xlabel="Leaves, mean over the folds", ylabel="Accuracy")
ax.legend(loc="upper right")
plt.show()
