"""Whole training-epoch times of the same work in other ways than epochtime's: `python -m pygen.peers --help`."""
