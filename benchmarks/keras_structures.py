"""How many programs the networks of the article's space need, and how many if widths were padded.

With JAX, networks of one structure share a compiled program, and their widths are a part of it.
If hidden layers were filled with zeros up to one of a few widths, and dropout were computed
where none is wanted, fewer programs would do, and each would compute more. Nothing is trained.

    python benchmarks/keras_structures.py
"""

import argparse
from itertools import pairwise

import numpy as np
from keras_population import draw_settings

N_PIXELS, N_CLASSES = 32 * 32 * 3, 10
# To which widths those of hidden layers are padded.
PADDINGS = {"none": range(1, 1025), "64, 256, 1024": (64, 256, 1024), "1024": (1024,)}


def widths_of(setting, padding):
    """Return the neurons of the hidden layers, padded to the next width."""
    neurons = [setting[f"neurons{i}"] for i in range(setting["n_hidden_layers"])]
    return [min(width for width in padding if width >= n) for n in neurons]


def program_of(setting, padding, dropout_is_data):
    """Return what decides about the program that a network is trained by."""
    depth = setting["n_hidden_layers"]
    dropouts = [setting["input_dropout"], *(setting[f"dropout{i}"] for i in range(depth))]
    layers = [] if dropout_is_data else [rate > 0 for rate in dropouts]
    activation = setting["hidden_activation"] if depth else None
    sizes = widths_of(setting, padding)
    return *sizes, *layers, activation, setting["optimizer"], setting["batch_size"]


def n_weights(setting, padding):
    """Return how many weights there are, to which the arithmetic is proportional."""
    sizes = [N_PIXELS, *widths_of(setting, padding), N_CLASSES]
    return sum(n * m for n, m in pairwise(sizes))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--networks", type=int, nargs="+", default=[30, 240, 900])
    sizes = parser.parse_args().networks
    settings = draw_settings(True, max(sizes))
    exact = np.mean([n_weights(setting, PADDINGS["none"]) for setting in settings])
    counts = " ".join(f"{n:>5}" for n in sizes)
    print(f"{'padded to':15} {'dropout':12} {'arithmetic':>10}   programs for {counts} networks")
    for name, padding in PADDINGS.items():
        cost = np.mean([n_weights(setting, padding) for setting in settings]) / exact
        for dropout_is_data in (False, True):
            programs = [program_of(each, padding, dropout_is_data) for each in settings]
            found = " ".join(f"{len(set(programs[:n])):>5}" for n in sizes)
            kind = "as data" if dropout_is_data else "as layers"
            print(f"{name:15} {kind:12} {cost:>10.1f}   {'':12} {found}")


if __name__ == "__main__":
    main()
