"""Dies of a segmentation fault in the middle of a line, in the middle of a reply."""

from __future__ import annotations

import os
import signal
import sys

from tests.bad_workers.puppet import Puppet

puppet = Puppet()
turn = puppet.read_turn()
puppet.say("text_delta", id=turn, text="I feel ")
puppet.send(f'{{"type":"text_delta","id":"{turn}","te'.encode())
print("CRITICAL kernel: out of lives", file=sys.stderr, flush=True)
os.kill(os.getpid(), signal.SIGSEGV)
