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

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from sklearn_natsel import EvolutionDisplay, GeneticSearchCV

digits = load_digits()
X, y = digits.data[::3], digits.target[::3]
space = {
    "kernel": ["rbf", "poly", "sigmoid"],
    "C": loguniform(1e-3, 1e3),
    "gamma": loguniform(1e-8, 1e2),
    "degree": [1, 2, 3, 4],
    "coef0": [0, 0.1, 1],
}
folder = tempfile.TemporaryDirectory()
search = GeneticSearchCV(
    SVC(), space, max_evaluations=20, cv=3, memory=folder.name, random_state=4
).fit(X, y)


def n_kept():
    """Count the results in the folder: one for each setting and split."""
    return sum(1 for _ in Path(folder.name).rglob("*.json"))


n_first = n_kept()
print(f"{search.n_evaluations_} settings, best score {search.best_score_:.4f}")
print(f"results in the folder: {n_first}")

# %%
# The same search with a larger budget
# ------------------------------------
# It begins with the same twenty settings. Their results are in the folder, so they are not trained
# again: what is added are the results of the other forty, on three splits each.

longer = GeneticSearchCV(**{**search.get_params(deep=False), "max_evaluations": 60}).fit(X, y)
print(f"{longer.n_evaluations_} settings, best score {longer.best_score_:.4f}")
print(f"results added to the folder: {n_kept() - n_first}")

# %%
# By the clock, the settings that were found again take next to nothing: the first points of the
# longer search stand close to 0.

display = EvolutionDisplay.from_estimator(search, name="first", x="seconds")
EvolutionDisplay.from_estimator(longer, name="resumed", x="seconds", ax=display.ax_)
plt.show()

# %%
# The folder can be removed when no search needs it any more.

folder.cleanup()
