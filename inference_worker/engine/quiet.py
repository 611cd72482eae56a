"""transformers, imported so that it talks neither to the network nor to the terminal. Import it from here alone.

The environment variable has to be set before the library reads it, which it does once, at its first import. It is not
HF_HUB_OFFLINE: that one is the person's, says that nothing may be downloaded, and comes first where it is set.
"""

from __future__ import annotations

import os

os.environ.pop("HF_HUB_OFFLINE", None)
os.environ["TRANSFORMERS_OFFLINE"] = "1"

import transformers
from transformers import cache_utils, conversion_mapping, core_model_loading, masking_utils, modeling_utils
from transformers.integrations import sdpa_attention
from transformers.integrations.gguf import gguf_tokenizer_mapping as gguf_tokenizers
from transformers.utils import chat_template_utils

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

__all__ = [
    "cache_utils",
    "chat_template_utils",
    "conversion_mapping",
    "core_model_loading",
    "gguf_tokenizers",
    "masking_utils",
    "modeling_utils",
    "sdpa_attention",
    "transformers",
]
