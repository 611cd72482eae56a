"""One life of the whole program without a screen: start, one question over the command line, the end. Run as a process.

``python -m tests.shell.whole_run PROFILE QUESTION`` prints the JSON lines of the answer, which the running app gave. With
``--loopback`` the network of this process is set up first: a namespace of its own begins without any.
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Final

from nyanko_desktop.app_link import find_app
from nyanko_desktop.paths import profile_paths
from tests.desktop.parts.waiting import eventually

WAIT_SECONDS: Final = 120.0
"""For the app to serve, and for the answer with a cold start, under a tracer on a busy machine."""
SIOCSIFFLAGS: Final = 0x8914
IFF_UP: Final = 1


def loopback_up() -> None:
    """What ``ip link set lo up`` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


async def _serves(profile: str) -> bool:
    app = await find_app(profile_paths(profile))
    if app is not None:
        await app.close()
    return app is not None


def main(profile: str, question: str) -> int:
    program = [sys.executable, "-m", "nyanko_desktop", "--profile", profile]
    app = subprocess.Popen(program, stdout=sys.stderr)
    try:
        eventually(lambda: asyncio.run(_serves(profile)), "the app serves", WAIT_SECONDS)
        asked = subprocess.run([*program, "ask", "--json", question], timeout=WAIT_SECONDS)
    finally:
        app.send_signal(signal.SIGTERM)
        ended = app.wait(WAIT_SECONDS)
    return asked.returncode or ended


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["--loopback"]:
        loopback_up()
        words = words[1:]
    Path(words[0]).mkdir(parents=True, exist_ok=True)
    sys.exit(main(words[0], words[1]))
