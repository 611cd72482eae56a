"""How families of models write calls and thinking, as data and readers. Runs no call and knows no tool.

``table.FAMILIES`` holds the families: a ``Family`` is a value that says which markers there are and which reader
follows each. A reader is a generator over characters (``inference_worker.tools.reading``), so that a call is read in
one pass while it is written. To use a family::

    reader = ModelFilter(find_family("qwen3-coder"), {"get_weather": schema}, prompt_end=prompt[-200:])
    events = reader.feed("…")  # text as it is decoded, in any pieces
    events = reader.feed("<tool_call>", control=True)  # a control token, if the machine was told that there are such
    events = reader.finish(truncated=out_of_tokens)

``events`` are ``Text`` to show, ``Reasoning``, ``Called(name, arguments, end, id)``, and
``Rejected(name, reason, kind)`` for what must not run; ``status`` says what came of it all, ``cut`` that the model goes
on as somebody else and may be stopped. Text behind the first call is dropped. The slash style, for models without tool
training, has a machine of its own with the same interface: ``SlashFilter``.
"""

from inference_worker.tools.families.slash import MAX_LINE, SlashFilter
from inference_worker.tools.families.table import ANY_FAMILY, FAMILIES, find_family

__all__ = ["ANY_FAMILY", "FAMILIES", "MAX_LINE", "SlashFilter", "find_family"]
