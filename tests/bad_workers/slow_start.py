"""Needs a second before it says where it listens; then it behaves."""

from __future__ import annotations

import time

from tests.bad_workers.puppet import Puppet

time.sleep(1)
puppet = Puppet()
while True:
    turn = puppet.read_turn()
    puppet.say("failed", id=turn, error={"code": "context_full", "params": {}})
