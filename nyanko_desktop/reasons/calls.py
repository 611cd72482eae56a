"""The reasons for which a call that a model wrote is not run, as words.py matches them."""

from __future__ import annotations

from typing import Final

from nyanko_desktop.i18n import N_

PLACES: Final = (
    N_("the arguments"),
    N_("an item of {where}"),
    N_("the name {name}"),
    N_("what {where} must hold"),
)
"""What ``{where}`` stands for below, beside the name of an argument."""

CALL_REASONS: Final = (
    N_("ended before it answered"),
    # whether it may run
    N_("there is no tool called {name}"),
    N_("it may be a part of thoughts, which do nothing; write it outside of them"),
    N_("too many calls"),
    N_("too many calls in one turn"),
    # whether it can be read
    N_("the call was cut off"),
    N_("the call is too long"),
    N_("the call cannot be read"),
    N_("the call cannot be read: {reason}"),
    N_("there is no call in it"),
    N_("there is no JSON in it"),
    N_("there is no tool_call(…) in it"),
    N_("there is neither JSON nor a tag in it"),
    N_("there is something between the calls"),
    N_("something follows the call"),
    N_("a call is no object"),
    N_("a call is no object with one name"),
    N_("the name is missing"),
    N_("the name is too long"),
    N_("the arguments are missing"),
    N_("the arguments are no object"),
    N_("there are two kinds of arguments"),
    N_("there are too many arguments"),
    N_("an argument is no plain value"),
    N_("an argument is not marked"),
    N_("an argument has no name"),
    N_("a parameter is not marked"),
    N_("a parameter has no name"),
    N_("a tag is missing"),
    N_("a tag has no name"),
    N_("a name is given twice"),
    N_("there is text between the elements"),
    N_("too much white space"),
    N_("{text} is out of place"),
    N_("{text} is no value"),
    N_("something follows the value"),
    N_("a comma is missing"),
    N_("a comma or {sign} is missing"),
    N_("a colon is missing"),
    N_("a key is given twice"),
    N_("a key is no text"),
    N_("a key is no name"),
    N_("a text has no end"),
    N_("an escape in a text is unknown"),
    # whether its arguments fit
    N_("the arguments are too complex"),
    N_("{where} is missing"),
    N_("{where} is given twice"),
    N_("{where} is no argument"),
    N_("{where} has no {name}"),
    N_("{where} may not be given"),
    N_("{where} must be of type {types}"),
    N_("{where} must be one of {choices}"),
    N_("{where} must match {pattern}"),
    N_("{where} must be a multiple of {step}"),
    N_("{where} has a value that is not allowed"),
    N_("{where} fits none of the allowed forms"),
    N_("{where} fits more than one of the allowed forms"),
    N_("{where} is too small"),
    N_("{where} is too large"),
    N_("{where} is too short"),
    N_("{where} is too long"),
)
