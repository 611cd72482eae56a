"""Tools a model may call, and the filter that finds the calls in its text. Knows neither torch nor sockets."""
