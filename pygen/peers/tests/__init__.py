"""Tests that need .venv-peers, run by hand."""
