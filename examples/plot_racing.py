"""
=====================
Racing over ten folds
=====================

Ten folds tell settings apart that are close to each other. Most are not: one fold is enough to see
that they are hopeless. With ``racing=True`` a setting is evaluated on one fold first, and on more
only while it may still become the best.
"""

# %%
# Two searches at the same price
# ------------------------------
# `max_evaluations` is the price, in whole evaluations: both searches may run 250 fits.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.svm import SVC

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, GeneticSearchCV

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=500, random_state=0)
space = {
    "C": loguniform(1e-3, 1e3),
    "gamma": loguniform(1e-6, 1),
    "class_weight": [None, "balanced"],
}
# Shuffled, for the first folds must be as good as the others.
cv = StratifiedKFold(10, shuffle=True, random_state=0)
racing = GeneticSearchCV(SVC(), space, cv=cv, racing=True, max_evaluations=25, random_state=0).fit(
    X_train, y_train
)
racing

# %%
plain = GeneticSearchCV(SVC(), space, cv=cv, max_evaluations=25, random_state=0)
plain.fit(X_train, y_train)
display = EvolutionDisplay.from_estimator(racing, name="racing", x="fits")
EvolutionDisplay.from_estimator(plain, name="all folds", x="fits", ax=display.ax_)
plt.show()

# %%
# How far the settings came
# -------------------------
# One fold, three, or all ten.

for search in (racing, plain):
    print(f"{search.n_evaluations_} settings, best {search.best_score_:.4f},", end=" ")
    print(f"on other data {search.score(X_test, y_test):.4f}")
n_splits, n_settings = np.unique(racing.cv_results_["n_splits"], return_counts=True)
print(dict(zip(n_splits.tolist(), n_settings.tolist())))

# %%
# Filled points are settings that were evaluated on all folds. Hollow ones were given up, and are
# drawn at the mean of the folds that they have: it may be above the best, but on fewer folds.

# sphinx_gallery_thumbnail_number = 2
CandidatesDisplay.from_estimator(racing)
plt.show()
