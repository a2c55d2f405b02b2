"""dense_space: what to search of a dense network."""

from __future__ import annotations

import numbers
from typing import Any

from sklearn.utils._param_validation import Interval, validate_parameter_constraints

from sklearn_natsel import Conditional
from sklearn_natsel.keras._architectures.dense import N_NAMED_LAYERS

_N_LAYERS = Interval(numbers.Integral, 0, None, closed="left")
_CONSTRAINTS = {
    "min_hidden_layers": [_N_LAYERS],
    "max_hidden_layers": [_N_LAYERS],
    "uniform": ["boolean"],
    "prefix": [str],
}


def dense_space(
    *,
    min_hidden_layers: int = 0,
    max_hidden_layers: int = 5,
    uniform: bool = False,
    neurons: Any = (16, 32, 64, 128, 256, 512, 1024),
    hidden_dropout: Any = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    input_dropout: Any = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    hidden_activation: Any = ("relu", "elu"),
    kernel_initializer: Any = (
        "lecun_uniform",
        "lecun_normal",
        "glorot_uniform",
        "glorot_normal",
        "he_uniform",
        "he_normal",
    ),
    batch_normalization: Any = None,
    optimizer: Any = ("adam", "adamax", "nadam"),
    learning_rate: Any = None,
    weight_decay: Any = None,
    batch_size: Any = (16, 32, 64),
    prefix: str = "",
) -> dict[str, Any]:
    """Make a space for :class:`DenseClassifier` and :class:`DenseRegressor`.

    Neurons and dropout are searched only for layers that the network has, and
    the activation only if there is a hidden layer: settings that differ stand
    for networks that differ, so none is trained twice.

    Parameters
    ----------
    min_hidden_layers, max_hidden_layers : int, default=0 and 5
        The fewest and the most hidden layers; at most 8, if they are not
        `uniform`.

    uniform : bool, default=False
        Whether all hidden layers of a network have the same number of neurons
        and the same dropout, instead of one for each.

    neurons : values, default=(16, 32, 64, 128, 256, 512, 1024)
        Neurons in a hidden layer. Here and below, values are whatever can
        stand in a `param_space`: a list, tuple or range, or a distribution.
        None means not to search this parameter, which leaves it as the
        estimator has it.

    hidden_dropout : values, default=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
        Dropout after a hidden layer.

    input_dropout : values, default=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
        Dropout of the features.

    hidden_activation : values, default=("relu", "elu")
        Activation of the hidden layers.

    kernel_initializer : values, default=the LeCun, Glorot and He initializers
        Distribution of the initial weights.

    batch_normalization : values, default=None
        Whether hidden layers are normalised.

    optimizer : values, default=("adam", "adamax", "nadam")
        Optimizer.

    learning_rate : values, default=None
        Learning rate. None beside the optimizer's own rate would be the same
        network twice.

    weight_decay : values, default=None
        Weight decay.

    batch_size : values, default=(16, 32, 64)
        Samples in a step of the optimizer.

    prefix : str, default=""
        What comes before the names, for instance ``"model__"`` for a step of a
        Pipeline called ``model``.

    Returns
    -------
    space : dict of str -> values or Conditional
        The space, to be changed or extended like any dict.

    See Also
    --------
    sklearn_natsel.Conditional : Parameters that do not always exist.

    Examples
    --------
    >>> from sklearn_natsel.keras import dense_space
    >>> space = dense_space(max_hidden_layers=2, neurons=[32, 64], optimizer=None)
    >>> list(space)
    ['n_hidden_layers', 'neurons0', 'neurons1', 'dropout0', 'dropout1', 'input_dropout',
     'hidden_activation', 'kernel_initializer', 'batch_size']
    >>> space["neurons1"]
    Conditional([32, 64], parent='n_hidden_layers', condition=range(2, 3))
    """
    given = locals()
    constrained = {name: given[name] for name in _CONSTRAINTS}
    validate_parameter_constraints(_CONSTRAINTS, constrained, "dense_space")
    if min_hidden_layers > max_hidden_layers:
        raise ValueError(
            "min_hidden_layers must not be above max_hidden_layers. "
            f"Got {min_hidden_layers} and {max_hidden_layers}."
        )
    if max_hidden_layers > N_NAMED_LAYERS and not uniform:
        raise ValueError(
            f"max_hidden_layers can be above {N_NAMED_LAYERS} only with uniform=True. "
            f"Got {max_hidden_layers}."
        )
    depths = range(min_hidden_layers, max_hidden_layers + 1)
    names = {"neurons": neurons, "dropout": hidden_dropout}
    space: dict[str, Any] = {"n_hidden_layers": depths}
    for name, values in names.items():
        if uniform:
            space[name] = _in_networks_with(1, values, depths, prefix)
        else:
            for i in range(max_hidden_layers):
                space[f"{name}{i}"] = _in_networks_with(i + 1, values, depths, prefix)
    space |= {
        "input_dropout": input_dropout,
        "hidden_activation": _in_networks_with(1, hidden_activation, depths, prefix),
        "kernel_initializer": kernel_initializer,
        "batch_normalization": _in_networks_with(1, batch_normalization, depths, prefix),
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "weight_decay": weight_decay,
        "batch_size": batch_size,
    }
    return {f"{prefix}{name}": values for name, values in space.items() if values is not None}


def _in_networks_with(layers: int, values: Any, depths: range, prefix: str) -> Any:
    """Make values exist only in networks with at least so many hidden layers."""
    if values is None or not depths or depths[0] >= layers:
        return values
    return Conditional(values, f"{prefix}n_hidden_layers", range(layers, depths[-1] + 1))
