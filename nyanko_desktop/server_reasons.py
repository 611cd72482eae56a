"""The reasons that MCP servers, and files of them, give for not working, as reasons.py matches them."""

from __future__ import annotations

from typing import Final

from nyanko_desktop.i18n import N_

SERVER_REASONS: Final = (
    N_("the server {name}"),
    # before it runs
    N_("has neither a command nor an address"),
    N_("has an address that is not for the web"),
    N_("has a name that tools cannot begin with"),
    N_("is on the network, and the program is offline"),
    N_("cannot be started: {reason}"),
    N_("cannot be started: No such file or directory"),
    N_("cannot be started: there is no program {name}; install it, or write its whole path"),
    N_("cannot be started: there is no folder {path}"),
    N_("cannot be started: Permission denied"),
    N_("cannot be started: it takes too long"),
    N_("cannot be started: offline, and this system cannot keep a program from the network"),
    N_("cannot be reached: {reason}"),
    N_("cannot be reached: All connection attempts failed"),
    N_("cannot be reached: it wants other credentials (status {status}): look at its headers"),
    N_("cannot be reached: there is no MCP server at this address (status {status})"),
    N_("cannot be reached: it answered with the status {status}"),
    N_("cannot be reached: Unexpected content type: {kind}"),
    N_("was lost: it wants other credentials (status {status}): look at its headers"),
    N_("was lost: it answered with the status {status}"),
    N_("was lost: the answer has more than {size} MiB"),
    N_("was lost: SSE stream ended without a response"),
    N_("did not greet within {seconds} seconds"),
    N_("did not greet within {seconds} seconds, but wrote: {words}"),
    N_("{reason}; it may be started again in {seconds} seconds"),
    # while it runs
    N_("did not answer within {seconds} seconds and was ended"),
    N_("answered with what makes no sense"),
    N_("answered with what makes no sense: {reason}"),
    N_("wants to be told more than a call can say"),
    N_("wrote a line of more than {size} MiB"),
    N_("writes what is no MCP message to its standard output: {words}"),
    N_("no tool can be made of: {names}"),
    N_("has more than {count} tools: the others are left out"),
    N_("refused to begin: {reason}"),
    N_("Unsupported protocol version from the server: {version}"),
    N_("Server returned an error response"),
    # how it ended
    N_("was ended"),
    N_("was lost: {reason}"),
    N_("was started anew meanwhile; the call may be made again"),
    N_("ended with the status {code}"),
    N_("ended with the status {code}; it said: {words}"),
    N_("was ended by {signal}"),
    N_("was ended by {signal}; it said: {words}"),
    N_("closed its standard output"),
    N_("closed its standard output; it said: {words}"),
    # files of servers
    N_("it is too large to be a list of servers"),
    N_("it is no JSON"),
    N_("it is no JSON: {reason} in line {line}"),
    N_("no server stands in it"),
    N_("{name}: needs either a command or a url"),
    N_("{name}: write what you want in place of {placeholder}"),
    N_("{name}: an address begins with http:// or https:// and holds no password; write that under headers"),
    N_("{name}: a text holds half a character"),
    N_("{name}: env holds names and texts"),
    N_("{name}: headers holds names and texts"),
    N_("{name}: command is a text, and args a list of texts"),
    N_("{name}: args is a list of texts"),
    N_("{name}: no object"),
    N_("{name}: envFile is not read; write its variables under env"),
    N_("{name}: the transport sse is out of use; look for an address that speaks streamable HTTP"),
)
