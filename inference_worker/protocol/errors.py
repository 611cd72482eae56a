"""Errors as they cross the wire: a stable code and parameters. The words a person reads are made in the app."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ErrorCode(StrEnum):
    """Every way a request can fail. Codes are part of the protocol: add, never rename."""

    PROTOCOL_MISMATCH = "protocol_mismatch"  # params: ours, theirs
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of a failure
    BAD_REQUEST = "bad_request"  # params: reason
    BUSY = "busy"  # params: job, where another program does the same job already
    NO_MODEL = "no_model"
    MODEL_NOT_FOUND = "model_not_found"  # params: path; or name, where a person typed one
    NOT_A_MODEL = "not_a_model"  # params: path, reason
    BROKEN_CHECKPOINT = "broken_checkpoint"  # params: path (the file), reason
    UNSUPPORTED_MODEL = "unsupported_model"  # params: path, architecture, reason
    UNSUPPORTED_DEVICE = "unsupported_device"  # params: device, reason
    OUT_OF_MEMORY = "out_of_memory"  # params: device, needed, free (bytes); where known, what fits: context, precision
    CONTEXT_FULL = "context_full"  # params: tokens, context; of a question: fits, the tokens that it may have
    UNKNOWN_TOOL = "unknown_tool"  # params: name, known
    TOOL_FAILED = "tool_failed"  # params: name, reason
    APPROVAL_REQUIRED = "approval_required"  # params: name, options (what to type to allow it)
    WORKER_START_FAILED = "worker_start_failed"  # params: reason
    WORKER_LOST = "worker_lost"  # params: reason
    JOB_LOST = "job_lost"  # params: reason
    TIMED_OUT = "timed_out"  # params: what, seconds
    DISK_FULL = "disk_full"  # params: path, and where known: needed, free (bytes)
    NOT_WRITABLE = "not_writable"  # params: path, reason
    STORE_BROKEN = "store_broken"  # params: path, reason
    SETTINGS_BROKEN = "settings_broken"  # params: path, reason, backup
    SETTINGS_UNKNOWN = "settings_unknown"  # params: path, keys
    FOLDERS_CLOSED = "folders_closed"  # params: reasons, one a line
    TOOLS_CHANGED = "tools_changed"  # params: names
    OFFLINE = "offline"
    HUB_UNREACHABLE = "hub_unreachable"  # params: endpoint, reason
    HUB_REFUSED = "hub_refused"  # params: endpoint, repository, reason
    REPOSITORY_NOT_FOUND = "repository_not_found"  # params: endpoint, repository
    FILE_CORRUPT = "file_corrupt"  # params: path, reason
    INTERNAL = "internal"  # params: reason


class WireError(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A failure on its way to the person: a code of :class:`ErrorCode` and the values its sentence needs."""

    code: ErrorCode
    params: dict[str, str] = {}


class RequestError(Exception):
    """A request that cannot be done, on its way to whoever answers it; becomes ``Failed`` on the wire."""

    def __init__(self, code: ErrorCode, **params: object) -> None:
        self.error = WireError(code, {name: str(value) for name, value in params.items()})
        super().__init__(f"{code}: {self.error.params}" if params else str(code))

    @classmethod
    def of(cls, error: WireError) -> RequestError:
        """The exception for an error that came over the wire."""
        return cls(error.code, **error.params)
