"""What the classifier and the regressor share: hyperparameters, training and prediction."""

from __future__ import annotations

import copy
import inspect
import numbers
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from scikeras.wrappers import BaseWrapper
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, InvalidParameterError, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_natsel.keras._architectures.dense import build_dense
from sklearn_natsel.keras._environment import release_memory
from sklearn_natsel.keras._limits import TrainingTime
from sklearn_natsel.keras._names import look_up
from sklearn_natsel.keras._optimizers import make_optimizer
from sklearn_natsel.keras._training import predict, train

N_NAMED_LAYERS = 8
"""Hidden layers whose neurons and dropout can be set one by one."""

_COUNT = Interval(numbers.Integral, 1, None, closed="left")
_DROPOUT = Interval(numbers.Real, 0, 1, closed="left")
_POSITIVE = Interval(numbers.Real, 0, None, closed="neither")

_PARAMETERS = """\
    n_hidden_layers : int, default=2
        Number of hidden layers; 0 connects the inputs with the outputs.

    neurons : int, default=128
        Neurons in each hidden layer that has no number of its own.

    dropout : float, default=0.0
        Share of the outputs that is dropped, while training, after each hidden
        layer that has no dropout of its own.

    neurons0, neurons1, neurons2, neurons3, neurons4, neurons5, neurons6, neurons7 : \
int, default=None
        Neurons in the first to the eighth hidden layer; None means `neurons`.
        Those of layers beyond `n_hidden_layers` do not matter.

    dropout0, dropout1, dropout2, dropout3, dropout4, dropout5, dropout6, dropout7 : \
float, default=None
        Dropout after the first to the eighth hidden layer; None means
        `dropout`.

    input_dropout : float, default=0.0
        Share of the features that is dropped while training.

    hidden_activation : str, default="relu"
        Activation of the hidden layers, by its name in Keras.

    kernel_initializer : str, default="glorot_uniform"
        Distribution of the initial weights, by its name in Keras.

    batch_normalization : bool, default=False
        Whether to normalise what each hidden layer passes to its activation.

    optimizer : str, default="adam"
        Optimizer, by its name in Keras.

    learning_rate : float, default=None
        Learning rate; None means the optimizer's own.

    weight_decay : float, default=None
        Weight decay; None means the optimizer's own, which is mostly none.

    loss : str or keras.losses.Loss, default=None
        Loss; None means the one that suits the target. Each fit of a search has a
        copy of an instance, made by its ``get_config``: an argument that is
        missing there, as that of ``Huber`` is in Keras 3.15, is lost.

    batch_size : int, default=32
        Samples in a step of the optimizer.

    epochs : int, default=20
        The most passes over the training data.

    max_training_time : float, default=None
        Seconds after which the training ends. What was learnt by then is kept.
        Results then depend on the speed of the machine.

    early_stopping : bool, default=False
        Whether to set a part of the training data aside, end the training when
        the loss on it stops falling, and return to the weights with which it
        was lowest.

    patience : int, default=5
        Epochs without a lower loss after which `early_stopping` ends the
        training.

    validation_fraction : float, default=0.1
        Share of the training data that `early_stopping` sets aside.

    callbacks : list of keras.callbacks.Callback, default=None
        Further callbacks of the training. Each training uses copies of them.

    flatten : bool, default=False
        Whether to accept data with more than two dimensions, for instance
        images, and flatten each sample.

    steps_per_execution : int or "auto", default="auto"
        Batches that run in one call of the compiled training function. More of
        them are faster, but `max_training_time`, `callbacks` and the progress
        display wait for them. "auto" means up to 64.

    verbose : int, default=0
        Whether Keras shows its progress bar (1) or a line by epoch (2).

    random_state : int, RandomState instance or None, default=None
        Decides the initial weights, the dropout, the order of the samples and
        the part of them that `early_stopping` sets aside. No global generator
        is used."""


