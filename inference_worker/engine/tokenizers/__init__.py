"""Text to ids and back, one module for each family's format. Knows no weights; ``load.load_tokenizer`` is the entry."""
