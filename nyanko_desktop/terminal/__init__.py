"""The command line's work: questions, chat, tools and the doctor, in a terminal. No Qt, no torch."""
