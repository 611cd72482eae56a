"""The one number both ends compare in their first message."""

PROTOCOL_VERSION = 6
"""Raised by one with every change to messages.py that an older peer would misread."""
