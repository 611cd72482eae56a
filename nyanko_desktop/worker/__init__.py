"""The inference worker as the app sees it: one child process, its states, and typed requests to it."""
