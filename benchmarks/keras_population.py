"""Networks per minute: single fits, fits in several processes, and many fits as one program.

Building, training and scoring included. Beside it, seconds of processor time per network, which
other programs disturb least. The first network of its kind must be compiled, so each
figure is taken twice: with programs that are new to the process (JAX keeps them on disk; with
JAX_ENABLE_COMPILATION_CACHE=false they are new to the machine), and again. Measures the backend
that Keras has, on the device that it finds; only JAX has `fit_many`. Compare within one run only.

    python benchmarks/keras_population.py                            # digits, 3 x 128, 20 epochs
    python benchmarks/keras_population.py --data FILE.npz            # CIFAR-10, 3 x 256, one epoch
    python benchmarks/keras_population.py --data FILE.npz --space    # the article's whole space
    python benchmarks/keras_population.py --data FILE.npz --space --only fit_many
    KERAS_BACKEND=tensorflow python benchmarks/keras_population.py   # before
"""

import argparse
import time

import numpy as np
from joblib import Parallel, delayed
from keras_fit import load
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import ParameterSampler, train_test_split

DIGITS = {"n_hidden_layers": 3, "neurons": 128, "epochs": 20}
WINNER = {"n_hidden_layers": 3, "neurons": 256, "optimizer": "adamax", "batch_size": 64}
WINNER |= {"kernel_initializer": "lecun_normal", "dropout": 0.1, "epochs": 1}


def data_of(path):
    if path is not None:
        return load(path)
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split((X / 16).astype("float32"), y, random_state=0)
    return (X, y), (X_test, y_test)


def draw_settings(whole_space, n):
    """Draw settings of one structure, or of the article's space."""
    if not whole_space:
        rates = np.geomspace(3e-4, 3e-3, n)
        return [{"learning_rate": rate, "random_state": i} for i, rate in enumerate(rates)]
    from sklearn_natsel.keras import dense_space

    space = dense_space(max_hidden_layers=5)
    # Those of layers that a network does not have are set as well, and do not matter.
    lists = {name: list(getattr(values, "values", values)) for name, values in space.items()}
    return list(ParameterSampler(lists, n, random_state=0))


def fit_and_score(model, setting, train, test):
    """Return the score and the processor time."""
    started = time.process_time()
    score = clone(model).set_params(**setting).fit(*train).score(*test)
    return score, time.process_time() - started


def one_by_one(model, settings, train, test, jobs):
    return [fit_and_score(model, setting, train, test) for setting in settings]


def in_processes(model, settings, train, test, jobs):
    tasks = (delayed(fit_and_score)(model, setting, train, test) for setting in settings)
    return Parallel(n_jobs=jobs, batch_size=1)(tasks)


def all_at_once(model, settings, train, test, jobs):
    started = time.process_time()
    fitted = model.fit_many(settings, *train, [np.arange(len(train[0]))] * len(settings))
    scores = [one.score(*test) for one in fitted]
    share = (time.process_time() - started) / len(settings)
    return [(score, share) for score in scores]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", help="an npz file with x_train, y_train, x_test and y_test")
    parser.add_argument("--space", action="store_true", help="draw from the article's space")
    parser.add_argument("--networks", type=int, default=64)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="one of the ways: what runs first does the compiling")
    arguments = parser.parse_args()
    from sklearn_natsel.keras import DenseClassifier  # isort: skip, prepares Keras
    import keras

    train, test = data_of(arguments.data)
    setting = {} if arguments.space else DIGITS if arguments.data is None else WINNER
    epochs = arguments.epochs or (20 if arguments.data is None else 1)
    model = DenseClassifier(**{**setting, "epochs": epochs, "random_state": 0})
    settings = draw_settings(arguments.space, arguments.networks)
    print(f"{keras.backend.backend()} on {keras.ops.zeros(1).device}")
    print(f"{len(settings)} networks, {epochs} epochs, {len(train[0])} samples\n")
    print(f"{'':14} {'networks per minute':>21} {'processor seconds':>19} {'mean':>8}")
    print(f"{'':14} {'at first':>12} {'again':>8} {'at first':>10} {'again':>8} {'score':>8}")
    ways = {"single fits": one_by_one, f"{arguments.jobs} processes": in_processes}
    if hasattr(model, "fit_many"):
        ways["fit_many"] = all_at_once
    for name, way in ways.items():
        if arguments.only not in (None, name):
            continue
        rates, costs = [], []
        for _ in ("at first", "again"):
            started = time.perf_counter()
            scores, seconds = np.mean(way(model, settings, train, test, arguments.jobs), axis=0)
            rates.append(60 * len(settings) / (time.perf_counter() - started))
            costs.append(seconds)
        figures = f"{rates[0]:12.0f} {rates[1]:8.0f} {costs[0]:10.2f} {costs[1]:8.2f}"
        print(f"{name:14} {figures} {scores:8.4f}", flush=True)


if __name__ == "__main__":
    main()
