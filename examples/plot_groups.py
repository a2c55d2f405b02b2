"""
===========================
Samples that come in groups
===========================

Several samples of the same patient, machine or day are alike. A search that has samples of a group
on both sides of a split learns to recognise the group. `GroupKFold` keeps groups together.
"""

# %%
# Data with groups
# ----------------
# Thirty patients with eight samples each. The first five features tell something of the class; all
# twenty carry an offset of the patient, by which a model can recognise whom it has seen.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

from sklearn_natsel import EvolutionDisplay, GeneticSearchCV

rng = np.random.RandomState(0)
N_PATIENTS, N_SAMPLES = 30, 8


def draw_patients():
    """Return samples, classes and the patient of each sample."""
    groups = np.repeat(np.arange(N_PATIENTS), N_SAMPLES)
    y = groups % 2
    X = rng.normal(size=(N_PATIENTS, 20))[groups] + rng.normal(scale=0.5, size=(len(y), 20))
    X[:, :5] += 0.7 * y[:, None]
    return X, y, groups


X, y, groups = draw_patients()
X_new, y_new, _ = draw_patients()

# %%
# Two searches
# ------------
# They differ in the splits alone. `groups` is handed to `fit`, which hands it to the splitter.

space = {"n_neighbors": range(1, 100), "weights": ["uniform", "distance"], "p": [1, 2]}
splitters = {
    "patients kept together": GroupKFold(5),
    "patients split": StratifiedKFold(5, shuffle=True, random_state=0),
}
figure, ax = plt.subplots(layout="constrained")
for name, cv in splitters.items():
    search = GeneticSearchCV(
        KNeighborsClassifier(), space, cv=cv, max_evaluations=30, random_state=0
    ).fit(X, y, groups=groups if isinstance(cv, GroupKFold) else None)
    print(f"{name:22}  cross-validated {search.best_score_:.3f}", end="  ")
    print(f"new patients {search.score(X_new, y_new):.3f}  {search.best_params_}")
    EvolutionDisplay.from_estimator(
        search, ax=ax, name=name, x="evaluations", score_name="Accuracy, cross-validated"
    )
plt.show()
