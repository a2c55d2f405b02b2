"""What a network does with classes and with numbers: its outputs, its loss, its predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import ClassifierTags, RegressorTags
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite, column_or_1d

from sklearn_natsel.keras._losses import compares_distributions, takes_labels
from sklearn_natsel.keras._network import Network


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkClassifier(Network, KerasClassifier):
    """A network that predicts classes.

    Parameters
    ----------
    class_weight : dict, list of dicts, "balanced" or None, default=None
        Weights of the classes, multiplied with those of the samples.
    """

    class_weight: dict[Any, float] | list[dict[Any, float]] | str | None = None

    # What `partial_fit` was told.
    _given_classes = None

    _parameter_constraints = {
        **Network._parameter_constraints,
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def fit(self, X, y, sample_weight=None):
        """Build the network anew and train it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features) or (n_samples, ...)
            Training data; with more than two dimensions if the layers take them.

        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Classes; one-hot or multi-label as rows of zeros and ones. Labels serve
            better than one-hot rows, which no splitter of scikit-learn stratifies.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : estimator
            The fitted estimator.
        """
        if self._given_classes is not None:
            del self._given_classes
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
            All classes, if `y` of the first call does not have them all. Later calls may
            leave it out, or give the same.

        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the samples.

        Returns
        -------
        self : estimator
            The estimator, trained further.

        Raises
        ------
        ValueError
            If `classes` are others than in the first call, or `y` has others.
        """
        given = None if classes is None else np.unique(classes)
        if not self.initialized_:
            self._given_classes = given
        elif given is not None and not np.array_equal(given, self.classes_):
            raise ValueError(
                "The 'classes' parameter must be the same in each call of partial_fit: "
                f"{self.classes_}. Got {given} instead."
            )
        known = self.classes_ if self.initialized_ else given
        if known is not None and np.ndim(y) == 1 and len(new := np.setdiff1d(y, known)):
            raise ValueError(
                f"y has the classes {new}, but the network has learnt, or was told, {known}. Give "
                "all of them in the first call of partial_fit, by the 'classes' parameter."
            )
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

    def _type_of_target(self, y):
        # `partial_fit` may have been given more classes than there are in `y`.
        self.classes_: Any = self._given_classes
        return super()._type_of_target(y)

    def _check_targets(self, y):
        check_classification_targets(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        elif y.ndim == 2 and not np.isin(y, [0, 1]).all():
            raise ValueError(
                f"{type(self).__name__} takes one column of classes, or rows of zeros and ones. "
                f"Got {y.shape[1]} columns of classes: use MultiOutputClassifier."
            )
        return y

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


class NetworkRegressor(Network, KerasRegressor):
    """A network that predicts numbers."""

    # scikeras has a `score` of its own, which knows no data frames.
    score = RegressorMixin.score

    def _check_targets(self, y):
        with np.errstate(over="ignore"):  # targets are learnt in the precision of the features
            assert_all_finite(np.asarray(y, dtype=np.float32), input_name="y")
        return y

    def _output_layer(self) -> tuple[int, str, str]:
        return self.n_outputs_, "linear", "mean_squared_error"

    def __sklearn_tags__(self):
        # scikeras' bases stand in an order that hides the mixin's tags.
        tags = super().__sklearn_tags__()
        tags.estimator_type = "regressor"
        tags.regressor_tags = RegressorTags()
        tags.target_tags.multi_output = True
        return tags
