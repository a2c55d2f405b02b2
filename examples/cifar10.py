"""Evolve a dense network for CIFAR-10, as the article behind this package did.

A population of 30 networks, up to 30 generations, one epoch and at most 120 seconds each, judged on
5,000 of the training images. The best one is then trained in full, on all of them and their mirror
images, and judged on the test images, which nothing before has seen.

    python examples/cifar10.py                      # downloads the data with Keras
    python examples/cifar10.py --data cifar10.npz   # x_train, y_train, x_test, y_test
    python examples/cifar10.py --small              # a fifth of the images, small networks

With --population (and JAX: pip install 'sklearn-natsel[keras-jax]') networks are trained by the
recipe of the final training, and for more epochs only if that is worth it. How much of the
correlation between neighbouring pixels is taken out beforehand is evolved, too. The search has a
quarter of the minutes, and the final training, of layers twice as wide, what is left. With
--unsearched a network that nobody searched for has all of them:

    KERAS_BACKEND=jax python examples/cifar10.py --population --n-jobs 2 --minutes 60
    KERAS_BACKEND=jax python examples/cifar10.py --unsearched 1024 --minutes 60
"""

import argparse
import tempfile
import time

import numpy as np
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from whitening import NEXT_TO_NOTHING, Whitening

from sklearn_natsel import CandidatesDisplay, EvolutionDisplay, GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier, dense_space

SEED = 0

# In the picture of the candidates.
SHOWN = ["whitening__ridge"] + [
    f"network__{name}"
    for name in (
        "hidden_activation",
        "learning_rate",
        "weight_decay",
        "optimizer",
        "n_hidden_layers",
        "neurons0",
        "dropout0",
    )
]


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--data", help="npz file in the layout of Keras")
    add("--population", action="store_true", help="train as in the end, for more epochs, with JAX")
    add("--unsearched", type=int, metavar="NEURONS", help="no search: three layers of so many")
    add("--ridge", type=float, default=NEXT_TO_NOTHING, help="with --unsearched: of the whitening")
    add("--minutes", type=float, default=60, help="for the search and the final training")
    add("--n-jobs", type=int, help="networks to train at once, by processes of their own")
    add("--generations", type=int, default=30)
    add("--small", action="store_true", help="for a first try")
    add("--plots", default="cifar10", help="where to save pictures, without the ending")
    add("--model", default="cifar10.keras", help="where to save the network")
    return parser.parse_args()


def load(path, small):
    """Return training and test images, with their mean removed, and their classes."""
    if path is None:
        from keras.datasets import cifar10

        (X, y), (X_test, y_test) = cifar10.load_data()
    else:
        with np.load(path) as data:
            X, y, X_test, y_test = (data[n] for n in ("x_train", "y_train", "x_test", "y_test"))
    if small:
        X, y, X_test, y_test = X[:10_000], y[:10_000], X_test[:2_000], y_test[:2_000]
    mean, deviation = X.mean(axis=0), X.std()
    X, X_test = (((images - mean) / deviation).astype(np.float32) for images in (X, X_test))
    return X, y.ravel(), X_test, y_test.ravel()


def moved_and_mirrored(images, pixels=2):
    """Yield images moved by some pixels in eight directions and not at all, and mirrored."""
    places = np.arange(images.shape[1])
    steps = [np.clip(places + step, 0, places[-1]) for step in (-pixels, 0, pixels)]
    for rows in steps:
        for columns in steps:
            yield images[:, rows][:, :, columns]
            yield images[:, rows][:, :, columns[::-1]]


def one_epoch_each(small):
    """Return the network and the space of the article, with batch normalisation."""
    network = DenseClassifier(epochs=1, max_training_time=120, flatten=True, random_state=SEED)
    choices = {"max_hidden_layers": 3, "neurons": [32, 64, 128]} if small else {}
    space = dense_space(
        min_hidden_layers=1, batch_normalization=[False, True], prefix="network__", **choices
    )
    settings = {"population_size": 10 if small else 30, "n_offspring": 8}
    return Pipeline([("whitening", "passthrough"), ("network", network)]), space, settings


def by_hand(neurons, ridge):
    """Return a network as one would write it down, behind a whitening."""
    network = DenseClassifier(
        flatten=True,
        n_hidden_layers=3,
        neurons=neurons,
        dropout=0.25,
        batch_normalization=True,
        horizontal_flip=True,
        max_shift=3,
        optimizer="adamw",
        learning_rate=0.002,
        learning_rate_schedule="one_cycle",
        weight_decay=0.05,
        batch_size=128,
        random_state=SEED,
    )
    return Pipeline([("whitening", Whitening(ridge)), ("network", network)])


