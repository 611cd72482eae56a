"""Loads a model and begins a reply; then it stands still and answers no ping."""

from __future__ import annotations

import time

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
turn = puppet.read_turn()
puppet.say("text_delta", id=turn, text="Well")
time.sleep(3600)
