"""Begins a reply, and ends neither when asked nor when told: only when killed."""

from __future__ import annotations

import signal
import time

from tests.bad_workers.puppet import Puppet

signal.signal(signal.SIGTERM, signal.SIG_IGN)
puppet = Puppet()
turn = puppet.read_turn()
puppet.say("text_delta", id=turn, text="No.")
while True:
    time.sleep(3600)
