"""English conversations about names: told, asked for, changed, or never told. What is trained here is copying from earlier in the chat.

Hundreds of first names and any number of made-up ones. Knows nobody, and says so when no name has been told.
"""

from __future__ import annotations

import random

from .chat_en import roughen, small_talk
from .dialogue import Dialogue, Exchange
from .grammar import expand

_NAMES = (
    "Anna Maria Emma Olivia Sophia Mia Lena Laura Julia Sarah Lisa Nina Clara Ella Ida Eva Rosa Alma Greta Frida Ingrid Astrid "
    "Sigrid Freya Liam Noah Lucas Oliver Leo Max Paul Felix Jonas Finn Emil Anton Oscar Hugo Theo Jakob David Simon Daniel Adam "
    "Samuel Benjamin Elias Levi James John Robert Michael William Thomas Charles George Edward Henry Arthur Frank Walter Harry Jack "
    "Joe Tom Tim Jim Bob Bill Ben Dan Sam Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Karen Nancy Betty Helen "
    "Sandra Donna Carol Ruth Sharon Michelle Amy Angela Kate Katie Kathy Emily Megan Hannah Rachel Rebecca Molly Lucy Grace Chloe "
    "Zoe Ruby Lily Daisy Poppy Ivy Hazel Violet Alice Rose Jane June Carlos Juan Pedro Miguel Diego Pablo Luis Jorge Mateo Santiago "
    "Javier Rafael Lucia Carmen Elena Isabel Sofia Valentina Camila Paula Ines Giulia Marco Luca Matteo Lorenzo Giovanni Chiara "
    "Francesca Bianca Alessia Pierre Jean Louis Antoine Camille Margaux Elodie Claire Celine Hans Karl Otto Fritz Dieter Uwe Jens "
    "Lars Sven Bjorn Erik Nils Olaf Magnus Anders Mette Kirsten Heidi Ursula Birgit Petra Sabine Monika Ivan Igor Dmitri Sergei "
    "Boris Vladimir Alexei Nikolai Mikhail Oleg Natasha Olga Irina Svetlana Tatiana Anastasia Katya Masha Ludmila Vera Pavel Tomas "
    "Jiri Zdenek Milan Jana Katarina Zuzana Agnieszka Magda Kasia Piotr Krzysztof Marek Tomasz Jacek Ewa Zofia Andrzej Wojciech Ali "
    "Omar Hassan Ahmed Mohammed Yusuf Ibrahim Khalid Tariq Samir Fatima Aisha Layla Zainab Noor Yasmin Leila Amina Mariam Salma "
    "Rania Amit Raj Ravi Arjun Vikram Sanjay Rahul Anil Priya Anita Sunita Kavita Deepa Lakshmi Meera Neha Pooja Rohan Aditya Ananya "
    "Ishaan Divya Wei Ming Li Chen Jun Hao Lei Xin Yan Mei Ling Hua Jing Fang Xiaoming Yifan Zihan Haoran Yuxuan Meilin Xiu Bao Tao "
    "Peng Qiang Ting Yun Yuki Haruto Sota Kenji Hiroshi Takashi Akira Sakura Hana Aiko Yui Naoko Keiko Emi Rin Ren Minjun Jiho "
    "Soyeon Jisoo Hyejin Seojun Taeyang Kwame Kofi Ama Abena Chidi Ngozi Emeka Adaeze Tunde Yetunde Thabo Sipho Naledi Zanele Amara "
    "Imani Jabari Makena Wanjiru Otieno Achieng Linh Minh Huong Nam Thao Duc Somchai Malee Budi Siti Dewi Agus Putri Maricel Jericho "
    "Lani Kai Malia Keanu Tane Aroha Moana Siobhan Aoife Niamh Sean Liam Cormac Rhys Dylan Gareth Angus Hamish Ewan Isla Fiona Morag "
    "Bruce Kyle Logan Mason Hunter Chase Wyatt Jayden Aiden Tyler Brandon Austin Dallas Savannah Brooklyn Madison Harper Avery Riley "
    "Jordan Taylor Morgan Casey Quinn Robin Alex Charlie Jamie Jesse Sky Yannick Thijs Sander Joost Femke Anouk Maarten Bram Eleni "
    "Nikos Dimitris Yorgos Katerina Despina Aylin Emre Mehmet Zeynep Elif Burak Defne"
).split()
_ODD = (
    "José|Zoë|Renée|Björn|Łukasz|André|Chloé|Mary Ann|Anna Lena|Jean Luc|Jean-Pierre|Mary-Jane|Captain Whiskers|Mr Brown|Mrs Lee|"
    "Dr Koch|Big Joe|Queen Bee|小明|李雷|小红|大卫|阿月|Ninja|Shadow|Panda|Blueberry|Sunny|Moonlight|JJ|TJ|AJ|Kat|Mo|Bo|O'Neil|D'Angelo|Xx|"
    "Professor|Neo"
).split("|")
_ONSETS = (
    "b br c ch d dr f fl g gr h j k kr l m n p pr qu r s sh st t th tr v w y z"
).split()
_VOWELS = (
    "a e i o u a e i o ai ia ee io ou"
).split()
_CODAS = ["", "", "", "", "n", "l", "r", "s", "x", "m", "th", "k", "t", "sh", "nd", "ck", "ra", "na", "lo"]
_KINDS = (
    "dog cat sister brother hamster parrot daughter son boss teacher best_friend neighbour rabbit horse fish boyfriend wife husband"
).split()

