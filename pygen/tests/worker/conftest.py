import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder that is the present one; what a launch sets for its process is put away."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    return tmp_path
