"""Reading, finding and writing in opened folders: what works, what is refused, and what a race or a link cannot do."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from inference_worker.protocol.messages import Access
from inference_worker.tools import files, find_files, read_file, write_file
from inference_worker.tools.base import Result, Run, Tool, ToolError
from inference_worker.tools.paths import in_folder, locate, open_regular
from inference_worker.tools.registry import TOOLS

posix = pytest.mark.skipif(os.name != "posix", reason="needs links and special files")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An opened folder beside a secret."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "open-other").mkdir()
    (tmp_path / "open-other/secret.txt").write_text("secret")
    folder = tmp_path / "open"
    (folder / "sub").mkdir(parents=True)
    (folder / "notes.txt").write_text("milk\ntea\nrent is due\n")
    (folder / "sub/名前 メモ.txt").write_text("お茶\n", "utf-8")
    return folder


def access(folder: Path, **more: Any) -> Access:
    return Access(folders=(str(folder),), undo=str(folder.parent / "undo"), **more)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def call(tool: Tool, folder: Path, /, **arguments: Any) -> Result:
    """As a turn does it: prepared, then run with what the check made of it."""
    assert tool.prepare
    assert tool.run
    prepared = tool.prepare(arguments, access(folder))
    result = tool.run(prepared.arguments, Run(access(folder), prepared=prepared))
    assert isinstance(result, Result)
    return result


def reads(folder: Path, path: str, **more: Any) -> str:
    return call(read_file.TOOL, folder, path=path, **more).text


# ---------------------------------------------------------------- reading


def test_a_file_is_read_and_named_as_the_source(folder: Path) -> None:
    got = call(read_file.TOOL, folder, path="notes.txt")
    assert (got.text, got.source) == ("milk\ntea\nrent is due", str(folder / "notes.txt"))
    assert reads(folder, "sub/名前 メモ.txt") == "お茶"
    assert reads(folder, str(folder / "sub/../notes.txt")).startswith("milk")


def test_lines_are_chosen_and_the_answer_says_how_to_go_on(folder: Path) -> None:
    assert reads(folder, "notes.txt", first_line=2, last_line=2) == "tea\n(lines 2 to 2 of 3)"
    (folder / "long.txt").write_text("".join(f"line {n}\n" for n in range(1, 5001)))
    text = reads(folder, "long.txt")
    assert len(text) < 8192
    last = int(text.rsplit("(lines 1 to ", 1)[1].split()[0])
    assert reads(folder, "long.txt", first_line=last + 1).startswith(f"line {last + 1}\n")
    (folder / "one.txt").write_text("x" * 100_000)
    assert "92500 more characters in this line" in reads(folder, "one.txt")
    with pytest.raises(ToolError, match="no such line: the file has 3"):
        reads(folder, "notes.txt", first_line=9)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfmark", "mark"),
        ("mark 茶".encode("utf-16"), "mark 茶"),
        ("今天下午三点开会,请带上文件。明天休息。".encode("gb18030"), "今天下午三点开会,请带上文件。明天休息。"),
        ("Grüße aus Köln, schöne Straße".encode("latin-1"), "Grüße aus Köln, schöne Straße"),
        (b"", "(the file is empty)"),
        ("a\u202eb\U000e0061\x1b[31mc".encode(), "ab[31mc"),
    ],
)
def test_the_encoding_is_found(folder: Path, data: bytes, text: str) -> None:
    (folder / "other.txt").write_bytes(data)
    assert reads(folder, "other.txt") == text


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing.txt", "there is no “missing.txt”"),
        ("no/missing.txt", "there is no folder for"),
        ("sub", "is no ordinary file"),
        ("notes.txt/x", "goes through something that is no folder"),
        (".", "is a folder"),
        ("", "write the path"),
        ("a\0b", "write the path"),
        ("a\u202etxt", "write the path"),
        ("x" * 5000, "write the path"),
        ("/".join(["x"] * 400), "there is no folder"),
        ("x" * 300, "File name too long"),
        ("../secret.txt", "outside"),
        ("sub/../../secret.txt", "outside"),
        ("../open-other/secret.txt", "outside"),
        ("/etc/passwd", "outside"),
        ("/dev/stdin", "outside"),
        ("/proc/self/environ", "outside"),
        ("//server/share/x", "network"),
        ("\\\\server\\share\\x", "network"),
        ("~/x", "no variable"),
        ("$HOME/x", "no variable"),
        ("%USERPROFILE%\\x", "no variable"),
        ("file:///etc/passwd", "no variable"),
        ("‥/secret.txt", "is no path"),
        ("．．/secret.txt", "is no path"),
        ("..／secret.txt", "is no path"),
        ("..%2fsecret.txt", "is no path"),
        ("%252e%252e/secret.txt", "is no path"),
    ],
)
def test_a_path_is_refused_in_words(folder: Path, path: str, reason: str) -> None:
    with pytest.raises(ToolError, match=reason.replace(".", r"\.")):
        reads(folder, path)


@posix
@pytest.mark.parametrize("path", ["C:\\Windows\\win.ini", "C:/Windows/win.ini", "a\\..\\..\\secret.txt", "\\??\\C:\\x"])
def test_paths_of_another_system_are_refused(folder: Path, path: str) -> None:
    with pytest.raises(ToolError, match=r"another system|of a device"):
        reads(folder, path)


@posix
def test_a_link_is_followed_inside_and_refused_outside(folder: Path) -> None:
    (folder / "in").symlink_to("sub")
    (folder / "sub/up").symlink_to("../..")
    (folder / "out.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "loop").symlink_to("loop")
    assert reads(folder, "in/名前 メモ.txt") == "お茶"
    for path in ("in/up/secret.txt", "out.txt"):
        with pytest.raises(ToolError, match="outside"):
            reads(folder, path)
    with pytest.raises(ToolError):
        reads(folder, "loop")


@posix
def test_a_file_that_becomes_a_link_after_the_check_is_not_followed(folder: Path) -> None:
    place = locate("notes.txt", access(folder))
    deeper = locate("sub/名前 メモ.txt", access(folder))
    (folder / "notes.txt").unlink()
    (folder / "notes.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "sub").rename(folder / "moved")
    (folder / "sub").symlink_to(folder.parent)
    for changed in (place, deeper):
        with pytest.raises(ToolError):
            in_folder(changed, open_regular)


@posix
def test_what_is_no_ordinary_file_is_refused_without_waiting_for_it(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket"))
        for name in ("fifo", "socket"):
            with pytest.raises(ToolError, match="no ordinary file"):
                reads(folder, name)


def test_what_is_too_large_or_no_text_is_refused(folder: Path) -> None:
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(5 * 2**30)
    with pytest.raises(ToolError, match="too large"):
        reads(folder, "huge.txt")
    (folder / "picture.png").write_bytes(b"\x89PNG\0\0\0")
    with pytest.raises(ToolError, match="no text"):
        reads(folder, "picture.png")


def test_without_an_opened_folder_nothing_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folders, reason in (
        ((), "no folder is open"),
        (("relative", str(tmp_path / "gone")), "relative is no whole path"),
        ((str(tmp_path / "gone"),), "there is no folder"),
        ((str(tmp_path / "file"),), "is no folder"),
    ):
        with pytest.raises(ToolError, match=reason):
            locate("notes.txt", Access(folders=folders))


@posix
def test_a_folder_that_is_too_wide_is_not_opened_whoever_sends_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "to-home").symlink_to(Path.home())
    (tmp_path / "profile/undo").mkdir(parents=True)
    undo = str(tmp_path / "profile/undo")
    wide = ("/", str(Path.home()), str(tmp_path / "to-home"), str(tmp_path / "profile"), str(tmp_path), undo)
    for one in wide:
        with pytest.raises(ToolError, match=r"is too much"):
            locate("notes.txt", Access(folders=(one,), undo=undo))
    assert locate("notes.txt", Access(folders=(*wide, str(folder)), undo=undo)).root == folder


def test_a_relative_path_is_looked_for_in_each_folder(folder: Path) -> None:
    both = Access(folders=(str(folder.parent / "open-other"), str(folder)))
    assert locate("notes.txt", both).path == folder / "notes.txt"
    assert locate("new.txt", both).path == folder.parent / "open-other/new.txt"


# ---------------------------------------------------------------- finding


def finds(folder: Path, /, **arguments: str) -> list[str]:
    return call(find_files.TOOL, folder, **arguments).text.splitlines()


def test_files_are_found_by_name_pattern_and_text(folder: Path) -> None:
    (folder / ".hidden").mkdir()
    (folder / ".hidden/notes.txt").write_text("rent")
    assert finds(folder, name="NOTES") == ["notes.txt"]
    assert finds(folder, name="*.txt") == ["notes.txt", "sub/名前 メモ.txt"]
    assert finds(folder, contains="RENT") == ["notes.txt:3: rent is due"]
    assert finds(folder, contains="お茶", folder="sub") == ["sub/名前 メモ.txt:1: お茶"]
    assert finds(folder, name="nothing") == ["(nothing was found)"]


@pytest.mark.parametrize("arguments", [{}, {"name": " "}, {"name": "x" * 300}, {"folder": ".."}, {"name": 3}])
def test_a_search_without_a_question_or_outside_is_refused(folder: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(ToolError):
        call(find_files.TOOL, folder, **arguments)
    with pytest.raises(ToolError, match="outside"):
        finds(folder, name="secret", folder="..")


def test_a_search_is_bounded_and_ends_when_it_is_told_to(folder: Path) -> None:
    for number in range(find_files.MOST_FOUND + 20):
        (folder / f"many{number}.log").touch()
    lines = finds(folder, name="many")
    assert (len(lines), lines[-1]) == (find_files.MOST_FOUND + 1, "(there may be more than these 100)")
    run = Run(access(folder))
    run.cancelled.set()
    with pytest.raises(ToolError, match="stopped"):
        find_files.run({"name": "x"}, run)


@posix
def test_a_search_follows_no_link_and_opens_no_pipe(folder: Path) -> None:
    (folder / "up").symlink_to("..")
    (folder / "out.txt").symlink_to("../secret.txt")
    os.mkfifo(folder / "fifo.txt")
    assert finds(folder, contains="secret") == ["(nothing was found)"]


@posix
def test_what_is_found_is_what_can_be_read(folder: Path) -> None:
    (folder / "out.txt").symlink_to("../secret.txt")
    (folder / "in.txt").symlink_to("sub/名前 メモ.txt")
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "loop.txt").symlink_to("loop.txt")
    os.mkfifo(folder / "fifo.txt")
    os.mkfifo(folder / "sub/pipe")
    (folder / "to-fifo.txt").symlink_to("sub/pipe")
    found = finds(folder, name="*.txt")
    assert found == ["in.txt", "notes.txt", "sub/名前 メモ.txt"]
    assert all(reads(folder, path) for path in found)
    assert finds(folder, contains="お茶") == ["in.txt:1: お茶", "sub/名前 メモ.txt:1: お茶"]


def test_a_search_with_several_folders_tells_whole_paths(folder: Path) -> None:
    both = Access(folders=(str(folder), str(folder.parent / "open-other")))
    got = find_files.run({"name": ".txt"}, Run(both))
    assert got.text.splitlines() == [
        str(folder / "notes.txt"),
        str(folder / "sub/名前 メモ.txt"),
        str(folder.parent / "open-other/secret.txt"),
    ]


# ---------------------------------------------------------------- writing


def test_a_file_is_replaced_after_a_diff_and_taken_back(folder: Path) -> None:
    (folder / "notes.txt").chmod(0o640)
    prepared = write_file.prepare({"path": "notes.txt", "content": "milk\ncoffee\nrent is due\n"}, access(folder))
    assert prepared.scope == str(folder / "notes.txt")
    assert prepared.preview.splitlines() == [
        "--- notes.txt", "+++ notes.txt", "@@ -1,3 +1,3 @@", " milk", "-tea", "+coffee", " rent is due",
    ]  # fmt: skip
    got = write_file.run(prepared.arguments, Run(access(folder), prepared=prepared))
    assert (folder / "notes.txt").read_text() == "milk\ncoffee\nrent is due\n"
    assert (folder / "notes.txt").stat().st_mode & 0o777 == 0o640
    assert write_file.prepare_undo({"text": got.undo}, access(folder)).preview == f"puts back {folder / 'notes.txt'}"
    assert write_file.undo({"text": got.undo}, Run(access(folder))) == f"put back {folder / 'notes.txt'}"
    assert (folder / "notes.txt").read_text() == "milk\ntea\nrent is due\n"
    assert (folder / "notes.txt").stat().st_mode & 0o777 == 0o640
    with pytest.raises(ToolError, match="taken back already"):
        write_file.undo({"text": got.undo}, Run(access(folder)))


def test_a_new_file_is_made_and_removed_again(folder: Path) -> None:
    prepared = write_file.prepare({"path": "sub/new.txt", "content": "a\n"}, access(folder))
    assert prepared.preview.splitlines() == ["--- /dev/null", "+++ sub/new.txt", "@@ -0,0 +1 @@", "+a"]
    got = write_file.run(prepared.arguments, Run(access(folder), prepared=prepared))
    assert got.text == "made sub/new.txt (2 bytes)"
    assert write_file.prepare_undo({"text": got.undo}, access(folder)).preview == f"removes {folder / 'sub/new.txt'}"
    write_file.undo({"text": got.undo}, Run(access(folder)))
    assert names_in(folder / "sub") == ["名前 メモ.txt"]


def test_what_changed_since_is_not_taken_back(folder: Path) -> None:
    got = call(write_file.TOOL, folder, path="notes.txt", content="new")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ToolError, match="changed since"):
        write_file.undo({"text": got.undo}, Run(access(folder)))
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../secret.txt", "x.undo", "20261121T120000000000-00000000.undo/../x"])
def test_only_kept_files_are_taken_back(folder: Path, name: str) -> None:
    for take_back in (write_file.prepare_undo, lambda given, access: write_file.undo(given, Run(access))):
        with pytest.raises(ToolError, match="no name of a kept file"):
            take_back({"text": name}, access(folder))


def test_a_file_that_changed_after_the_preview_is_left_alone(folder: Path) -> None:
    prepared = write_file.prepare({"path": "notes.txt", "content": "new"}, access(folder))
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ToolError, match="changed meanwhile"):
        write_file.run(prepared.arguments, Run(access(folder), prepared=prepared))
    assert (folder / "notes.txt").read_text() == "mine"
    assert not (folder.parent / "undo").exists()


@posix
@pytest.mark.parametrize("tool", [read_file.TOOL, write_file.TOOL, find_files.TOOL])
def test_a_link_that_is_put_there_after_the_question_makes_the_call_fail(folder: Path, tool: Tool) -> None:
    """The place it leads to is inside of the opened folder, too; but nobody was asked about that one."""
    (folder / "private").mkdir()
    (folder / "private/notes.txt").write_text("private")
    arguments = {"write_file": {"path": "sub/notes.txt", "content": "x"}, "read_file": {"path": "sub/notes.txt"}}
    given = arguments.get(tool.name, {"name": "notes", "folder": "sub"})
    assert tool.prepare
    assert tool.run
    prepared = tool.prepare(given, access(folder))
    (folder / "sub").rename(folder / "aside")
    (folder / "sub").symlink_to("private")
    with pytest.raises(ToolError, match="leads elsewhere now"):
        tool.run(prepared.arguments, Run(access(folder), prepared=prepared))
    assert (folder / "private/notes.txt").read_text() == "private"


def test_two_equal_calls_that_wait_are_two(folder: Path) -> None:
    given = {"path": "new.txt", "content": "x"}
    calls = [write_file.prepare(given, access(folder)) for _ in range(20)]
    write_file.run(given, Run(access(folder), prepared=calls[0]))
    with pytest.raises(ToolError, match="changed meanwhile"):
        write_file.run(given, Run(access(folder), prepared=calls[1]))
    with pytest.raises(ToolError, match="changed meanwhile"):
        write_file.run(given, Run(access(folder)))


def test_a_replacement_that_loses_a_race_leaves_the_other_file_and_no_trace(folder: Path) -> None:
    place = locate("notes.txt", access(folder))
    before = files.read(place)
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ToolError, match="changed meanwhile"):
        files.replace(place, b"new", before)
    assert names_in(folder) == ["notes.txt", "sub"]


@posix
@pytest.mark.parametrize("path", ["../new.txt", "up/new.txt", "out.txt", "/tmp/new.txt", "nowhere/new.txt", "sub"])
def test_nothing_is_written_outside_or_onto_a_folder(folder: Path, path: str) -> None:
    (folder / "up").symlink_to("..")
    (folder / "out.txt").symlink_to(folder.parent / "new.txt")
    with pytest.raises(ToolError):
        call(write_file.TOOL, folder, path=path, content="x")
    assert not (folder.parent / "new.txt").exists()


def test_without_a_place_for_what_is_replaced_nothing_is_written(folder: Path) -> None:
    with pytest.raises(ToolError, match="nothing is written"):
        write_file.prepare({"path": "notes.txt", "content": ""}, Access(folders=(str(folder),)))
    (folder.parent / "undo").write_text("in the way")
    with pytest.raises(ToolError, match="nothing is written"):
        call(write_file.TOOL, folder, path="notes.txt", content="x")
    assert (folder / "notes.txt").read_text().startswith("milk")


def test_diffs_stay_short_and_quick(folder: Path) -> None:
    old = [f"line {n}" for n in range(60_000)]
    (folder / "big.txt").write_text("\n".join(old))
    old[40_000] = "changed"
    preview = write_file.prepare({"path": "big.txt", "content": "\n".join(old)}, access(folder)).preview
    assert "@@ -39998,7 +39998,7 @@\n line 39997\n" in preview
    preview = write_file.prepare({"path": "big.txt", "content": "b\n" * 60_000}, access(folder)).preview
    assert preview.startswith("(replaces 60000 lines from line 1 on by 60000)")
    assert len(preview) < write_file.LONGEST_PREVIEW + 100
    (folder / "raw").write_bytes(b"\0\1")
    assert "no text" in write_file.prepare({"path": "raw", "content": "x"}, access(folder)).preview
    same = (folder / "notes.txt").read_text()
    assert write_file.prepare({"path": "notes.txt", "content": same}, access(folder)).preview == "(changes nothing)"


def test_old_kept_files_are_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_file, "MOST_KEPT", 3)
    names = [call(write_file.TOOL, folder, path="notes.txt", content=str(n)).undo for n in range(5)]
    assert names_in(folder.parent / "undo") == names[2:]


@posix
def test_links_that_change_all_the_time_never_lead_outside(folder: Path) -> None:
    """A thread swaps a folder for a link to where the secret is, and back, while the file is read."""
    (folder / "flip").mkdir()
    (folder / "flip/secret.txt").write_text("harmless")
    (folder / "link").symlink_to(folder.parent)
    ends = threading.Event()

    def swap() -> None:
        while not ends.is_set():
            for one, other in (("flip", "aside"), ("link", "flip"), ("flip", "link"), ("aside", "flip")):
                (folder / one).rename(folder / other)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        until, seen = time.monotonic() + 1, set()
        while time.monotonic() < until:
            try:
                seen.add(reads(folder, "flip/secret.txt"))
            except ToolError:
                seen.add("refused")
    finally:
        ends.set()
        thread.join()
    assert seen <= {"harmless", "refused"}


def test_the_tool_that_takes_back_is_offered_to_nobody() -> None:
    assert "undo_write" not in TOOLS
    assert {"read_file", "find_files", "write_file"} <= set(TOOLS)
