"""How model hubs list and hand out files: one module for each kind of hub, and what they share. Writes no file."""
