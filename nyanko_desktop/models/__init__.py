"""The models a person has, gets and removes: the library, its jobs, the catalogue. No Qt, no torch, no HTTP."""
