import pytest

from pygen.author import children


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder that is the present one; what a launch sets for its process is put away.

    A script ends the processes that were started while it ran, which here are those of other tests too.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    monkeypatch.setattr(children, "adopt", lambda: None)
    monkeypatch.setattr(children, "end", lambda before: None)
    return tmp_path
