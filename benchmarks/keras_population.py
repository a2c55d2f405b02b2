"""Networks per minute: single fits, fits in several processes, and many fits as one program.

Building, training and scoring included. The first network of its kind must be compiled, so each
figure is taken twice: with programs that are new to the process (JAX keeps them on disk; with
JAX_ENABLE_COMPILATION_CACHE=false they are new to the machine), and again. Measures the backend
that Keras has, on the device that it finds; only JAX has `fit_many`. Compare within one run only.
The rates are per minute on the clock and, which other programs disturb less, per minute of
processor time, of all processes together.

    python benchmarks/keras_population.py                            # digits, 3 x 128, 20 epochs
    python benchmarks/keras_population.py --search                   # as fits of a whole search
    python benchmarks/keras_population.py --data FILE.npz            # CIFAR-10, 3 x 256, one epoch
    python benchmarks/keras_population.py --data FILE.npz --space    # the article's whole space
    python benchmarks/keras_population.py --data FILE.npz --space --only fit_many
    python benchmarks/keras_population.py --own dense                # a build function of one's own
    python benchmarks/keras_population.py --own convolutional        # the same, 8 x 8 images
    KERAS_BACKEND=tensorflow python benchmarks/keras_population.py   # before
"""

import argparse
import time

import numpy as np
import psutil
from joblib import Parallel, delayed
from keras_fit import load
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import ParameterSampler, train_test_split

from sklearn_natsel import GeneticSearchCV

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


def build(kind, meta):
    """Build a network as a user would: with batch normalisation and dropout, or convolutions."""
    from keras import Sequential, layers

    def hidden():
        return [
            layers.Dense(128),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Dropout(0.2),
        ]

    parts = {
        "dense": [*hidden(), *hidden(), *hidden()],
        "convolutional": [
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
        ],
    }
    outputs = layers.Dense(meta["n_classes_"], "softmax")
    return Sequential([layers.Input((meta["n_features_in_"],)), *parts[kind], outputs])


def own_model(of_library, kind, epochs):
    return of_library.KerasClassifier(
        build,
        model__kind=kind,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        epochs=epochs,
        verbose=0,
        random_state=0,
    )


def scikeras_alone(model, settings, train, test, jobs):
    from scikeras import wrappers

    alone = own_model(wrappers, model.model__kind, model.epochs)
    return one_by_one(alone, settings, train, test, jobs)


def fit_and_score(model, setting, train, test):
    return clone(model).set_params(**setting).fit(*train).score(*test)


def one_by_one(model, settings, train, test, jobs):
    return [fit_and_score(model, setting, train, test) for setting in settings]


def in_processes(model, settings, train, test, jobs):
    tasks = (delayed(fit_and_score)(model, setting, train, test) for setting in settings)
    return Parallel(n_jobs=jobs, batch_size=1)(tasks)


def all_at_once(model, settings, train, test, jobs):
    fitted = model.fit_many(settings, *train, [np.arange(len(train[0]))] * len(settings))
    return [one.score(*test) for one in fitted]


def in_a_search(model, settings, train, test, jobs):
    """Train as many networks as there are settings: those of a search, on four splits each."""
    space = {"learning_rate": loguniform(3e-4, 3e-3), "dropout": [0.1, 0.2, 0.3]}
    if len(settings[0]) > 2:
        from sklearn_natsel.keras import dense_space

        space = dense_space(max_hidden_layers=5)
    sizes = {"population_size": 16, "n_offspring": 16, "max_evaluations": len(settings) // 4}
    search = GeneticSearchCV(
        model, space, **sizes, cv=4, n_jobs=jobs, refit=False, random_state=0
    ).fit(*train)
    return search.cv_results_["mean_test_score"]


def processor_time():
    """Return the seconds that this process and all that it has started have computed."""
    this = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in [this, *this.children(recursive=True)])


def rates_of(way, *arguments):
    """Return networks per minute on the clock and of processor time, and the mean score."""
    started, computed = time.perf_counter(), processor_time()
    scores = way(*arguments)
    seconds = time.perf_counter() - started, processor_time() - computed
    n = len(arguments[1])
    return [60 * n / each for each in seconds], np.mean(scores)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", help="an npz file with x_train, y_train, x_test and y_test")
    parser.add_argument("--space", action="store_true", help="draw from the article's space")
    parser.add_argument("--search", action="store_true", help="measure whole searches")
    parser.add_argument("--own", choices=("dense", "convolutional"), help="by a build function")
    parser.add_argument("--networks", type=int, default=64)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="one of the ways: what runs first does the compiling")
    arguments = parser.parse_args()
    import sklearn_natsel.keras  # isort: skip, prepares Keras
    import keras

    train, test = data_of(arguments.data)
    setting = {} if arguments.space else DIGITS if arguments.data is None else WINNER
    epochs = arguments.epochs or (20 if arguments.data is None else 1)
    settings = draw_settings(arguments.space, arguments.networks)
    if arguments.own:
        model = own_model(sklearn_natsel.keras, arguments.own, epochs)
        rates = [{"optimizer__learning_rate": each.pop("learning_rate")} for each in settings]
        settings = [{**each, **rate} for each, rate in zip(settings, rates)]
    else:
        setting = {**setting, "epochs": epochs, "random_state": 0}
        model = sklearn_natsel.keras.DenseClassifier(**setting)
    print(f"{keras.backend.backend()} on {keras.ops.zeros(1).device}")
    print(f"{len(settings)} networks, {epochs} epochs, {len(train[0])} samples\n")
    ways = {
        "single fits": (one_by_one, 1),
        f"{arguments.jobs} processes": (in_processes, arguments.jobs),
    }
    if arguments.own:
        ways = {"scikeras": (scikeras_alone, 1), "single fits": (one_by_one, 1)}
    if hasattr(model, "fit_many"):
        ways["fit_many"] = all_at_once, 1
    if arguments.search:
        ways = {f"search, n_jobs={jobs}": (in_a_search, jobs) for jobs in (1, arguments.jobs)}
    print(f"{'':18} {'on the clock':^17} {'of processor time':^17}")
    print(
        f"{'networks/minute':18} {'at first':>8} {'again':>8} {'at first':>8} {'again':>8}    score"
    )
    for name, (way, jobs) in ways.items():
        if arguments.only not in (None, name):
            continue
        first, again = (rates_of(way, model, settings, train, test, jobs) for _ in range(2))
        rates = " ".join(f"{rate:8.0f}" for pair in zip(first[0], again[0]) for rate in pair)
        print(f"{name:18} {rates} {again[1]:8.4f}", flush=True)


if __name__ == "__main__":
    main()
