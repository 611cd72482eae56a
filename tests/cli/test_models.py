"""``nyanko models`` without a network: list, add, plan, quantize, inspect, remove; real processes, a real tiny model."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from inference_worker.engine.quantize.convert import write_copy
from inference_worker.protocol.messages import Quantize
from nyanko_desktop.models.records import Records, job_record
from nyanko_desktop.paths import Paths
from nyanko_desktop.settings.store import SettingsStore
from nyanko_desktop.worker.command import PYTHON_VARIABLE
from tests.cli.command_line import WAIT_SECONDS, CommandLine
from tests.engine.conftest import make_checkpoint
from tests.models.desk import own_model


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random model, which nobody changes."""
    return make_checkpoint(tmp_path_factory.mktemp("checkpoints") / "tiny", "llama").path


@pytest.fixture
def line(tmp_path: Path) -> CommandLine:
    """The command line with the real worker."""
    made = CommandLine(tmp_path)
    del made.environment[PYTHON_VARIABLE]
    return made


@pytest.fixture
def copy(line: CommandLine, weights: Path) -> Path:
    """An int8 copy of the tiny model in the cache of the profile."""
    return write_copy(weights, "int8", Paths(line.profile).cache).copy.path


def in_the_list(line: CommandLine, folder: Path) -> None:
    """As ``add`` does it, without a look at the model."""
    line.profile.mkdir(exist_ok=True)
    store = SettingsStore(Paths(line.profile).settings)
    model = msgspec.structs.replace(store.current.model, folders=(str(folder),))
    store.save(msgspec.structs.replace(store.current, model=model))


