"""What of an estimator can change a score."""

import pytest
from sklearn.base import clone
from sklearn.cluster import FeatureAgglomeration
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._memory.fingerprint import fingerprint

STEPS = [("scale", StandardScaler()), ("model", LogisticRegression())]
COLUMNS = ColumnTransformer([("scale", StandardScaler(), [0])])


@pytest.mark.parametrize(
    ("plain", "options", "counts"),
    [
        (Pipeline(STEPS), {"memory": "folder", "verbose": True}, {"steps": STEPS[1:]}),
        (FeatureUnion(STEPS[:1]), {"n_jobs": 2, "verbose": True}, {"scale": "drop"}),
        (COLUMNS, {"n_jobs": 2, "verbose": True}, {"remainder": "passthrough"}),
        (RandomForestClassifier(), {"n_jobs": 2, "verbose": 1}, {"n_estimators": 3}),
        (FeatureAgglomeration(), {"memory": "folder"}, {"n_clusters": 3}),
        (GridSearchCV(LogisticRegression(), {"C": [1]}), {"n_jobs": 2, "verbose": 1}, {"cv": 3}),
    ],
    ids=str,
)
def test_what_scikit_learn_only_prints_stores_or_shares_out_does_not_count(plain, options, counts):
    before = fingerprint(plain)
    same = clone(plain).set_params(**options)
    assert fingerprint(same) == before
    assert fingerprint([same]) == fingerprint([plain])
    assert fingerprint(clone(plain).set_params(**counts)) != before


class Forest(RandomForestClassifier):
    """May use its parameters in any way."""


def test_in_a_class_of_somebody_else_everything_counts():
    assert fingerprint(Forest(n_jobs=2)) != fingerprint(Forest())
    assert fingerprint(Forest(verbose=1)) != fingerprint(Forest())


def test_a_pipeline_with_a_temporary_folder_is_found_again(tmp_path):
    for number in range(2):
        folder = str(tmp_path / f"steps_{number}")
        steps = [("scale", StandardScaler()), ("tree", DecisionTreeClassifier(random_state=0))]
        search = GeneticSearchCV(
            Pipeline(steps, memory=folder), {"tree__max_depth": [1, 2]}, cv=2, memory=tmp_path
        )
        search.fit([[i] for i in range(20)], [0, 1] * 10)
        assert len(list((tmp_path / "sklearn_natsel").rglob("*.json"))) == 4


def test_jobs_count_where_a_score_depends_on_them():
    one, two = (fingerprint(LatentDirichletAllocation(n_jobs=n_jobs)) for n_jobs in (1, 2))
    assert one != two
    assert one == fingerprint(LatentDirichletAllocation(n_jobs=1, verbose=1))