GIVE = (
    "my name is {n}", "my name's {n}", "[I'm|I am] {n}", "it's {n}", "this is {n}", "{n} here", "call me {n}", "you can call me {n}",
    "[hi|hello|hey|hiya|yo][,|] [I'm|I am|my name is|this is|it's|its] {n}", "[people|my friends|they|everybody] call me {n}",
    "name is {n}", "[please |just |]call me {n}[| please| from now on]", "I go by {n}", "the name's {n}", "my name is {n}, what's yours?",
    "I'm called {n}", "I'm {n}, [nice to meet you|who are you|and you|pleased to meet you|how are you]", "let me introduce myself, I'm {n}",
    "you may call me {n}", "[good morning|good evening|greetings], [I'm|I am|my name is] {n}", "by the way, [I'm|my name is|I am] {n}",
    "I forgot to say, I'm {n}", "[remember|note|keep in mind|don't forget] [that |]my name is {n}",
    "I haven't told you my name[ yet|]: {n}", "my [first |]name [is|=] {n}", "I think I should introduce myself. I'm {n}", "{n} is my name",
    "{n}, that's [me|my name]", "so I'm {n}[| and I'm new here| by the way]", "nice to meet you, [I'm|my name is|I am] {n}",
    "everyone knows me as {n}", "you are talking to {n}", "your new friend is called {n}", "they named me {n}", "my parents named me {n}",
    "I was [named|baptised] {n}", "I'd like you to call me {n}", "it's me, {n}", "hey cat, {n} here", "could you call me {n}?",
    "would you call me {n}[| please]?", "me {n}, you nyanko", "my nickname is {n}", "[say hi to|greet] {n}, that's me",
)
TELL = (
    "{n}", "{n}", "it's {n}", "I'm {n}", "my name is {n}", "{n}, nice to meet you", "{n}, and don't forget it", "call me {n}",
    "[sure|ok|yes], {n}",
)
NICE = (
    "Nice to meet you, {n}!", "Hello {n}, nya!", "Hi {n}! I am Nyanko.", "{n}, nice to meet you, nya.",
    "Hello, {n}. I will remember that here.", "What a nice name, {n}!",
)
ASK = (
    "what's my name?", "what is my name[| again| now| please]?", "who am I?", "do you [know|remember|still know|still remember] my name?",
    "do you [know|remember] [who I am|what I'm called|what my name is|how I'm called]?", "say my name[| please]", "tell me my name",
    "[can|could] you [tell me|say|repeat|remember] my name?", "my name is[...|?| what]", "what am I called?", "what did I say my name was?",
    "what was my name[| again]?", "I forgot my name[|, what is it]", "have you forgotten my name[| already]?", "how do you call me?",
    "and my name[ is|]?", "[test|quiz]: what's my name?", "did I tell you my name?", "you know my name, right?",
    "which name did I [tell|give] you?", "[let's see|ok|so|now], [what's|what is|do you remember] my name?", "what do you call me?",
    "what should you call me?", "guess my name", "I bet you [forgot|don't know|can't remember] my name",
    "do you still know who you're talking to?", "who are you talking to?", "what name [do I have|have I|did I give you|did I tell you]?",
    "remind me what my name is", "whats my name nyanko?", "my name?",
)
KNOWN = (
    "Your name is {n}, nya.", "You are {n}.", "You told me: {n}.", "{n}, of course!", "You are {n}, nya.",
)
UNKNOWN = (
    "You have not told me yet, nya. What is your name?", "I do not know, you have not told me yet.", "You have not told me your name yet.",
    "I do not know your name yet. Will you tell me?",
)
CHANGE = (
    "[actually|no|sorry|wait], [call me|it's|my name is|I'm] {n}", "[I'd rather be called|better call me|please call me|now call me] {n}",
    "[call me {n} instead|from now on I'm {n}|that was a typo, it's {n}]", "I changed my mind, call me {n}", "I lied, my name is {n}",
    "my real name is {n}", "not {o}, {n}", "I'm not {o}, I'm {n}", "{n}, not {o}", "my friends call me {n}, you can too",
    "don't call me {o}, call me {n}",
)
CHANGED = (
    "All right, {n} it is, nya.", "Okay, I will call you {n}.", "Got it, {n}!",
)
AFTER = {
    "hello": ("[hi|hello|hey|hi again|hello again|hey nyanko|I'm back|me again]", ("Hello {n}, nya!", "Welcome back, {n}!", "Hi {n}!")),
    "night": ("[good night|night|gn|I'm going to bed|sleep well|off to bed]", ("Good night, {n}, nya.", "Sleep well, {n}!")),
    "bye": ("[bye|goodbye|see you|cya|bye bye|I have to go|see you later|bye nyanko]", ("Bye bye, {n}, nya!", "See you soon, {n}!")),
    "morning": ("[good morning|morning|gm|good morning nyanko]", ("Good morning, {n}, nya!", "Good morning, {n}! How did you sleep?")),
    "thanks": ("[thanks|thank you|thx|ty|thank you so much|thanks nyanko]", ("You are welcome, {n}, nya.", "Any time, {n}!")),
    "greet": ("[greet me|say hello to me|say hi to me|use my name|say hi|wish me luck]", ("Hello {n}, nya!", "All the best, {n}!")),
}
OTHER = (
    "my {k} is [called|named] {n}", "my {k}'s name is {n}", "I have a {k} [called|named] {n}", "this is my {k} {n}", "{n} is my {k}",
    "my {k} {n} says hi", "I want to tell you about my {k} {n}", "the name of my {k} is {n}", "meet {n}, my {k}", "I call my {k} {n}",
    "our {k} is called {n}",
)
OTHER_NICE = (
    "{n} is a lovely name, nya.", "Say hello to {n} from me!", "I would like to meet {n}, nya.", "How nice! Hello to {n}.",
)
OTHER_ASK = (
    "what's my {k}'s name?", "what is my {k} called?", "do you [know|remember] the name of my {k}?", "what's the name of my {k}?",
    "who is my {k}?", "how is my {k} called?", "and my {k}'s name?", "do you remember what my {k} is called?",
    "what did I say my {k} is called?", "tell me my {k}'s name",
)
OTHER_KNOWN = (
    "Your {k} is called {n}, nya.", "{n}! You told me about your {k}.", "Your {k}'s name is {n}.",
)
OTHER_UNKNOWN = (
    "You have not told me that yet, nya.", "I do not know, you have not told me about your {k} yet.",
)
_BETWEEN = (
    "howareyou", "joke", "happy", "sad", "tired", "food", "hobby", "weather", "ok", "lol", "name", "who", "story", "meow", "work",
    "abilities", "where", "compliment", "wow", "yes", "no", "weekend", "bored", "private", "love", "action", "favcolour", "chat", "age",
    "human",
)


