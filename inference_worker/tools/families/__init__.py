"""How families of models write calls and thinking, as data and readers. Runs no call and knows no tool."""

from inference_worker.tools.families.slash import MAX_LINE, SlashFilter

__all__ = ["MAX_LINE", "SlashFilter"]
