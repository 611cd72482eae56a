"""Starts, and never says a word."""

from __future__ import annotations

import time

from tests.bad_workers.puppet import read_token

read_token()
time.sleep(3600)
