"""What kinds of networks there are: for each one, the layers, the estimators and a ready space.

The package exports the estimators and the spaces. `base.py` says what a new kind has to write.
"""
