"""Speaks another version of the protocol."""

from __future__ import annotations

from tests.bad_workers.puppet import Puppet

Puppet(protocol=999).read()