class DenseNetwork(BaseWrapper):
    """A dense Keras network with explicit hyperparameters, whatever its outputs are.

    Subclasses write ``{parameters}`` in their docstring for what is documented
    here.
    """

    # scikeras would take these for parameters, but the network is not the user's to give.
    model = None
    build_fn = None
    warm_start = False

    _parameter_constraints: dict[str, Any] = {
        "n_hidden_layers": [Interval(numbers.Integral, 0, None, closed="left")],
        "neurons": [_COUNT],
        "dropout": [_DROPOUT],
        **{f"neurons{i}": [_COUNT, None] for i in range(N_NAMED_LAYERS)},
        **{f"dropout{i}": [_DROPOUT, None] for i in range(N_NAMED_LAYERS)},
        "input_dropout": [_DROPOUT],
        "hidden_activation": [str],
        "kernel_initializer": [str],
        "batch_normalization": ["boolean"],
        "optimizer": [str],
        "learning_rate": [_POSITIVE, None],
        "weight_decay": [Interval(numbers.Real, 0, None, closed="left"), None],
        "loss": [str, keras.losses.Loss, None],
        "batch_size": [_COUNT],
        "epochs": [_COUNT],
        "max_training_time": [_POSITIVE, None],
        "early_stopping": ["boolean"],
        "patience": [_COUNT],
        "validation_fraction": [Interval(numbers.Real, 0, 1, closed="neither")],
        "callbacks": [list, None],
        "flatten": ["boolean"],
        "steps_per_execution": [_COUNT, StrOptions({"auto"})],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        n_hidden_layers=2,
        neurons=128,
        dropout=0.0,
        neurons0=None,
        neurons1=None,
        neurons2=None,
        neurons3=None,
        neurons4=None,
        neurons5=None,
        neurons6=None,
        neurons7=None,
        dropout0=None,
        dropout1=None,
        dropout2=None,
        dropout3=None,
        dropout4=None,
        dropout5=None,
        dropout6=None,
        dropout7=None,
        input_dropout=0.0,
        hidden_activation="relu",
        kernel_initializer="glorot_uniform",
        batch_normalization=False,
        optimizer="adam",
        learning_rate=None,
        weight_decay=None,
        loss=None,
        batch_size=32,
        epochs=20,
        max_training_time=None,
        early_stopping=False,
        patience=5,
        validation_fraction=0.1,
        callbacks=None,
        flatten=False,
        steps_per_execution="auto",
        verbose=0,
        random_state=None,
    ):
        self._assign(locals())

    # scikeras takes any attribute for a parameter, and sets unknown ones without a word.
    _get_param_names: Any = classmethod(BaseEstimator._get_param_names.__func__)
    set_params = BaseEstimator.set_params
    __repr__ = BaseEstimator.__repr__

    def fit(self, X, y, sample_weight=None):
        """Build the network anew and train it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data; with `flatten`, of any shape (n_samples, ...).

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : estimator
            The fitted estimator.
        """
        self._validate_params()
        return BaseWrapper.fit(self, X, y, sample_weight)

    def partial_fit(self, X, y, sample_weight=None):
        """Train the network for one more epoch.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : estimator
            The estimator, trained further.
        """
        self._validate_params()
        return BaseWrapper.partial_fit(self, X, y, sample_weight)

    def predict(self, X):
        """Predict the targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data, in the shape of the training data.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_outputs)
            Predictions.
        """
        outputs = self._predict_raw(X)
        return self.target_encoder_.inverse_transform(outputs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__doc__:
            # Without the indentation, which Python 3.13 takes away from a docstring.
            parameters = inspect.cleandoc(_PARAMETERS)
            cls.__doc__ = inspect.cleandoc(cls.__doc__).replace("{parameters}", parameters)

    def _assign(self, parameters: Mapping[str, Any]) -> None:
        """Keep the parameters of the constructor, as they are."""
        for name, value in parameters.items():
            if name != "self":
                setattr(self, name, value)

    # What follows overrides steps of scikeras' `fit` and `predict`.

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        if not self.flatten and getattr(X, "ndim", 2) > 2:
            raise ValueError(
                f"Found array with dim {X.ndim}, while dim <= 2 is required by "
                f"{type(self).__name__} unless flatten=True."
            )
        targets = {} if y is None else {"y": y, "multi_output": True, "y_numeric": y_numeric}
        checked = validate_data(
            self, X, **targets, reset=reset, dtype="float32", allow_nd=self.flatten
        )
        X, y = (checked, None) if y is None else checked
        y = y.toarray() if sparse.issparse(y) else y
        X = X.reshape(len(X), -1)
        if reset:
            self._n_inputs = X.shape[1]
            self.target_type_ = self._type_of_target(y)
        return X, y

    def _build_keras_model(self):
        self._seed = _draw_seed(self.random_state)
        n_outputs, output_activation, _ = self._output_layer()
        network = build_dense(
            self._n_inputs,
            [self._hidden_layer(i) for i in range(self.n_hidden_layers)],
            input_dropout=self.input_dropout,
            hidden_activation=self.hidden_activation,
            kernel_initializer=self.kernel_initializer,
            batch_normalization=self.batch_normalization,
            n_outputs=n_outputs,
            output_activation=output_activation,
            seed=self._seed,
        )
        network.compile(
            optimizer=make_optimizer(
                self.optimizer, learning_rate=self.learning_rate, weight_decay=self.weight_decay
            ),
            loss=look_up("loss", "a loss", keras.losses.get, self._chosen_loss()),
            jit_compile=False,
        )
        return network

    def _chosen_loss(self) -> Any:
        return self._output_layer()[2] if self.loss is None else self.loss

    def _hidden_layer(self, i: int) -> tuple[int, float]:
        """Return neurons and dropout of hidden layer i."""
        neurons, dropout = getattr(self, f"neurons{i}", None), getattr(self, f"dropout{i}", None)
        return (
            int(self.neurons if neurons is None else neurons),  # Keras takes none of NumPy's
            self.dropout if dropout is None else dropout,
        )

    def _fit_keras_model(self, X, y, sample_weight, warm_start, epochs, initial_epoch):
        y = np.reshape(y, (len(X), -1))
        weights = self._weights(y, sample_weight)
        arrays = [X, self._targets(y), *([] if weights is None else [weights])]
        rows, validation_rows = np.arange(len(X)), None
        if self.early_stopping:
            rows, validation_rows = self._split_off_validation(rows, y)
        history = train(
            self.model_,
            arrays,
            rows,
            validation_rows,
            batch_size=self.batch_size,
            steps_per_execution=self.steps_per_execution,
            seed=self._seed + initial_epoch,
            epochs=initial_epoch + epochs,
            initial_epoch=initial_epoch,
            verbose=self.verbose,
            callbacks=self._training_callbacks(),
        )
        release_memory(X.nbytes)
        if initial_epoch == 0:
            self.history_: dict[str, list[float]] = {}
        for name, values in history.items():
            self.history_[name] = self.history_.get(name, []) + values

    def _weights(self, y, sample_weight):
        return sample_weight

    def _strata(self, y):
        return None

    def _targets(self, y):
        return y

    def _split_off_validation(self, rows, y):
        try:
            return train_test_split(
                rows,
                test_size=self.validation_fraction,
                random_state=self._seed,
                stratify=self._strata(y),
            )
        except ValueError as error:
            raise ValueError(
                f"'early_stopping' can't set a 'validation_fraction' of {self.validation_fraction} "
                f"of {len(rows)} samples aside: {error} Change the fraction, or set "
                "early_stopping=False."
            ) from error

    def _training_callbacks(self) -> list[Any]:
        # Callbacks keep the network and their state, so each training has copies of its own.
        callbacks = copy.deepcopy(self.callbacks or [])
        for callback in callbacks:
            if not isinstance(callback, keras.callbacks.Callback):
                raise InvalidParameterError(
                    "The 'callbacks' parameter must be a list of instances of "
                    f"keras.callbacks.Callback. Got {callback!r} in it instead."
                )
        if self.early_stopping:
            callbacks.append(
                keras.callbacks.EarlyStopping(patience=self.patience, restore_best_weights=True)
            )
        if self.max_training_time is not None:
            callbacks.append(TrainingTime(self.max_training_time))
        return callbacks

    def _initialize_callbacks(self):
        """Leave it to each training."""

    def _predict_raw(self, X):
        check_is_fitted(self, "model_")
        X, _ = self._validate_data(X)
        if X.shape[1] != self._n_inputs:
            raise ValueError(
                f"X has {X.shape[1]} values per sample, but {type(self).__name__} "
                f"is expecting {self._n_inputs} as input."
            )
        return predict(self.model_, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.non_deterministic = self.random_state is None
        return tags


def _draw_seed(random_state: Any) -> int:
    # Without a seed, NumPy's global generator stays untouched.
    rng = np.random.RandomState() if random_state is None else check_random_state(random_state)
    return int(rng.randint(np.iinfo(np.int32).max))
