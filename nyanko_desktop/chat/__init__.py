"""The chat as the app sees it: intents in, immutable view state out. No Qt."""
