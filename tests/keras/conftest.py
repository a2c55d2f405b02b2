import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import StandardScaler


@pytest.fixture(scope="session")
def iris():
    """Features of a sensible scale, and classes that are no numbers, in their order."""
    X, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(X), np.array(["se", "ve", "vi"])[y]
