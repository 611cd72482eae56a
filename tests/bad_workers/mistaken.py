"""Prints something else than its address; with ``--endless`` it never comes to the end of the line."""

from __future__ import annotations

import sys

while "--endless" in sys.argv:
    sys.stdout.write("x" * 10_000)
print("Welcome to BASIC", flush=True)
sys.stdin.read()
