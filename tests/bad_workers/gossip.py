"""Talks about a request that nobody has made."""

from __future__ import annotations

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
puppet.read_turn()
puppet.say("text_delta", id="nobody's", text="psst")
puppet.read_turn()
