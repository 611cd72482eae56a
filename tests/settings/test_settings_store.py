"""Settings on a real disk: what is read, what is refused, and that nothing is ever lost."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_worker.protocol.errors import ErrorCode, WireError
from nyanko_desktop.errors import explain
from nyanko_desktop.settings.schema import HotkeySettings, ModelSettings, SamplingSettings, Settings
from nyanko_desktop.settings.store import SettingsError, SettingsStore, migrate, salvage

replace = msgspec.structs.replace


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def backups(file: Path) -> list[Path]:
    return sorted(file.parent.glob("settings.broken-*.toml"))


def test_without_a_file_everything_has_its_default_and_no_file_is_made(file: Path) -> None:
    store = SettingsStore(file)
    assert store.current == Settings()
    assert store.problem is None
    assert not file.exists()


def test_what_is_saved_is_read_again(file: Path) -> None:
    wanted = Settings(
        language="zh_CN",
        model=ModelSettings(path="/models/a", precision="bf16", device="cuda:1", context=4096, folders=("/models/b",)),
        sampling=SamplingSettings(temperature=0.5, seed=7),
        hotkey=HotkeySettings(quick_ask=""),
    )
    SettingsStore(file).save(wanted)
    again = SettingsStore(file)
    assert again.current == wanted
    assert again.problem is None
    assert again.unknown == ()


def test_a_sampling_override_that_is_taken_back_leaves_the_file(file: Path) -> None:
    store = SettingsStore(file)
    store.save(Settings(sampling=SamplingSettings(temperature=0.5)))
    store.save(Settings())
    assert "temperature" not in file.read_text()


@pytest.mark.expects_log("unknown keys are kept and ignored: future, model.next_thing")
def test_comments_and_unknown_keys_survive_a_save(file: Path) -> None:
    file.write_text('# mine\ntheme = "dark"  # easier on the eyes\nfuture = 1\n\n[model]\nnext_thing = true\n')
    store = SettingsStore(file)
    store.save(replace(store.current, language="en"))
    text = file.read_text()
    assert "# mine" in text
    assert "# easier on the eyes" in text
    assert 'language = "en"' in text
    assert store.unknown == ("future", "model.next_thing")
    assert store.problem == WireError(
        ErrorCode.SETTINGS_UNKNOWN, {"path": str(file), "keys": "future, model.next_thing"}
    )
    assert SettingsStore(file).unknown == ("future", "model.next_thing")


@pytest.mark.expects_log("theme: .*model.precision: ")
def test_a_value_out_of_bounds_is_named_and_the_other_keys_stay(file: Path) -> None:
    file.write_text('theme = "blue"\nlanguage = "zh_CN"\n[model]\nprecision = "int7"\ncontext = 2048\n')
    before = file.read_text()
    store = SettingsStore(file)
    assert store.current == Settings(language="zh_CN", model=ModelSettings(context=2048))
    assert store.problem is not None
    assert store.problem.code is ErrorCode.SETTINGS_BROKEN
    assert "theme: " in store.problem.params["reason"]
    assert "model.precision: " in store.problem.params["reason"]
    assert [b.read_text() for b in backups(file)] == [before]
    assert str(backups(file)[0]) in explain(store.problem).hint


@pytest.mark.expects_log("not readable as TOML")
def test_a_file_that_is_no_toml_is_kept_and_defaults_are_used(file: Path) -> None:
    for broken in (b"theme = \n", b"\xff\xfe\x00", b"a = " + b"[" * 5000):
        file.write_bytes(broken)
        store = SettingsStore(file)
        assert store.current == Settings()
        assert store.problem is not None
        assert backups(file)[-1].read_bytes() == broken
        store.save(Settings(theme="dark"))
        assert SettingsStore(file).current.theme == "dark"


@pytest.mark.expects_log("not readable as TOML")
def test_a_file_that_stays_broken_is_kept_once_however_often_it_is_read(file: Path) -> None:
    file.write_bytes(b"theme = \n")
    problems = [SettingsStore(file).problem for _ in range(3)]
    (backup,) = backups(file)
    assert [problem and problem.params["backup"] for problem in problems] == [str(backup)] * 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_and_leaves_the_old_file_and_the_old_settings(file: Path) -> None:
    store = SettingsStore(file)
    store.save(Settings(theme="dark"))
    before = file.read_bytes()
    file.with_name("settings.toml.part").symlink_to("/dev/full")
    with pytest.raises(SettingsError) as caught:
        store.save(Settings(theme="light"))
    assert caught.value.error.code is ErrorCode.DISK_FULL
    assert file.read_bytes() == before
    assert store.current.theme == "dark"


def test_a_profile_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "missing" / "settings.toml")
    with pytest.raises(SettingsError) as caught:
        store.save(Settings(theme="light"))
    assert caught.value.error.code == "not_writable"
    assert "missing" in caught.value.error.params["path"]


def test_settings_out_of_bounds_are_never_written(file: Path) -> None:
    store = SettingsStore(file)
    with pytest.raises(msgspec.ValidationError):
        store.save(Settings(sampling=SamplingSettings(temperature=-1.0)))
    assert not file.exists()


def test_listeners_hear_of_each_change_until_they_leave(file: Path) -> None:
    store = SettingsStore(file)
    heard: list[str] = []
    leave = store.subscribe(lambda settings: heard.append(settings.theme))
    store.save(Settings(theme="dark"))
    leave()
    store.save(Settings(theme="light"))
    assert heard == ["dark"]


def test_an_old_file_is_brought_up_step_by_step() -> None:
    steps = {
        -1: lambda raw: {**{k: v for k, v in raw.items() if k != "colour"}, "theme": raw["colour"]},
        0: lambda raw: {**raw, "language": "en"},
    }
    assert migrate({"version": -1, "colour": "dark"}, steps) == {"version": 1, "theme": "dark", "language": "en"}


def test_a_file_of_a_newer_version_is_read_as_far_as_it_is_understood() -> None:
    settings, reasons = salvage(migrate({"version": 99, "theme": "dark"}))
    assert (settings.theme, reasons) == ("dark", [])


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["dark", "int8", "cpu"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["path", "seed", "top_p", "folders"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from([*Settings.__struct_fields__, "odd"]), _values, max_size=6))
def test_whatever_a_file_holds_settings_within_bounds_come_out(raw: dict[str, object]) -> None:
    settings, _ = salvage(raw)
    msgspec.convert(msgspec.to_builtins(settings), Settings)
    chosen = settings.sampling.temperature
    assert chosen is None or 0 <= chosen <= 5
