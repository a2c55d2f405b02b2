"""Evolve a dense network for CIFAR-10, as the article behind this package did.

A population of 30 networks, up to 30 generations, one epoch and at most 120 seconds each, judged on
5,000 of the training images. The best one is then trained in full, on all of them and their mirror
images, and judged on the test images, which nothing before has seen.

    python examples/cifar10.py                      # downloads the data with Keras
    python examples/cifar10.py --data cifar10.npz   # x_train, y_train, x_test, y_test
    python examples/cifar10.py --small              # a fifth of the images, small networks
"""

import argparse
import math
import time

import numpy as np
from sklearn.model_selection import train_test_split

from sklearn_natsel import EvolutionDisplay, GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier, dense_space

SEED = 0
FINAL_EPOCHS = 20


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", help="npz file in the layout of Keras")
    parser.add_argument("--n-jobs", type=int, default=2, help="networks to train at once")
    parser.add_argument("--time-limit", type=float, help="seconds for the search")
    parser.add_argument("--generations", type=int, default=30)
    parser.add_argument("--small", action="store_true", help="for a first try")
    parser.add_argument("--plot", default="cifar10.png", help="where to save the picture")
    parser.add_argument("--model", default="cifar10.keras", help="where to save the network")
    return parser.parse_args()


def load(path, small):
    """Return training and test images in float32, with their mean removed, and their classes."""
    if path is None:
        from keras.datasets import cifar10

        (X, y), (X_test, y_test) = cifar10.load_data()
    else:
        with np.load(path) as data:
            X, y, X_test, y_test = (data[n] for n in ("x_train", "y_train", "x_test", "y_test"))
    if small:
        X, y, X_test, y_test = X[:10_000], y[:10_000], X_test[:2_000], y_test[:2_000]
    X, X_test = X.astype(np.float32) / 255, X_test.astype(np.float32) / 255
    mean = X.mean(axis=0)
    return X - mean, y.ravel(), X_test - mean, y_test.ravel()


def with_mirror_images(X, y):
    """Add the mirror image of each image, behind all the others."""
    return np.concatenate([X, X[:, :, ::-1]]), np.concatenate([y, y])


def anneal(epoch, learning_rate):
    """Lower the learning rate along half a cosine, from whatever the optimizer begins with."""

    def height(epoch):
        return 1 + math.cos(math.pi * epoch / FINAL_EPOCHS)

    return learning_rate if epoch == 0 else learning_rate * height(epoch) / height(epoch - 1)


def final_training():
    """Return what is different in the training of the winner."""
    import keras

    return {
        "epochs": FINAL_EPOCHS,
        "max_training_time": 1200,
        "callbacks": [keras.callbacks.LearningRateScheduler(anneal)],
    }


def make_search(arguments, y):
    """Set up the evolution on images with these classes, which mirror images will follow."""
    choices = {"max_hidden_layers": 3, "neurons": [32, 64, 128]} if arguments.small else {}
    split = train_test_split(np.arange(len(y)), test_size=0.1, stratify=y, random_state=SEED)
    return GeneticSearchCV(
        DenseClassifier(epochs=1, max_training_time=120, flatten=True, random_state=SEED),
        dense_space(min_hidden_layers=1, batch_normalization=[False, True], **choices),
        population_size=10 if arguments.small else 30,
        n_offspring=8,
        n_generations=arguments.generations,
        max_time=arguments.time_limit,
        # No mirror images here: the search is as cheap as without them, and a network can't be
        # judged on the mirror image of what it was trained on.
        cv=[split],
        refit_params=final_training(),
        n_jobs=arguments.n_jobs,
        verbose=1,
        random_state=SEED,
    )


def main():
    """Search, train the winner, and report."""
    arguments = parse_arguments()
    X, y, X_test, y_test = load(arguments.data, arguments.small)
    print(f"{len(X)} training images, {len(X_test)} test images")
    search = make_search(arguments, y)
    started = time.perf_counter()
    search.fit(*with_mirror_images(X, y))
    seconds = time.perf_counter() - started

    print(
        f"Search: {search.n_evaluations_} networks in {seconds - search.refit_time_:.0f} s, "
        f"stopped by {search.stop_reason_} after {search.n_generations_} generations"
    )
    print("Winner:")
    for name, value in search.best_params_.items():
        print(f"  {name} = {value}")
    epochs = len(search.best_estimator_.history_["loss"])
    print(f"One epoch, accuracy on images held out from it: {search.best_score_:.4f}")
    print(f"Final training: {epochs} epochs in {search.refit_time_:.0f} s")
    print(f"Final accuracy on the test images: {search.score(X_test, y_test):.4f}")

    import matplotlib

    matplotlib.use("Agg")
    display = EvolutionDisplay.from_estimator(
        search, title="CIFAR-10, dense networks", score_name="Accuracy after one epoch"
    )
    display.figure_.savefig(arguments.plot, dpi=120)
    search.best_estimator_.model_.save(arguments.model)
    print(f"Saved {arguments.plot} and {arguments.model}")


if __name__ == "__main__":
    main()
