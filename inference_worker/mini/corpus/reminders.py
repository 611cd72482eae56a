"""Reminder dialogues in English and Chinese: the spelling of times, the assembly of requests, and the calls with their results.
Knows when a spoken time is due and how it is written in ``/remind``; the words themselves live in the frames modules.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference_worker.mini.corpus import reminders_en_frames, reminders_zh_frames
from inference_worker.mini.corpus.dialogue import Call, Dialogue, Exchange
from inference_worker.mini.corpus.grammar import Slot, pick

Frames = Mapping[str, tuple[str, ...]]
OVER = "error: that time is over"
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
_NUMBERS += ["seventeen", "eighteen", "nineteen"]
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_COMMON = (1, 2, 3, 5, 5, 10, 10, 10, 12, 15, 15, 20, 20, 25, 30, 30, 35, 40, 45, 50, 60, 90)
_TASK, _WHEN, _BARE, _ADJECTIVE = "\x01", "\x02", "\x03", "\x04"
_MARKS: dict[str, Slot] = {"t": _TASK, "n": _TASK, "c": _TASK, "w": _WHEN, "b": _BARE, "a": _ADJECTIVE}


@dataclass(frozen=True, slots=True)
class When:
    """One time as the person says it (``adverb``, ``bare``, ``adjective``) and as the call takes it (``value``)."""

    adverb: str
    bare: str
    value: str
    adjective: str = ""

    def due(self, rng: random.Random) -> datetime:
        """The moment that the tool would answer, from a random present."""
        now = datetime(2025, 1, 1) + timedelta(minutes=rng.randrange(5 * 365 * 1440))
        if len(self.value) > 5:
            return datetime.strptime(self.value, "%Y-%m-%d %H:%M")
        if self.value[-1] in "mh":
            return now + timedelta(minutes=int(self.value[:-1]) * (60 if self.value[-1] == "h" else 1))
        hour, minute = self.value.split(":")
        due = now.replace(hour=int(hour), minute=int(minute))
        return due if due > now else due + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Voice:
    """All that differs between the languages: words, times, the dressing of a sentence, and names for unnamed reminders."""

    frames: Frames
    slots: Mapping[str, Slot]
    duration: Callable[[random.Random], When]
    clock: Callable[[random.Random], When]
    date: Callable[[random.Random], When]
    dress: Callable[[str, random.Random], str]
    unnamed: Mapping[str, str]

    def when(self, rng: random.Random) -> When:
        """Any time: half of them durations."""
        return rng.choices((self.duration, self.clock, self.date), (50, 42, 8))[0](rng)


@dataclass(frozen=True, slots=True)
class Request:
    """What the person wrote, and what is to be reminded when."""

    text: str
    what: str
    when: When


def _english(number: int) -> str:
    if number < 20:
        return _NUMBERS[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f"-{_NUMBERS[ones]}" if ones else "") if number < 100 else str(number)


def _said(number: int, rng: random.Random) -> str:
    return _english(number) if rng.random() < 0.3 else str(number)


def _minutes(rng: random.Random) -> int:
    draw = rng.random()
    return rng.choice(_COMMON) if draw < 0.5 else rng.randint(1, 60) if draw < 0.9 else rng.randint(61, 240)


def _clock_minute(rng: random.Random) -> int:
    draw = rng.random()
    return 0 if draw < 0.35 else 30 if draw < 0.55 else rng.randrange(0, 60, 5) if draw < 0.85 else rng.randrange(60)


def _en_minutes(rng: random.Random) -> tuple[str, str, str]:
    number = _minutes(rng)
    said = _said(number, rng)
    unit = rng.choice(("minute", "minute", "minute", "minute", "min", "min", "mins", "m", "min.", "minuet", "mintue"))
    plural = "s" if unit in ("minute", "minuet", "mintue") and number > 1 else ""
    gap = "" if said.isdigit() and rng.random() < (0.8 if unit == "m" else 0.12) else " "
    return f"{said}{gap}{unit}{plural}", f"{number}m", f"{said}{rng.choice('- -')}{rng.choice(('minute', 'minute', 'min'))}"


def _en_hours(rng: random.Random) -> tuple[str, str, str]:
    number = rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 24))
    said = _said(number, rng)
    unit = rng.choice(("hour", "hour", "hour", "hr", "h"))
    gap = "" if said.isdigit() and rng.random() < (0.8 if unit == "h" else 0.1) else " "
    return f"{said}{gap}{unit}{'s' if unit != 'h' and number > 1 else ''}", f"{number}h", f"{said}-hour"


def _en_both(rng: random.Random) -> tuple[str, str, str]:
    hours, minutes = rng.choice((1, 1, 1, 2, 3)), rng.choice((5, 10, 10, 15, 20, 20, 25, 30, 30, 40, 45, 50))
    first = "an hour" if hours == 1 and rng.random() < 0.4 else f"{_said(hours, rng)} hour{'s' if hours > 1 else ''}"
    text = f"{first}{rng.choice((' and ', ' '))}{_said(minutes, rng)} {rng.choice(('minutes', 'min', 'minutes'))}"
    if rng.random() < 0.25:
        text = f"{hours}h {minutes}m" if rng.random() < 0.5 else f"{hours}h{minutes}m"
    return text, f"{60 * hours + minutes}m", f"{60 * hours + minutes}-minute"


def _en_duration(rng: random.Random) -> When:
    draw = rng.random()
    if draw < 0.2:
        bare, value = rng.choice(reminders_en_frames.SPOKEN_DURATIONS).rsplit("=", 1)
        adjective = {"30m": "half-hour", "90m": "90-minute", "1h": "one-hour", "15m": "quarter-hour"}.get(value, f"{value[:-1]}-minute")
        adjective = "two-hour" if value == "2h" else adjective
    else:
        bare, value, adjective = (_en_minutes if draw < 0.7 else _en_hours if draw < 0.92 else _en_both)(rng)
    shape = rng.choices(
        ("in {}", "after {}", "{} from now", "in about {}", "in exactly {}", "{} later", "in {} or so", "in like {}", "in just {}"),
        (70, 7, 7, 3, 2, 2, 2, 2, 1),
    )[0]
    return When(shape.format(bare), bare, value, adjective)


def _en_face(hour: int, minute: int, rng: random.Random) -> str:
    """The twelve-hour face in digits or words, without a part of the day."""
    if minute == 0:
        shapes = ("{0}", "{0}", "{0}:00", "{1}", "{0} o'clock", "{1} o'clock", "{0} oclock", "{0}.00")
        return rng.choice(shapes).format(hour, _english(hour))
    if minute % 5 == 0 and rng.random() < 0.4:
        return _en_spoken(hour, minute, rng)
    if rng.random() < 0.12:
        return f"{_english(hour)} {'oh ' if minute < 10 else ''}{_english(minute)}"
    return f"{hour}{rng.choice('::::.')}{minute:02}"


def _en_spoken(hour: int, minute: int, rng: random.Random) -> str:
    """Half past, quarter to, twenty past."""
    relation, amount = ("past", minute) if minute <= 30 else ("to", 60 - minute)
    hour = hour if minute <= 30 else hour % 12 + 1
    said_hour = _said(hour, rng) if rng.random() < 0.5 else _english(hour)
    if amount == 30:
        return f"half past {said_hour}"
    if amount == 15:
        return f"{rng.choice(('a ', '', ''))}quarter {relation} {said_hour}"
    return f"{_said(amount, rng)}{rng.choice((' minutes', '', ''))} {relation} {said_hour}"


def _en_part(hour: int, rng: random.Random) -> str:
    """What follows the face so that the half of the day is known."""
    half = "am" if hour < 12 else "pm"
    marks = [f" {half}", f" {half}", half, half, f" {half.upper()}", f" {half[0]}.m.", half.upper()]
    if 4 <= hour < 12:
        marks += [" in the morning"] * 3 + [" this morning"]
    if 12 <= hour < 18:
        marks += [" in the afternoon"] * 3 + [" this afternoon"]
    if 17 <= hour < 23:
        marks += [" in the evening"] * 3 + [" this evening"]
    if hour >= 18:
        marks += [" tonight", " tonight", " at night"]
    return rng.choice(marks)


def _en_clock(rng: random.Random) -> When:
    draw, minute = rng.random(), _clock_minute(rng)
    if draw < 0.05:
        bare, value = rng.choice((("noon", "12:00"), ("midday", "12:00"), ("midnight", "00:00"), ("12 noon", "12:00")))
    elif draw < 0.25:
        hour = rng.choice((0, *range(13, 24), *range(13, 24)))
        shapes = ("{0}:{1:02}", "{0:02}:{1:02}", "{0}:{1:02}", "{0}.{1:02}", "{0}h{1:02}")
        bare, value = rng.choice(shapes).format(hour, minute), f"{hour:02}:{minute:02}"
    elif draw < 0.45:
        hour = rng.randint(1, 12)
        bare, value = _en_face(hour, minute, rng), f"{hour:02}:{minute:02}"
        bare = f"{hour:02}:{minute:02}" if rng.random() < 0.1 else bare
    else:
        return _en_halves(rng.choice((*range(24), *range(6, 23))), minute, rng)
    return When(_en_at(bare, rng), bare, value)


def _en_halves(hour: int, minute: int, rng: random.Random) -> When:
    face, part, value = _en_face(hour % 12 or 12, minute, rng), _en_part(hour, rng), f"{hour:02}:{minute:02}"
    if " to " in face and hour % 12 == 11:
        face = f"11:{minute:02}"
    if part.startswith((" this", " tonight")) and rng.random() < 0.4:
        return When(f"{part.strip()} at {face}", face + part, value)
    if len(part.strip()) <= 4 and "clock" in face:
        face = face.split(" ")[0]
    if part[0] != " " and not face[-1].isdigit():
        part = " " + part
    return When(_en_at(face + part, rng), face + part, value)


def _en_at(bare: str, rng: random.Random) -> str:
    shapes = ("at {}", "by {}", "around {}", "@ {}", "at exactly {}", "at about {}", "when it's {}", "{}", "today at {}", "at {} today")
    today = 0 if "this" in bare or "night" in bare else 3
    return rng.choices(shapes, (80, 3, 2, 2, 1, 1, 2, 2, today, today))[0].format(bare)


def _en_date(rng: random.Random) -> When:
    day = datetime(2026, 1, 1) + timedelta(days=rng.randrange(4 * 365))
    hour, minute = rng.randrange(24), _clock_minute(rng)
    dates = ("{0:%Y-%m-%d}", "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}-{0.month}-{0.day}", "{0.year}/{0.month}/{0.day}", "{0:%Y.%m.%d}")
    face = f"{hour % 12 or 12}{f':{minute:02}' if minute else ''}{rng.choice((' ', ''))}{'am' if hour < 12 else 'pm'}"
    if rng.random() < 0.6:
        face = str(hour) if not minute and rng.random() < 0.5 else f"{hour:02}:{minute:02}" if rng.random() < 0.6 else f"{hour}:{minute:02}"
    date = rng.choice(dates).format(day)
    joined = f"{date} at {face}" if face.isdigit() or rng.random() < 0.5 else f"{date} {face}"
    adverb = rng.choice((f"on {joined}", f"on {joined}", joined, f"at {face} on {date}"))
    return When(adverb, joined, f"{day:%Y-%m-%d} {hour:02}:{minute:02}")


def typo(word: str, rng: random.Random) -> str:
    """``word`` with two neighbouring letters swapped or one dropped; never a number, a mark or a short word."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    return word[:at] + (word[at + 1] + word[at] + word[at + 2 :] if rng.random() < 0.6 else word[at + 1 :])