def flip_last_byte(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def rows(text: str) -> list[list[str]]:
    return [row.split() for row in text.splitlines()]


def test_an_empty_profile_lists_what_comes_along_and_the_catalogue_what_can_be_fetched(line: CommandLine) -> None:
    code, out, err = line.run("models", "list")
    assert (code, err) == (0, "")
    assert "nyanko-mini" in out
    assert "part of Nyanko" in out
    code, found = line.objects("models", "list", "--catalogue", "--json")
    assert (code, {one["type"] for one in found}) == (0, {"catalogue"})
    assert all(one["parameters"] > 0 and one["download"] > 0 for one in found)
    assert found[0]["id"] in line.run("models", "list", "--catalogue")[1]


def test_both_languages_say_the_same(line: CommandLine) -> None:
    line.environment["LANGUAGE"] = "zh_CN"
    code, out, _ = line.run("models", "list")
    assert (code, "喵酱自带" in out) == (0, True)
    code, _, err = line.run("models", "inspect", "nobody")
    assert (code, "没有叫 nobody 的模型、文件夹或文件。" in err) == (1, True)


def test_a_folder_is_added_where_it_lies_and_removing_it_leaves_it_there(line: CommandLine, weights: Path) -> None:
    code, (added,) = line.objects("models", "add", str(weights), "--json")
    assert (code, added) == (0, {"type": "added", "path": str(weights), "problems": []})
    _, found = line.objects("models", "list", "--json")
    assert [(one["name"], one["kind"]) for one in found] == [("nyanko-mini", "embedded"), ("tiny", "added")]
    assert str(weights) in line.run("models", "list")[1]
    code, out, _ = line.run("models", "remove", "tiny", "--yes")
    assert (code, out) == (0, "tiny is off the list; its files stay where they are.\n")
    assert (weights / "model.safetensors").exists()
    assert len(line.objects("models", "list", "--json")[1]) == 1


def test_only_a_model_is_added(line: CommandLine, tmp_path: Path) -> None:
    code, (said,) = line.objects("models", "add", str(tmp_path), "--json")
    assert (code, said["type"], said["code"]) == (1, "error", "not_a_model")
    code, (said,) = line.objects("models", "add", str(tmp_path / "nothing"), "--json")
    assert (code, said["code"]) == (1, "model_not_found")
    assert len(line.objects("models", "list", "--json")[1]) == 1


def test_a_plan_names_each_precision_with_what_it_takes_and_whether_it_fits(line: CommandLine, weights: Path) -> None:
    code, (plan,) = line.objects("models", "plan", str(weights), "--context", "256", "--kv-cache", "int8", "--json")
    assert (code, plan["type"], plan["context"], plan["nearest"]) == (0, "plan", 256, "fp32")
    assert [one["precision"] for one in plan["estimates"]][:4] == ["fp32", "bf16", "fp16", "int8"]
    for one in plan["estimates"]:
        assert one["total"] == one["weights"] + one["cache"] + one["overhead"]
        assert one["verdict"] == "fits"
    code, out, _ = line.run("models", "plan", str(weights), "--context", "5000")
    assert code == 0
    assert "context of 1024 tokens" in out
    assert "A longer context than 1024 tokens is more than the model can use." in out
    assert any(row[:1] == ["int4"] and row[-1] == "fits" for row in rows(out))


def test_a_model_that_is_not_here_yet_is_planned_from_the_catalogue(line: CommandLine) -> None:
    code, (plan,) = line.objects("models", "plan", "qwen2.5-0.5b-instruct", "--json")
    assert (code, plan["estimated"]) == (0, True)
    assert all(one["total"] > 0 for one in plan["estimates"])
    assert "an estimate" in line.run("models", "plan", "qwen2.5-0.5b-instruct")[1]


def test_the_plan_of_a_model_that_is_not_here_yet_goes_by_context_cache_and_group(line: CommandLine) -> None:
    def took(*options: str) -> dict[str, int]:
        code, (plan,) = line.objects("models", "plan", "chatglm3-6b-32k", "--device", "cpu", *options, "--json")
        assert code == 0
        return {one["precision"]: one["total"] for one in plan["estimates"]}

    usual = took()
    assert list(usual) == ["fp32", "bf16", "fp16", "int8", "int8-zero-point", "llm-int8", "int4"]
    longer = took("--context", "16384")
    assert longer["fp16"] - usual["fp16"] == pytest.approx(12288 * 28 * 1024, abs=2**20)
    assert took("--context", "16384", "--kv-cache", "int8")["fp16"] < longer["fp16"]
    grouped = took("--group", "32")
    assert (grouped["int4"] > usual["int4"], grouped["bf16"]) == (True, usual["bf16"])
    out = line.run("models", "plan", "chatglm3-6b-32k", "--context", "50000")[1]
    assert "an estimate for 32768 tokens" in out
    assert "A longer context than 32768 tokens is more than the model can use." in out


def test_a_copy_is_written_with_its_progress(line: CommandLine, weights: Path) -> None:
    arguments = ("models", "quantize", str(weights), "--precision", "int4", "--group", "32", "--json")
    code, said = line.objects(*arguments)
    assert (code, said[0]["type"], said[-1]["type"], said[-1]["group"]) == (0, "progress", "quantized", 32)
    assert {one["stage"] for one in said[:-1]} >= {"reading", "quantizing", "writing"}
    assert Path(said[-1]["path"]).is_dir()


@pytest.mark.acceptance
def test_quantizing_a_folder_without_a_tokenizer_says_that_it_cannot_be_loaded_yet(
    line: CommandLine, weights: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("config.json", "model.safetensors"):
        (bare / name).symlink_to(weights / name)
    code, out, err = line.run("models", "quantize", str(bare), "--precision", "int8")
    assert (code, "The quantized copy is here" in out) == (0, True)
    assert "It cannot be loaded until its tokenizer is there" in err
    assert "tokenizer is there" not in line.run("models", "quantize", str(weights), "--precision", "int8")[2]


@pytest.mark.acceptance
def test_every_byte_of_a_copy_is_compared(line: CommandLine, weights: Path, copy: Path) -> None:
    code, (found,) = line.objects("models", "inspect", str(weights), "--verify", "--json")
    assert (code, found["verified"], found["parameters"] > 0) == (0, {str(copy): []}, True)
    flip_last_byte(copy / "model.safetensors")
    code, out, _ = line.run("models", "inspect", copy.name, "--verify")
    assert (code, "is not as it was written" in out) == (1, True)


def test_a_copy_is_removed_alone_by_its_precision(line: CommandLine, weights: Path, copy: Path) -> None:
    in_the_list(line, weights)
    assert any(row[0] == "tiny" and "int8" in row for row in rows(line.run("models", "list")[1]) if row)
    remove = ("models", "remove", "tiny", "--yes", "--json", "--precision")
    code, (gone,) = line.objects(*remove, "llm-int8")
    assert (code, gone["deleted"], gone["kept"], copy.exists()) == (0, [str(copy)], str(weights), False)
    assert gone["freed"] > 0
    assert line.objects(*remove, "int8")[0] == 1


def test_the_copy_of_a_folder_that_is_in_no_list_is_removed_by_its_precision(
    line: CommandLine, weights: Path, copy: Path
) -> None:
    remove = ("models", "remove", str(weights), "--yes", "--json", "--precision")
    assert line.objects(*remove, "int4")[0] == 1
    assert copy.exists()
    code, (gone,) = line.objects(*remove, "int8")
    assert (code, gone["deleted"], gone["kept"], copy.exists()) == (0, [str(copy)], str(weights), False)
    assert (weights / "model.safetensors").exists()


def test_a_copy_named_by_its_folder_is_removed_without_its_original(
    line: CommandLine, weights: Path, copy: Path
) -> None:
    in_the_list(line, weights)
    assert line.run("models", "remove", copy.name, "--yes")[0] == 0
    assert not copy.exists()
    assert "tiny" in line.run("models", "list")[1]


def test_removing_asks_and_does_nothing_where_nobody_can_answer(line: CommandLine) -> None:
    model = own_model(line.profile / "models" / "cat--tom")
    code, out, err = line.run("models", "remove", "cat/tom")
    assert (code, out, "add --yes" in err) == (1, "", True)
    assert model.exists()
    code, (gone,) = line.objects("models", "remove", "tom", "--yes", "--json")
    assert (code, gone["freed"]) == (0, 1002)
    assert not model.exists()


@pytest.mark.parametrize("name", ["nyanko-mini", "PATH"])
def test_what_is_not_in_our_hands_is_not_removed(line: CommandLine, tmp_path: Path, name: str) -> None:
    mine = own_model(tmp_path / "mine")
    code, (said,) = line.objects("models", "remove", name.replace("PATH", str(mine)), "--yes", "--json")
    assert (code, said["code"]) == (1, "bad_request")
    assert mine.exists()


def test_a_short_name_of_two_models_is_not_guessed(line: CommandLine) -> None:
    for owner in ("cat", "dog"):
        own_model(line.profile / "models" / f"{owner}--tom")
    code, (said,) = line.objects("models", "remove", "tom", "--yes", "--json")
    assert (code, said["code"]) == (1, "bad_request")
    assert "cat--tom" in said["message"]
    assert "dog--tom" in said["message"]


def test_removing_takes_the_unfinished_copy_and_its_job_along(line: CommandLine) -> None:
    model = own_model(line.profile / "models" / "cat--tom")
    paths = Paths(line.profile)
    part = paths.cache / "cat--tom-0123456789ab-int8.part"
    part.mkdir(parents=True)
    (part / "model.safetensors").write_bytes(bytes(100))
    Records(paths.jobs).save(job_record(Quantize("", str(model), "int8", str(paths.cache)), "cat/tom"))
    assert f"nyanko models quantize {model} --precision int8" in line.run("models", "list")[1]
    code, (gone,) = line.objects("models", "remove", "cat/tom", "--yes", "--json")
    assert (code, gone["freed"], part.exists()) == (0, 1102, False)
    assert [one["type"] for one in line.objects("models", "list", "--json")[1]] == ["model"]


def test_ctrl_c_pauses_a_quantization_and_the_same_command_ends_it(line: CommandLine, weights: Path) -> None:
    with line.start("models", "quantize", str(weights), "--precision", "int8", "--json") as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=WAIT_SECONDS)
    last = json.loads(out.splitlines()[-1])["type"]
    assert (child.returncode, last, err) in [(130, "paused", ""), (0, "quantized", "")]  # a tiny model may be faster
    code, said = line.objects("models", "quantize", str(weights), "--precision", "int8", "--json")
    assert (code, said[-1]["type"]) == (0, "quantized")


def test_a_model_is_asked_by_its_name(line: CommandLine, weights: Path) -> None:
    in_the_list(line, weights)
    code, said = line.objects("ask", "--model", "tiny", "--precision", "fp32", "--max-tokens", "2", "--json", "hi")
    assert code == 0, said
    assert said[-1]["model"]["name"] == "tiny"
    code, (said,) = line.objects("ask", "--model", "nobody", "--json", "hi")
    assert (code, said["code"]) == (1, "model_not_found")


def test_the_running_app_keeps_its_settings_and_its_model(tmp_path: Path) -> None:
    line = CommandLine(tmp_path)
    mine = own_model(tmp_path / "mine")
    command = ["-m", "tests.instance.app_process", str(line.profile), json.dumps({"default": "x"})]
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == "serving\n"
        code, (said,) = line.objects("models", "add", str(mine), "--json")
        app.send_signal(signal.SIGTERM)
        app.stdout.read()
    assert (code, said["code"], "Nyanko is running" in said["message"]) == (1, "bad_request", True)
