"""Where foreign code runs. ``confine`` is a program of its own: none of ours imports it, and it imports none."""
