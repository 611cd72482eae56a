"""What tools may do, what was allowed for longer, and what they did. Knows no window and no worker."""
