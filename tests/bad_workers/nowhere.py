"""Names an address at which nobody listens."""

from __future__ import annotations

import time

from tests.bad_workers.puppet import read_token, say_ready

read_token()
say_ready("unix:/tmp/nyanko-nobody-is-here.sock")
time.sleep(3600)
