import pickle
import re

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_digits, load_iris, make_multilabel_classification
from sklearn.exceptions import NotFittedError
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelBinarizer, StandardScaler

pytest.importorskip("tensorflow")
pytest.importorskip("scikeras")

import keras

from sklearn_natsel.keras import DenseClassifier, DenseRegressor

# Most of the time goes into compiling the network, so it has one layer where one will do.
TINY = {
    "n_hidden_layers": 1,
    "neurons": 16,
    "epochs": 10,
    "learning_rate": 0.05,
    "random_state": 0,
}
TWO_LAYERS = {**TINY, "n_hidden_layers": 2, "dropout": 0.2}


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["se", "ve", "vi"])[y]


def test_they_pass_for_what_they_are():
    assert is_classifier(DenseClassifier())
    assert not is_regressor(DenseClassifier())
    assert is_regressor(DenseRegressor())


def test_the_regressor_has_the_parameters_of_the_classifier():
    classifier, regressor = DenseClassifier().get_params(), DenseRegressor().get_params()
    assert classifier == {**regressor, "class_weight": None}


def test_every_parameter_is_documented():
    for estimator in (DenseClassifier, DenseRegressor):
        for name in estimator().get_params():
            assert re.search(rf"^([\w, ]+, )?{name}\b", estimator.__doc__, re.MULTILINE)


@pytest.mark.parametrize("scoring", ["accuracy", "roc_auc_ovr", "neg_log_loss"])
def test_cross_validation_is_stratified(iris, scoring):
    # Without shuffling, folds that are not stratified hold one class each.
    scores = cross_val_score(DenseClassifier(**TINY), *iris, cv=3, scoring=scoring)
    assert scores.min() > (-0.8 if scoring == "neg_log_loss" else 0.8)


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
    model = DenseClassifier(**{**TINY, "epochs": 30}).fit(X, Y)
    assert model.predict_proba(X).shape == Y.shape
    assert (model.predict(X) == Y).mean() > 0.8


def test_several_outputs():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    Y = X @ rng.normal(size=(3, 2))
    model = DenseRegressor(**{**TINY, "epochs": 30}).fit(X, Y)
    assert model.score(X, Y) > 0.9
    assert model.predict(X[:1]).shape == (1, 2)
    assert DenseRegressor(**TINY).fit(X, Y[:, 0]).predict(X).shape == (200,)


def test_images_are_flattened_on_request():
    X, y = load_digits(return_X_y=True)
    images = (X[:300] / 16).reshape(-1, 8, 8)
    model = DenseClassifier(flatten=True, **TINY).fit(images, y[:300])
    assert model.score(images, y[:300]) > 0.9
    with pytest.raises(ValueError, match="dim 3"):
        DenseClassifier(**TINY).fit(images, y[:300])
    with pytest.raises(ValueError, match="is expecting 64"):
        model.predict(images[:, :, :4])


def test_random_state_decides(iris):
    first, again, other = (
        DenseClassifier(**{**TWO_LAYERS, "random_state": seed}).fit(*iris) for seed in (0, 0, 1)
    )
    assert first.history_ == again.history_
    assert first.history_ != other.history_
    np.testing.assert_array_equal(first.predict_proba(iris[0]), again.predict_proba(iris[0]))


@pytest.mark.parametrize("random_state", [0, None])
def test_global_generators_stay_untouched(iris, random_state):
    import random

    before, python_before = np.random.get_state()[1].tolist(), random.getstate()
    DenseClassifier(**{**TWO_LAYERS, "random_state": random_state}).fit(*iris)
    assert np.random.get_state()[1].tolist() == before
    assert random.getstate() == python_before


def test_sample_and_class_weights(iris):
    X, y = iris[0][50:], iris[1][50:]
    only = DenseClassifier(**TINY).fit(X, y, sample_weight=(y == "vi") + 1e-3)
    assert (only.predict(X) == "vi").mean() > 0.9
    weight = np.ones(len(y))
    by_class = DenseClassifier(class_weight={"ve": 1e-3, "vi": 1}, **TINY).fit(X, y, weight)
    assert (by_class.predict(X) == "vi").mean() > 0.9
    assert (weight == 1).all()


