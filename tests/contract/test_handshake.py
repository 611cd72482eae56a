"""Who is let in, and what ends a connection."""

from __future__ import annotations

import logging

import pytest

from inference_worker.protocol.errors import ErrorCode, RequestError
from inference_worker.protocol.framing import LINE_LIMIT, Channel, decode_command, decode_event, encode
from inference_worker.protocol.handshake import answer_hello, introduce
from inference_worker.protocol.messages import Command, Event, Failed, Finished, Hello, Ping, Refused, RunTurn, Welcome
from inference_worker.protocol.version import PROTOCOL_VERSION
from nyanko_desktop.worker.client import new_id
from tests.contract.conftest import Reach
from tests.contract.links import TOKEN
from tests.support.asynchronous import bounded
from tests.support.scripted_model import Script

SCRIPT = Script()


async def say(channel: Channel, command: Command) -> None:
    await channel.send(encode(command))


async def hear(channel: Channel) -> Event | None:
    line = await channel.receive()
    return decode_event(line) if line is not None else None


async def greet(channel: Channel) -> None:
    await say(channel, Hello(protocol=PROTOCOL_VERSION, token=TOKEN))
    assert isinstance(await hear(channel), Welcome)


@bounded
async def test_the_right_token_is_welcomed_with_the_names_of_all_tools(reach: Reach) -> None:
    async with reach(SCRIPT) as link, link.client() as client:
        assert client.welcome.protocol == PROTOCOL_VERSION
        assert client.welcome.pid > 0
        assert {"calculate", "now", "remind"} <= set(client.welcome.tools)


@bounded
async def test_another_protocol_is_refused_with_both_numbers_and_the_connection_ends(reach: Reach) -> None:
    async with reach(SCRIPT) as link:
        channel = await link.open()
        await say(channel, Hello(protocol=999, token=TOKEN))
        refused = await hear(channel)
        assert isinstance(refused, Refused)
        assert refused.error.code is ErrorCode.PROTOCOL_MISMATCH
        assert refused.error.params == {"ours": str(PROTOCOL_VERSION), "theirs": "999"}
        assert await hear(channel) is None
        await channel.close()


class Saying:
    """The channel of a peer that says one thing, whatever it hears."""

    def __init__(self, message: Command | Event) -> None:
        self._line = encode(message).rstrip()

    async def receive(self) -> bytes | None:
        return self._line

    async def send(self, lines: bytes) -> None: ...

    async def close(self) -> None: ...


@bounded
async def test_whoever_hears_another_protocol_notes_it_as_nothing_alarming(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(RequestError) as caught:
        await introduce(Saying(Welcome(protocol=999, pid=1, tools=())), TOKEN)
    assert caught.value.error.params == {"ours": str(PROTOCOL_VERSION), "theirs": "999"}
    assert not await answer_hello(Saying(Hello(protocol=999, token=TOKEN)), decode_command, token=TOKEN, tools=())
    spoken = f"the other side speaks protocol 999, ours is {PROTOCOL_VERSION}"
    assert [(r.levelname, r.getMessage()) for r in caplog.records] == [("INFO", spoken)] * 2


@bounded
@pytest.mark.expects_log("refused a wrong token")
@pytest.mark.parametrize("token", ["", "correct horsf", "correct horse ", "错"])
async def test_a_wrong_token_is_refused_and_the_connection_ends(reach: Reach, token: str) -> None:
    async with reach(SCRIPT) as link:
        channel = await link.open()
        await say(channel, Hello(protocol=PROTOCOL_VERSION, token=token))
        refused = await hear(channel)
        assert isinstance(refused, Refused)
        assert refused.error.code is ErrorCode.BAD_TOKEN
        assert await hear(channel) is None
        await channel.close()


@bounded
@pytest.mark.expects_log("connection closed: Ping came before Hello")
async def test_nothing_is_answered_before_hello(reach: Reach) -> None:
    async with reach(SCRIPT) as link:
        channel = await link.open()
        await say(channel, Ping(id="1"))
        assert await hear(channel) is None
        await channel.close()


RUBBISH = {
    "no JSON": b"hello\n",
    "unknown kind": b'{"type":"launch_missiles","id":"1"}\n',
    "unknown field": b'{"type":"ping","id":"1","urgent":true}\n',
    "wrong type": b'{"type":"ping","id":7}\n',
    "an event": b'{"type":"finished","id":"1"}\n',
    "a second Hello": encode(Hello(protocol=PROTOCOL_VERSION, token=TOKEN)),
    "deep nesting": b'{"x":' + b"[" * 100_000 + b"\n",
    "bad UTF-8": b'{"type":"ping","id":"\xff"}\n',
    "an empty line": b"\n",
}


@bounded
@pytest.mark.expects_log("connection closed: ")
@pytest.mark.parametrize("line", RUBBISH.values(), ids=RUBBISH.keys())
async def test_what_is_no_command_ends_its_connection_and_no_other(reach: Reach, line: bytes) -> None:
    async with reach(SCRIPT) as link, link.client() as other:
        channel = await link.open()
        await greet(channel)
        await channel.send(line)
        assert await hear(channel) is None
        await channel.close()
        assert isinstance(await other.ask(Ping(id=new_id())), Finished)


@bounded
@pytest.mark.expects_log(f"connection closed: a line is longer than {LINE_LIMIT} bytes")
async def test_a_line_over_the_limit_ends_its_connection_and_no_other(reach: Reach) -> None:
    async with reach(SCRIPT) as link, link.client() as other:
        channel = await link.open()
        await greet(channel)
        try:
            await channel.send(b" " * (LINE_LIMIT + 2) + b"\n")
            assert await hear(channel) is None
        except ConnectionError:
            pass  # it was closed while we were still writing
        await channel.close()
        assert isinstance(await other.ask(Ping(id=new_id())), Finished)


@bounded
@pytest.mark.expects_log("connection closed: two open requests with one id")
async def test_an_id_that_is_still_open_cannot_be_used_again(reach: Reach) -> None:
    async with reach(Script(rate=1)) as link, link.client(model=True):
        channel = await link.open()
        await greet(channel)
        turn = RunTurn(id="1", messages=())
        await channel.send(encode(turn) + encode(turn))
        while (event := await hear(channel)) is not None:
            assert not isinstance(event, Failed)
        await channel.close()
