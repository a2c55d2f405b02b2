"""
================================
Choosing the model and its steps
================================

One search over a Pipeline chooses the scaling, the model, and the parameters of that model.
"""

# %%
# What to search
# --------------
# A list may hold estimators. A parameter of one of them exists only while that one is chosen: the
# condition is a class, or a function of the estimator.

import matplotlib.pyplot as plt
from scipy.stats import loguniform
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC

from sklearn_natsel import Conditional, EvolutionDisplay, GeneticSearchCV

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

pipeline = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(max_iter=1000))])
space = {
    "scale": [StandardScaler(), QuantileTransformer(n_quantiles=100)],
    "model": [
        LogisticRegression(max_iter=1000),
        SVC(),
        RandomForestClassifier(n_estimators=30, random_state=0),
    ],
    "model__C": Conditional(loguniform(1e-3, 1e3), "model", lambda model: hasattr(model, "C")),
    "model__gamma": Conditional(loguniform(1e-5, 1e1), "model", SVC),
    "model__min_samples_leaf": Conditional(range(1, 21), "model", RandomForestClassifier),
}

# %%
# The search
# ----------
# It ends after 80 settings, or earlier when twenty generations brought nothing better.

search = GeneticSearchCV(
    pipeline, space, max_evaluations=80, patience=20, scoring="roc_auc", random_state=0
).fit(X_train, y_train)
for name, value in search.best_params_.items():
    print(f"{name:12} {value}")
print(f"cross-validated:  {search.best_score_:.4f}")
print(f"on the test data: {search.score(X_test, y_test):.4f}")
print(f"ended by:         {search.stop_reason_}")

# %%
# How many settings of each model were tried, and the best of each:

models = [type(model).__name__ for model in search.cv_results_["param_model"]]
means = search.cv_results_["mean_test_score"]
for name in sorted(set(models)):
    scores = [mean for model, mean in zip(models, means) if model == name]
    print(f"{name:24} {len(scores):3}  {max(scores):.4f}")

# %%
EvolutionDisplay.from_estimator(search, title="Breast cancer")
plt.show()
