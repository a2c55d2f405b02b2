"""
==================================
Evolving a dense network on digits
==================================

Evolve the layers, the regularisation and the optimizer of a dense Keras network that recognises
handwritten digits. The search trains each network for a few epochs only; the best one is then
trained in full, with early stopping. This is what ``make demo`` runs.
"""

# %%
# The data
# --------
# Images of 8 x 8 pixels, ten classes. The test images are put aside; nothing sees them before the
# end.

from importlib.util import find_spec

import matplotlib.pyplot as plt
from scipy.stats import loguniform
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier, dense_space

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X / 16, y, test_size=0.5, stratify=y, random_state=0
)

# %%
# What to search
# --------------
# Up to three hidden layers. The neurons and the dropout of a layer are searched only in networks
# that have this layer, so no network is trained twice under two names.

space = dense_space(
    max_hidden_layers=3,
    neurons=[16, 32, 64, 128],
    hidden_dropout=[0.0, 0.1, 0.2, 0.3],
    input_dropout=[0.0, 0.1, 0.2],
    learning_rate=loguniform(1e-4, 1e-1),
)
for name, values in space.items():
    print(f"{name:20} {values}")

# %%
# The search
# ----------
# Five epochs for each network, on two folds, two networks at a time. For the final training,
# `refit_params` says how long it may take: up to 200 epochs, until the loss on a tenth of the
# training images has not fallen for ten epochs.

search = GeneticSearchCV(
    DenseClassifier(epochs=5, random_state=0),
    space,
    max_evaluations=40,
    population_size=8,
    n_offspring=4,
    cv=2,
    n_jobs=2,
    refit_params={"epochs": 200, "early_stopping": True, "patience": 10},
    verbose=1,
    random_state=0,
)
if find_spec("sklearn.callback") and find_spec("rich"):
    # scikit-learn 1.9 or newer has progress bars; otherwise a line for each generation.
    from sklearn.callback import ProgressBar

    search.set_params(verbose=0).set_callbacks(ProgressBar(max_propagation_depth=0))
search.fit(X_train, y_train)

# %%
# What came out
# -------------

epochs = len(search.best_estimator_.history_["loss"])
print(f"{search.n_evaluations_} networks on {search.n_splits_} folds; the best:")
for name, value in search.best_params_.items():
    print(f"  {name:20} {value}")
print(f"after five epochs, cross-validated:     {search.best_score_:.4f}")
print(f"after {epochs:3} epochs, on the test images:  {search.score(X_test, y_test):.4f}")

fig, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.2), layout="constrained")
EvolutionDisplay.from_estimator(
    search, ax=left, score_name="Accuracy after five epochs", title="The evolution"
)
for name, label in {"loss": "trained on", "val_loss": "held out"}.items():
    middle.plot(range(1, epochs + 1), search.best_estimator_.history_[name], label=label)
middle.set(title="The final training", xlabel="Epoch", ylabel="Loss", yscale="log")
middle.xaxis.get_major_locator().set_params(integer=True)
middle.legend()
CandidatesDisplay.from_estimator(
    search, params=["learning_rate"], ax=right, score_name="Accuracy after five epochs"
)
right.set_title("All networks")
fig.savefig("demo.png", dpi=120)
print("The picture: demo.png")
plt.show()
