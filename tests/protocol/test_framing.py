"""Lines: what goes in comes out, what does not fit is refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.protocol import messages
from inference_worker.protocol.errors import ErrorCode, WireError
from inference_worker.protocol.framing import (
    LINE_LIMIT,
    FramingError,
    StreamChannel,
    decode_command,
    decode_event,
    encode,
)
from inference_worker.protocol.messages import CallPart, ChatMessage, Failed, Hello, Ping, RunTurn, TextDelta, TextPart
from nyanko_desktop.worker.transport import memory_pair
from tests.support.asynchronous import bounded

ids = st.text(min_size=1, max_size=40)
parts = st.one_of(
    st.builds(TextPart, text=st.text()),
    st.builds(
        CallPart,
        call_id=ids,
        name=ids,
        arguments=st.dictionaries(ids, st.text(), max_size=3),
        result=st.text(),
        failed=st.booleans(),
        seconds=st.floats(0, 100),
    ),
)
turns = st.builds(
    RunTurn,
    id=ids,
    messages=st.lists(
        st.builds(
            ChatMessage,
            role=st.sampled_from(["system", "user", "assistant"]),
            parts=st.lists(parts, max_size=3).map(tuple),
            ids=st.lists(st.integers(0, 2**31), max_size=5).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    tools=st.lists(ids, max_size=3).map(tuple),
    resume=st.booleans(),
)


@given(turns)
def test_a_turn_survives_the_wire_on_one_line(turn: RunTurn) -> None:
    line = encode(turn)
    assert line.count(b"\n") == 1
    assert decode_command(line[:-1]) == turn


@given(st.text())
def test_any_text_survives_the_wire_on_one_line(text: str) -> None:
    line = encode(TextDelta(id="1", text=text))
    assert line.count(b"\n") == 1
    assert decode_event(line[:-1]) == TextDelta(id="1", text=text)


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_decode_or_be_refused(line: bytes) -> None:
    for decode in (decode_command, decode_event):
        with contextlib.suppress(FramingError):
            decode(line)


@pytest.mark.parametrize("union", [messages.Command, messages.Event], ids=["Command", "Event"])
def test_every_message_has_a_tag_of_its_own_and_refuses_unknown_fields(union: object) -> None:
    structs = [info.cls for info in msgspec.inspect.type_info(union).types]  # type: ignore[attr-defined]
    assert len({struct.__struct_config__.tag for struct in structs}) == len(structs)
    assert all(struct.__struct_config__.forbid_unknown_fields and struct.__struct_config__.frozen for struct in structs)


def test_an_error_crosses_with_its_code_and_its_parameters() -> None:
    failed = Failed(id="1", error=WireError(ErrorCode.OUT_OF_MEMORY, {"device": "cuda:0", "needed": "12", "free": "8"}))
    assert decode_event(encode(failed)[:-1]) == failed


def test_a_complaint_about_a_huge_line_is_short() -> None:
    with pytest.raises(FramingError) as caught:
        decode_command(b'{"type":"' + b"x" * 1_000_000 + b'"}')
    assert len(str(caught.value)) < 300


def test_a_message_over_the_limit_is_not_even_sent() -> None:
    with pytest.raises(FramingError, match="text_delta would take"):
        encode(TextDelta(id="1", text="x" * LINE_LIMIT))


def test_the_trace_of_the_wire_tells_kind_id_and_size_but_no_text_and_no_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "nyanko.wire"):
        decode_command(encode(Hello(protocol=1, token="hunter2"))[:-1])
        decode_event(encode(TextDelta(id="turn-1", text="dear diary"))[:-1])
    assert "sent hello" in caplog.text
    assert "received text_delta turn-1 (" in caplog.text
    assert "hunter2" not in caplog.text
    assert "diary" not in caplog.text


@bounded
async def test_a_line_of_exactly_the_limit_passes_and_one_more_byte_does_not() -> None:
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    channel = StreamChannel(reader, None)  # type: ignore[arg-type]
    reader.feed_data(b"x" * LINE_LIMIT + b"\n" + b"x" * (LINE_LIMIT + 1) + b"\n")
    line = await channel.receive()
    assert line is not None
    assert len(line) == LINE_LIMIT
    with pytest.raises(FramingError):
        await channel.receive()


@bounded
async def test_half_a_line_before_the_end_is_no_message() -> None:
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    channel = StreamChannel(reader, None)  # type: ignore[arg-type]
    reader.feed_data(encode(Ping(id="1")) + encode(Ping(id="2"))[:-5])
    reader.feed_eof()
    assert await channel.receive() == encode(Ping(id="1"))[:-1]
    assert await channel.receive() is None


@bounded
async def test_other_tasks_get_a_turn_while_a_flood_is_read() -> None:
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    channel = StreamChannel(reader, None)  # type: ignore[arg-type]
    reader.feed_data(encode(Ping(id="1")) * 1000)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    for _ in range(1000):
        await channel.receive()
    task.cancel()
    assert turns >= 10


@bounded
async def test_a_channel_in_memory_makes_a_sender_wait_for_its_reader() -> None:
    ours, theirs = memory_pair()
    lines = encode(TextDelta(id="1", text="x" * 1000)) * 1000
    sending = asyncio.ensure_future(ours.send(lines))
    done, _ = await asyncio.wait((sending,), timeout=0.05)
    assert not done
    for _ in range(1000):
        await theirs.receive()
    await sending
    await ours.close()
    assert await theirs.receive() is None
    with pytest.raises(ConnectionError):
        await theirs.send(b"{}\n")


def test_a_message_with_half_a_character_is_refused_as_what_it_is() -> None:
    with pytest.raises(FramingError, match="half a character"):
        encode(TextDelta("1", "\ud800"))
