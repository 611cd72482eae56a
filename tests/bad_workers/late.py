"""Goes on talking about each turn after its end, and even ends it twice."""

from __future__ import annotations

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
while True:
    turn = puppet.read_turn()
    puppet.say("failed", id=turn, error={"code": "busy"})
    puppet.say("tool_progress", id=turn, call_id="c", text="psst")
    puppet.say("failed", id=turn, error={"code": "busy"})
