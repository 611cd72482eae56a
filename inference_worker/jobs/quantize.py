"""The job that writes a quantized copy of a checkpoint, and the question what one is. torch comes in on a thread."""

from __future__ import annotations

from inference_worker.jobs.progress import Cancelled, Report
from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.messages import InspectModel, ModelInspected, Quantize, Quantized


async def inspect(command: InspectModel) -> ModelInspected:
    """What a folder or file holds. Raises RequestError."""
    raise RequestError(ErrorCode.BAD_REQUEST, reason="inspecting is not possible yet")


async def quantize(command: Quantize, report: Report, cancelled: Cancelled) -> Quantized:
    """Write the copy. Raises RequestError, or JobCancelled when told to stop."""
    raise RequestError(ErrorCode.BAD_REQUEST, reason="quantizing is not possible yet")