def _dress_en(core: str, rng: random.Random) -> str:
    if rng.random() < 0.2:
        core = "".join(typo(part, rng) if rng.random() < 0.12 else part for part in re.split(r"(\W)", core))
    opener = rng.choice(reminders_en_frames.OPENERS) if rng.random() < 0.4 else ""
    question = core.endswith("?")
    core = core.rstrip("?") + (rng.choice(reminders_en_frames.CLOSERS) if rng.random() < 0.35 else "")
    end = rng.choice(("?", "?", "?", "", "??")) if question else rng.choices(("", ".", "!", "!!", "..", " ."), (55, 34, 7, 2, 1, 1))[0]
    text = re.sub(r"(?<=[.!?] )[a-z]", lambda found: found[0].upper(), opener + core) + ("" if core[-1] in ".!?" else end)
    return text[0].upper() + text[1:] if rng.random() < 0.55 else text


def _text(frames: str, what: str, when: When | None, voice: Voice, rng: random.Random) -> tuple[str, str]:
    """The person's words around ``what``, and ``what`` in the case in which it was written."""
    text = voice.dress(pick(voice.frames[frames], rng, {**voice.slots, **_MARKS}), rng)
    if when is not None:
        text = text.replace(_WHEN, when.adverb).replace(_BARE, when.bare).replace(_ADJECTIVE, when.adjective)
    text = text.replace(_TASK, what)
    if text.startswith(what[:1]) and rng.random() < 0.5:
        text = text[0].upper() + text[1:]
    draw = rng.random()
    if draw < 0.25 and (what not in voice.unnamed.values() or draw < 0.2):
        return text.lower(), what.lower()
    return (text.upper(), what.upper()) if draw > 0.995 and what not in voice.unnamed.values() else (text, what)


