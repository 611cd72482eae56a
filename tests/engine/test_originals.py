"""ChatGLM and MOSS from their original on-disk form, held against the referees of tests/reference."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from inference_worker.engine import EngineError, Sampling, load_model
from tests.reference import writers
from tests.reference.on_disk import Form
from tests.reference.quantized import Gptq
from tests.reference.random_states import Sizes

PROMPT = [7, 42, 99, 13, 5, 77, 120, 3]
FAMILIES = ("chatglm3-6b", "chatglm3-6b-32k", "chatglm2-6b", "chatglm2-6b-32k")


def check(made: writers.Checkpoint, prompt: list[int], precision: str = "fp32", path: Path | None = None) -> None:
    """Logits within 1e-4 of the referee's, and the same greedy ids, cached or not."""
    model = load_model(path or made.folder, precision, "cpu")
    expected = made.reference.logits(prompt).numpy()
    assert abs(model.logits(prompt) - expected).max() < 1e-4 * max(1.0, abs(expected).max())
    greedy = list(model.generate(prompt, Sampling(temperature=0, repetition_penalty=1, max_tokens=12)))
    expected_ids = made.reference.greedy(prompt, 12)
    assert greedy == expected_ids[: len(greedy)]
    assert len(greedy) == 12 or greedy[-1] in model.tokenizer.stop_ids


@pytest.mark.parametrize("form", [Form(), Form("legacy"), Form("safetensors")], ids=lambda form: form.kind)
@pytest.mark.parametrize("name", FAMILIES)
def test_chatglm_2_and_3_compute_what_the_original_does(tmp_path, glm_tokenizer, name, form) -> None:
    check(writers.write_chatglm(tmp_path / name, name, form=form, tokenizer=glm_tokenizer), PROMPT)


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("own", [True, False], ids=["own precision", "fp32"])
def test_official_quantized_files_load_at_their_own_precision_and_wider(tmp_path, glm_tokenizer, bits, own) -> None:
    made = writers.write_chatglm(tmp_path / "quantized", bits=bits, tokenizer=glm_tokenizer)
    check(made, PROMPT, f"int{bits}" if own else "fp32")


def test_a_fine_tuned_folder_with_the_keys_that_broke_the_original_loads(tmp_path, glm_tokenizer) -> None:
    check(writers.write_chatglm(tmp_path / "tuned", fine_tuned=True, tokenizer=glm_tokenizer), PROMPT)


@pytest.mark.parametrize("first_release", [False, True])
@pytest.mark.parametrize("bits", [0, 8, 4])
def test_the_first_chatglm_computes_what_the_original_does(tmp_path, ice_tokenizer, first_release, bits) -> None:
    made = writers.write_chatglm1(tmp_path / "v1", first_release=first_release, bits=bits, tokenizer=ice_tokenizer)
    gmask, start = made.config["gmask_token_id"], made.config["bos_token_id"]
    check(made, [*PROMPT, gmask, start], f"int{bits}" if bits else "fp32")
    check(made, [*PROMPT[:4], made.config["mask_token_id"], *PROMPT[4:], start, 9])


def test_the_first_chatglm_reads_its_question_again_when_that_has_grown(tmp_path, ice_tokenizer) -> None:
    made = writers.write_chatglm1(tmp_path / "v1", tokenizer=ice_tokenizer, other_head=True)
    ends = [made.config["gmask_token_id"], made.config["bos_token_id"]]
    model = load_model(made.folder, "fp32", "cpu")
    quiet = Sampling(temperature=0, repetition_penalty=1, max_tokens=6)
    first = list(model.generate([*PROMPT, *ends], quiet))
    longer = [*PROMPT, *first, 8, *ends]
    second = model.generate(longer, quiet)
    assert list(second) == made.reference.greedy(longer, 6)
    assert second.reused_tokens == 0
    going_on = model.generate([*longer, *made.reference.greedy(longer, 3)], quiet)
    list(going_on)
    assert going_on.reused_tokens >= len(longer)


def test_moss_computes_what_the_original_does(tmp_path) -> None:
    check(writers.write_moss(tmp_path / "moss", sizes=Sizes(heads=8, vocabulary=300)), PROMPT)


@pytest.mark.parametrize("bits", [4, 8])
def test_moss_in_gptq_computes_with_the_unpacked_weights(tmp_path, bits) -> None:
    made = writers.write_moss(tmp_path / "moss", gptq=Gptq(bits, 32))
    check(made, PROMPT)
    assert any("GPTQ" in note for note in load_model(made.folder, "int4", "cpu").info.notes)


@pytest.mark.parametrize("layout", ["alone", "beside", "inside"])
@pytest.mark.parametrize("version", [1, 3])
def test_a_p_tuning_prefix_stands_before_every_prompt(tmp_path, glm_tokenizer, ice_tokenizer, layout, version) -> None:
    if version == 3:
        base, prompt = writers.write_chatglm(tmp_path / "base", tokenizer=glm_tokenizer), PROMPT
    else:
        base = writers.write_chatglm1(tmp_path / "base", tokenizer=ice_tokenizer)
        prompt = [*PROMPT, base.config["gmask_token_id"], base.config["bos_token_id"]]
    made = writers.write_prefix(tmp_path / "tuned", base, layout=layout)
    check(made, prompt)


def test_a_prefix_with_a_projection_is_refused_by_name(tmp_path, glm_tokenizer) -> None:
    base = writers.write_chatglm(tmp_path / "base", tokenizer=glm_tokenizer)
    made = writers.write_prefix(tmp_path / "tuned", base, projection=True)
    assert "prefix_projection" in refusal(made.folder).params["reason"]


def test_a_lone_prefix_says_which_base_model_it_needs(tmp_path, glm_tokenizer) -> None:
    base = writers.write_chatglm(tmp_path / "base", tokenizer=glm_tokenizer)
    made = writers.write_prefix(tmp_path / "tuned", base)
    base.folder.rename(tmp_path / "elsewhere")
    error = refusal(made.folder)
    assert error.code == "not_a_model"
    assert "base" in error.params["reason"]


def _no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.model").unlink()


def _one_number_missing(folder: Path) -> None:
    config = folder / "config.json"
    config.write_text(config.read_text("utf-8").replace('"num_layers"', '"layers"'), "utf-8")


@pytest.mark.parametrize("spoil", [_no_tokenizer, _one_number_missing])
def test_what_is_missing_is_named(tmp_path, glm_tokenizer, spoil: Callable[[Path], None]) -> None:
    made = writers.write_chatglm(tmp_path / "model", tokenizer=glm_tokenizer)
    spoil(made.folder)
    assert refusal(made.folder).code == "broken_checkpoint"


def refusal(folder: Path) -> EngineError:
    with pytest.raises(EngineError) as caught:
        load_model(folder, "fp32", "cpu")
    return caught.value


def test_no_code_of_a_folder_is_run(tmp_path, glm_tokenizer) -> None:
    made = writers.write_chatglm(tmp_path / "model", tokenizer=glm_tokenizer)
    assert list(made.folder.glob("*.py")), "the folder brings code that raises when it is run"
    assert torch.isfinite(torch.from_numpy(load_model(made.folder, "int8", "cpu").logits(PROMPT))).all()
