"""
=======================
Nested cross-validation
=======================

The score of the best setting is optimistic: it is the largest of many. To judge the search as a
whole, cross-validate the search.
"""

# %%
# Inner and outer folds
# ---------------------
# Each outer fold is put aside, a search with inner folds runs on the rest, and its refitted winner
# is scored on the outer fold. Nothing that chose a setting has seen the data that judge it.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import load_wine
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklearn_natsel import EvolutionDisplay, GeneticSearchCV

X, y = load_wine(return_X_y=True)
X = X + np.random.RandomState(0).normal(scale=X.std(axis=0), size=X.shape)  # makes it harder
search = GeneticSearchCV(
    make_pipeline(StandardScaler(), SVC()),
    {"svc__C": loguniform(1e-2, 1e3), "svc__gamma": loguniform(1e-4, 1)},
    max_evaluations=30,
    cv=StratifiedKFold(4, shuffle=True, random_state=0),
    random_state=0,
)
outer = cross_validate(
    search, X, y, cv=StratifiedKFold(5, shuffle=True, random_state=1), return_estimator=True
)
searches = outer["estimator"]

# %%
# What it says
# ------------
# The inner score is what each search reports of its winner, the outer score is what this winner
# gets on new data.

inner_scores = np.array([search.best_score_ for search in searches])
print(f"inner: {inner_scores.mean():.3f} +- {inner_scores.std():.3f}")
print(f"outer: {outer['test_score'].mean():.3f} +- {outer['test_score'].std():.3f}")
for search, score in zip(searches, outer["test_score"]):
    params = {name: f"{value:.2g}" for name, value in search.best_params_.items()}
    print(f"inner {search.best_score_:.3f}, outer {score:.3f}, {params}")

# %%
# The five searches on the same axes, with the outer score of each in the legend:

figure, ax = plt.subplots(layout="constrained")
for fold, (search, score) in enumerate(zip(searches, outer["test_score"])):
    EvolutionDisplay.from_estimator(
        search,
        ax=ax,
        name=f"fold {fold}: {score:.3f}",
        x="evaluations",
        score_name="Inner accuracy",
    )
ax.legend(title="outer accuracy", loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
