"""
=================================
Evolving a support vector machine
=================================

Evolve the kernel of a support vector machine and the parameters that this kernel has, look at how
the evolution went, and at the settings it tried.
"""

# %%
# What to search
# --------------
# Only some kernels have a gamma, and only one has a degree. Where a parameter does not exist it is
# not set, so no setting is trained twice under two names.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from sklearn_natsel import Conditional, EvolutionDisplay, GeneticSearchCV

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)
space = {
    "kernel": ["linear", "poly", "rbf"],
    "C": loguniform(1e-3, 1e3),
    "gamma": Conditional(loguniform(1e-4, 1e1), "kernel", ["poly", "rbf"]),
    "degree": Conditional([2, 3, 4, 5], "kernel", "poly"),
}

# %%
# The search
# ----------
# Sixty settings, each cross-validated on three folds.

search = GeneticSearchCV(SVC(), space, max_evaluations=60, cv=3, random_state=0)
search.fit(X_train, y_train)
for name, value in search.best_params_.items():
    print(f"{name:8} {value}")
print(f"cross-validated:    {search.best_score_:.4f}")
print(f"on the test images: {search.score(X_test, y_test):.4f}")

# %%
# How the evolution went
# ----------------------
# The population holds the ten best settings so far, so its mean never falls.

EvolutionDisplay.from_estimator(search, score_name="Accuracy", title="Digits")
plt.show()

# %%
# What it tried
# -------------
# Each point is a setting. The later ones (darker) gather where the good ones are. Those with an
# accuracy below 0.94 are not shown.

# sphinx_gallery_thumbnail_number = 2
results = search.cv_results_
kernels = np.array(results["param_kernel"].tolist())
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True, layout="constrained")
for name, ax in {"C": axes[0], "gamma": axes[1]}.items():
    values = np.ma.filled(results[f"param_{name}"].astype(float), np.nan)
    for kernel, marker in {"linear": "s", "poly": "^", "rbf": "o"}.items():
        rows = kernels == kernel
        points = ax.scatter(
            values[rows],
            results["mean_test_score"][rows],
            c=np.asarray(results["generation"])[rows],
            vmin=0,
            vmax=search.n_generations_ - 1,
            cmap="viridis_r",
            marker=marker,
            label=kernel,
        )
    ax.set(xlabel=name, xscale="log", ylim=(0.94, 0.985))
axes[0].set_ylabel("Accuracy")
axes[0].legend(title="kernel", loc="lower right")
fig.colorbar(points, ax=axes, label="Generation")
plt.show()
