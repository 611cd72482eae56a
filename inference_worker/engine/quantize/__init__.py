"""Weights in fewer bits: the arithmetic (schemes) and the modules that compute with it (linear)."""
