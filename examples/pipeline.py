"""Tune a whole Pipeline on handwritten digits, against a random search of the same budget.

The scaler, the dimension reduction and the classifier are chosen together with their
parameters, some of which exist only for some choices. Both searches get the same number of fits
and never see the test images. Saves a picture of the evolution as pipeline.png.
"""

import time
from importlib.util import find_spec

from scipy.stats import loguniform, randint
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

from sklearn_natsel import Conditional, EvolutionDisplay, GeneticSearchCV

EVALUATIONS, SPLITS, SEED = 60, 3, 0
SCALERS = ["passthrough", StandardScaler(), MinMaxScaler()]

pipeline = Pipeline(
    [("scale", StandardScaler()), ("reduce", PCA()), ("model", LogisticRegression(max_iter=2000))]
)
forest = RandomForestClassifier(n_estimators=50, random_state=SEED)
space = {
    "scale": SCALERS,
    "reduce": ["passthrough", PCA(random_state=SEED)],
    "reduce__n_components": Conditional(randint(5, 60), "reduce", PCA),
    "model": [LogisticRegression(max_iter=2000), SVC(), forest],
    "model__C": Conditional(loguniform(1e-3, 1e3), "model", (lambda m: hasattr(m, "C"))),
    "model__gamma": Conditional(loguniform(1e-5, 1), "model", SVC),
    "model__max_features": Conditional(loguniform(0.02, 1), "model", RandomForestClassifier),
    "model__min_samples_leaf": Conditional(range(1, 11), "model", RandomForestClassifier),
}


def random_space():
    """Write the same space as RandomizedSearchCV needs it: a dict for each combination."""
    svc = {"model__C": loguniform(1e-3, 1e3), "model__gamma": loguniform(1e-5, 1)}
    leaves = {"model__max_features": loguniform(0.02, 1), "model__min_samples_leaf": range(1, 11)}
    models = [
        {"model": [LogisticRegression(max_iter=2000)], "model__C": loguniform(1e-3, 1e3)},
        {"model": [SVC()], **svc},
        {"model": [forest], **leaves},
    ]
    reductions = [
        {"reduce": ["passthrough"]},
        {"reduce": [PCA(random_state=SEED)], "reduce__n_components": randint(5, 60)},
    ]
    return [{"scale": SCALERS, **r, **m} for r in reductions for m in models]


def main():
    """Run both searches and report what they reached."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, stratify=y, random_state=SEED)
    options = {"cv": SPLITS, "n_jobs": 2, "random_state": SEED}

    search = GeneticSearchCV(pipeline, space, max_evaluations=EVALUATIONS, verbose=1, **options)
    if find_spec("sklearn.callback") and find_spec("rich"):
        from sklearn.callback import ProgressBar

        search.set_params(verbose=0).set_callbacks(ProgressBar(max_propagation_depth=0))
    rival = RandomizedSearchCV(pipeline, random_space(), n_iter=EVALUATIONS, **options)

    print(f"{EVALUATIONS} settings x {SPLITS} splits each, on {len(X)} digits")
    for name, model in {"GeneticSearchCV": search, "RandomizedSearchCV": rival}.items():
        started = time.perf_counter()
        model.fit(X, y)
        seconds = time.perf_counter() - started
        print(
            f"{name:18}  cross-validated {model.best_score_:.4f}  "
            f"held-out {model.score(X_test, y_test):.4f}  {seconds:.0f} s"
        )
    print(
        f"Stopped by {search.stop_reason_} after {search.n_generations_} generations. Best setting:"
    )
    for name, value in search.best_params_.items():
        print(f"  {name} = {value}")

    import matplotlib

    matplotlib.use("Agg")
    display = EvolutionDisplay.from_estimator(
        search, title="Evolution of a Pipeline", score_name="Accuracy (3-fold)"
    )
    display.figure_.savefig("pipeline.png", dpi=120)
    print("Picture of the evolution: pipeline.png")


if __name__ == "__main__":
    main()
