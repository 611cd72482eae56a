"""Reading checkpoints from disk: a configuration and named tensors. Knows nothing of models or devices."""
