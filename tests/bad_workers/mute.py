"""Says where it listens, takes the connection, and answers nothing."""

from __future__ import annotations

import socket
import tempfile
import time

from tests.bad_workers.puppet import read_token, say_ready

read_token()
with tempfile.TemporaryDirectory(prefix="mute", dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as server:
    server.bind(f"{folder}/s")
    server.listen()
    say_ready(f"unix:{folder}/s")
    time.sleep(3600)
