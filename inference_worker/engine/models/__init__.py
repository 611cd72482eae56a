"""Models that transformers has not; one module each, as small as its description."""
