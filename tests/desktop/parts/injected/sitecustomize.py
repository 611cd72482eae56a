"""Loaded by every Python of the program under test: at its end, write down which modules it held.

This is how a test learns the truth about ``sys.modules`` of a whole run without a switch in the program.
"""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path


def _tell(folder: Path) -> None:
    names = "\n".join(sorted(name for name, module in list(sys.modules.items()) if module is not None))
    (folder / f"{os.getpid()}.modules").write_text(names)


if folder := os.environ.get("NYANKO_TEST_MODULES"):
    atexit.register(_tell, Path(folder))