def _what(kind: str, voice: Voice, rng: random.Random) -> str:
    return pick(voice.frames[kind], rng, voice.slots)


def _request(voice: Voice, rng: random.Random) -> Request:
    """A complete request of any kind."""
    kind = rng.choices(("TASK", "NOUN", "CLAUSE", "NOT", "TIMER", "ALARM", "WAKE", "BLANK"), (66, 9, 7, 1, 6, 3, 4, 4))[0]
    when = voice.duration(rng) if kind == "TIMER" else voice.clock(rng) if kind == "ALARM" else voice.when(rng)
    what = voice.unnamed[kind] if kind in voice.unnamed else _what(f"{kind}_TASKS" if kind == "NOT" else f"{kind}S", voice, rng)
    text, what = _text(f"{kind}_FRAMES", what, when, voice, rng)
    return Request(text, what, when)


def _answer(request: Request, voice: Voice, rng: random.Random) -> Exchange:
    """The exchange in which the reminder is set."""
    due = request.when.due(rng)
    frames = voice.frames["DATE_REPLIES" if len(request.when.value) > 5 else "REPLIES"]
    slots: dict[str, Slot] = {"hm": f"{due:%H:%M}", "day": f"{due:%Y-%m-%d}", "what": request.what}
    call = Call(f"/remind {request.when.value} | {request.what}", f"ok {due:%Y-%m-%d %H:%M}")
    return Exchange(request.text, (call, pick(frames, rng, slots)))


