"""
====================================
Gradient boosting, and what mattered
====================================

Tune gradient boosted trees on a budget of settings, then ask the settings that were tried which
parameters mattered, and where the chosen ones come from.
"""

# %%
# The search
# ----------
# Five parameters at once, two fits at a time.

import matplotlib.pyplot as plt
from scipy.stats import loguniform
from sklearn.datasets import make_friedman1
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split

from sklearn_natsel import (
    CandidatesDisplay,
    EvolutionDisplay,
    GeneticSearchCV,
    ImportanceDisplay,
    LineageDisplay,
)

X, y = make_friedman1(400, n_features=10, noise=1, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
space = {
    "learning_rate": loguniform(0.01, 1),
    "max_leaf_nodes": range(2, 64),
    "min_samples_leaf": range(1, 61),
    "l2_regularization": loguniform(1e-3, 1e2),
    "max_features": [0.25, 0.5, 0.75, 1.0],
}
model = HistGradientBoostingRegressor(max_iter=30, early_stopping=False, random_state=0)
search = GeneticSearchCV(
    model,
    space,
    max_evaluations=60,
    cv=3,
    scoring="neg_root_mean_squared_error",
    n_jobs=2,
    random_state=0,
).fit(X_train, y_train)
search

# %%
# The error of the chosen setting and of the defaults, on data that the search has not seen:

print(f"chosen:   {-search.score(X_test, y_test):.2f}")
default = model.fit(X_train, y_train)
print(f"defaults: {-search.scorer_(default, X_test, y_test):.2f}")

# %%
# What was tried
# --------------
# Each point is a setting, later generations are darker, and the star is the chosen setting.

# sphinx_gallery_thumbnail_number = 1
CandidatesDisplay.from_estimator(search)
plt.show()

# %%
# What mattered
# -------------
# A forest learns from these points how settings rank. Its R² on settings that it has not seen says
# how far to trust the bars; the lines are their spread.

ImportanceDisplay.from_estimator(search, random_state=0)
plt.show()

# %%
# Where the chosen setting comes from
# -----------------------------------
# Values marked by 1 are those of the first parent, by 2 of the second one, by = of both. Those
# marked by * are new.

LineageDisplay.from_estimator(search, depth=2)
plt.show()

# %%
# Another search to compare
# -------------------------
# The same budget without the surrogate, the models that choose which children to evaluate. One
# seed shows how such a comparison is drawn, not which of the two is better.

plain = GeneticSearchCV(**{**search.get_params(deep=False), "surrogate": False})
plain.fit(X_train, y_train)
display = EvolutionDisplay.from_estimator(search, name="with surrogate", x="evaluations")
EvolutionDisplay.from_estimator(plain, name="without surrogate", x="evaluations", ax=display.ax_)
plt.show()
