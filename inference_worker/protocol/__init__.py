"""The wire between the desktop app and the inference worker: messages, framing, errors, addresses. No torch, no Qt."""
