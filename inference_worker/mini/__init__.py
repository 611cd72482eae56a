"""nyanko-mini, the embedded starter model: its corpus, tokenizer and trainer. Knows nothing of the running app."""
