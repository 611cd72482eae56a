"""Fill .venv with the pinned dependencies and say which torch build is taken and why. Standard library only."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = Path(sys.prefix) / "nyanko-installed"
TORCH = "2.13.0"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


def pip(*arguments: str, quiet: bool = False) -> bool:
    """Run pip in this environment with the project's constraints; whether it succeeded."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "-c",
        str(ROOT / "constraints.txt"),
    ]
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run([*command, *arguments], cwd=ROOT, stdout=output, stderr=output, check=False).returncode == 0


def has_nvidia_driver() -> bool:
    """Whether a working NVIDIA driver answers; a card without a driver cannot be used by torch either."""
    tool = shutil.which("nvidia-smi")
    try:
        return tool is not None and subprocess.run([tool, "-L"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):  # a driver that hangs is no driver
        return False


def installed_torch() -> str:
    """The version of torch in this environment with its build, such as ``2.13.0+cpu``; empty where there is none."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def suits(torch: str, driver: Callable[[], bool]) -> bool:
    """Whether this build of torch may stay: a CPU build is replaced once an NVIDIA driver answers.

    ``driver`` is asked for a CPU build alone, so that a second start costs nothing elsewhere.
    """
    number, _, build = torch.partition("+")
    return number == TORCH and not (build == "cpu" and driver())


def install_torch() -> bool:
    """Take the CUDA build where it can be used, else the CPU build, which is a tenth of the size."""
    if sys.platform == "darwin":
        print(f"torch {TORCH}: the macOS build, which can use Apple's GPU (unproven here)", flush=True)
        return pip(f"torch=={TORCH}")
    if has_nvidia_driver():
        print(
            f"torch {TORCH}: the CUDA build, because an NVIDIA driver is here. Several GB; this takes a while.",
            flush=True,
        )
        # To pip, 2.13.0+cpu is 2.13.0: it must be told to replace it, and then to bring what the CUDA build needs.
        replaced = not installed_torch() or pip("--force-reinstall", "--no-deps", f"torch=={TORCH}")
        return replaced and pip(f"torch=={TORCH}")
    print(f"torch {TORCH}: the CPU build (about 200 MB), because no NVIDIA driver answers.", flush=True)
    exact = f"torch=={TORCH}+cpu"
    # A wheel on this machine first; PyPI itself has no CPU-only build for Linux, so that comes from torch's own index.
    if pip(exact, quiet=True) or pip(exact, "--extra-index-url", CPU_WHEELS):
        return True
    print(f"torch {TORCH}: {CPU_WHEELS} cannot be used, so PyPI's own build comes. Several GB on Linux.", flush=True)
    return pip(f"torch=={TORCH}")


def stamp_of(purpose: str) -> str:
    """What an up-to-date environment is stamped with; the folder too, because its scripts are tied to it."""
    pinned = b"".join((ROOT / name).read_bytes() for name in ("constraints.txt", "pyproject.toml"))
    return f"{purpose} {hashlib.sha256(pinned).hexdigest()} {ROOT}"


def up_to_date(purpose: str) -> bool:
    """An environment for tests also runs the program."""
    stamp = STAMP.read_text() if STAMP.exists() else ""
    return stamp in {stamp_of("test"), stamp_of(purpose)}


def main(purpose: str) -> int:
    """Install what ``run`` or ``test`` needs; 0 when the environment is ready."""
    ready = suits(installed_torch(), has_nvidia_driver)
    if ready and up_to_date(purpose):
        return 0
    if not ready and installed_torch() == f"{TORCH}+cpu":
        print("An NVIDIA driver answers now, so the CPU build of torch is replaced.", flush=True)
    print(f"Preparing .venv for Python {sys.version.split()[0]} ...", flush=True)
    project = ".[dev]" if purpose == "test" else "."
    if not ((ready or install_torch()) and pip("-q", "-e", project)):
        print("Installing failed; the lines above say why. Run the same command again to go on.", file=sys.stderr)
        return 1
    STAMP.write_text(stamp_of(purpose))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
