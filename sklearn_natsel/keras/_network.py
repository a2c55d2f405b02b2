"""A network as an estimator of scikit-learn, whatever its layers and its targets are."""

from __future__ import annotations

import inspect
import numbers
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
from scikeras.wrappers import BaseWrapper
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    StrOptions,
)
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from sklearn_natsel.keras._backends import backend
from sklearn_natsel.keras._environment import release_memory
from sklearn_natsel.keras._fits import fit_together
from sklearn_natsel.keras._lookup import look_up
from sklearn_natsel.keras._optimizers import make_optimizer
from sklearn_natsel.keras._schedules import SCHEDULES
from sklearn_natsel.keras._training import Training, predict, train

_COUNT = Interval(numbers.Integral, 1, None, closed="left")
_POSITIVE = Interval(numbers.Real, 0, None, closed="neither")


@dataclass(kw_only=True, eq=False, repr=False)
class Network(BaseWrapper):
    """Training and prediction of a network, as steps of scikeras' `fit` and `predict`.

    `NetworkClassifier` and `NetworkRegressor` add what depends on the targets, an
    `Architecture` adds the layers. All of them are dataclasses, so that each parameter
    of the constructor is written once: where it is used. An estimator writes
    ``{parameters}`` in its docstring for what the classes above it document.

    Parameters
    ----------
    optimizer : str, default="adam"
        Optimizer, by its name in Keras.

    learning_rate : float, default=None
        Learning rate; None means the optimizer's own.

    learning_rate_schedule : {"constant", "cosine", "one_cycle"}, default="constant"
        How the learning rate changes in the course of the `epochs`. "cosine": it
        falls along half a cosine to zero. "one_cycle": it rises in the first three
        tenths of the steps, from a 25th, and then falls along half a cosine. What
        ends the training earlier cuts it off.

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

    steps_per_execution : int or "auto", default="auto"
        Batches that run in one call of the compiled training function. More of
        them are faster, but `max_training_time`, `callbacks` and the progress
        display wait for them. "auto" means up to 64.

    verbose : int, default=0
        Whether Keras shows its progress bar (1) or a line by epoch (2).

    random_state : int, RandomState instance or None, default=None
        Decides the initial weights, the dropout, the order of the samples and
        the part of them that `early_stopping` sets aside. No global generator
        is used.
    """

    optimizer: str = "adam"
    learning_rate: float | None = None
    learning_rate_schedule: str = "constant"
    weight_decay: float | None = None
    loss: str | keras.losses.Loss | None = None
    batch_size: int = 32
    epochs: int = 20
    max_training_time: float | None = None
    early_stopping: bool = False
    patience: int = 5
    validation_fraction: float = 0.1
    callbacks: list[keras.callbacks.Callback] | None = None
    steps_per_execution: int | str = "auto"
    verbose: int = 0
    random_state: int | np.random.RandomState | None = None

    # scikeras would take these for parameters, but the network is not the user's to give.
    model = None
    build_fn = None
    warm_start = False

    # What was learnt by one can't be learnt further.
    _schedule_of_fit = "constant"

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "optimizer": [str],
        "learning_rate": [_POSITIVE, None],
        "learning_rate_schedule": [StrOptions(set(SCHEDULES))],
        "weight_decay": [Interval(numbers.Real, 0, None, closed="left"), None],
        "loss": [str, keras.losses.Loss, None],
        "batch_size": [_COUNT],
        "epochs": [_COUNT],
        "max_training_time": [_POSITIVE, None],
        "early_stopping": ["boolean"],
        "patience": [_COUNT],
        "validation_fraction": [Interval(numbers.Real, 0, 1, closed="neither")],
        "callbacks": [list, None],
        "steps_per_execution": [_COUNT, StrOptions({"auto"})],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__doc__:
            doc = inspect.cleandoc(cls.__doc__)
            cls.__doc__ = doc.replace("{parameters}", _inherited_parameters(cls))

    # scikeras takes any attribute for a parameter, and sets unknown ones without a word.
    _get_param_names: ClassVar[Any] = classmethod(BaseEstimator._get_param_names.__func__)
    set_params = BaseEstimator.set_params
    __repr__ = BaseEstimator.__repr__

    def fit(self, X, y, sample_weight=None):
        """Build the network anew and train it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples, ...)
            Training data; with more than two dimensions if the layers take them.

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

        Raises
        ------
        InvalidParameterError
            With a `learning_rate_schedule`, now or in the last `fit`: it must know how many
            epochs there will be, and ends with them.
        """
        self._validate_params()
        for schedule in (self.learning_rate_schedule, self._schedule_of_fit):
            if schedule != "constant":
                raise InvalidParameterError(
                    "The 'learning_rate_schedule' parameter must be 'constant' for partial_fit, "
                    "and for the fit before it, since a schedule ends with the last epoch. "
                    f"Got {schedule!r} instead."
                )
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

    @available_if(lambda self: backend.trains_together and _fits_as_here(self))
    def fit_many(self, settings, X, y, splits, sample_weight=None):
        """Fit copies of this estimator with several settings, all at once.

        Only with JAX. Networks that are alike but for weights, samples, dropout,
        learning rate, weight decay, seed and how far images are moved are trained as
        one compiled program. Each is the network that `fit` would give, but for
        rounding.

        Parameters
        ----------
        settings : list of dict of str -> object
            Parameters to set, for each fit.

        X : array-like of shape (n_samples, n_features) or (n_samples, ...)
            All samples.

        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets.

        splits : list of ndarray of int or bool
            The rows of `X` and `y` to be trained on, for each fit. As many as there
            are settings: the first setting goes with the first rows.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of all samples.

        Returns
        -------
        fitted : list of estimator, Exception or None
            For each fit, in order: the fitted estimator; or the exception that `fit`
            would have raised; or None if this one must be fitted alone, because it
            has `callbacks`, `verbose`, a `max_training_time`, the optimizer Muon, or a
            loss that needs whole batches or is your own.
        """
        model = clone(self)
        try:
            X, y = model._check_arrays(X, y, reset=True)
        except (TypeError, ValueError):
            return [None] * len(settings)  # maybe the rows of some split are as they should be
        known = {name: vars(model)[name] for name in _KNOWN_OF_X if name in vars(model)}
        places = np.arange(len(X))

        def begin(setting, rows):
            rows = places[rows]  # negative ones count from the end
            estimator = clone(self).set_params(**setting)
            estimator._validate_params()
            vars(estimator).update(known)
            weights = None if sample_weight is None else np.asarray(sample_weight)[rows]
            training = estimator._begin(X, y[rows], rows, weights)
            return estimator, training, estimator._keep_history

        fitted = fit_together(settings, splits, begin, backend.train_together)
        release_memory(X.nbytes)
        return fitted

    # What follows overrides steps of scikeras' `fit` and `predict`.

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        X, y = self._check_arrays(X, y, reset, y_numeric)
        X = self._arrange_samples(X)
        if reset:
            self._input_shape = X.shape[1:]
        return X, y

    def _check_arrays(self, X, y, reset, y_numeric=False):
        targets = {} if y is None else {"y": y, "multi_output": True, "y_numeric": y_numeric}
        checked = validate_data(self, X, **targets, reset=reset, dtype="float32", allow_nd=True)
        X, y = (checked, None) if y is None else checked
        if X.ndim > 2:  # so that what is taken of images, as their rows, is never a copy
            X = np.ascontiguousarray(X)
        if y is None:
            return X, None
        return X, self._check_targets(y.toarray() if sparse.issparse(y) else y)

    def _build_keras_model(self):
        self._seed = _draw_seed(self.random_state)
        n_outputs, output_activation, _ = self._output_layer()
        network = self._build_network(self._input_shape, n_outputs, output_activation, self._seed)
        network.compile(
            optimizer=make_optimizer(
                self.optimizer, learning_rate=self.learning_rate, weight_decay=self.weight_decay
            ),
            loss=look_up("loss", "a loss", keras.losses.get, self._chosen_loss()),
            jit_compile=backend.jit_compile,
        )
        return network

    def _chosen_loss(self) -> Any:
        return self._output_layer()[2] if self.loss is None else self.loss

    def _fit(self, X, y, sample_weight, warm_start, epochs, initial_epoch):
        goes_on = warm_start and self.initialized_
        X, y = self._check_arrays(X, y, reset=not goes_on)
        rows, network = np.arange(len(X)), vars(self).get("model_")
        try:
            if goes_on:
                training = self._training(X, y, rows, sample_weight, epochs, initial_epoch)
            else:
                training = self._begin(X, y, rows, sample_weight, epochs)
            (history,) = backend.train_together([training])
            self._keep_history(history or train(training), initial_epoch)
        except Exception:
            if vars(self).get("model_") is not network:
                self.__dict__.pop("model_", None)  # it was built, but has not learnt
            raise
        release_memory(X.nbytes)

    def _begin(self, X, y, rows, sample_weight, epochs=None):
        """Do all of `fit` but the training: `y` and the weights are those of the rows of `X`."""
        self._input_shape = self._arrange_samples(X).shape[1:]
        self._schedule_of_fit = self.learning_rate_schedule
        self._prepare(y)
        return self._training(X, y, rows, sample_weight, epochs or self.epochs, 0)

    def _prepare(self, y):
        """Learn what targets there are, and build the network.

        If this fails there is none: the one before would take its outputs for the new classes.
        """
        self.__dict__.pop("model_", None)
        self.target_type_ = self._type_of_target(y)
        self.target_encoder_ = self.target_encoder.fit(y)
        for name, value in self.target_encoder_.get_metadata().items():
            setattr(self, name, value)
        self.model_ = self._build_keras_model()

    def _training(self, X, y, rows, sample_weight, epochs, initial_epoch):
        """Return what is to be trained."""
        augmentation, X = self._augmentation(X), self._arrange_samples(X)
        if sample_weight is not None:
            rows, y, sample_weight = self._validate_sample_weight(rows, y, sample_weight)
        y = np.reshape(self.target_encoder_.transform(y), (len(rows), -1))
        weights = self._weights(y, sample_weight)
        own = [self._targets(y), *([] if weights is None else [weights])]
        positions, validation_positions = np.arange(len(rows)), None
        if self.early_stopping:
            positions, validation_positions = self._split_off_validation(positions, y)
        return Training(
            network=self.model_,
            arrays=[X, *(_spread(array, rows, len(X)) for array in own)],
            rows=rows[positions],
            validation_rows=None if validation_positions is None else rows[validation_positions],
            batch_size=int(self.batch_size),
            steps_per_execution=self.steps_per_execution,
            augmentation=augmentation,
            schedule=self.learning_rate_schedule,
            seed=self._seed + initial_epoch,
            initial_epoch=initial_epoch,
            epochs=initial_epoch + epochs,
            patience=self.patience if self.early_stopping else None,
            max_training_time=self.max_training_time,
            callbacks=self.callbacks,
            verbose=self.verbose,
        )

    def _keep_history(self, history, initial_epoch=0):
        if initial_epoch == 0:
            self.history_: dict[str, list[float]] = {}
        for name, values in history.items():
            self.history_[name] = self.history_.get(name, []) + values

    # What follows depends on the targets: subclasses override it.

    def _check_targets(self, y):
        """Return targets that can be learnt, or tell what is wrong with them."""
        return y

    def _output_layer(self) -> tuple[int, str, str]:
        """Return the size and the activation of the output layer, and the loss that suits them."""
        raise NotImplementedError

    def _weights(self, y, sample_weight):
        """Return the weights of the samples; None if all weigh the same."""
        return sample_weight

    def _strata(self, y):
        """Return the class of each sample by its number; None if there are no classes."""
        return None

    def _targets(self, y):
        """Return the targets in the form that the loss compares with the outputs."""
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

    def _initialize_callbacks(self):
        """Leave it to each training."""

    def _predict_raw(self, X):
        check_is_fitted(self, "model_")
        X, _ = self._validate_data(X)
        if X.shape[1:] != self._input_shape:
            raise ValueError(
                f"X has samples of shape {X.shape[1:]}, but {type(self).__name__} "
                f"is expecting {self._input_shape}."
            )
        return predict(self.model_, X)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.non_deterministic = self.random_state is None
        return tags


