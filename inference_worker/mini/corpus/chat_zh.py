"""Small talk in Chinese: one exchange mostly, sometimes a few from different intents. Knows nothing of calls, names or refusals."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from inference_worker.mini.corpus import chat_zh_frames, chat_zh_replies, chat_zh_topic_replies
from inference_worker.mini.corpus.chat_zh_feelings_frames import FEELINGS
from inference_worker.mini.corpus.chat_zh_frames import SLOTS
from inference_worker.mini.corpus.chat_zh_life_frames import LIFE
from inference_worker.mini.corpus.chat_zh_replies import FOLLOWS
from inference_worker.mini.corpus.chat_zh_replies import SLOTS as REPLY_SLOTS
from inference_worker.mini.corpus.chat_zh_self_frames import SELF
from inference_worker.mini.corpus.dialogue import Dialogue, Exchange
from inference_worker.mini.corpus.grammar import Slot, pick

_SETS = (chat_zh_frames.FRAMES, SELF, FEELINGS, LIFE)
FRAMES: dict[str, tuple[str, ...]] = {
    intent: tuple(frame for frames in _SETS for frame in frames.get(intent, ()))
    for intent in dict.fromkeys(intent for frames in _SETS for intent in frames)
}
REPLIES = {**chat_zh_replies.REPLIES, **chat_zh_topic_replies.REPLIES}

SMASH: tuple[str, ...] = (
    "asdfghjkl", "qwertyuiop", "zxcvbnm", "啊吧吧", "的地得", "嘎嘎", "口口", "；；", "，，，", "。。。", "？？？", "！！！", "、、", "噗噜", "呃呃", "哒哒", "@#%", "……",
    "fjdk", "sdlkfj", "囧rz", "一个了是", "不人我在", "有他这为",
)

OPENERS: tuple[str, ...] = (
    "喵酱，", "喵酱，", "喵酱 ", "Nyanko，", "小猫，", "那个，", "那个……", "嘿，", "哎，", "诶，", "对了，", "话说，", "嗯，", "哈哈，", "喂，", "猫猫，", "额，", "呃，", "哇，",
    "嗨，", "你好，", "唉，", "说起来，", "其实，", "我跟你说，", "nyanko，",
)
ASKERS: tuple[str, ...] = (
    "请问，", "请问", "请问一下，", "想问一下，", "我想问，", "问一下，", "问你个问题，", "好奇问一句，", "我想知道，", "我有个问题，", "不好意思，请问", "能问一下吗，", "弱弱问一句，", "悄悄问你，", "随便问问，",
)
CONTEXTS: tuple[str, ...] = (
    "我刚打开电脑。", "刚到家。", "我坐下来休息了。", "我回来了。", "现在有点空。", "我妈在旁边。", "今天第一次用你。", "别笑我，", "不知道该不该说，", "没别的意思，", "突然想到，", "刚才在想一件事。", "我朋友让我问你，",
    "外面好安静。", "先不干活了。", "终于忙完了。",
)
TAILS: tuple[str, ...] = ("哈哈", "嘿嘿", " 😊", "😂", "～", "～～", "……", "！！", "喵", "，喵酱", "，小猫", "hhh", "😭", "🐱", "qwq", "。。")

ABOUT_HER = frozenset({"who", "name", "human", "cat", "chatgpt", "ai", "maker", "age", "size", "where", "privacy", "offline", "skills",
    "namemeaning", "gender", "looks", "brain", "language", "cost", "watching"})
"""Intents asked as a plain question: a 请问 before them sounds right."""

GREETINGS = ("hello", "hello", "morning", "noon", "afternoon", "evening", "there", "how")
FAREWELLS = ("bye", "night", "thanks")

_BARE = frozenset({"crisis", "test", "haha", "ok", "yes", "no", "meow", "hello", "there", "smash", "bye", "night", "grief", "action", "dunno",
    "what", "quiet"})
"""Intents so short that a context sentence would drown them."""

_INTENTS = (*FRAMES, "smash")
_OFTEN = {"hello": 1.6, "how": 1.5, "joke": 1.5, "story": 1.5, "sad": 1.5, "tired": 1.3, "thanks": 1.3, "bye": 1.3, "night": 1.3}
_FINE = ("namemeaning", "gender", "looks", "brain", "cost", "watching")


def _weight(intent: str) -> float:
    """How often an intent is drawn: more for many phrasings and for what she is, but a rare one is not drowned."""
    size = min(max((len(FRAMES.get(intent, ())) / 20) ** 0.5, 0.75), 1.4)
    return float(size) * (1.7 if intent in ABOUT_HER and intent not in _FINE else _OFTEN.get(intent, 1.0))


_WEIGHTS = tuple(_weight(intent) for intent in _INTENTS)

_SPELLINGS = (
    ("什么", "啥"), ("什么", "神马"), ("什么", "什麽"), ("在", "再"), ("的", "得"), ("得", "的"), ("吗", "嘛"), ("吗", "马"), ("怎么", "咋"), ("怎么", "怎麼"),
    ("没有", "木有"), ("你", "泥"),
    ("喜欢", "稀饭"), ("知道", "造"), ("真的", "真滴"), ("好的", "好滴"), ("一个", "1个"), ("一下", "1下"), ("为什么", "为啥"), ("这样", "酱紫"), ("觉得", "觉的"),
    ("我", "偶"), ("了", "啦"), ("就", "旧"),
)
_HALF = str.maketrans("，。！？：", ",.!?:")
_END = "。！？～….!?~ "


def sample(rng: random.Random) -> Dialogue:
    """One conversation of small talk."""
    draw = rng.random()
    if draw < 0.15:
        return tuple(exchange(rng, intent) for intent in _chain(rng))
    if draw < 0.25:
        return _followed(rng)
    return (exchange(rng),)


def exchange(rng: random.Random, intent: str | None = None) -> Exchange:
    """One exchange of ``intent``, of a random one without it."""
    name = intent or rng.choices(_INTENTS, _WEIGHTS)[0]
    if name == "smash":
        return Exchange(_smash(rng), (reply(REPLIES["smash"], rng),))
    text = pick(FRAMES[name], rng, SLOTS)
    kind = "ask" if name in ABOUT_HER else "bare" if name in _BARE else "say"
    return Exchange(decorate(text, rng, kind), (reply(REPLIES[name], rng),))


def reply(frames: Sequence[str], rng: random.Random, slots: Mapping[str, Slot] | None = None) -> str:
    """One answer; ``slots`` come on top of the usual ones."""
    return pick(frames, rng, {**REPLY_SLOTS, **(slots or {})})


def decorate(text: str, rng: random.Random, kind: str = "say") -> str:
    """``text`` as people really type it. ``kind``: ``ask`` takes a 请问, ``say`` an opener, ``bare`` hardly anything."""
    if rng.random() < 0.25:
        text = _misspelt(text, rng)
    text = _framed(text, rng, kind)
    draw = rng.random()
    if draw < 0.12:
        text = text.translate(_HALF)
    elif draw < 0.2:
        text = text.replace("，", " ").replace("。", "")
    elif draw < 0.28:
        text = text.rstrip(_END) or text
    elif draw < 0.31:
        text += text[-1] if text[-1] in _END else "……"
    return text.strip() or "嗯"


def _framed(text: str, rng: random.Random, kind: str) -> str:
    draw = rng.random()
    if kind == "ask" and draw < 0.16:
        text = rng.choice(ASKERS) + text
    elif draw < (0.08 if kind == "bare" else 0.3):
        text = rng.choice(OPENERS) + text
    elif kind != "bare" and draw < 0.35:
        text = rng.choice(CONTEXTS) + text
    if rng.random() < 0.1:
        text = (text.rstrip(_END) or text) + rng.choice(TAILS)
    return text


def _misspelt(text: str, rng: random.Random) -> str:
    """One slip: a common other spelling, a doubled character or two swapped ones."""
    usual, other = rng.choice(_SPELLINGS)
    if usual in text:
        return text.replace(usual, other, 1)
    if len(text) < 5 or rng.random() < 0.75 or not text.isalpha():
        return text
    at = rng.randrange(len(text) - 2)
    if rng.random() < 0.5:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _smash(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return "".join(rng.choice("qwertyuiopasdfghjklzxcvbnm;,.") for _ in range(rng.randint(4, 16)))
    return "".join(rng.choice(SMASH) for _ in range(rng.randint(1, 3)))


def _chain(rng: random.Random) -> list[str]:
    """Two or three different intents, a greeting first and a farewell last more often than not."""
    count = rng.choice((2, 2, 3))
    chosen = [name for name in dict.fromkeys(rng.choices(_INTENTS, _WEIGHTS, k=count + 1)) if name != "crisis"][:count]
    if rng.random() < 0.4:
        chosen[0] = rng.choice(GREETINGS)
    if rng.random() < 0.3:
        chosen[-1] = rng.choice(FAREWELLS)
    return chosen


def _followed(rng: random.Random) -> Dialogue:
    """An exchange and the words that only make sense after it."""
    intent = rng.choice(tuple(FOLLOWS))
    said, answers = rng.choice(FOLLOWS[intent])
    then = decorate(pick(said, rng, SLOTS), rng, "bare")
    first = exchange(rng, intent)
    return first, Exchange(then, (_another(answers, first, rng),))


def _another(answers: Sequence[str], first: Exchange, rng: random.Random) -> str:
    """An answer that does not repeat the one before (the 喵 aside)."""
    for _ in range(6):
        text = reply(answers, rng)
        if text[:6] != str(first.reply[0])[:6]:
            return text
    return text
