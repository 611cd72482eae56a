"""Tools of other programs over the Model Context Protocol: their processes, their words and their failures.

Nothing here is imported, and no thread runs, before a request names a server.
"""
