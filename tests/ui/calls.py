"""Calls that wait for the person, for the tests of the windows."""

from __future__ import annotations

from nyanko_desktop.chat.view_state import ApprovalView, GrantOffer, ToolView

DIFF = "--- a/list.md\n+++ b/list.md\n@@ -1 +1,2 @@\n # Books\n+- Three-Body\n"
WRITE = ApprovalView(
    "c1",
    "write_file",
    "effect",
    (("path", "list.md"), ("content", "# Books\n- Three-Body\n")),
    "/home/lin/notes/list.md",
    "path",
    DIFF,
    "diff",
    (),
    (GrantOffer("chat"), GrantOffer("scope", "/home/lin/notes"), GrantOffer("always")),
)
FETCH = ApprovalView(
    "c2",
    "fetch",
    "network",
    (("url", "https://books.example/list"),),
    "books.example",
    "host",
    sources=("https://evil.example/page", "/home/lin/notes/todo.md"),
)
OF_SERVER = ApprovalView(
    "c3",
    "files__move",
    "effect",
    (("source", "a"), ("destination", "\u202ecod.exe")),
    "files",
    "server",
    offers=(GrantOffer("scope", "files"),),
)


def waiting(asked: ApprovalView) -> ToolView:
    """The call as a part of a message."""
    return ToolView(asked.call_id, asked.tool, "", None, approval=asked)
