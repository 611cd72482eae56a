"""Answers with a line that is longer than any line may be."""

from __future__ import annotations

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
turn = puppet.read_turn()
puppet.say("text_delta", id=turn, text="x" * (9 * 1024 * 1024))
puppet.read_turn()
