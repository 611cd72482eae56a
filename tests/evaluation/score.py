"""Score a model on a file of questions as a person meets it: through `nyanko ask`, default sampling, three seeds.

    .venv/bin/python tests/evaluation/score.py [--questions FILE] [--seeds 1 2 3] [--show-misses]

Rules: arithmetic, the last number of the reply is the right one; identity and small talk, an accepted pattern matches
and no 8-gram is repeated; refusal, an accepted pattern matches; reminder, the tool was called with an accepted time.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

CASES = Path(__file__).with_name("mini.jsonl")
MINUTES = 60
"""Bound of one run over all cases; far above what it takes, so that a hang is noticed."""
TARGETS = {"arithmetic": 85, "identity": 85, "small_talk": 85, "refusal": 75, "reminder": 75}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Case = dict[str, Any]
Reply = dict[str, Any]


def nyanko(arguments: list[str], lines: list[str], profile: Path) -> list[Reply]:
    """The replies of one command to ``lines`` on its standard input, as texts and tool calls."""
    command = [sys.executable, "-m", "nyanko_desktop", "--profile", str(profile), *arguments]
    text = "".join(line + "\n" for line in lines)
    run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=MINUTES * 60, check=False)
    replies: list[Reply] = [{"text": "", "calls": []} for _ in lines]
    for line in run.stdout.splitlines():
        event = json.loads(line)
        reply = replies[event.get("index", 0)]
        if event["type"] == "text":
            reply["text"] += event["text"]
        elif event["type"] == "tool_call":
            reply["calls"].append((event["name"], event["arguments"]))
        elif event["type"] == "error":
            reply["text"] += f"[{event['code']}]"
    return replies


def answers(cases: list[Case], seed: int, profile: Path) -> list[Reply]:
    """One reply for each case; of a case with several turns the reply to the last."""
    single = [case for case in cases if "turns" not in case]
    asked = nyanko(["ask", "--stdin", "--json", "--seed", str(seed)], [case["text"] for case in single], profile)
    found = {case["id"]: reply for case, reply in zip(single, asked, strict=True)}
    for case in cases:
        if "turns" in case:
            found[case["id"]] = nyanko(["chat", "--json", "--seed", str(seed)], case["turns"], profile)[-1]
    return [found[case["id"]] for case in cases]


def repeats(text: str) -> bool:
    """Whether any 8-gram (of words, or of Chinese characters) stands twice in ``text``."""
    units = re.findall(r"[一-鿿]|[^\W一-鿿]+", text.lower())
    grams = [tuple(units[i : i + 8]) for i in range(len(units) - 7)]
    return len(grams) != len(set(grams))


def right(case: Case, reply: Reply) -> bool:
    """Whether ``reply`` is right by the rules of the case's kind."""
    if case["kind"] == "arithmetic":
        numbers = NUMBER.findall(reply["text"].replace("−", "-"))
        return bool(numbers) and Decimal(numbers[-1]) == Decimal(case["number"])
    if case["kind"] == "reminder":
        return any(name == "remind" and on_time(case, arguments["text"]) for name, arguments in reply["calls"][:1])
    matches = any(re.search(pattern, reply["text"], re.IGNORECASE) for pattern in case["accept"])
    return matches and not (case["kind"] in ("identity", "small_talk") and repeats(reply["text"]))


def on_time(case: Case, argument: str) -> bool:
    """Whether the WHEN of ``WHEN | WHAT`` is accepted."""
    return argument.split("|")[0].strip() in case["when"]


def main() -> int:
    """Print a table of percentages; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=Path, default=CASES, help="a .jsonl file like mini.jsonl, the default")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--show-misses", action="store_true")
    chosen = parser.parse_args()
    cases = [json.loads(line) for line in chosen.questions.read_text("utf-8").splitlines()]
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as profile:
        for seed in chosen.seeds:
            for case, reply in zip(cases, answers(cases, seed, Path(profile)), strict=True):
                hits[case["kind"], case["language"]].append(right(case, reply))
                if chosen.show_misses and not right(case, reply):
                    print(seed, case["id"], case.get("text") or case["turns"], "->", reply)
    return report(hits)


def report(hits: dict[tuple[str, str], list[bool]]) -> int:
    """Print the table; 1 when the mean of a kind lies below its target."""
    missed = 0
    print("| kind | English | 中文 | both | target |\n|---|---|---|---|---|")
    for kind, target in TARGETS.items():
        rates = [100 * sum(hits[kind, lang]) / len(hits[kind, lang]) for lang in ("en", "zh")]
        both = hits[kind, "en"] + hits[kind, "zh"]
        mean = 100 * sum(both) / len(both)
        missed |= mean < target
        print(f"| {kind.replace('_', ' ')} | {rates[0]:.1f} % | {rates[1]:.1f} % | {mean:.1f} % | {target} % |")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