def _plain(person: str, replies: str, what: str, voice: Voice, rng: random.Random) -> Exchange:
    """An exchange without a call: ``person`` is a group of frames, and so is ``replies``."""
    if person == "THANKS":
        text = pick(voice.frames[person], rng)
        text = text if rng.random() < 0.5 else text[0].upper() + text[1:]
    else:
        text, what = _text(person, what, None, voice, rng)
    return Exchange(text, (pick(voice.frames[replies], rng, {"what": what}),))


def _later(frames: str, what: str, voice: Voice, rng: random.Random) -> Exchange:
    """A second turn that gives the time for ``what``."""
    when = voice.when(rng)
    return _answer(Request(_text(frames, "", when, voice, rng)[0], what, when), voice, rng)


def _complete(voice: Voice, rng: random.Random) -> Dialogue:
    """A request that is set at once, and sometimes what follows it."""
    request = _request(voice, rng)
    first = _answer(request, voice, rng)
    draw = rng.random()
    if draw < 0.08:
        return first, _plain("THANKS", "WELCOME", "", voice, rng)
    if draw < 0.13:
        return first, _later("CHANGE", request.what, voice, rng)
    if draw < 0.17:
        return first, _answer(_request(voice, rng), voice, rng)
    return (first,)


def _without_time(voice: Voice, rng: random.Random) -> Dialogue:
    text, what = _text("NO_TIME_FRAMES", _what("TASKS", voice, rng), None, voice, rng)
    first = Exchange(text, (pick(voice.frames["ASK_WHEN"], rng, {"what": what}),))
    if rng.random() < 0.25:
        return (first,)
    second = _later("THEN", what, voice, rng)
    return (first, second, _plain("THANKS", "WELCOME", "", voice, rng)) if rng.random() < 0.1 else (first, second)


def _without_task(voice: Voice, rng: random.Random) -> Dialogue:
    first = _plain("NO_TASK_FRAMES", "ASK_BOTH", "", voice, rng)
    return (first, _answer(_request(voice, rng), voice, rng)) if rng.random() < 0.6 else (first,)


