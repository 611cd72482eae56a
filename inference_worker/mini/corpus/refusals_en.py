"""Requests that are too much for a tiny model, in English, and Nyanko's honest answers. Knows no fact and no tool.

Sums, the time and reminders are never refused here: those have their own modules.
"""

from __future__ import annotations

import random

from .chat_en import roughen, small_talk
from .dialogue import Dialogue, Exchange
from .grammar import Slot, expand
from .refusals_en_frames import ACT, ADVICE, CODE, FACTS, INSIST, LIVE, REPLIES, TOPICS, TRANSLATE, WRITE

_KINDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (WRITE, "plain"), (TRANSLATE, "plain"), (CODE, "plain"), (FACTS, "facts"), (LIVE, "live"), (ADVICE, "advice"), (ACT, "act"),
)
_WEIGHTS = (4, 2, 2, 7, 3, 4, 4)
_WITH_PLAIN = 0.4
"""How often the general answer is given where a kind has one of its own."""

_ONSETS = "b br c ch cl d dr f fl g gl gr h j k kl l m n p pl qu r s sh sk sl st t tr v w z zh".split()
_VOWELS = "a e i o u a e i o ai ee oo ou ia".split()
_CODAS = "n r l m s t k x nd rt lk mp st ng sh th p b ck".split()
_GIVEN = "Anna Karel Pedro Mina Igor Lena Omar Greta Hugo Ines Pavel Rosa Sven Tara Yuki Carl Dora Emil Fatima Nils Ruth Jan Li".split()
_SUBJECTS = (
    "the boy|my friend|our team|the old man|she|he|the company|a stranger|the teacher|nobody|the committee|my neighbour|"
    "the dog|we|they"
).split("|")
_VERBS = (
    "walked to|bought|forgot|liked|saw|painted|waited for|lost|talked about|found|opened|sold|needed|ran past|dreamed of|"
    "carried|asked about|closed"
).split("|")
_OBJECTS = (
    "the station|a red umbrella|the letter|the new house|their plans|some bread|the old bridge|a small box|the report|"
    "the garden|the train|a warm coat|the meeting|the keys|a long list|the window|the results|her birthday|the river"
).split("|")
_ENDS = (
    "|yesterday|in the evening|because it rained|without a word|last summer|again|after lunch|and went home|"
    "for the first time|very quickly"
).split("|")
_WORDS = (
    "apple house window cloud bridge courage butterfly spoon mountain freedom candle kitchen pillow winter sister hospital "
    "elephant umbrella serendipity ubiquitous gratitude mirror thunder library squirrel homesick ephemeral melancholy "
    "resilience table shoe river orange"
).split()
_BEFORE = (
    "I am in a hurry.", "Quick question.", "It is for school.", "I need your help.", "My friend wants to know.", "One more thing.",
    "I have been thinking.", "You are my last hope.", "I was just reading.", "New topic.",
)
_AFTER = (
    "Thanks!", "It is urgent.", "I am curious.", "It is for work.", "No idea where to start.", "Can you help?", "Be quick.",
    "What do you think?",
)


def sample(rng: random.Random) -> Dialogue:
    """One conversation in which the person asks for too much, now and then with small talk before or after, or asking twice."""
    first = _refused(rng)
    roll = rng.random()
    if roll < 0.82:
        return (first,)
    if roll < 0.88:
        return (first, _insisted(rng))
    if roll < 0.93:
        return (first, small_talk(rng, rng.choice(("ok", "thanks", "sorry", "bye", "abilities", "size"))))
    return (small_talk(rng, rng.choice(("hello", "howareyou", "abilities", "help", "bored"))), first)


def _refused(rng: random.Random) -> Exchange:
    frames, kind = rng.choices(_KINDS, _WEIGHTS)[0]
    person = expand(rng.choice(frames), rng, _SLOTS)
    return Exchange(roughen(_polite(person, rng), rng), (_answer(kind, rng),))


def _answer(kind: str, rng: random.Random) -> str:
    general = kind == "plain" or rng.random() < _WITH_PLAIN
    return rng.choice(REPLIES["plain" if general else kind])


def _insisted(rng: random.Random) -> Exchange:
    return Exchange(roughen(expand(rng.choice(INSIST), rng), rng, bare=True), (rng.choice(REPLIES["plain"]),))


def _polite(person: str, rng: random.Random) -> str:
    roll = rng.random()
    if person.endswith("?") or roll >= 0.3:
        return _asked(person, rng) if roll > 0.9 else person
    if roll < 0.12:
        return f"{person} please"
    return f"please {person[0].lower()}{person[1:]}" if roll < 0.2 else person


def _asked(person: str, rng: random.Random) -> str:
    """The request with a sentence of context around it."""
    if rng.random() < 0.6:
        return f"{rng.choice(_BEFORE)} {person[0].upper()}{person[1:]}"
    return f"{person}{'' if person[-1] in '?.!' else '.'} {rng.choice(_AFTER)}"


def _syllable(rng: random.Random) -> str:
    return rng.choice(_ONSETS) + rng.choice(_VOWELS)


def _noun(rng: random.Random) -> str:
    """A word that nobody knows, so that unknown words too are recognised as a question of facts."""
    return "".join(_syllable(rng) for _ in range(rng.randint(1, 3))) + rng.choice(_CODAS)


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_GIVEN)} {_noun(rng).capitalize()}"


def _sentence(rng: random.Random) -> str:
    end = rng.choice(_ENDS)
    return f"{rng.choice(_SUBJECTS)} {rng.choice(_VERBS)} {rng.choice(_OBJECTS)}{' ' + end if end else ''}"


def _year(rng: random.Random) -> str:
    return str(rng.choice((rng.randint(1000, 2026), rng.randint(1900, 2026))))


def _topic(options: tuple[str, ...]) -> Slot:
    return lambda rng: rng.choice(options)


def _anything(rng: random.Random) -> str:
    """A topic, sometimes narrowed or joined with another one, so that few questions are seen twice."""
    topics = TOPICS["topic"]
    roll = rng.random()
    if roll < 0.75:
        return rng.choice(topics)
    if roll < 0.9:
        return f"{rng.choice(topics)} in {rng.choice(TOPICS['place'])}"
    return f"{rng.choice(('the history of', 'the future of', 'the dangers of', 'the cost of'))} {rng.choice(topics)}"


_SLOTS: dict[str, Slot] = {
    **{name: _topic(options) for name, options in TOPICS.items()},
    "topic": _anything, "person": _person, "noun": _noun, "sentence": _sentence, "year": _year, "word": _topic(tuple(_WORDS)),
}
