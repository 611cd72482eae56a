"""Dialogues about the clock and the calendar in English and Chinese: every answer about the present comes from ``/now``.

Knows the phrasings of the question and how the answer of the tool is read; it knows no other time zone and no future.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inference_worker.mini.corpus import reminders_en_frames, reminders_zh_frames
from inference_worker.mini.corpus.dialogue import Call, Dialogue, Exchange
from inference_worker.mini.corpus.grammar import Slot, pick
from inference_worker.mini.corpus.reminders import typo

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_ZH = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
_MONTHS = "January February March April May June July August September October November December".split()

_EN: Mapping[str, tuple[str, ...]] = {
    "TIME": (
        "what time is it[| now| right now| at the moment| currently| exactly| by now| already]?", "what's the time[| now| right now]?",
        "whats the time?", "what is the [time|current time|exact time|local time]?",
        "[can|could|would|will] you [please |]tell me [what time it is|the time|the current time|the exact time|how late it is]?",
        "do you [know|have] [what time it is|the time]?", "[got|have you got|you got] the time?",
        "tell me [the time|what time it is|the current time|how late it is][| now| please]", "time[| please| now| check| pls|, nyanko]?",
        "how late is it[| already| now]?", "is it [late|early|very late|past midnight|already late]?",
        "I [lost|have lost] track of time, [what time is it|how late is it]?", "I have no [clock|watch] here, what's the time?",
        "my [phone|watch|clock] [is dead|stopped|is broken|is upstairs|is charging], what time is it?", "current time[| please]?",
        "what does the clock say[| now]?", "what does your clock [say|show]?", "[check|look at|read] the clock[| for me| please]",
        "give me the [time|current time|exact time]", "I need [the time|to know the time|to know what time it is]", "time now?",
        "what hour is it?", "which hour is it[| now]?",
        "is it [noon|midnight|evening|morning|afternoon|lunch time|bedtime|time for bed|dinner time] [yet|already|now]?",
        "what's the clock?", "any idea [what time it is|how late it is]?", "can you see the clock?",
        "just [woke up|got home|came back], what time is it?", "I wonder what time it is", "I'd like to know [the time|what time it is]",
        "I want to know what time it is[| now]", "wht time is it?", "what tme is it?", "how much time is it?",
        "what time do we have[| now]?", "what time is it where [we are|I am]?", "did it get late?", "is it after [six|8|ten|5 pm|noon|9]?",
        "is it [6|seven|8|ten] o'clock [yet|already]?", "so what time is it now?", "time plz", "say the time", "the time?",
        "the time, please", "hh:mm please", "what's the time on your clock?", "how late did it get?",
        "is there [still |]time before [noon|midnight]?", "clock?", "now?", "what time is it, little cat?", "wat time is it",
        "are we [past|before] noon?", "show [me |]the time", "what is the hour?", "can you check what time it is?",
        "mind telling me the time?", "you know what time it is?", "it's dark outside, how late is it?",
        "[before I leave|one second], what's the time?", "is it too early [for coffee|for lunch|to call {who}]?",
        "is it too late to [call {who}|cook|eat|go out|text {name}]?", "{name} asks what time it is", "{who} wants to know what time it is",
        "{who} wants to know the time",
    ),
    "DATE": (
        "what['s| is] [today's date|the date|the date today|the current date]?", "what date is it[| today| now]?",
        "which date [is it|do we have|is today][| today]?", "what's the date[| today| now]?", "whats the date[| today]?",
        "today's date[| please]?", "[can|could|would] you tell me [the date|today's date|what date it is|which date we have]?",
        "tell me [the date|today's date|what date it is][| please]", "date[| please| today| pls]?", "what is today?",
        "what day of the month is it?", "what's today?",
        "I need [the date|today's date|the current date] [for a form|for a letter|please|for my diary|for the header]",
        "do you know [the date|today's date|what date it is]?", "how far along is the month?", "what number is today?",
        "give me [the date|today's date]", "which day of the month is it?", "what do I write as the date?",
        "I forgot the date, [what is it|can you help]?", "what is the calendar date?", "what does the calendar say[| today]?",
        "[check|look at] the calendar, what date is it?", "current date?", "is it already the [1st|15th|20th|end of the month]?",
        "I'm writing a letter, what's the date?", "the date, please", "date of today?", "{who} asks for the date",
        "what date do we have today?", "what was the date again?", "wich date is it?", "today is the what?",
    ),
    "DAY": (
        "what day is [it|today][| today| now| again]?", "which day [is it|is today][| today| again]?",
        "what day of the week is [it|today]?", "what weekday is it[| today]?", "which weekday is it?", "what day do we have[| today]?",
        "day of the week?", "[can|could|would] you tell me [what day it is|the day|which weekday it is|the day of the week]?",
        "tell me [what day it is|the weekday|which day it is]", "do you know [what day it is|which day it is|which weekday we have]?",
        "weekday[| please]?", "is it [Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday] [today|yet|already]?",
        "is today [a |][Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]?", "I forgot what day it is",
        "I lost track of the days, what day is it?", "every day feels the same, which day is it?", "what's the day today?",
        "whats the day?", "what day are we on?", "I don't even know what day it is", "is it really [Monday|Friday|Sunday] [already|again]?",
        "today is which day?", "remind me what day it is", "holiday brain: what day is it?", "what's the weekday?", "name the day",
        "the day of the week, please", "{who} wants to know what day it is", "wat day is it", "which day of the week do we have?",
        "what day is it, kitty?",
    ),
    "BOTH": (
        "what['s| is] the [date and time|time and date|day and time|time and the date]?", "date and time[| please| now| pls]?",
        "time and date[| please]?", "[can|could] you tell me the [date and time|time and date|day and the time]?",
        "tell me the date and the time", "what day and time is it?", "what time and day is it[| now]?", "what time is it and what day?",
        "what day is it and what time?", "give me date and time", "I need the date and the time[| please]", "current date and time",
        "now, with date please", "full date and time?", "what time is it, and which date?", "I woke up confused, what day and time is it?",
        "when is now?", "what's now?", "timestamp please", "a timestamp, please", "what moment is it?", "day, date and time please",
    ),
    "MONTH": (
        "what month is it[| now]?", "which month [is it|do we have|are we in]?", "tell me the month", "what's the [month|current month]?",
        "current month?", "month?", "do you know which month it is?", "what month are we in?", "I forgot which month it is",
    ),
    "YEAR": (
        "what year is it[| now]?", "which year [is it|do we have|are we in]?", "tell me the year", "what's the [year|current year]?",
        "current year?", "year?", "do you know what year it is?", "what year are we in?", "what year do I write?",
    ),
    "WEEKEND": (
        "is it [the |][weekend|week end] [yet|already|now|]?", "is today [a weekend day|the weekend|a weekday|a work day]?",
        "do we have weekend[| today| now]?", "weekend yet?", "is it weekend?", "is it finally weekend?", "have we reached the weekend?",
    ),
    "TOMORROW": (
        "what day is [it |]tomorrow?", "which day is tomorrow?", "what weekday is tomorrow?", "tomorrow is which day?",
        "tell me what day tomorrow is", "what day will it be tomorrow?", "what day of the week is tomorrow?", "and tomorrow is?",
    ),
    "ELSEWHERE": (
        "what time is it in [{town}|{town}|{town} now|{town} right now]?", "what's the time in {town}?", "how late is it in {town}?",
        "[can|could] you tell me the time in {town}?", "tell me the time in {town}", "time in {town}?", "current time in {town}",
    ),
    "CHAT": (
        "I have no time [today|now|this week|for that]", "time flies", "we had a great time [yesterday|today|together|with {name}]",
        "what a [long|lovely|strange|hard] day", "it was a [good|bad|busy|quiet] day", "long time no see",
        "I love [Sundays|Fridays|the evening|the weekend]", "I need more time [for myself|for {who}|to rest]",
        "my day was [fine|awful|too long|great]", "time heals", "I was late [today|again]", "I hate Mondays", "good timing",
        "this clock is [pretty|too loud|old]", "I bought a new [watch|clock|calendar]", "I take my time",
    ),
    "THANKS": reminders_en_frames.THANKS,
}
_EN_REPLIES: Mapping[str, tuple[str, ...]] = {
    "TIME": ("It is {hm}.", "It is {hm}, nya.", "My clock says {hm}.", "{hm}, nya.", "It is {hm} now."),
    "DATE": ("Today is {date}.", "It is {date}, nya.", "Today is {day}, {date}."),
    "DAY": ("Today is {day}.", "It is {day}, nya.", "{day} it is."),
    "BOTH": ("It is {hm} on {day}, {date}.", "{day}, {date}, {hm}. Nya."),
    "MONTH": ("It is {month}.", "We have {month}, nya."),
    "YEAR": ("It is {year}.", "We have {year}, nya."),
    "WEEKEND": ("It is {day}, {weekend}.",),
    "TOMORROW": ("Today is {day}, so tomorrow is {next}.", "Tomorrow is {next}, nya, for today is {day}."),
    "ELSEWHERE": ("Here it is {hm}; other places I do not know, nya.", "My clock only knows here: {hm}."),
    "CHAT": ("I see, nya. Tell me more.", "Mm, I am listening.", "Nya. How do you feel about it?"),
    "THANKS": reminders_en_frames.WELCOME,
}
_ZH: Mapping[str, tuple[str, ...]] = {
    "TIME": (
        "[现在|现在是|这会儿|此刻|眼下|目前|]几点[了|啦|钟了|啊|呀|钟|嘞|]？", "现在[什么|是什么|啥]时间[了|啊|]？", "现在时间[是多少|是？|多少|呢|]？",
        "[告诉我|跟我说|说一下|报一下|看一下|查一下|看看|说说][现在|][几点了|的时间|时间|几点]", "[能不能|可以|能|可不可以|麻烦]告诉我[现在|][几点了|几点|时间][吗|]？", "[你知道|知道|晓得]现在几点[了吗|吗|不|么]？",
        "[请问|想问下|问一下|问下|想知道][现在|][几点了|几点|什么时间|是几点|时间]", "[很晚了吗|是不是很晚了|时间不早了吧|天都黑了，几点了|已经晚了吗]？", "我[没戴表|手机没电了|手表坏了|忘带手机了|没看时间]，[现在|]几点了？",
        "[刚睡醒|刚到家|刚忙完|玩过头了|看书入迷了]，[现在|]几点了？", "[看看|看下|瞧瞧|帮我看看|帮我看一下]几点了", "[看看|看下]表[|几点了]", "报时[|一下|吧]", "报个时[|间|吧|呗]", "时间？", "几点？",
        "几点钟？", "当前时间[|是|是多少]？", "[到|过|有][六点|八点|12点|十点|中午|半夜][了吗|了没|没有]？", "[是不是|到没到|到][饭点|午饭时间|睡觉时间|下班时间]了[|吗]？",
        "现在是[早上|上午|中午|下午|晚上|半夜][吗|了吗]？", "钟上[几点|显示几点]？", "你那边[几点|显示几点]？", "都几点了", "这都几点了？", "啥时候了？", "现在啥时候了？", "什么时辰了？", "时间过得好快，几点了？",
        "给我[现在的|当前]时间", "我想知道[现在几点|时间|几点了]", "{name}问现在几点了", "{who}问几点了", "现在[具体|准确|精确]时间是几点？", "北京时间几点了？", "多晚了？", "现在多晚了？", "几點了？",
        "现在[去{place}|给{who}打电话]晚不晚？几点了？", "出门前看一眼，几点了？", "what time了？", "现在的时间告诉我", "现在几点几分？", "几点几分了？", "精确到分，现在几点？", "帮我看个时间", "帮看时间",
    ),
    "DATE": (
        "今天[几号|是几号|几月几号|是几月几号|几月几日|多少号|是多少号|是什么日子][了|啊|呀|来着|]？", "[今天|今天的|当前|现在的]日期[是|是什么|是多少|呢|]？", "[告诉我|说一下|查一下|看看|看一下]今天[几号|的日期|是几月几号]",
        "[能不能|可以|能]告诉我今天[几号|的日期|几月几号][吗|]？", "[请问|问一下|想问下]今天[几号|几月几日|的日期]？", "几号了[今天|]？", "[你知道|知道]今天[几号|几月几号]吗？",
        "[填表|写信|写日记|签字|写报告]要[写|用]日期，今天几号？", "日子过糊涂了，今天几号？", "今儿几号[|啊|来着]？", "今天是[这个月|本月]几号？", "忘了今天几号了", "日期？", "今天是几月几号来着？",
        "[看看|看下]日历，今天几号？", "今天到[15号|20号|月底|月初]了吗？", "今天是哪一天？", "日历上今天几号？", "{who}问今天几号", "给我今天的日期", "今天日期发我", "今日日期？",
    ),
    "DAY": (
        "今天[星期几|周几|礼拜几|是星期几|是周几|是礼拜几][了|啊|呀|来着|]？", "[告诉我|说一下|看看|查一下]今天[星期几|周几|礼拜几]", "[能不能|可以|能]告诉我今天[星期几|周几][吗|]？",
        "[请问|问一下|想问下]今天[星期几|周几|礼拜几]？", "[你知道|知道]今天[周几|星期几]吗？", "今天是[周一|周二|周三|周四|周五|周六|周日|星期天|礼拜六|星期三][吗|吧|不|么]？", "今儿[周几|星期几|礼拜几][|啊|来着]？",
        "[到|是不是到][周五|周末|星期五]了[没|吗|]？", "日子过糊涂了，今天[周几|星期几]？", "忘了今天[周几|星期几]", "放假放糊涂了，[周几|星期几]了？", "[周几|星期几|礼拜几]了？", "今天[上班|上课]吗？今天周几？",
        "周几？", "星期几？", "每天都一样，今天周几？", "{name}问今天周几", "{who}问今天星期几", "现在是星期几？",
    ),
    "BOTH": (
        "现在是[几月几号几点|几号几点|什么日期什么时间]？", "[告诉我|说一下|报一下|看看]现在的[日期和时间|时间和日期]", "日期和时间[|是多少|，谢谢]？", "今天几号，[现在|]几点了？", "今天[星期几|周几]，[现在|]几点？",
        "现在几点，今天[星期几|周几|几号]？", "今天几号星期几？现在几点？", "时间和日期？", "[请问|问一下]日期和时间", "睡糊涂了，今天几号几点了？", "给我完整的日期时间", "当前日期时间", "现在是什么时候，哪天几点？",
    ),
    "MONTH": ("现在[是|]几月[了|份|份了|]？", "这个月是几月？", "几月了？", "[告诉我|请问|问一下]现在几月", "都几月了？", "现在是几月份？", "本月是几月？"),
    "YEAR": ("今年[是|]哪[一|]年？", "现在是[哪一年|哪年|几几年]？", "今年是多少年？", "[告诉我|请问|问一下]今年是哪年", "都哪一年了？", "今年几几年？"),
    "WEEKEND": ("今天是周末[吗|么|不|]？", "到周末了[吗|没|么]？", "周末了[吗|没]？", "今天是不是周末？", "终于周末了吗？", "今天是工作日[吗|还是周末]？"),
    "TOMORROW": ("明天[星期几|周几|是周几|是星期几|礼拜几]？", "[告诉我|请问|问一下]明天[周几|星期几]", "明儿周几？", "那明天星期几？"),
    "ELSEWHERE": ("{town}[现在|那边|那边现在|]几点[了|]？", "现在{town}几点[了|]？", "[告诉我|请问]{town}时间", "{town}时间几点？", "{town}现在是什么时间？"),
    "CHAT": (
        "我[今天|最近|这周]没时间", "时间过得真快", "[昨天|今天]和{name}玩得很开心", "今天[好累|过得不错|真漫长|很忙|好难]", "好久不见", "我喜欢[周末|星期天|晚上|早晨]", "我讨厌[星期一|周一|早起]", "我今天迟到了",
        "买了[新手表|新日历|个钟]", "需要多点时间[休息|陪{who}]", "这个钟好[旧|吵|漂亮]", "慢慢来不着急",
    ),
    "THANKS": reminders_zh_frames.THANKS,
}
_ZH_REPLIES: Mapping[str, tuple[str, ...]] = {
    "TIME": ("现在是{hm}。", "现在{hm}，喵。", "{hm}啦，喵～", "我的小钟显示{hm}。", "现在是{hm}，{day}。"),
    "DATE": ("今天是{date}。", "今天是{date}，{day}。", "{date}，喵。"),
    "DAY": ("今天是{day}。", "今天{day}，喵。", "是{day}哦。"),
    "BOTH": ("现在是{date} {hm}，{day}。", "{date}，{day}，{hm}，喵。"),
    "MONTH": ("现在是{month}月。", "{month}月啦，喵。"),
    "YEAR": ("今年是{year}年。", "{year}年，喵。"),
    "WEEKEND": ("今天是{day}，{weekend}。",),
    "TOMORROW": ("今天是{day}，明天是{next}。", "明天{next}，喵，今天是{day}。"),
    "ELSEWHERE": ("我这里是{hm}，别的地方我不知道，喵。", "我的钟只知道这里：{hm}。"),
    "CHAT": ("嗯，我在听，喵。", "这样呀，再跟我说说？", "喵，你现在感觉怎么样？"),
    "THANKS": reminders_zh_frames.WELCOME,
}
_TOWNS = "Tokyo,Paris,London,New York,Berlin,Sydney,Cairo,Lima,Oslo,Madrid,Toronto,Delhi,Seoul,Hawaii,Rome,Moscow,Dubai,Boston".split(",")
_TOWNS_ZH = "东京,巴黎,伦敦,纽约,柏林,悉尼,开罗,利马,奥斯陆,马德里,多伦多,德里,首尔,夏威夷,罗马,莫斯科,迪拜,波士顿,美国,英国,日本,德国,加拿大".split(",")


@dataclass(frozen=True, slots=True)
class _Voice:
    frames: Mapping[str, tuple[str, ...]]
    replies: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, tuple[str, ...]]
    towns: list[str]
    chinese: bool


_ENGLISH = _Voice(_EN, _EN_REPLIES, reminders_en_frames.LISTS, _TOWNS, False)
_CHINESE = _Voice(_ZH, _ZH_REPLIES, reminders_zh_frames.LISTS, _TOWNS_ZH, True)
_KINDS = ("TIME", "DATE", "DAY", "BOTH", "MONTH", "YEAR", "WEEKEND", "TOMORROW", "ELSEWHERE", "CHAT")
_WEIGHTS = (43, 17, 16, 7, 2, 2, 2, 2, 3, 6)


def _readings(now: datetime, chinese: bool) -> dict[str, Slot]:
    """What a reply may read off the answer of the tool."""
    days, free = (_DAYS_ZH if chinese else _DAYS), now.weekday() > 4
    yes, no = ("是周末", "还不是周末") if chinese else ("so it is weekend", "so no weekend yet")
    return {
        "hm": f"{now:%H:%M}", "date": f"{now.year}年{now.month}月{now.day}日" if chinese else f"{now:%Y-%m-%d}", "day": days[now.weekday()],
        "next": days[(now.weekday() + 1) % 7],
        "month": str(now.month) if chinese else _MONTHS[now.month - 1], "year": str(now.year), "weekend": yes if free else no,
    }


def _dress_en(core: str, rng: random.Random) -> str:
    if rng.random() < 0.2:
        core = " ".join(typo(word, rng) if rng.random() < 0.2 else word for word in core.split(" "))
    ask = core.endswith("?")
    opener = rng.choice(reminders_en_frames.OPENERS) if rng.random() < 0.5 else ""
    closer = rng.choice(reminders_en_frames.CLOSERS) if rng.random() < 0.4 else ""
    end = rng.choice(("?", "?", "?", "??", "")) if ask else rng.choice(("", "", ".", "!"))
    text = opener + core.rstrip("?") + closer + ("" if closer[-1:] in (".", "!") else end)
    text = text[0].upper() + text[1:] if rng.random() < 0.55 else text
    return text.lower() if rng.random() < 0.2 else text.upper() if rng.random() < 0.02 else text


def _dress_zh(core: str, rng: random.Random) -> str:
    core = core.rstrip("？")
    opener = rng.choice(reminders_zh_frames.OPENERS) if rng.random() < 0.55 else ""
    closer = rng.choice(reminders_zh_frames.CLOSERS) if rng.random() < 0.4 else ""
    text = opener + core + closer + rng.choice(("？", "？", "？", "", "", "", "?", "。", "？？", "～"))
    draw = rng.random()
    return text.replace("，", "," if draw < 0.08 else " " if draw < 0.16 else "" if draw < 0.19 else "，")


def _exchange(kind: str, now: datetime, voice: _Voice, rng: random.Random) -> Exchange:
    slots: dict[str, Slot] = {name: rng.choice(voice.lists[name]) for name in ("who", "name", "place")}
    text = pick(voice.frames[kind], rng, slots | {"town": rng.choice(voice.towns)})
    if kind != "THANKS":
        text = (_dress_zh if voice.chinese else _dress_en)(text.replace("\n", " "), rng)
    reply = pick(voice.replies[kind], rng, _readings(now, voice.chinese))
    return Exchange(text, (reply,) if kind in ("CHAT", "THANKS") else (Call("/now", f"{now:%Y-%m-%d %H:%M} {_DAYS[now.weekday()]}"), reply))


def _dialogue(voice: _Voice, rng: random.Random) -> Dialogue:
    now = datetime(2024, 1, 1) + timedelta(minutes=rng.randrange(7 * 365 * 1440))
    first = _exchange(rng.choices(_KINDS, _WEIGHTS)[0], now, voice, rng)
    draw = rng.random()
    if draw < 0.07:
        return first, _exchange("THANKS", now, voice, rng)
    if draw < 0.17:
        now += timedelta(minutes=rng.choice((0, 0, 0, 1, 1, 2, 5, 20, 60)))
        return first, _exchange(rng.choices(_KINDS, _WEIGHTS)[0], now, voice, rng)
    return (first,)


def sample_en(rng: random.Random) -> Dialogue:
    """One random English dialogue."""
    return _dialogue(_ENGLISH, rng)


def sample_zh(rng: random.Random) -> Dialogue:
    """One random Chinese dialogue."""
    return _dialogue(_CHINESE, rng)


def sample(rng: random.Random) -> Dialogue:
    """One random dialogue in either language."""
    return (sample_en if rng.random() < 0.5 else sample_zh)(rng)
