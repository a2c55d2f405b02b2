"""
===============================
Networks that earn their epochs
===============================

Most networks of a search are worth no more than a few epochs. With ``resource="epochs"``, each one
is trained for a ninth of them first, and only the promising ones for a third, or for all.
"""

# %%
# The search
# ----------
# `epochs` of the network is what a full training has. `max_evaluations` is the price: what so many
# full trainings cost. A network that goes on is trained anew with more epochs.

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import loguniform, uniform
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)
space = {
    "learning_rate": loguniform(1e-4, 1e-1),
    "dropout": uniform(0, 0.6),
    "input_dropout": uniform(0, 0.4),
    "neurons": [32, 64, 128],
}
search = GeneticSearchCV(
    DenseClassifier(n_hidden_layers=1, epochs=27, batch_size=64, random_state=0),
    space,
    resource="epochs",
    max_evaluations=15,
    cv=StratifiedKFold(2, shuffle=True, random_state=0),
    random_state=0,
).fit(X_train, y_train)
search

# %%
# Only networks that were trained for all 27 epochs can be chosen. The first one is the network as
# it is.

print(search.best_params_)
print(f"accuracy of the network as it is: {search.cv_results_['mean_test_score'][0]:.4f}")
print(f"accuracy of the best: {search.best_score_:.4f}")
print(f"accuracy on the test images: {search.score(X_test, y_test):.4f}")
epochs, n_networks = np.unique(search.cv_results_["n_resources"], return_counts=True)
print("networks by epochs:", dict(zip(epochs.tolist(), n_networks.tolist())))

# %%
# What was tried
# --------------
# Hollow points are networks that were given up, at the accuracy that they had by then. Small
# learning rates need more epochs than they were given: where learning curves cross, a part tells
# little, and larger `min_resources` are safer.

# sphinx_gallery_thumbnail_number = 1
CandidatesDisplay.from_estimator(search)
plt.show()

# %%
# The accuracy against the epochs that all networks were trained for together:

EvolutionDisplay.from_estimator(search, x="resources")
plt.show()
