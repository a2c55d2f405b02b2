"""From targets to outputs and losses: classes in any form, and numbers."""

import functools

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import get_scorer
from sklearn.model_selection import cross_validate
from sklearn.preprocessing import LabelBinarizer, StandardScaler

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras import DenseClassifier, DenseRegressor

# Most of the time goes into compiling the network, so it has one layer.
TINY = {
    "n_hidden_layers": 1,
    "neurons": 16,
    "epochs": 10,
    "learning_rate": 0.05,
    "random_state": 0,
}


def test_cross_validation_is_stratified(iris):
    # Without shuffling, folds that are not stratified hold one class each.
    scoring = ["accuracy", "roc_auc_ovr", "neg_log_loss"]
    scores = cross_validate(DenseClassifier(**TINY), *iris, cv=3, scoring=scoring)
    assert scores["test_accuracy"].min() > 0.8
    assert scores["test_roc_auc_ovr"].min() > 0.8
    assert scores["test_neg_log_loss"].min() > -0.8


def test_two_classes(iris):
    X, y = iris[0][50:], iris[1][50:]
    model = DenseClassifier(**TINY).fit(X, y)
    assert model.classes_.tolist() == ["ve", "vi"]
    assert model.predict_proba(X[:1]).shape == (1, 2)
    assert model.model_.output_shape == (None, 1)
    assert get_scorer("roc_auc")(model, X, y) > 0.9


def test_one_hot_targets(iris):
    X, y = iris
    model = DenseClassifier(**TINY).fit(X, LabelBinarizer().fit_transform(y))
    assert model.model_.layers[-1].activation.__name__ == "softmax"
    assert model.predict(X).shape == (150, 3)
    assert (model.predict(X).sum(axis=1) == 1).all()


def test_multilabel_targets():
    X, Y = make_multilabel_classification(random_state=0)
    X = StandardScaler().fit_transform(X)
    model = DenseClassifier(**{**TINY, "epochs": 30}).fit(X, Y)
    assert model.predict_proba(X).shape == Y.shape
    assert (model.predict(X) == Y).mean() > 0.9


def test_several_outputs():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    Y = X @ rng.normal(size=(3, 2))
    model = DenseRegressor(**{**TINY, "epochs": 30}).fit(X, Y)
    assert model.score(X, Y) > 0.9
    assert model.predict(X[:1]).shape == (1, 2)
    assert DenseRegressor(**TINY).fit(X, Y[:, 0]).predict(X).shape == (200,)


def test_sample_and_class_weights(iris):
    X, y = iris[0][50:], iris[1][50:]
    only = DenseClassifier(**TINY).fit(X, y, sample_weight=(y == "vi") + 1e-3)
    assert (only.predict(X) == "vi").mean() > 0.9
    weight = np.ones(len(y))
    by_class = DenseClassifier(class_weight={"ve": 1e-3, "vi": 1}, **TINY).fit(X, y, weight)
    assert (by_class.predict(X) == "vi").mean() > 0.9
    assert (weight == 1).all()


UNEQUAL = np.repeat(["a", "b", "c"], [80, 15, 5])
WEIGHTS = {"balanced": "balanced", "given": {"a": 1, "b": 5, "c": 16}}


def predicted(y, class_weight, loss=None):
    X = np.random.RandomState(0).standard_normal((100, 3))
    model = DenseClassifier(**TINY, class_weight=class_weight, early_stopping=True, loss=loss)
    return model.fit(X, y).predict_proba(X)


@functools.cache
def predicted_from_labels(weights):
    return predicted(UNEQUAL, WEIGHTS[weights])


@pytest.mark.parametrize("weights", WEIGHTS)
def test_classes_weigh_the_same_in_one_hot_rows(weights):
    class_weight = {0: 1, 1: 5, 2: 16} if weights == "given" else weights
    rows = np.eye(3)[np.unique(UNEQUAL, return_inverse=True)[1]]
    expected = predicted_from_labels(weights)
    np.testing.assert_allclose(predicted(rows, class_weight), expected, atol=1e-5)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", keras.losses.KLDivergence()])
@pytest.mark.parametrize("weights", WEIGHTS)
def test_classes_weigh_the_same_with_one_loss_by_another_name(loss, weights):
    other = predicted(UNEQUAL, WEIGHTS[weights], loss)
    np.testing.assert_allclose(other, predicted_from_labels(weights), atol=1e-5)


LOSSES = [
    "mse",
    "categorical_hinge",
    "kl_divergence",
    "sparse_categorical_crossentropy",
    keras.losses.CategoricalFocalCrossentropy(),
]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_each_loss_learns_classes_in_any_form(iris, loss, n_classes):
    X, y = iris[0][: 50 * n_classes], iris[1][: 50 * n_classes]
    one_hot = (y[:, np.newaxis] == np.unique(y)).astype(int)
    labels = DenseClassifier(**TINY, loss=loss).fit(X, y)
    rows = DenseClassifier(**TINY, loss=loss).fit(X, one_hot)
    assert labels.score(X, y) > 0.9
    assert rows.score(X, one_hot) > 0.9
    np.testing.assert_allclose(labels.predict_proba(X).sum(axis=1), 1)
    if labels.model_.output_shape == rows.model_.output_shape:
        np.testing.assert_allclose(rows.predict_proba(X), labels.predict_proba(X), atol=1e-5)


@pytest.mark.parametrize("estimator", [DenseClassifier, DenseRegressor])
def test_targets_may_be_sparse(estimator):
    X, y = make_multilabel_classification(50, n_labels=2, random_state=0)
    dense = estimator(**TINY).fit(X, y).predict(X)
    np.testing.assert_array_equal(estimator(**TINY).fit(X, csr_matrix(y)).predict(X), dense)


def test_targets_that_a_classifier_cannot_take(iris):
    X, y = iris
    codes = np.unique(y, return_inverse=True)[1]
    with pytest.raises(ValueError, match="2 columns of classes: use MultiOutputClassifier"):
        DenseClassifier(**TINY).fit(X, np.c_[codes, codes])
    with pytest.raises(ValueError, match=r"or rows of zeros and ones. Got 3 columns"):
        DenseClassifier(**TINY).fit(X, 2 * np.eye(3)[codes])
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        DenseClassifier(**TINY).fit(X, codes + 0.5)


def test_targets_beyond_the_precision_of_a_network_are_refused(iris):
    y = np.arange(150.0)
    y[0] = 1e300
    with pytest.raises(ValueError, match="Input y contains infinity or a value too large"):
        DenseRegressor(**TINY).fit(iris[0], y)
