"""Whether two searches have found the same in the same order."""

import numpy as np


def assert_same_search(search, other):
    """Assert that two fitted searches differ in nothing but the time that they took."""
    assert search.cv_results_["params"] == other.cv_results_["params"]
    assert search.cv_results_.keys() == other.cv_results_.keys()
    for name in search.cv_results_.keys() - {"params"}:
        if not name.endswith("_time"):
            np.testing.assert_array_equal(
                search.cv_results_[name], other.cv_results_[name], err_msg=name
            )
    for name in search.evolution_history_.keys() - {"seconds"}:
        np.testing.assert_array_equal(
            search.evolution_history_[name], other.evolution_history_[name], err_msg=name
        )
    assert getattr(search, "best_index_", None) == getattr(other, "best_index_", None)
    assert search.stop_reason_ == other.stop_reason_
