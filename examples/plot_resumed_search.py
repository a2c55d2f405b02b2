"""
=====================
A search that goes on
=====================

With `memory`, the result of every fit is kept in a folder as soon as it has finished. A search that
ended too early, or was killed, goes on where it was: only settings that are new are trained.
"""

# %%
# A search that was too short
# ---------------------------
# To see what is trained, this estimator counts its fits. The counter works because the fits run in
# this process.

import tempfile

import matplotlib.pyplot as plt
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from sklearn_natsel import EvolutionDisplay, GeneticSearchCV

n_fits = 0


class CountedSVC(SVC):
    """Counts how often it is fitted."""

    def fit(self, X, y):
        """Fit it."""
        global n_fits
        n_fits += 1
        return super().fit(X, y)


digits = load_digits()
X, y = digits.data[::3], digits.target[::3]
folder = tempfile.TemporaryDirectory()
search = GeneticSearchCV(
    CountedSVC(),
    {
        "kernel": ["rbf", "poly", "sigmoid"],
        "C": loguniform(1e-3, 1e3),
        "gamma": loguniform(1e-8, 1e2),
        "degree": [1, 2, 3, 4],
        "coef0": [0, 0.1, 1],
    },
    max_evaluations=20,
    cv=3,
    refit=False,
    memory=folder.name,
    random_state=4,
).fit(X, y)
print(f"{search.n_evaluations_} settings, {n_fits} fits, best score {search.best_score_:.4f}")

# %%
# The same search with a larger budget
# ------------------------------------
# It begins with the same twenty settings. Their results are in the folder, so they are not trained
# again.

n_fits = 0
longer = GeneticSearchCV(**{**search.get_params(deep=False), "max_evaluations": 50}).fit(X, y)
print(f"{longer.n_evaluations_} settings, {n_fits} fits, best score {longer.best_score_:.4f}")

# %%
# By the clock, the settings that were found again take next to nothing: the line of the longer
# search begins close to 0.

display = EvolutionDisplay.from_estimator(search, name="first", x="seconds")
EvolutionDisplay.from_estimator(longer, name="resumed", x="seconds", ax=display.ax_)
plt.show()

# %%
folder.cleanup()
