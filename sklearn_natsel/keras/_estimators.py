"""DenseClassifier and DenseRegressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from sklearn_natsel.keras._losses import compares_distributions, takes_labels
from sklearn_natsel.keras._network import DenseNetwork


class DenseClassifier(DenseNetwork, KerasClassifier):
    """Classify with a dense Keras network.

    The outputs and the loss follow from the target: one sigmoid for two
    classes, softmax for more (also if they are given as one-hot rows), and a
    sigmoid for each label of a multi-label target. With a `loss` that compares
    distributions, as ``"categorical_crossentropy"`` does, two classes have
    softmax outputs, too. Each loss gets the classes in the form that it needs.

    Parameters
    ----------
    {parameters}

    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weights of the classes, multiplied with those of the samples.

    Attributes
    ----------
    model_ : keras.Model
        The trained network; ``model_.save("network.keras")`` writes it to disk.

    history_ : dict of str -> list
        Loss of each epoch (with `early_stopping` also ``val_loss``).

    classes_ : ndarray of shape (n_classes,)
        The classes, in the order of the columns of `predict_proba`.

    n_classes_ : int
        Number of classes.

    target_type_ : str
        As :func:`sklearn.utils.multiclass.type_of_target` names it.

    n_features_in_ : int
        Number of features; with `flatten`, the length of the second dimension of X.

    See Also
    --------
    DenseRegressor : The same for numbers.
    dense_space : What to search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_natsel.keras import DenseClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = DenseClassifier(neurons=32, epochs=30, learning_rate=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), network).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """

    _parameter_constraints = {
        **DenseNetwork._parameter_constraints,
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
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
        class_weight=None,
    ):
        self._assign(locals())

    def fit(self, X, y, sample_weight=None):
        """Build the network anew and train it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data; with `flatten`, of any shape (n_samples, ...).

        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes; one-hot or multi-label as rows of zeros and ones. Labels serve
            better than one-hot rows, which no splitter of scikit-learn stratifies.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : DenseClassifier
            The fitted estimator.
        """
        self.classes_: Any = None
        return super().fit(X, y, sample_weight)

    def partial_fit(self, X, y, classes=None, sample_weight=None):  # type: ignore[override]
        """Train the network for one more epoch.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Training data.

        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes.

        classes : array-like of shape (n_classes,), default=None
            All classes, if `y` of the first call does not have them all.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : DenseClassifier
            The estimator, trained further.
        """
        if not self.initialized_:
            self.classes_ = None if classes is None else np.unique(classes)
        return super().partial_fit(X, y, sample_weight)

    def predict_proba(self, X):
        """Predict the probabilities of the classes.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Data, in the shape of the training data.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            A column for each of `classes_`; for a multi-label target, the
            probability of each label.
        """
        outputs = self._predict_raw(X)
        if self.n_classes_ == 1:
            return np.ones_like(outputs)
        if outputs.shape[1] == 1:
            return np.hstack([1 - outputs, outputs])
        if self.target_encoder_._target_type == "multilabel-indicator":
            return outputs
        # To the precision of float64, in which scorers check it, they do not add up yet.
        return outputs / outputs.sum(axis=1, keepdims=True)

    # scikeras has a `score` of its own, which knows no data frames.
    score = ClassifierMixin.score

    @property
    def target_encoder(self):
        """What numbers the classes, for any loss: strata and weights follow from the numbers."""
        return super().target_encoder.set_params(loss=None)

    def _output_layer(self) -> tuple[int, str, str]:
        target = self.target_encoder_._target_type
        if target == "binary" and not compares_distributions(self.loss):
            return 1, "sigmoid", "binary_crossentropy"
        if target == "multilabel-indicator":
            return self.n_classes_, "sigmoid", "binary_crossentropy"
        if target == "multiclass-onehot":
            return self.n_classes_, "softmax", "categorical_crossentropy"
        return self.n_classes_, "softmax", "sparse_categorical_crossentropy"

    def _validate_data(self, X=None, y=None, reset=False, y_numeric=False):
        X, y = super()._validate_data(X, y, reset, y_numeric)
        if y is None:
            return X, y
        check_classification_targets(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        elif y.ndim == 2 and not np.isin(y, [0, 1]).all():
            raise ValueError(
                f"{type(self).__name__} takes one column of classes, or rows of zeros and ones. "
                f"Got {y.shape[1]} columns of classes: use MultiOutputClassifier."
            )
        return X, y

    def _weights(self, y, sample_weight):
        if self.class_weight is None:
            return sample_weight
        classes = self._strata(y)
        labels = y if classes is None else self.classes_[classes]
        weights = compute_sample_weight(self.class_weight, labels)
        return weights if sample_weight is None else weights * sample_weight

    def _strata(self, y):
        if self.target_encoder_._target_type == "multiclass-onehot":
            return y.argmax(axis=1)
        return y[:, 0].astype(int) if y.shape[1] == 1 else None

    def _targets(self, y):
        classes = self._strata(y)
        if classes is None or self.model_.output_shape[1] == 1:
            return y
        if takes_labels(self._chosen_loss()):
            return classes[:, np.newaxis]
        return np.eye(self.n_classes_, dtype=np.float32)[classes]

    def __sklearn_tags__(self):
        # scikeras' bases stand in an order that hides the mixin's tags.
        tags = super().__sklearn_tags__()
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags(multi_label=True)
        return tags


class DenseRegressor(DenseNetwork, KerasRegressor):
    """Predict numbers with a dense Keras network.

    Targets far from zero, or with a spread far from one, are learnt slowly:
    see :class:`~sklearn.compose.TransformedTargetRegressor`.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_ : keras.Model
        The trained network; ``model_.save("network.keras")`` writes it to disk.

    history_ : dict of str -> list
        Loss of each epoch (with `early_stopping` also ``val_loss``).

    n_outputs_ : int
        Number of targets.

    n_features_in_ : int
        Number of features; with `flatten`, the length of the second dimension of X.

    See Also
    --------
    DenseClassifier : The same for classes.
    dense_space : What to search.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sklearn_natsel.keras import DenseRegressor
    >>> X, y = make_regression(n_features=5, random_state=0)
    >>> model = DenseRegressor(epochs=50, learning_rate=0.01, random_state=0)
    >>> model.fit(X, y / y.std()).score(X, y / y.std()) > 0.9
    True
    """

    # scikeras has a `score` of its own, which knows no data frames.
    score = RegressorMixin.score

    def _output_layer(self) -> tuple[int, str, str]:
        return self.n_outputs_, "linear", "mean_squared_error"

    def __sklearn_tags__(self):
        # scikeras' bases stand in an order that hides the mixin's tags.
        tags = super().__sklearn_tags__()
        tags.estimator_type = "regressor"
        tags.regressor_tags = RegressorTags()
        tags.target_tags.multi_output = True
        return tags
