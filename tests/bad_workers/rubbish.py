"""Begins a reply and goes on with something that is no message."""

from __future__ import annotations

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
turn = puppet.read_turn()
puppet.say("text_delta", id=turn, text="Well")
puppet.send(b"\x00\xff all your base\n")
puppet.read_turn()
