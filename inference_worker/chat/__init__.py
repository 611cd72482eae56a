"""One turn of a conversation: messages to ids, generation, calls, results. Knows neither torch nor sockets."""
