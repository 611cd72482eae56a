"""English small talk: one random conversation. Knows no tool, and leaves every fact about the world to bigger models.

The noise of :func:`roughen` (openers, case, punctuation, slang, slips of the finger) is shared with the other English chat modules.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from .chat_en_feelings_frames import FEELINGS
from .chat_en_frames import FRAMES, blocks
from .chat_en_life_frames import LIFE
from .chat_en_play_frames import PLAY
from .chat_en_replies import REPLIES as _BROAD
from .chat_en_self_frames import SELF
from .chat_en_topic_replies import REPLIES as _FINE
from .dialogue import Dialogue, Exchange
from .grammar import Slot, expand

_SHORT = blocks("""
ok: [ok|okay|k|kk|alright|fine|sure|got it|I see|right|cool|nice|understood|good|great|noted] ; [all right|okie|oki|okey|oh ok|ah ok|hm
  ok|ok cool|fair enough|makes sense|sounds good|ok then] ; [very well|no problem|no worries|all good|deal|aha|ah|oh|mhm] ;
  [ok|okay|alright|fine|sure|cool|got it][,|] [nyanko|kitty|cat|then|good|fine|will do] ; oh, I see ; [that's|thats]
  [ok|fine|alright|good|cool|nice] ; good to know ; if you say so ; never mind ; nvm ; forget it ; whatever ; interesting ; hm ; hmm ; hmmm
  ; well ; I guess
dunno: [idk|dunno|I don't know|no idea|not sure|no clue|hard to say|who knows|beats me|I'm not sure|can't say|I have no idea][|, nyanko|, sorry|,
  really| honestly] ; I [really|honestly] don't know ; no idea, you tell me ; I don't know, you? ; I haven't decided ; let me think ; good
  question ; don't ask me ; I forgot
lol: [lol|lmao|rofl|haha|hahaha|hehe|hihi|ha|xd|lool|lolol|hahahaha|heh|hah|:)|:D|;)|that's funny] ; [so funny|funny|very funny|good
  one|that made me laugh|I'm laughing|you're funny|nice joke] ; [I like that joke] ; [lol|haha|hehe][,|] [ok|nice|nyanko|that's funny|good
  one|kitty|you're funny|stop it|cute]
yes: [yes|yep|yeah|yup|ya|yes please|of course|sure thing|yes I do|yes I am|absolutely|definitely] ; [indeed|exactly|true|that's
  right|yess|yea|correct|certainly|I think so|yes, a lot|I agree] ; [totally|why not|maybe|perhaps|yes yes|yes nyanko]
no: [no|nope|nah|no thanks|no thank you|not really|not yet|never|of course not|no way|noo|not at all] ; [no I don't|no I'm not|I don't
  think so|not today|not now|no need|no no|rather not|no nyanko] ; [hell no|nay|negative|I disagree]
wow: [wow|whoa|omg|oh my|amazing|awesome|incredible|no way|really|seriously|for real][|!|?| nyanko|] ; [oh really|is that so|are you
  sure|you sure|are you serious|great|brilliant][|!|?| nyanko|] ; [impressive|cool|sweet|oh no|oh dear|damn|what a
  surprise|unbelievable][|!|?| nyanko|] ; [are you kidding][|!|?| nyanko|] ; I can't believe it ; that's [amazing|crazy|great|so
  cool|wild|weird|strange]
what: [what|huh|hm|pardon|excuse me|come again|what do you mean|I don't understand][|?|??|, nyanko|] ; [I don't get it|say that again|what
  did you say|why|why not|how come|how so][|?|??|, nyanko|] ; [what does that mean|you make no sense|that makes no sense|explain|you lost
  me][|?|??|, nyanko|] ; [I'm confused][|?|??|, nyanko|] ; can you [repeat that|say it again|explain that]? ; what was that? ; can you be
  clearer?
quiet: [be quiet|quiet|silence|hush|shh|stop|stop it|stop talking|go away][| please|, nyanko| now|] ; [leave me alone|not now|I'm
  busy|don't talk|enough|cancel|go to sleep][| please|, nyanko| now|] ; [I need quiet|let me work|do not disturb|get lost|I want to be
  alone][| please|, nyanko| now|]
""")
_SETS = (FRAMES, _SHORT, SELF, FEELINGS, LIFE, PLAY)
_FRAMES = {
    intent: tuple(frame for frames in _SETS for frame in frames.get(intent, ()))
    for intent in dict.fromkeys(intent for frames in _SETS for intent in frames)
}
_REPLIES = {**_BROAD, **_FINE}
_OFTEN = {
    "hello": 1.4, "howareyou": 1.5, "joke": 1.3, "sad": 1.3, "tired": 1.3, "who": 1.5, "name": 1.3, "abilities": 1.5, "human": 1.4,
    "realcat": 1.2, "otherai": 1.6, "maker": 1.4, "age": 1.4, "size": 1.4, "where": 1.5, "private": 1.4, "offline": 1.6, "cando": 1.3,
    "language": 1.2, "story": 1.2, "rhyme": 1.2, "thanks": 1.3, "bye": 1.3, "night": 1.3, "compliment": 1.2,
}
_RARE = {"crisis": 0.6, "afternoon": 0.7, "back": 0.7, "quiet": 0.7}
_INTENTS = (*_FRAMES, "gibberish")


def _weight(intent: str) -> float:
    """How often an intent is drawn: more for many phrasings, but a rare one is not drowned."""
    size = len(_FRAMES.get(intent, ())) or 25
    return float(min(max((size / 25) ** 0.5, 0.7), 1.4)) * {**_RARE, **_OFTEN}.get(intent, 1.0)


_WEIGHTS = [_weight(intent) for intent in _INTENTS]
_BARE = frozenset(_SHORT) | frozenset(
    "hello morning afternoon evening thanks bye night meow test gibberish there brb action crisis grief lol back".split()
)
_CLOSING = ("thanks", "ok", "bye", "night", "lol", "compliment", "wow")

_FOODS = (
    "pizza pasta soup noodles rice sushi curry salad toast porridge pancakes waffles dumplings tacos ramen cheese chocolate cake "
    "cookies pie bread eggs bacon tuna salmon chicken steak tofu beans potatoes fries lasagna stew kebab yoghurt cereal fruit "
    "strawberries apples bananas popcorn crisps ice_cream fried_rice hot_pot mashed_potatoes a_sandwich a_burger tomato_soup "
    "spring_rolls apple_pie"
).split()
_HOBBIES = (
    "painting drawing knitting gardening hiking swimming running cycling reading writing cooking baking dancing singing climbing "
    "skating surfing fishing camping sewing pottery photography yoga chess football tennis basketball badminton gaming coding skiing "
    "bowling karate juggling origami birdwatching woodwork jogging crocheting stargazing board_games collecting_stamps playing_guitar "
    "table_tennis"
).split()
_PETS = (
    "cat kitten dog puppy hamster rabbit parrot goldfish turtle guinea_pig budgie ferret gecko pony hedgehog gerbil chinchilla rat"
).split()
_PET_NAMES = (
    "Mochi Luna Simba Felix Whiskers Biscuit Pepper Coco Milo Oscar Ginger Shadow Tiger Smokey Daisy Rex Buddy Max Bella Rocky Peanut "
    "Pickle Cookie Noodle Muffin Waffles Ziggy Pumpkin Olive Bean Socks Snowball Tofu Maple Hazel Bruno Lucky Nala Kiwi Mango"
).split()
_COLOURS = "red blue green yellow purple pink orange black white grey brown turquoise violet gold silver beige teal lilac".split()
_JOBS = (
    "teacher nurse doctor baker driver farmer painter lawyer cook waiter gardener plumber programmer designer carpenter pilot "
    "librarian cashier mechanic musician writer scientist dentist builder postman hairdresser photographer translator cleaner "
    "firefighter"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_PLACES = (
    "London Paris Berlin Tokyo Beijing Rome Madrid Vienna Prague Oslo Dublin Lisbon Boston Chicago Toronto Sydney Shanghai Hamburg "
    "Leeds Helsinki Warsaw Athens Cairo Lima Delhi Seoul Austin Denver Munich Lyon Porto Bergen Ghent Zurich"
).split()
_KIN = (
    "mom mum dad sister brother grandma grandpa mother father aunt uncle cousin son daughter wife husband boyfriend girlfriend "
    "roommate neighbour nephew niece best_friend"
).split()
_BODY = "head back neck knee shoulder ankle foot wrist belly stomach throat tooth ear elbow hip arm leg thumb toe finger hand nose".split()
_SUBJECTS = (
    "maths physics chemistry biology history geography english french spanish latin music art law economics medicine grammar "
    "statistics algebra philosophy german literature"
).split()
_GENRES = "jazz rock pop metal techno blues folk punk reggae opera hip_hop country classical_music soul k-pop rap disco swing".split()
_SEASONS = "spring summer autumn winter".split()
_ECHO = {
    "kin": _KIN, "body": _BODY, "subject": _SUBJECTS, "genre": _GENRES, "season": _SEASONS, "food": _FOODS, "hobby": _HOBBIES, "pet": _PETS, "petname": _PET_NAMES,
    "colour": _COLOURS, "job": _JOBS, "day": _DAYS, "place": _PLACES,
}
_PRAISE = (
    "cute|sweet|nice|kind|smart|funny|adorable|clever|lovely|helpful|pretty|great|"
    "awesome|fluffy|amazing|good|cool|charming|patient|wonderful|brilliant"
)
_SLUR = (
    "stupid|dumb|useless|annoying|ugly|boring|terrible|silly|lame|bad|slow|"
    "lazy|pathetic|horrible|weak|pointless|weird|awful|broken|fat"
)
_WEATHER = (
    "sunny rainy cloudy windy foggy cold hot warm stormy grey freezing chilly humid icy muggy mild misty dark nice gloomy"
).split()
_ECHO["weather"] = _WEATHER
_NUM = "[1|12|123|1 2 3|2|3|one two|1234|42|one two three]"
_GESTURES = (
    "pets|pats|hugs|cuddles|strokes|tickles|feeds|boops|kisses|pokes|scratches|rubs|brushes|nuzzles|snuggles|squeezes|scritches|"
    "gently pets|softly strokes|carefully pats|picks up|holds"
)
_PLAIN: dict[str, Slot] = {
    "praise": f"[{_PRAISE}]", "slur": f"[{_SLUR}]", "num": _NUM, "gesture": f"[{_GESTURES}]",
    "gesture2": "[pet|hug|pat|tickle|cuddle|poke|stroke|boop|kiss|scratch|squeeze]",
}

_OPENERS = (
    "hey nyanko, |nyanko, |hey, |hi, |um, |ok so |so, |well, |kitty, |btw |by the way, |hey kitty, |uh, |hmm, |oh, |listen, |"
    "hello, |look, |ok, |honestly, |to be honest |you know, |actually |hi nyanko, |hey cat, |nyanko nyanko, |little cat, |ah, |"
    "right, |alright, |just wondering, |anyway, |say, |yo, |dear nyanko, |hello nyanko, |and |but |hm, |haha |psst, |"
    "one more thing: |now |tell me, |hey there, |hiya, |heyy |ok nyanko, "
).split("|")
_CONTEXTS = (
    "just got home|I'm on a break|had a long day|I'm new here|I have a minute|it's quiet here|I was just thinking|my friend wants to know|"
    "I'm curious|don't laugh|maybe a silly question|sorry to bother you|I'm drinking tea|I finally have some time|nobody is around|"
    "I'm waiting for the bus|it's late|I was wondering|nice to see you|my break is almost over|I just opened you|one question|ok listen|"
    "so I've been thinking|I sat down for a moment|serious question|random question|before I go|I forgot to ask|the kids are asleep"
).split("|")
_ASKED = frozenset(SELF) | frozenset(
    "howareyou doing joke story rhyme riddle funfact game advice favfood favcolour favanimal favseason favmusic favother dislike wish "
    "eitheror believe takeover aboutme friends chat catsopinion".split()
)
"""Intents about Nyanko: a sentence about the person before them changes nothing in the answer."""
_TAILS = " nyanko|, nyanko|, kitty| :)| haha|, little cat| lol|, my friend|, dear| then|, you know|, cat|, buddy| nyan".split("|")
_EMOJI = " 😊| 😺| 😅| 🐱| 🙂| 👋| 🥺| 😸| 🙏| 🐾".split("|")
_SLANG = (
    ("you are", "ur"), ("you", "u"), ("are", "r"), ("please", "pls"), ("thanks", "thx"), ("your", "ur"), ("going to", "gonna"),
    ("want to", "wanna"), ("because", "cuz"), ("what", "wat"), ("tonight", "2nite"), ("something", "sth"), ("don't know", "dunno"),
    ("really", "rly"), ("right now", "rn"),
)
_WORD = re.compile(r"[a-zA-Z]{4,}")
_SLOT = re.compile(r"\{(\w+)\}")


def sample(rng: random.Random) -> Dialogue:
    """One conversation: mostly one exchange, in 15 % two or three from different intents."""
    if rng.random() >= 0.15:
        return (small_talk(rng),)
    first = [_intent(rng) for _ in range(rng.choice((1, 1, 2)))]
    last = rng.choice(_CLOSING) if rng.random() < 0.5 else _intent(rng)
    return tuple(small_talk(rng, intent) for intent in dict.fromkeys([*first, last]))


def small_talk(rng: random.Random, intent: str | None = None) -> Exchange:
    """One exchange of ``intent``, or of a random one."""
    intent = intent or _intent(rng)
    if intent == "gibberish":
        return Exchange(_gibberish(rng), (rng.choice(_REPLIES[intent]),))
    used: dict[str, str] = {}
    slots = {**_PLAIN, **{name: _remembered(name, used) for name in _ECHO}}
    person = expand(_frame(rng, intent), rng, slots)
    replies = [reply for reply in _REPLIES[intent] if set(_SLOT.findall(reply)) <= _mentioned(person, used)]
    if intent in _ASKED and rng.random() < 0.1:
        person = f"{rng.choice(_CONTEXTS)}{rng.choice(('. ', '. ', ', ', '... ', '! '))}{person}"
    reply = _SLOT.sub(lambda match: used[match[1]], rng.choice(replies))
    return Exchange(roughen(person, rng, bare=intent in _BARE), (reply[0].upper() + reply[1:],))


def roughen(text: str, rng: random.Random, *, bare: bool = False) -> str:
    """``text`` as people type it. ``bare`` texts get no opener and no tail. A ``\\0`` in it stays as it is, for a name put in later."""
    text = text if bare else _framed(text, rng)
    if rng.random() < 0.12:
        text = _slang(text, rng)
    text = _typed(_punctuated(text, rng), rng)
    if rng.random() < 0.35:
        text = _WORD.sub(lambda match: _slip(match[0], rng) if rng.random() < 0.06 else match[0], text)
    return text + rng.choice(_EMOJI) if rng.random() < 0.04 else text


def _intent(rng: random.Random) -> str:
    return rng.choices(_INTENTS, _WEIGHTS)[0]


def _frame(rng: random.Random, intent: str) -> str:
    frames = _FRAMES[intent]
    wide = rng.random() < 0.3
    return max(rng.choices(frames, k=2), key=len) if wide else rng.choice(frames)


def _remembered(name: str, used: dict[str, str]) -> Callable[[random.Random], str]:
    def slot(rng: random.Random) -> str:
        if name not in used:
            used[name] = rng.choice(_ECHO[name]).replace("_", " ")
        return used[name]

    return slot


def _mentioned(person: str, used: dict[str, str]) -> set[str]:
    """The slots whose text is really there: choices that were not taken fill slots too."""
    return {name for name, text in used.items() if text in person}


def _framed(text: str, rng: random.Random) -> str:
    if rng.random() < 0.25:
        opener = rng.choice(_OPENERS)
        keep = re.match(r"I\b", text) or text[1:2].isupper()
        text = opener + (text if keep else text[0].lower() + text[1:])
    if rng.random() < 0.1:
        end = text[-1] if text[-1] in "?!." else ""
        text = text[: len(text) - len(end)] + rng.choice(_TAILS) + end
    return text


def _slang(text: str, rng: random.Random) -> str:
    for word, short in rng.sample(_SLANG, 6):
        text = re.sub(rf"\b{word}\b", short, text)
    return text


def _punctuated(text: str, rng: random.Random) -> str:
    roll = rng.random()
    if text[-1] in "?!":
        bare = text[:-1]
        return bare if roll < 0.3 else bare + rng.choice(("?!", " ?", "???", "??", "..")) if roll < 0.4 else text
    if not (text[-1].isalnum() or text[-1] == "\0"):
        return text
    odd = rng.choice(("...", "!!", "..", " !", " ...", "!!!"))
    return text + ("." if roll < 0.3 else "!" if roll < 0.4 else odd if roll < 0.45 else "")


def _typed(text: str, rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.4:
        text = text.lower()
    elif roll < 0.43:
        text = text.upper()
    elif roll < 0.8:
        text = text[0].upper() + text[1:]
    quote = rng.random()
    return text.replace("'", "") if quote < 0.2 else text.replace("'", "\u2019") if quote < 0.28 else text


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.random()
    if kind < 0.5:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind < 0.8 else word[:at] + word[at] + word[at:]


def _gibberish(rng: random.Random) -> str:
    letters = rng.choice(("asdfghjkl", "qwertzuiop", "abcdefghijklmnopqrstuvwxyz", "jkl;f", "xcvbnm,", "asdf", "?!.", "bcdfghklmnprtvwxz"))
    words = ["".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
    return " ".join(words)
