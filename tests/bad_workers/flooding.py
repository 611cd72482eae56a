"""Begins a reply that has no end, hears no cancel, and floods its log as well."""

from __future__ import annotations

import sys
import threading

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
turn = puppet.read_turn()
threading.Thread(
    target=lambda: [print("INFO flood: " + "x" * 1000, file=sys.stderr) for _ in iter(int, 1)], daemon=True
).start()
while True:
    puppet.say("text_delta", id=turn, text="meow ")
