"""scikeras' estimators for models of one's own: those that are alike are one program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from copy import copy
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import scikeras.wrappers
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.metaestimators import available_if

from sklearn_natsel.keras._environment import release_memory
from sklearn_natsel.keras._fits import fit_together
from sklearn_natsel.keras._population.forgotten import Forgotten
from sklearn_natsel.keras._population.model_calls import predictions_of, training_of
from sklearn_natsel.keras._population.models import ModelTraining, train_models

# Whose fit is made together with others: it leaves here what is to be trained, and what is to be
# done then.
_waiting: ContextVar[tuple[Any, list[Any]]] = ContextVar("waiting", default=(None, []))


def _fits_as_scikeras(estimator: Any) -> bool:
    """Whether `fit` ends with the training: a subclass may go on with what was learnt."""
    return {type(estimator).fit, type(estimator)._fit_keras_model} <= {
        scikeras.wrappers.KerasClassifier.fit,
        scikeras.wrappers.KerasRegressor.fit,
        TrainedTogether._fit_keras_model,
    }


class TrainedTogether(scikeras.wrappers.BaseWrapper):
    """Takes over what scikeras hands to `keras.Model`, where it can do the same."""

    _predictions: Forgotten | None = None

    @available_if(_fits_as_scikeras)
    def fit_many(self, settings, X, y, splits, sample_weight=None):
        """Fit copies of this estimator with several settings, all at once.

        Models whose batches do the same but for numbers (learning rate, weight decay,
        dropout, penalties) are trained as one compiled program, whatever code they are
        made by: what is compared is what JAX makes of it. Each is the model that `fit`
        would give, but for rounding.

        Parameters
        ----------
        settings : list of dict of str -> object
            Parameters to set, for each fit.

        X : array-like of shape (n_samples, ...)
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
            has `callbacks`, `verbose`, a `validation_split`, other arguments of Keras'
            `fit`, or a model that JAX can't describe.
        """
        parts: dict[bytes, tuple[Any, Any]] = {}

        def begin(setting, rows):
            if rows.tobytes() not in parts:
                parts[rows.tobytes()] = _safe_indexing(X, rows), _safe_indexing(y, rows)
            weights = None if sample_weight is None else np.asarray(sample_weight)[rows]
            estimator = clone(self).set_params(**setting)
            return estimator, *_begin(estimator, *parts[rows.tobytes()], weights)

        fitted = fit_together(settings, splits, begin, _train)
        release_memory(getattr(X, "nbytes", 0))
        return fitted

    # What follows overrides steps of scikeras' `fit` and `predict`.

    def _fit_keras_model(self, *arguments: Any, **kwargs: Any) -> None:
        def hand_to(fit: Callable[..., Any]) -> dict[str, Any]:
            stand_in = self._with_model(fit=fit)
            super(TrainedTogether, stand_in)._fit_keras_model(*arguments, **kwargs)
            history: dict[str, Any] = stand_in.history_
            return history

        trainings = []

        def begin(**call: Any) -> keras.callbacks.History:
            trainings.append(training_of(self.model_, **call))
            return _history({}, range(0))

        def end(history: dict[str, list[float]] | None) -> None:
            self._predictions = None
            training = trainings[0]
            if history is None or training is None:
                self.history_ = hand_to(self.model_.fit)
            else:
                epochs = range(training.initial_epoch, training.epochs)
                self.model_.history = _history(history, epochs)  # where Keras leaves it
                self.history_ = hand_to(lambda **_: self.model_.history)

        hand_to(begin)
        estimator, begun = _waiting.get()
        if estimator is self:
            begun += [trainings[0], end]
        else:
            end(_train(trainings)[0])

    def _predict_raw(self, X, **kwargs):
        if not self.initialized_:
            return super()._predict_raw(X, **kwargs)

        def predict(x: Any, **call: Any) -> Any:
            if self._predictions is None:
                self._predictions = Forgotten()
            outputs = predictions_of(self.model_, self._predictions, x, **call)
            return self.model_.predict(x, **call) if outputs is None else outputs

        stand_in = self._with_model(predict=predict)
        return super(TrainedTogether, stand_in)._predict_raw(X, **kwargs)

    def _with_model(self, **methods: Callable[..., Any]) -> Any:
        """Return a copy of this estimator whose model has these methods."""
        stand_in = copy(self)
        stand_in.model_ = SimpleNamespace(loss=self.model_.loss, **methods)
        return stand_in


def _begin(estimator: Any, *data: Any) -> tuple[ModelTraining | None, Callable[..., None]]:
    """Do all of `fit` but the training; return this, and what is to be done with its history."""
    begun: list[Any] = []
    token = _waiting.set((estimator, begun))
    try:
        estimator.fit(*data)
    finally:
        _waiting.reset(token)
    training, end = begun
    return training, end


def _train(trainings: Sequence[ModelTraining | None]) -> list[dict[str, list[float]] | None]:
    """Train what can be trained here."""
    histories = iter(train_models([each for each in trainings if each is not None]))
    return [None if each is None else next(histories) for each in trainings]


def _history(metrics: dict[str, list[float]], epochs: range) -> keras.callbacks.History:
    history = keras.callbacks.History()
    history.history, history.epoch = metrics, list(epochs)
    return history


class KerasClassifier(TrainedTogether, scikeras.wrappers.KerasClassifier):
    """scikeras' classifier for a Keras model of one's own, which a search trains in groups.

    Only with JAX: with TensorFlow or torch this is scikeras' class itself. All its
    parameters and methods are the same here, and `fit_many` is added.

    `fit` and `predict` use programs that are compiled once for all models that do the
    same. They leave it to Keras unless ``verbose=0``, and with callbacks, a validation
    or further arguments of Keras' `fit`.

    See Also
    --------
    sklearn_natsel.keras.DenseClassifier : Dense networks, without writing them.

    Examples
    --------
    >>> from sklearn_natsel.keras import KerasClassifier
    >>> import keras
    >>> from sklearn.datasets import load_iris
    >>> def build():
    ...     layers = [keras.layers.Input((4,)), keras.layers.Dense(3, "softmax")]
    ...     return keras.Sequential(layers)
    >>> network = KerasClassifier(
    ...     build,
    ...     loss="sparse_categorical_crossentropy",
    ...     optimizer="adam",
    ...     optimizer__learning_rate=0.1,
    ...     epochs=5,
    ...     verbose=0,
    ...     random_state=0,
    ... ).fit(*load_iris(return_X_y=True))
    >>> network.predict([[5.1, 3.5, 1.4, 0.2]])
    array([0])
    """


class KerasRegressor(TrainedTogether, scikeras.wrappers.KerasRegressor):
    """scikeras' regressor for a Keras model of one's own, which a search trains in groups.

    Only with JAX: with TensorFlow or torch this is scikeras' class itself. What
    `KerasClassifier` tells holds here as well.

    See Also
    --------
    sklearn_natsel.keras.DenseRegressor : Dense networks, without writing them.

    Examples
    --------
    >>> from sklearn_natsel.keras import KerasRegressor
    >>> import keras
    >>> def build():
    ...     return keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    >>> network = KerasRegressor(
    ...     build,
    ...     loss="mse",
    ...     optimizer="sgd",
    ...     optimizer__learning_rate=0.1,
    ...     epochs=100,
    ...     verbose=0,
    ...     random_state=0,
    ... ).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> network.predict([[3.0], [4.0]]).round(1)
    array([7., 9.], dtype=float32)
    """
