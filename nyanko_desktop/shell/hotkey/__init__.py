"""A key that works from any program: one port, one backend for each way a desktop offers it."""
