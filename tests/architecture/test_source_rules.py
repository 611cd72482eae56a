"""Rules about the source text itself: a docstring in every module, and nothing that runs foreign data as code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("nyanko_desktop", "inference_worker", "ui", "packaging", "resources")
RUNS_DATA_AS_CODE = {"eval", "exec", "compile", "__import__"}
UNPICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", [*PROGRAM, "tests"])
def test_every_module_says_what_it_is(folder: str) -> None:
    silent = [
        name_of(p) for p in python_files(folder) if p.stat().st_size and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []


@pytest.mark.parametrize("folder", PROGRAM)
def test_nothing_runs_foreign_data_as_code(folder: str) -> None:
    found = [
        f"{name_of(path)}:{node.lineno}: {problem}"
        for path in python_files(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if (problem := problem_of(node))
    ]
    assert found == []


def problem_of(node: ast.AST) -> str:
    """What is wrong with one node of the source; empty when nothing is."""
    match node:
        case ast.Import(names=names) if bad := {n.name.partition(".")[0] for n in names} & UNPICKLES:
            return f"import {', '.join(bad)}"
        case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in UNPICKLES:
            return f"from {module} import"
        case ast.Call(func=ast.Name(id=name)) if name in RUNS_DATA_AS_CODE:
            return f"{name}()"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen" as name)):
            return f"os.{name}()"
        case ast.Call(func=ast.Attribute(value=ast.Name(id="torch"), attr="load"), keywords=keywords):
            safe = any(k.arg == "weights_only" and is_true(k.value) for k in keywords)
            return "" if safe else "torch.load() without weights_only=True"
        case ast.keyword(arg="shell" | "trust_remote_code" as name, value=value) if not is_false(value):
            return f"{name}="
        case ast.Dict(keys=keys, values=values):
            switches = zip(keys, values, strict=True)
            wrong = any(is_constant(k, "trust_remote_code") and not is_false(v) for k, v in switches if k)
            return "trust_remote_code" if wrong else ""
    return ""


def is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def is_constant(node: ast.expr, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from marshal import loads",
        "eval(text)",
        "os.system('ls')",
        "torch.load(path)",
        "subprocess.run('ls', shell=True)",
        "load(path, trust_remote_code=True)",
        "load(path, **{'trust_remote_code': wish})",
    ],
)
def test_the_rule_above_sees(code: str) -> None:
    assert any(problem_of(node) for node in ast.walk(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["model.eval()", "re.compile(x)", "torch.load(p, weights_only=True)", "run(['ls'], shell=False)"]
)
def test_the_rule_above_lets_pass(code: str) -> None:
    assert not any(problem_of(node) for node in ast.walk(ast.parse(code)))
