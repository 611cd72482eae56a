"""The training text of nyanko-mini: seeded dialogues from grammars we wrote. Pure Python; knows no token and no model."""
