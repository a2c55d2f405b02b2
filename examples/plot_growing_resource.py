"""
================================
Samples that grow with the score
================================

A ninth of the data already tells good settings from bad ones. With ``resource="n_samples"``,
settings are trained on few samples first, and only the promising ones get more.
"""

# %%
# The search
# ----------
# The parts of the data lie within each other, and all settings are scored on the same test data.
# `max_evaluations` is the price: what so many trainings with all samples cost.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, train_test_split

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, GeneticSearchCV

X, y = make_friedman1(3000, n_features=10, noise=1, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
space = {
    "learning_rate": loguniform(0.02, 1),
    "max_leaf_nodes": range(2, 64),
    "min_samples_leaf": range(1, 61),
    "max_features": [0.25, 0.5, 0.75, 1.0],
}
model = HistGradientBoostingRegressor(max_iter=60, early_stopping=False, random_state=0)
search = GeneticSearchCV(
    model,
    space,
    resource="n_samples",
    max_evaluations=15,
    cv=KFold(3, shuffle=True, random_state=0),
    scoring="neg_root_mean_squared_error",
    random_state=0,
).fit(X_train, y_train)
search

# %%
# Only settings that were trained on all samples can be chosen. The model's own setting, with which
# every search begins, has a row for comparison.

print(search.best_params_)
print(f"error of the model as it is: {-search.cv_results_['mean_test_score'][0]:.3f}")
print(f"error of the best: {-search.best_score_:.3f}")
print(f"error on other data: {-search.score(X_test, y_test):.3f}")
amounts, n_settings = np.unique(search.cv_results_["n_resources"], return_counts=True)
print("settings by samples:", dict(zip(amounts.tolist(), n_settings.tolist())))

# %%
# What was tried
# --------------
# Hollow points are settings that were given up, at the score that they had by then, which is lower
# with fewer samples.

# sphinx_gallery_thumbnail_number = 1
CandidatesDisplay.from_estimator(search)
plt.show()

# %%
# The score against the samples that all fits were given together:

EvolutionDisplay.from_estimator(search, x="resources")
plt.show()
