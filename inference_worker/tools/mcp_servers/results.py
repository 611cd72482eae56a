"""What a server's tool gave back, as text for a model. Pictures, sound and files are named, not shown."""

from __future__ import annotations

import json
from typing import Any, Final

from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
)

from inference_worker.protocol.messages import McpServer
from inference_worker.tools.mcp_servers.definitions import one_line
from inference_worker.tools.mcp_servers.pipes import without_secrets
from inference_worker.tools.page_text import plain

MOST_CHARACTERS: Final = 7_000
"""Of one result, as much as of a fetched page; more would be cut behind our back."""


def text_of(result: CallToolResult, server: McpServer) -> str:
    """All blocks in order, without the secrets of ``server``; the structured form only where there is no other."""
    blocks = [_block(block) for block in result.content]
    if not blocks and result.structured_content is not None:
        blocks = [json.dumps(result.structured_content, ensure_ascii=False)]
    text = plain("\n\n".join(block for block in blocks if block)).strip()
    return _cut(without_secrets(text, server)) or "(nothing)"


def _block(block: ContentBlock | Any) -> str:
    match block:
        case TextContent():
            return block.text
        case ImageContent():
            return _unseen("a picture", block.mime_type, block.data)
        case AudioContent():
            return _unseen("sound", block.mime_type, block.data)
        case ResourceLink():
            return f"({one_line(block.name, 100)}: {one_line(str(block.uri), 500)})"
        case EmbeddedResource(resource=BlobResourceContents() as blob):
            return _unseen(one_line(str(blob.uri), 500), blob.mime_type or "", blob.blob)
        case EmbeddedResource():
            return f"({one_line(str(block.resource.uri), 500)})\n{getattr(block.resource, 'text', '')}"
        case _:
            return "(something that is not shown)"


def _unseen(what: str, kind: str, data: str) -> str:
    """``data`` is base64."""
    return f"({what}, not shown: {one_line(kind, 60) or 'of no named type'}, {len(data) * 3 // 4} bytes)"


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS]}…\n(cut: the result has {len(text)} characters)"
