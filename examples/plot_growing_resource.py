"""
==================================
Boosting that grows with its score
==================================

Of boosted trees the first iterations already tell good settings from bad ones. With
``resource="max_iter"``, settings get few iterations first, and only the promising ones get more.
"""

# %%
# The search
# ----------
# `max_iter` of the estimator is the whole; settings begin with a ninth of it. `max_evaluations` is
# the price: what so many trainings with all iterations cost.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, train_test_split

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, GeneticSearchCV

X, y = make_friedman1(600, n_features=10, noise=1, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
space = {
    # Very small rates need many iterations: they would lose the first comparison.
    "learning_rate": loguniform(0.05, 1),
    "max_leaf_nodes": range(2, 64),
    "min_samples_leaf": range(1, 61),
    "max_features": [0.25, 0.5, 0.75, 1.0],
}
model = HistGradientBoostingRegressor(max_iter=81, early_stopping=False, random_state=0)
search = GeneticSearchCV(
    model,
    space,
    resource="max_iter",
    max_evaluations=12,
    cv=KFold(3, shuffle=True, random_state=0),
    scoring="neg_root_mean_squared_error",
    random_state=0,
).fit(X_train, y_train)
search

# %%
# The resource is one of the parameters that were found, and the refit has all of it.

print(search.best_params_)
print(f"error on other data: {-search.score(X_test, y_test):.2f}")
amounts, n_settings = np.unique(search.cv_results_["n_resources"], return_counts=True)
print("settings by iterations:", dict(zip(amounts.tolist(), n_settings.tolist())))

# %%
# What was tried
# --------------
# Hollow points are settings that were given up, at the score that they had by then. The last axes
# show with how many iterations that was.

# sphinx_gallery_thumbnail_number = 1
CandidatesDisplay.from_estimator(search)
plt.show()

# %%
# The score against the iterations that all fits were given together:

EvolutionDisplay.from_estimator(search, x="resources")
plt.show()