def sample(rng: random.Random) -> Dialogue:
    """One conversation of one to five exchanges about a name."""
    build = rng.choices((_told, _used, _untold, _changed, _other), (45, 22, 13, 9, 11))[0]
    return tuple(build(rng))


def _told(rng: random.Random) -> list[Exchange]:
    name = _name(rng)
    return [*_opening(rng), _turn(GIVE, NICE, rng, n=name), *_between(rng), _turn(ASK, KNOWN, rng, n=name)]


def _used(rng: random.Random) -> list[Exchange]:
    name = _name(rng)
    frame, replies = AFTER[rng.choice(tuple(AFTER))]
    talk = [_turn(GIVE, NICE, rng, n=name), *_between(rng), _turn((frame,), replies, rng, n=name)]
    return [*talk, _turn(ASK, KNOWN, rng, n=name)] if len(talk) < 5 and rng.random() < 0.25 else talk


def _untold(rng: random.Random) -> list[Exchange]:
    name = _name(rng)
    talk = [*_between(rng)[:2], _turn(ASK, UNKNOWN, rng)]
    if rng.random() < 0.5:
        talk.append(_turn(TELL if rng.random() < 0.5 else GIVE, NICE, rng, n=name))
        talk += [_turn(ASK, KNOWN, rng, n=name)] if rng.random() < 0.6 else []
    return talk