def _fits_as_here(estimator: Any) -> bool:
    """Whether `fit` is of this package: that of a subclass may do more."""
    return type(estimator).fit.__module__.startswith(f"{__package__}.")


# What `fit` learns of the features.
_KNOWN_OF_X = ("n_features_in_", "feature_names_in_")


def _inherited_parameters(cls: type) -> str:
    """Return what the base classes document as parameters, in the order of the signature."""
    bases = [base for base in reversed(cls.__mro__[1:]) if "__dataclass_fields__" in vars(base)]
    # Without the indentation, which Python 3.13 takes away from a docstring.
    docs = [inspect.cleandoc(base.__doc__ or "") for base in bases]
    return "\n\n".join(doc.partition("Parameters\n----------\n")[2] for doc in docs)


def _spread(array: np.ndarray, rows: np.ndarray, n: int) -> np.ndarray:
    """Put what belongs to some rows of n into their places."""
    array = np.asarray(array, dtype=np.float32)
    if len(rows) == n and (np.diff(rows) == 1).all():
        return array
    spread = np.zeros((n, *array.shape[1:]), dtype=np.float32)
    spread[rows] = array
    return spread


def _draw_seed(random_state: Any) -> int:
    # Without a seed, NumPy's global generator stays untouched.
    rng = np.random.RandomState() if random_state is None else check_random_state(random_state)
    return int(rng.randint(np.iinfo(np.int32).max))