def as_in_the_final_training(small):
    """Return a network and a space for a search by the final recipe, and how to begin."""
    neurons = [16, 32, 64] if small else [128, 256, 512]
    model = by_hand(neurons[-1], NEXT_TO_NOTHING)
    # Narrow networks stand for those of the final training, which are twice as wide and take three
    # times as long. What only a long training is in need of, moves, dropout
    # and decay, is not left to a short one altogether.
    space = dense_space(
        min_hidden_layers=1,
        max_hidden_layers=3 if small else 5,
        neurons=neurons,
        input_dropout=[0.0, 0.1],
        hidden_dropout=[0.2, 0.25, 0.3, 0.4],
        hidden_activation=["relu", "elu", "gelu"],
        optimizer=["adamw", "nadam", "adamax"],
        learning_rate=loguniform(5e-4, 1e-2),
        weight_decay=loguniform(1e-2, 0.5),
        batch_size=[64, 128, 256],
        prefix="network__",
    )
    space["whitening__ridge"] = [1, 10, 100, NEXT_TO_NOTHING]
    parameters = model.get_params()
    first = {name: parameters[name] for name in space if name in parameters}
    first |= {f"network__neurons{i}": neurons[-1] for i in range(3)}
    first |= {f"network__dropout{i}": parameters["network__dropout"] for i in range(3)}
    resource = {"resource": "network__epochs", "min_resources": 1, "max_resources": 9}
    settings = {"initial_params": first, "population_size": 8, "schedule": "steady-state"}
    return model, space, {**settings, **resource}


def search_for_network(arguments, X, y):
    """Evolve networks, and return the search."""
    kind = as_in_the_final_training if arguments.population else one_epoch_each
    model, space, settings = kind(arguments.small)
    split = train_test_split(np.arange(len(y)), test_size=0.1, stratify=y, random_state=SEED)
    with tempfile.TemporaryDirectory() as whitened:  # many networks share one whitening
        return GeneticSearchCV(
            model.set_params(memory=whitened),
            space,
            n_generations=arguments.generations,
            max_time=60 * arguments.minutes / 4,
            cv=[split],
            refit=False,
            n_jobs=arguments.n_jobs,
            verbose=1,
            random_state=SEED,
            **settings,
        ).fit(X, y)


def for_the_final_training(search, twice_as_wide):
    """Return the winner of a search, for many epochs."""
    model = clone(search.estimator).set_params(**search.best_params_)
    if twice_as_wide:
        neurons = {k: 2 * v for k, v in search.best_params_.items() if "__neurons" in k}
        model.set_params(**neurons)
    # What the article's search is too short for.
    return model.set_params(
        network__learning_rate_schedule="one_cycle", network__horizontal_flip=True
    )


def train_until(end, model, X, y):
    """Train a network for as many epochs as there is time for; return it."""
    model = clone(model).set_params(memory=None, network__max_training_time=None)
    network = model["network"]
    X = model[:-1].fit_transform(X)
    network.set_params(epochs=1).fit(X, y)  # compiles it
    started = time.perf_counter()
    network.set_params(epochs=5).fit(X, y)
    now = time.perf_counter()
    epochs = max(1, int(5 * (end - now) / (now - started)))
    network.set_params(epochs=epochs).fit(X, y)
    return model


def report(search):
    """Tell what the search has found."""
    n_networks = len(search.cv_results_["params"])
    print(f"Search: {n_networks} networks, stopped by {search.stop_reason_}")
    print("Winner:")
    for name, value in search.best_params_.items():
        print(f"  {name} = {value}")
    print(f"Accuracy on images held out from the search: {search.best_score_:.4f}")


def save_pictures(search, path):
    """Draw how the search developed, and the score against some parameters."""
    import matplotlib

    matplotlib.use("Agg")
    evolution = EvolutionDisplay.from_estimator(search, x="seconds", score_name="Accuracy")
    evolution.figure_.savefig(f"{path}_evolution.png", dpi=120)
    shown = [name for name in SHOWN if name in search.param_space]
    candidates = CandidatesDisplay.from_estimator(search, params=shown, score_name="Accuracy")
    candidates.figure_.savefig(f"{path}_candidates.png", dpi=120)
    print(f"Saved {path}_evolution.png and {path}_candidates.png")


def main():
    """Search, train the winner, and report."""
    arguments = parse_arguments()
    started = time.perf_counter()
    X, y, X_test, y_test = load(arguments.data, arguments.small)
    print(f"{len(X)} training images, {len(X_test)} test images")
    if arguments.unsearched:
        model = by_hand(arguments.unsearched, arguments.ridge)
    else:
        search = search_for_network(arguments, X, y)
        report(search)
        save_pictures(search, arguments.plots)
        model = for_the_final_training(search, arguments.population)
    searched = time.perf_counter()
    model = train_until(started + 60 * arguments.minutes, model, X, y)
    ended = time.perf_counter()
    print(f"Final training: {model['network'].epochs} epochs in {ended - searched:.0f} s")
    print(f"All in all: {(ended - started) / 60:.1f} minutes")
    print(f"Final accuracy on the test images: {model.score(X_test, y_test):.4f}")
    votes = sum(model.predict_proba(images) for images in moved_and_mirrored(X_test))
    accuracy = np.mean(votes.argmax(axis=1) == y_test)
    print(f"With the mean of the predictions for moved and mirrored copies: {accuracy:.4f}")
    model["network"].model_.save(arguments.model)
    print(f"Saved {arguments.model}")


if __name__ == "__main__":
    main()