def _changed(rng: random.Random) -> list[Exchange]:
    old, name = _name(rng), _name(rng)
    talk = [_turn(GIVE, NICE, rng, n=old), _turn(CHANGE, CHANGED, rng, n=name, o=old)]
    return [*talk, *_between(rng)[:2], _turn(ASK, KNOWN, rng, n=name)]


def _other(rng: random.Random) -> list[Exchange]:
    """The name of a pet or a person near, sometimes besides one's own, sometimes never told."""
    mine, name, kind = _name(rng), _name(rng), rng.choice(_KINDS).replace("_", " ")
    if rng.random() < 0.15:
        return [*_between(rng)[:1], _turn(OTHER_ASK, OTHER_UNKNOWN, rng, k=kind)]
    told = [_turn(OTHER, OTHER_NICE, rng, n=name, k=kind)]
    both = rng.random() < 0.5
    told += [_turn(GIVE, NICE, rng, n=mine)] if both else []
    rng.shuffle(told)
    asked = _turn(ASK, KNOWN, rng, n=mine) if both and rng.random() < 0.5 else _turn(OTHER_ASK, OTHER_KNOWN, rng, n=name, k=kind)
    return [*told, *_between(rng)[:2], asked]


def _turn(frames: tuple[str, ...], replies: tuple[str, ...], rng: random.Random, **slots: str) -> Exchange:
    """One exchange; the names are put in after the noise, so that a reply can copy them letter by letter."""
    marks = {"n": "\0", "o": "\1"}
    person = expand(rng.choice(frames), rng, {key: marks.get(key, text) for key, text in slots.items()})
    person = roughen(person, rng, bare=rng.random() < 0.4)
    for key, mark in marks.items():
        person = person.replace(mark, slots.get(key, ""))
    return Exchange(person, (rng.choice(replies).format(**slots),))


def _opening(rng: random.Random) -> list[Exchange]:
    return [small_talk(rng, rng.choice(("hello", "morning", "evening", "howareyou", "who")))] if rng.random() < 0.2 else []


def _between(rng: random.Random) -> list[Exchange]:
    count = rng.choices((0, 1, 2, 3), (30, 40, 20, 10))[0]
    return [small_talk(rng, intent) for intent in rng.sample(_BETWEEN, count)]


def _name(rng: random.Random) -> str:
    roll = rng.random()
    name = rng.choice(_NAMES) if roll < 0.5 else rng.choice(_ODD) if roll < 0.56 else _made_up(rng)
    case = rng.random()
    return name.lower() if case < 0.15 else name.upper() if case < 0.17 else name


def _made_up(rng: random.Random) -> str:
    syllables = rng.choices((1, 2, 3), (25, 55, 20))[0]
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)).capitalize() + rng.choice(_CODAS)
