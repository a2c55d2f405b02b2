import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

pytest.importorskip("tensorflow")
pytest.importorskip("scikeras")

from sklearn_natsel.keras import DenseClassifier, DenseRegressor

TINY = {
    "n_hidden_layers": 1,
    "neurons": 16,
    "epochs": 20,
    "learning_rate": 0.02,
    "batch_size": 16,
    "random_state": 0,
}
EXPECTED_FAILURES = {
    "check_estimator_tags_renamed": "scikeras still has the tags of scikit-learn before 1.6",
    "check_mixin_order": "the mixins come from scikeras, in its order",
    "check_sample_weight_equivalence_on_dense_data": (
        "a sample of weight two is not in the same batches as two samples"
    ),
}


@parametrize_with_checks(
    [DenseClassifier(**TINY), DenseRegressor(**TINY)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_estimator_checks(estimator, check):
    check(estimator)
