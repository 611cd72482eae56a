"""What comes in plain English from the worker, its tools and the system, in the language of the person."""
