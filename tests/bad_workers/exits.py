"""Ends at once, with a reason in its log."""

from __future__ import annotations

import sys

sys.exit("ERROR torch: no kernel image is available")
