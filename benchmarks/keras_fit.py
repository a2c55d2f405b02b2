"""What one short fit of a dense network costs, and where the time goes.

Trains the article's winner (three layers of 256 neurons, adamax, batches of 64) for one epoch: with
a plain scikeras classifier, and with DenseClassifier, whose savings are switched on one by one. The
speed compares processor time, which other programs disturb least; "fixed" is the fit of one batch.
Then networks per minute, building, epoch and scoring included, in a plain loop that has all cores
and by two workers. Then the memory of these workers while they train 60 networks each. Compare
within one run only.

    python benchmarks/keras_fit.py                    # small made-up data
    python benchmarks/keras_fit.py --data FILE.npz    # CIFAR-10, in the layout of Keras
    python benchmarks/keras_fit.py --part fits        # one thread, only the first table
    python benchmarks/keras_fit.py --part memory
"""

import argparse
import os
import time
from unittest.mock import patch

SETTING = {"n_hidden_layers": 3, "neurons": 256, "dropout": 0.1, "batch_size": 64}
SETTING |= {"kernel_initializer": "lecun_normal", "optimizer": "adamax", "epochs": 1}


def load(path):
    import numpy as np

    if path is None:
        rng = np.random.default_rng(0)
        y = rng.integers(10, size=6000)
        X = rng.normal(size=(6000, 512)) + rng.normal(size=(10, 512))[y]
        return (X[:5000].astype("float32"), y[:5000]), (X[5000:].astype("float32"), y[5000:])
    with np.load(path) as data:
        train, test = (
            (data[f"x_{part}"].reshape(len(data[f"y_{part}"]), -1), data[f"y_{part}"].ravel())
            for part in ("train", "test")
        )
    mean = train[0].mean(axis=0, dtype="float32") / 255
    (X, y), (X_test, y_test) = train, test
    return (X.astype("float32") / 255 - mean, y), (X_test.astype("float32") / 255 - mean, y_test)


def plain_network(meta):
    """Build the same network as users of scikeras write it."""
    from keras import Sequential, layers

    network = Sequential([layers.Input((meta["n_features_in_"],))])
    for _ in range(3):
        network.add(layers.Dense(256, activation="relu", kernel_initializer="lecun_normal"))
        network.add(layers.Dropout(0.1))
    network.add(layers.Dense(10, activation="softmax", kernel_initializer="lecun_normal"))
    return network


def plain():
    from scikeras.wrappers import KerasClassifier

    return KerasClassifier(
        plain_network,
        loss="sparse_categorical_crossentropy",
        optimizer="adamax",
        batch_size=64,
        epochs=1,
        verbose=0,
    )


def dense(**options):
    from sklearn_natsel.keras import DenseClassifier

    return DenseClassifier(**SETTING, **options)


def fit_seconds(model, train, test):
    """Return wall and processor seconds of a fit, and wall seconds of scoring."""
    started, cpu = time.perf_counter(), time.process_time()
    model.fit(*train)
    fitted = time.perf_counter()
    cpu = time.process_time() - cpu
    model.score(*test)
    return fitted - started, cpu, time.perf_counter() - fitted


def compare_fits(train, test, repeats):
    variants = {
        "scikeras": (plain, False),
        "DenseClassifier, batch by batch, Keras' optimizer": (
            lambda: dense(steps_per_execution=1),
            True,
        ),
        "  + 64 batches in a call": (dense, True),
        "  + optimizer in one operation": (dense, False),
    }
    few = tuple(array[:64] for array in train)
    print(
        f"{'median of ' + str(repeats):52} {'fit':>7} {'CPU':>7} {'fixed':>7} {'score':>7}   speed"
    )
    reference = None
    for name, (make, keras_updates) in variants.items():
        rows = []
        for _ in range(repeats + 1):
            with patch.dict("sklearn_natsel.keras._backends.backend.updates", clear=keras_updates):
                fixed = fit_seconds(make(), few, test)[1]
                rows.append((*fit_seconds(make(), train, test), fixed))
        wall, cpu, score, fixed = (sorted(column)[repeats // 2] for column in zip(*rows[1:]))
        reference = reference or cpu
        seconds = "".join(f"{value:7.2f}s" for value in (wall, cpu, fixed, score))
        print(f"{name:52}{seconds} {reference / cpu:6.2f}x")


def compare_searches(train, test, n_networks):
    from joblib import Parallel, delayed

    one = list(range(n_networks))
    rates = {}
    for _ in ("warm up", "measure"):
        started = time.perf_counter()
        for _ in one:
            fit_seconds(plain(), train, test)
        rates["plain loop of scikeras"] = 60 * n_networks / (time.perf_counter() - started)
        started = time.perf_counter()
        Parallel(n_jobs=2)(delayed(fit_seconds)(dense(), train, test) for _ in one)
        rates["DenseClassifier, n_jobs=2"] = 60 * n_networks / (time.perf_counter() - started)
    print("\nnetworks per minute")
    for name, rate in rates.items():
        print(f"{name:52} {rate:7.1f} {rate / rates['plain loop of scikeras']:6.2f}x")


def fit_and_weigh(model, train, test):
    """Return the worker's number and, after a fit, its memory in MB: all, and what is its own."""
    import psutil

    fit_seconds(model, train, test)
    process = psutil.Process()
    memory = process.memory_info()
    return process.pid, memory.rss / 1e6, (memory.rss - memory.shared) / 1e6


def weigh_workers(train, test, n_networks):
    from joblib import Parallel, delayed

    with Parallel(n_jobs=2, batch_size=1) as parallel:
        weights = parallel(
            delayed(fit_and_weigh)(dense(), train, test) for _ in range(2 * n_networks)
        )
    print(f"\nmemory of a worker, MB, with {train[0].nbytes / 1e6:.0f} MB of data that all share")
    print(f"{'after':>10} {'all':>10} {'its own':>10}")
    for n in (1, 6, n_networks // 2, n_networks):
        both = weights[2 * n - 2 : 2 * n]
        print(f"{n:10} {max(w[1] for w in both):10.0f} {max(w[2] for w in both):10.0f}")
    print(f"workers that joblib has replaced: {len({w[0] for w in weights}) - 2}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", help="an npz file with x_train, y_train, x_test and y_test")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--networks", type=int, default=8)
    parser.add_argument("--part", choices=["fits", "searches", "memory"])
    arguments = parser.parse_args()
    if arguments.part == "fits":
        # TensorFlow reads this when it starts; a plain loop of fits gets all cores instead.
        os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    import sklearn_natsel.keras  # noqa: F401

    train, test = load(arguments.data)
    print(f"{len(train[0])} samples of {train[0].shape[1]} features\n")
    if arguments.part in ("fits", None):
        compare_fits(train, test, arguments.repeats)
    if arguments.part in ("searches", None):
        compare_searches(train, test, arguments.networks)
    if arguments.part in ("memory", None):
        weigh_workers(train, test, 60)


if __name__ == "__main__":
    main()
