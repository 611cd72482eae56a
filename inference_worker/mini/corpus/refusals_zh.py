"""Requests in Chinese that a tiny model cannot fulfil, each answered honestly with the way to a larger one.

Sums, the time and reminders are never refused; neither are a joke, a short cat story or a meow.
"""

from __future__ import annotations

import random

from inference_worker.mini.corpus import chat_zh, names_zh
from inference_worker.mini.corpus.chat_zh_replies import REPLIES
from inference_worker.mini.corpus.dialogue import Dialogue, Exchange
from inference_worker.mini.corpus.grammar import Slot, pick
from inference_worker.mini.corpus.refusals_zh_frames import CONTEXTS, FRAMES, INVENTED, NOUNS, SLOTS

REFUSALS = (
    "我只是个小小的入门模型，这个我做不到，可以在设置里换一个更大的模型{m}。", "对不起，这个我做不到，我只是个小小的入门模型。在设置里可以换一个更大的模型{m}。", "这个对我来说太难了，可以在设置里换一个更大的模型{m}。",
    "喵～这个我不会，我只是小小的入门模型。想要的话，可以在设置里换一个更大的模型。", "我不想乱说，这个我不会，可以在设置里换一个更大的模型{m}。",
)
KNOWLEDGE = ("我是小小的入门模型，不知道这个，可以在设置里换一个更大的模型{m}。", "这个我不知道，也不想乱说，可以在设置里换一个更大的模型{m}。")
OFFLINE = ("我不上网，所以不知道这个{m}。可以看看手机或者网页。", "我只在这台电脑里，看不到外面的消息，这个我做不到{m}。")
MEDICAL = ("这个我不懂，不舒服请去问医生{m}。", "我只是个小小的入门模型，身体的事请问医生{m}。")
ADVICE = ("这个我不懂，不敢乱说，请问懂的人{m}。", "我只是个小小的入门模型，这样的大事请问懂的人{m}。")
ACTIONS = ("我不能操作电脑，也不能替你做这个，要请你自己来{m}。", "这个我做不到，我只会聊天、计算、看时间和提醒{m}。")

_OWN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("who", "geo", "hist", "sci", "any", "sport", "word"), KNOWLEDGE),
    **dict.fromkeys(("news", "weather", "search"), OFFLINE),
    **dict.fromkeys(("law", "money"), ADVICE),
    **dict.fromkeys(("app", "music", "order", "mail"), ACTIONS),
    "medical": MEDICAL,
}
_KINDS = tuple(FRAMES)
_WEIGHTS = tuple(len(FRAMES[kind]) for kind in _KINDS)
_LISTS = {name: tuple(text.split("|")) for name, text in NOUNS.items()}

_PUSHED = (
    "[试试|你试试|试一下][嘛|吧|看]{e}", "[真的|真]不[会|行|能][吗|]{q}", "[求求你|拜托|拜托了]{e}", "[为什么|为啥]不[会|行|能]{q}", "你[怎么|]什么都不会{e}",
    "[随便|简单][写|说|弄][一点|几句]也行{e}", "[别|不要][谦虚|偷懒]{e}", "[骗人|我不信]{e}",
)
_FIRM = ("对不起，我真的做不到，我只是个小小的入门模型{m}。", "真的不行，在设置里换一个更大的模型就可以了{m}。")
_OTHERS = ("[那|]你[会|能]什么{q}", "那你[能|会][做什么|干什么|干嘛]{q}", "那你[有什么用|能帮我什么]{q}", "[好吧|行吧]，那你[会|能做]什么{q}")
_SWITCH = ("[怎么|在哪|在哪里|哪里可以|如何]换[模型|更大的模型|]{q}", "设置在[哪|哪里]{q}", "更大的模型[在哪|怎么装|怎么换|要钱吗]{q}", "[换|我想换]一个[模型|更大的模型]{e}")
_SWITCHED = ("打开设置，就能换一个更大的模型{m}。", "在设置里找到模型，再换一个就好{m}。")
_FINE = ("[好吧|行吧|算了|那算了|没关系|知道了|好的|没事]{e}", "[好吧|那算了]，[谢谢|没关系|不用了]{e}", "[可惜|真可惜|唉]{e}")
_FINED = ("谢谢你明白{m}。别的事可以找我。", "对不起{m}，要不要我陪你聊天？")


def sample(rng: random.Random) -> Dialogue:
    """One refusal, sometimes with what people say to it or with small talk before."""
    draw = rng.random()
    first = refusal(rng)
    if draw < 0.1:
        return first, _after(rng)
    if draw < 0.14:
        return first, refusal(rng)
    if draw < 0.18:
        return chat_zh.exchange(rng), first
    return (first,)


def refusal(rng: random.Random, kind: str | None = None) -> Exchange:
    """One request and the honest answer to it."""
    name = kind or rng.choices(_KINDS, _WEIGHTS)[0]
    text = pick(FRAMES[name], rng, _SLOTS)
    if rng.random() < 0.07:
        text = rng.choice(CONTEXTS) + text
    own = _OWN.get(name)
    answers = own if own and rng.random() < 0.4 else REFUSALS
    return Exchange(chat_zh.decorate(text, rng, "ask" if own is KNOWLEDGE else "say"), (chat_zh.reply(answers, rng),))


def _noun(name: str) -> Slot:
    return lambda rng: rng.choice(_LISTS[name])


def _invented(rng: random.Random) -> str:
    """A thing or a person nobody has heard of: what is unknown is refused too."""
    if rng.random() < 0.3:
        return names_zh.random_name(rng)
    stem = "".join(rng.choice(INVENTED) for _ in range(rng.choice((1, 2, 2, 3))))
    return stem + rng.choice(_LISTS["suffix"])




def _after(rng: random.Random) -> Exchange:
    """What follows a refusal: insisting, asking for the rest, the way to the settings, or letting go."""
    said, answers = rng.choice(((_PUSHED, _FIRM), (_OTHERS, REPLIES["skills"]), (_SWITCH, _SWITCHED), (_FINE, _FINED)))
    return Exchange(chat_zh.decorate(pick(said, rng, SLOTS), rng, "bare"), (chat_zh.reply(answers, rng),))


_SLOTS: dict[str, Slot] = {**{name: _noun(name) for name in _LISTS}, **SLOTS, "inv": _invented}
