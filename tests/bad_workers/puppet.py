"""The least that passes for a worker, written against the wire alone: the misbehaving ones are made of it."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from typing import Any

from inference_worker.protocol.version import PROTOCOL_VERSION

MODEL = {
    "name": "puppet",
    "path": "/models/puppet",
    "precision": "int8",
    "device": "cpu",
    "device_name": "CPU",
    "bytes": 1,
    "bytes_elsewhere": 0,
    "context": 100,
    "tool_style": "slash",
    "reads_system": False,
}


def read_token() -> str:
    return sys.stdin.readline().strip()


def say_ready(address: str) -> None:
    print(f"ready {address}", flush=True)


def accept_one() -> socket.socket:
    """Listen, say so, and take the first who comes; nothing of it stays on the disk, however the process ends."""
    with tempfile.TemporaryDirectory(prefix="puppet", dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        server.listen()
        say_ready(f"unix:{folder}/s")
        connection, _ = server.accept()
    return connection


class Puppet:
    """One connection, served by whoever made it."""

    def __init__(self, *, protocol: int = PROTOCOL_VERSION) -> None:
        """Listen, say so, and welcome the first who comes."""
        read_token()
        self._socket = accept_one()
        self._lines = self._socket.makefile("rb")
        assert self.read()["type"] == "hello"
        self.say("welcome", protocol=protocol, pid=os.getpid(), tools=[])

    def read(self) -> dict[str, Any]:
        """The next command; the process ends when nobody is there any more."""
        line = self._lines.readline()
        if not line:
            sys.exit(0)
        command: dict[str, Any] = json.loads(line)
        return command

    def read_turn(self) -> str:
        """Do as asked until a turn comes; its id."""
        while True:
            command = self.read()
            match command["type"]:
                case "run_turn":
                    return str(command["id"])
                case "load_model":
                    self.say("loaded", id=command["id"], model=MODEL)
                case "ping":
                    self.say("finished", id=command["id"])

    def say(self, kind: str, **fields: Any) -> None:
        self.send(json.dumps({"type": kind, **fields}).encode() + b"\n")

    def send(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError:
            sys.exit(0)
