"""Makes PyTorch's CUDA wheel load without CUDA: `python setup/without_cuda.py`, run once by setup/runtimes.

The wheel's libraries name a dozen CUDA libraries, 3 GB of them, which must be there for the wheel to be loaded, though
nothing in them is called where there is no GPU. This builds one small library that has all their functions, each of
which ends the process, and puts it under all their names. The CUDA runtime itself, which is called at loading, is the
real one. What runs on the processor is not touched.
"""

import re
import subprocess
import sysconfig
from pathlib import Path

PACKAGES = Path(sysconfig.get_paths()["purelib"])
CUDA = PACKAGES / "nvidia" / "cu13" / "lib"
STAND_IN = "libstandin.so"
# The runtime is installed; the driver is looked for by the runtime, and rightly not found.
REAL = ("libcudart", "libcuda.so")
NAME = re.compile(r"\(NEEDED\).*\[(lib(?:cu|nv|nccl)[^]]*)\]")
FUNCTION = re.compile(r"\bUND ((?:cu|nv|nccl)\w+)")


def wanted(listing):
    """Return the (library names, functions) of CUDA which a readelf listing asks for, less runtime and driver."""
    names = {name for name in NAME.findall(listing) if not name.startswith(REAL)}
    return names, {name for name in FUNCTION.findall(listing) if not name.startswith("cuda")}


def source(functions):
    """Return the C source of the stand-in."""
    return "\n".join(["void abort(void);", *(f"void {name}(void) {{ abort(); }}" for name in sorted(functions))])


def main():
    """Build the stand-in into the environment that runs this."""
    libraries = sorted((PACKAGES / "torch" / "lib").glob("*.so"))
    listing = subprocess.run(
        ["readelf", "--wide", "--dynamic", "--dyn-syms", *libraries], check=True, capture_output=True, text=True
    ).stdout
    names, functions = wanted(listing)
    compiler = ["cc", "-shared", "-fPIC", "-w", "-fno-builtin", "-x", "c", "-", "-o", CUDA / STAND_IN]
    subprocess.run(compiler, input=source(functions), text=True, check=True)
    for name in names:
        if not (CUDA / name).exists():
            (CUDA / name).symlink_to(STAND_IN)


if __name__ == "__main__":
    main()
