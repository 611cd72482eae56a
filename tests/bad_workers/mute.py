"""Says where it listens, takes the connection, and answers nothing."""

from __future__ import annotations

import time

from tests.bad_workers.puppet import accept_one, read_token

read_token()
connection = accept_one()
time.sleep(3600)
