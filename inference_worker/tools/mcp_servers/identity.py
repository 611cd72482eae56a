"""What a tool of a server is, as one short text: another one when its server is another, or says something else of it.

A person's yes is kept for that, not for a name (nyanko_desktop/permissions/). What a program *does* can change without
a word, which nobody can see from here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from inference_worker.protocol.messages import McpServer


def words_of(said: Mapping[str, Any]) -> str:
    """A fingerprint of all that a server says of one tool, uncut; the order of keys says nothing."""
    return _hash(said)


def identity_of(server: McpServer, words: str) -> str:
    """``words`` from this server, as the person set it up. The values of variables, headers and places are left out: a
    new password makes no other program, and nobody can try passwords on a fingerprint that lies in a file."""
    names = sorted(server.environment), sorted(server.headers)
    return _hash([server.name, server.command, server.folder, server.url, names, words])


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