def test_partial_fit_goes_on(iris):
    model = DenseClassifier(**TINY)
    for _ in range(3):
        model.partial_fit(*iris)
    assert len(model.history_["loss"]) == 3
    assert model.history_["loss"][2] < model.history_["loss"][0]


def test_pickle_and_clone_of_a_fitted_estimator(iris):
    model = make_pipeline(StandardScaler(), DenseClassifier(**TINY)).fit(*iris)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(iris[0]), model.predict_proba(iris[0]))
    with pytest.raises(NotFittedError):
        clone(model)[-1].predict(iris[0])


def test_grid_search_over_a_pipeline(iris):
    model = make_pipeline(StandardScaler(), DenseClassifier(**TINY))
    search = GridSearchCV(model, {"denseclassifier__neurons0": [1, 16]}, cv=2).fit(*iris)
    assert search.best_params_ == {"denseclassifier__neurons0": 16}


def test_invalid_parameters_are_named(iris):
    for params in ({"dropout3": 1.5}, {"neurons": 0}, {"epochs": 0}, {"optimizer": None}):
        with pytest.raises(ValueError, match=next(iter(params))):
            DenseClassifier(**params).fit(*iris)
    with pytest.raises(ValueError, match="neurones"):
        DenseClassifier().set_params(neurones=3)
    with pytest.raises(ValueError, match=r"'callbacks' parameter .* Got 'x' in it"):
        DenseClassifier(callbacks=["x"]).fit(*iris)
    with pytest.raises(ValueError, match="'loss' parameter"):
        DenseClassifier(loss="").fit(*iris)


def test_too_little_to_set_aside_is_told(iris):
    model = DenseClassifier(early_stopping=True, validation_fraction=0.01)
    with pytest.raises(ValueError, match=r"'validation_fraction' of 0.01 of 150 samples"):
        model.fit(*iris)


@pytest.mark.parametrize("parameter", ["neurons", "neurons0"])
def test_numbers_of_numpy_are_numbers(iris, parameter):
    model = DenseClassifier(**{**TINY, "epochs": 1, parameter: np.array([4, 8])[1]}).fit(*iris)
    assert [layer.units for layer in model.model_.layers if hasattr(layer, "units")] == [8, 3]


@pytest.mark.parametrize("class_weight", ["balanced", {0: 1, 1: 5, 2: 16}])
def test_classes_weigh_the_same_in_one_hot_rows(class_weight):
    X = np.random.RandomState(0).standard_normal((100, 3))
    y = np.repeat([0, 1, 2], [80, 15, 5])
    options = {**TINY, "class_weight": class_weight, "early_stopping": True}
    labels = DenseClassifier(**options).fit(X, y).predict_proba(X)
    rows = DenseClassifier(**options).fit(X, np.eye(3)[y]).predict_proba(X)
    np.testing.assert_allclose(rows, labels, atol=1e-5)


LOSSES = [
    "mse",
    "categorical_hinge",
    "kl_divergence",
    "categorical_crossentropy",
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


@pytest.mark.parametrize("loss", ["categorical_crossentropy", keras.losses.KLDivergence()])
@pytest.mark.parametrize("class_weight", ["balanced", {"a": 1, "b": 5, "c": 16}])
def test_classes_weigh_the_same_with_one_loss_by_another_name(loss, class_weight):
    X = np.random.RandomState(0).standard_normal((100, 3))
    y = np.repeat(["a", "b", "c"], [80, 15, 5])
    options = {**TINY, "class_weight": class_weight, "early_stopping": True}
    own = DenseClassifier(**options).fit(X, y).predict_proba(X)
    other = DenseClassifier(**options, loss=loss).fit(X, y).predict_proba(X)
    np.testing.assert_allclose(other, own, atol=1e-5)


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


@pytest.mark.parametrize(
    "parameter", ["hidden_activation", "kernel_initializer", "optimizer", "loss"]
)
def test_names_that_keras_does_not_know(iris, parameter):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter .* Got 'nonsense' instead"):
        DenseClassifier(**TINY, **{parameter: "nonsense"}).fit(*iris)


@pytest.mark.parametrize("name", ["zeros", "identity", "orthogonal", "RandomNormal"])
def test_initializers_with_and_without_a_seed(iris, name):
    one, other = (DenseClassifier(**TINY, kernel_initializer=name).fit(*iris) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(iris[0]), other.predict_proba(iris[0]))