def _too_late(voice: Voice, rng: random.Random) -> Dialogue:
    """The tool refuses; Nyanko asks for another time."""
    when = (voice.date if rng.random() < 0.6 else voice.clock)(rng)
    text, what = _text("TASK_FRAMES", _what("TASKS", voice, rng), when, voice, rng)
    first = Exchange(text, (Call(f"/remind {when.value} | {what}", OVER), pick(voice.frames["OVER"], rng)))
    return (first, _later("THEN", what, voice, rng)) if rng.random() < 0.6 else (first,)


def _another_day(voice: Voice, rng: random.Random) -> Dialogue:
    """A day without digits cannot be written in a call: Nyanko asks for the date."""
    clock, what = voice.clock(rng), _what("TASKS", voice, rng)
    while re.search("this|tonight|today|今", clock.adverb):
        clock = voice.clock(rng)
    day = pick(voice.frames["ANOTHER_DAY"], rng, {"w": clock.bare if voice is CHINESE else clock.adverb})
    text, what = _text("TASK_FRAMES", what, When(day, day, "", day), voice, rng)
    first = Exchange(text, (pick(voice.frames["ASK_DATE"], rng, {"what": what}),))
    if rng.random() < 0.5:
        return (first,)
    when = voice.date(rng)
    return first, _answer(Request(_text("THEN", "", when, voice, rng)[0], what, when), voice, rng)


def _talk(voice: Voice, rng: random.Random) -> Dialogue:
    """Words about reminders that are no request."""
    task = _what("TASKS", voice, rng)
    return (_plain("HOW_FRAMES", "HOW", task, voice, rng) if rng.random() < 0.35 else _plain("CHAT_FRAMES", "CHAT", task, voice, rng),)


_ONSETS = "b bl br ch d dr f fl g gl gr h j k kl kr l m n p pl pr qu r s sh sk sn st t th tr v vr w y z zw".split()
_RIMES = "a ab ack al am anth ar ax e ek el em en er esh i ib ik il im in ip ix o ob ock og om on op or osk u ub ul um un up urk".split()


def _invented(rng: random.Random) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_RIMES) for _ in range(rng.choice((1, 2, 2, 2, 3))))


def _frames(module: object) -> Frames:
    return {name: value for name, value in vars(module).items() if isinstance(value, tuple)}


def _chooser(words: tuple[str, ...]) -> Callable[[random.Random], str]:
    return lambda rng: rng.choice(words)


def _slots(lists: Mapping[str, tuple[str, ...]], rm: tuple[str, ...], invented: Callable[[random.Random], str]) -> Mapping[str, Slot]:
    slots: dict[str, Slot] = {name: _chooser(words) for name, words in lists.items()}
    return slots | {"rm": _chooser(rm), "x": invented, "X": lambda rng: invented(rng).title(), "d": lambda rng: str(rng.randint(2, 60))}


ENGLISH = Voice(
    _frames(reminders_en_frames), _slots(reminders_en_frames.LISTS, reminders_en_frames.RM, _invented), _en_duration, _en_clock, _en_date,
    _dress_en, {"TIMER": "timer", "ALARM": "alarm", "WAKE": "wake up", "BLANK": "reminder"},
)
CHINESE = Voice(
    _frames(reminders_zh_frames), _slots(reminders_zh_frames.LISTS, reminders_zh_frames.RM, reminders_zh_frames.invented),
    lambda rng: When(*reminders_zh_frames.duration(_minutes(rng), rng)),
    lambda rng: When(*reminders_zh_frames.clock(_clock_minute(rng), rng)),
    lambda rng: When(*reminders_zh_frames.date(_clock_minute(rng), rng)),
    reminders_zh_frames.dress, {"TIMER": "计时", "ALARM": "闹钟", "WAKE": "起床", "BLANK": "提醒"},
)
_SCENES = (_complete, _without_time, _without_task, _too_late, _another_day, _talk)
_WEIGHTS = (86.0, 6.0, 1.5, 2.5, 2.0, 2.0)


def sample_en(rng: random.Random) -> Dialogue:
    """One random English dialogue."""
    return rng.choices(_SCENES, _WEIGHTS)[0](ENGLISH, rng)


def sample_zh(rng: random.Random) -> Dialogue:
    """One random Chinese dialogue."""
    return rng.choices(_SCENES, _WEIGHTS)[0](CHINESE, rng)


def sample(rng: random.Random) -> Dialogue:
    """One random dialogue in either language."""
    return (sample_en if rng.random() < 0.5 else sample_zh)(rng)
