"""MOSS as published, also in GPTQ: its architecture and names are those of transformers' CodeGen. Reads no weights.

The fused projection keeps its order (four blocks, each query, value, key), because CodeGen has the same.
"""

from __future__ import annotations

from inference_worker.engine.checkpoints.checkpoint import Checkpoint
from inference_worker.engine.checkpoints.folder import Folder
from inference_worker.engine.checkpoints.gptq import unpacked

KEYS = (
    "vocab_size", "n_positions", "n_ctx", "n_embd", "n_layer", "n_head", "rotary_dim", "n_inner", "activation_function",
    "layer_norm_epsilon", "bos_token_id", "eos_token_id", "tie_word_embeddings",
)  # fmt: skip
BUFFER = ".attn.causal_mask"


def read_moss(folder: Folder) -> Checkpoint:
    """Drops only what is computed again. Raises what ``gptq.unpacked`` does."""
    config = {key: folder.config[key] for key in KEYS if key in folder.config}
    dropout = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    plain = Checkpoint(
        path=folder.path,
        config={"model_type": "codegen", "tie_word_embeddings": False, "dtype": "float16", **dropout, **config},
        generation_config=folder.generation_config,
        tensors={name: tensor for name, tensor in folder.tensors.items() if not name.endswith(BUFFER)},
        weights_file=folder.weights_file,
        family="moss",
        format=folder.format,
        original_config=folder.config,
        native_names=True,
        close=folder.close,
    )
    if "wbits" not in folder.config:
        return plain
    return unpacked(plain, folder.config["wbits"], folder.config.get("groupsize", -1))
