"""``nyanko grants`` and ``nyanko ledger``: what was allowed for longer, and what tools did. Runs nothing."""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Iterable
from typing import Any

from inference_worker.protocol.errors import ErrorCode, RequestError
from nyanko_desktop.chat.view_state import GrantOffer
from nyanko_desktop.i18n import tr
from nyanko_desktop.permissions.grants import Grant
from nyanko_desktop.permissions.permissions import Permissions
from nyanko_desktop.permissions.tables import Call
from nyanko_desktop.permissions.words import cut_off_in_words, decider_in_words, offer_in_words
from nyanko_desktop.terminal.context import Context
from nyanko_desktop.terminal.output import put
from nyanko_desktop.terminal.permission import visible


async def show_ledger(context: Context, arguments: argparse.Namespace) -> bool:
    """Print the newest calls, the oldest of them first, as in a log."""
    store = await context.open_store()
    try:
        found = await Permissions(store).calls(" ".join(arguments.words), arguments.limit)
    finally:
        await store.close()
    if arguments.json:
        _print(_json(_call_fields(call)) for call in reversed(found))
    elif found:
        _print(_call_in_words(call) for call in reversed(found))
    else:
        context.output.note(tr("No call is in the ledger."))
    return True


async def manage_grants(context: Context, arguments: argparse.Namespace) -> bool:
    """Print the grants, or take some back."""
    store = await context.open_store()
    try:
        permissions = Permissions(store)
        if arguments.action == "revoke":
            return await _revoke(context, permissions, arguments)
        await _list(context, permissions, arguments)
        return True
    finally:
        await store.close()


async def _list(context: Context, permissions: Permissions, arguments: argparse.Namespace) -> None:
    grants, titles = await permissions.grants(), await permissions.titles()
    if arguments.json:
        _print(_json(_grant_fields(grant)) for grant in grants)
    elif grants:
        _print(_grant_in_words(grant, titles) for grant in grants)
    else:
        context.output.note(_no_grants())


def _no_grants() -> str:
    return tr("Nothing is allowed for longer than one call.")


async def _revoke(context: Context, permissions: Permissions, arguments: argparse.Namespace) -> bool:
    wanted = [grant.id for grant in await permissions.grants()] if arguments.all else arguments.ids
    worked = True
    if not wanted:
        context.output.note(_no_grants())
    for id in wanted:
        if await permissions.revoke(id):
            _print([_json({"type": "revoked", "id": id}) if arguments.json else tr("Revoked grant {id}.", id=id)])
        else:
            worked = False
            reason = f"there is no grant {id}"
            context.output.fail(RequestError(ErrorCode.BAD_REQUEST, reason=reason).error)
    return worked


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        put(sys.stdout, f"{line}\n")


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _grant_fields(grant: Grant) -> dict[str, Any]:
    return {
        "type": "grant",
        "id": grant.id,
        "tool": grant.tool,
        "remember": grant.remember,
        "scope": grant.scope,
        "conversation": grant.conversation,
        "granted": grant.granted.isoformat(timespec="seconds"),
        "used": grant.used.isoformat(timespec="seconds") if grant.used else None,
    }


def _grant_in_words(grant: Grant, titles: dict[int, str]) -> str:
    words = offer_in_words(GrantOffer(grant.remember, grant.scope))
    title = titles.get(grant.conversation or 0, "")
    where = f" “{title}”" if title else ""
    return visible(f"{grant.id:>4}  {grant.granted:%Y-%m-%d %H:%M}  {grant.tool}  {words}{where}")


def _call_fields(call: Call) -> dict[str, Any]:
    return {
        "type": "call",
        "id": call.id,
        "time": call.time.isoformat(timespec="seconds"),
        "conversation": call.conversation,
        "tool": call.tool,
        "level": call.level,
        "arguments": call.arguments,
        "scope": call.scope,
        "sources": call.sources,
        "allowed": call.allowed,
        "decided_by": call.decided_by,
        "grant": call.grant,
        "ended": call.ended,
        "failed": call.failed,
        "cut_off": call.cut_off,
        "result_size": call.result_size,
        "seconds": round(call.seconds, 6),
        "hosts": call.hosts,
    }


def _call_in_words(call: Call) -> str:
    """One line: when, what, who let it run, how it ended, and where it reached out to."""
    arguments = ", ".join(f"{name}={value}" for name, value in call.arguments.items())
    refused = not call.allowed and call.decided_by == "person"
    said = [tr("you said no") if refused else decider_in_words(call.decided_by)]
    if not call.allowed:
        said.insert(0, tr("did not run"))
    elif call.cut_off:
        said.append(cut_off_in_words(call.cut_off))
    elif call.failed:
        said.append(tr("failed"))
    elif call.ended:
        said.append(tr("{seconds} s, {size} characters", seconds=f"{call.seconds:.3g}", size=call.result_size))
    else:
        said.append(tr("has not ended"))
    hosts = f"  → {', '.join(call.hosts)}" if call.hosts else ""
    ended = functools.reduce(lambda first, rest: tr("{first}; {rest}", first=first, rest=rest), said)
    line = f"{call.time:%Y-%m-%d %H:%M:%S}  {call.tool} {arguments}  [{ended}]{hosts}"
    return " ".join(visible(line).split("\n"))
