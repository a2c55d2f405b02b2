"""Results that are kept in a CSV file, so that nothing is run twice."""

import pandas as pd


def run_all(runs, run_one, path=None, again=False):
    """Run what a file does not hold, add it there, and return the results of all runs.

    Parameters
    ----------
    runs : list of dict
        What tells them apart; each entry is a column.
    run_one : callable
        Is given the entries of one; returns what has come of it, as a dict.
    path : Path, default=None
        The file.
    again : bool, default=False
        Whether to run what it holds, too.

    Returns
    -------
    results : DataFrame
        A row for each run.
    """
    key = list(runs[0])
    frames = [pd.read_csv(path)] if path is not None and path.exists() else []
    known = {row for frame in frames for row in frame[key].itertuples(index=False, name=None)}
    for run in runs:
        if again or tuple(run.values()) not in known:
            frames.append(pd.DataFrame([run | run_one(**run)]))
            if path is not None:
                frames[-1].to_csv(path, mode="a", header=not path.exists(), index=False)
    # What was run again stands last, and replaces the earlier rows.
    results = pd.concat(frames).drop_duplicates(key, keep="last").set_index(key)
    return results.loc[[tuple(run.values()) for run in runs]].reset_index()
