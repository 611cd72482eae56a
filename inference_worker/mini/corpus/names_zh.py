"""Conversations in Chinese in which a name is told and later asked for: the lesson is copying. Knows no facts about names.

Names are put together from surnames, given-name characters, nicknames and latin names, so that most are seen only once.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from inference_worker.mini.corpus import chat_zh
from inference_worker.mini.corpus.chat_zh_frames import SLOTS
from inference_worker.mini.corpus.dialogue import Dialogue, Exchange
from inference_worker.mini.corpus.grammar import pick

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂"
    "丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
)
COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "夏侯", "司徒", "皇甫", "慕容", "令狐", "尉迟", "南宫", "端木", "公孙")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文斌辉波鹏宇浩然子轩梓涵欣怡雨晨佳雪婷雯思琪嘉诗语嫣晓东春生冬秋夏海江河山川林森木火炎星月阳光辰昊天宸泽沐希若曦妍萱瑶琳璐莹洁颖慧珊珍珠宝贝乐安宁康健福禄寿喜庆祥瑞吉利达成功志远大鸿鹤飞翔云龙"
    "虎彪凤凯旋胜武威毅坚定信义仁礼智德正清廉亮白青蓝紫竹菊荷莲桃杏柳松柏枫桐楠楚秦汉唐宋元一二三小可心爱恩惠美好妙奇立新民族北南西中世界书画琴棋诺言默之亦以皓睿博翰哲彦彬斐帆航舟渔樵耕牧原野岚峰岳峻岭磐石钰铭钧锋锦鑫淼焱垚润泓涓淑贤良芝芬芸茜菲萌蕊蕾薇馨香"
    "甜蜜糖冰霜露霖雷震霄汐溪湘澜潇"
)
PET_WORDS = (
    "豆豆毛毛球球咪咪丁丁当当乐乐贝贝圆圆胖胖团团糖糖果果朵朵妞妞笑笑年年点点多多米米可可西西",
    "豆包|汤圆|布丁|奶茶|可乐|雪碧|土豆|番茄|花卷|年糕|麻薯|芝麻|花生|板栗|咖啡|拿铁|饼干|馒头|包子|饺子|辣条|煤球|雪球|大白|小黑|大黄|虎子|旺财|来福|橘子|柚子|芒果|西瓜|葡萄|蓝莓",
)
LATIN = (
    "Anna Tom Lily Jack Lucy Mike Emma Leo Mia Ben Amy Bob Cindy David Eric Frank Grace Henry Iris Jason Kevin Linda Mary "
    "Nick Olivia Paul Queenie Rose Sam Tina Vivian Wendy Xavier Yoyo Zoe Alex Bella Chris Daisy Evan Fiona Gary Helen "
    "Ivy Joy Kate Luna Max Nina Oscar Peter Ruby Steve Tony Una Vera Will "
    "Yuki Hana Ken Aoi Ryan Sophie Elsa Ella Noah Liam Ethan Oliver Hugo Marie Jonas Lena Karl Ida Nora Finn Coco Kiki Momo Lulu "
    "Andy Jerry Jimmy Kobe Sunny Cherry"
).split()
_DOUBLES = tuple(PET_WORDS[0][at : at + 2] for at in range(0, len(PET_WORDS[0]), 2))
_FOODS = tuple(PET_WORDS[1].split("|"))

TOLD = (
    "我叫@{e}", "我的名字[是|叫]@{e}", "我是@{e}", "[你好|嗨|哈喽|早上好|晚上好|Hi]，我[叫|是]@{e}", "叫我@[吧|就好|就行|就可以|好了|]{e}", "[你可以|可以|以后|你就]叫我@{e}",
    "[大家|朋友们|他们|别人|同学|同事]都叫我@{e}", "我[姓名|大名|全名][是|叫]@{e}", "[认识一下|自我介绍一下|介绍一下]，[我叫|我是]@{e}", "我[叫|是]@，[你呢|你叫什么|你是谁]{q}",
    "[记住|请记住|记好了|记一下]，我[叫|是]@{e}", "[本人|在下|鄙人|俺|咱]@{e}", "[本人|在下|俺|咱]叫@{e}", "我[叫|是]@，[很高兴认识你|请多关照|多多指教|第一次用你|是个学生|今年十岁|喜欢猫|住在南方|你好呀]{e}",
    "@[，这是我的名字|就是我|是我的名字|是我]{e}", "我的[小名|外号|网名|昵称|英文名|笔名][是|叫]@{e}", "[我妈|我爸|奶奶|老师|老板]叫我@{e}", "我[姓|]名叫@{e}",
    "[对了|忘了说|还没告诉你|告诉你|跟你说]，我[叫|是]@{e}", "[我还没自我介绍|还没介绍自己]，我叫@{e}", "我叫@，[别忘了|记住哦|记住了吗|你要记得|不许忘]{e}", "我[就是|便是]@[啊|呀|]{e}",
    "你[好|][，|]喵酱[，|！]我[叫|是]@{e}", "[请|麻烦]叫我@{e}", "[叫|喊]我@{e}", "名字[：|是|]@{e}", "我给自己取[了个|的]名字叫@{e}", "[今天|从今天]起[请|]叫我@{e}",
    "@，[请多关照|你好|幸会]，我是新来的{e}",
)
WELCOME = ("你好，@{m}！", "@，很高兴认识你{m}！", "好的，@，我记住了{m}。", "你好@，我是喵酱{m}。", "喵～@，真好听的名字！")
ASKED = (
    "我叫[什么|啥|什么名字]{q}", "我的名字[是什么|是啥|叫什么|呢]{q}", "你[还|]记得我[叫什么|的名字|是谁|叫啥][吗|]{q}", "[你知道|知道]我[叫什么|的名字|是谁][吗|]{q}", "我是谁{q}",
    "[说说|说一下|说出|叫出|告诉我]我的名字{e}", "[你|]忘了我[叫什么|的名字]了{m}", "我[刚才|刚刚|之前|前面]说我叫什么[来着|]{q}", "[考考你|测试一下|问你]，我[叫什么|是谁]{q}", "我叫[什么|啥]来着{q}",
    "你[应该|该|要]怎么[叫|称呼]我{q}", "你[记住|记得]我的名字[了|]{m}", "[那|那么]我[叫什么|是谁]{q}", "我的名字[你还记得|记住了|你知道]{m}", "[能|可以]叫[一下|]我的名字{m}",
    "[叫|喊]我[一声|的名字|名字]{e}", "我[自己|]的名字是什么来着{q}", "你[能|会]说出我的名字{m}", "[猜猜|你猜]我[叫什么|是谁]{q}", "我叫什么[，|？]你[记得|还记得|知道]{m}",
    "[你在跟谁|和你说话的是谁|现在跟你聊天的是谁]{q}", "我姓什么叫什么{q}",
)
ANSWER = ("你叫@{m}。", "你是@{m}！", "你的名字是@{m}。", "我记得，你叫@{m}。")
UNTOLD = ("你还没告诉我呢，你叫什么名字{m}？", "我还不知道你的名字，告诉我好吗{m}？", "你还没说过你叫什么呢{m}。")
CHANGED = (
    "[不对|错了|不是|打错了|说错了]，我[叫|是]@{e}", "[其实|改一下|更正一下]，我叫@{e}", "我[改名|换名字]了，[现在|以后]叫@{e}", "[以后|还是|别那么叫，]叫我@吧{e}",
    "[骗你的|逗你的|开玩笑的]，我[其实|]叫@{e}", "[我还是喜欢别人|你还是]叫我@{e}",
)
NOTED = ("好的，@，我改过来了{m}。", "明白了，以后叫你@{m}。", "好的，@{m}！")
THEIRS = "[猫|小猫|狗|狗狗|兔子|朋友|妹妹|弟弟|哥哥|姐姐|女儿|儿子|同桌|老师|同事|老板|仓鼠|室友]"
THEIR_TOLD = ("我[的|家]%叫@{e}", "我[的|]%的名字[是|叫]@{e}", "[对了|告诉你]，我%叫@{e}", "我有[一个|个]%，[叫|名字叫]@{e}", "@是我的%{e}", "我给%取名叫@{e}")
THEIR_WELCOME = ("@，真好听的名字{m}！", "替我跟@问好{m}。", "好的，你的%叫@，我记住了{m}。")
THEIR_ASKED = ("我[的|家|]%叫[什么|啥|什么名字]{q}", "[你|]还记得我[的|]%叫什么[吗|]{q}", "我[的|]%的名字是什么{q}", "[说说|告诉我]我%的名字{e}", "@是谁{q}")
THEIR_ANSWER = ("你的%叫@{m}。", "@是你的%{m}。")
THEIR_UNTOLD = ("你还没告诉我你的%叫什么呢{m}。", "我还不知道呢，你的%叫什么{m}？")
MINE_ASKED = ("[那|]你[呢|叫什么|叫什么名字|是谁]{q}", "[那|]你的名字呢{q}")
MINE = ("我叫喵酱，你叫@{m}。", "我是喵酱，你是@{m}。")

_SLOTS = {**SLOTS, "e": "[9:。|4:！|9:|2:～|……|啊|呀]"}
"""A particle right after a name is rare: nobody could tell the two apart."""


def sample(rng: random.Random) -> Dialogue:
    """One conversation about names, of one to five exchanges."""
    draw = rng.random()
    if draw < 0.14:
        return _untold(rng)
    if draw < 0.26:
        return _changed(rng)
    if draw < 0.4:
        return _theirs(rng)
    name = random_name(rng)
    opening = _talk(rng, 1) if rng.random() < 0.15 else ()
    if rng.random() < 0.12:
        return (*opening, _tell(name, rng), *_talk(rng, rng.choice((0, 1))), _say(MINE_ASKED, MINE, name, rng))
    return (*opening, _tell(name, rng), *_talk(rng, rng.choice((0, 0, 1, 1, 2) if opening else (0, 0, 1, 1, 2, 3))), _ask(name, rng))


def random_name(rng: random.Random) -> str:
    """A name as people give it to a chat: full, given only, nickname or latin."""
    draw = rng.random()
    if draw < 0.4:
        return _surname(rng) + _given(rng)
    if draw < 0.55:
        return rng.choice(GIVEN) + rng.choice(GIVEN)
    if draw < 0.75:
        return _nickname(rng)
    if draw < 0.83:
        return rng.choice(_DOUBLES if rng.random() < 0.4 else _FOODS)
    return _latin(rng)


def _surname(rng: random.Random) -> str:
    return rng.choice(COMPOUND) if rng.random() < 0.05 else rng.choice(SURNAMES)


def _given(rng: random.Random) -> str:
    first = rng.choice(GIVEN)
    if rng.random() < 0.3:
        return first
    return first * 2 if rng.random() < 0.08 else first + rng.choice(GIVEN)


def _nickname(rng: random.Random) -> str:
    kind = rng.randrange(6)
    if kind < 3:
        return ("小", "阿", "大")[kind] + rng.choice(GIVEN)
    if kind == 3:
        return rng.choice("老小大") + rng.choice(SURNAMES)
    if kind == 4:
        return rng.choice(SURNAMES + GIVEN) + rng.choice(("哥", "姐", "叔", "妹", "子", "儿", "老师", "总", "宝"))
    return rng.choice(GIVEN) * 2


def _latin(rng: random.Random) -> str:
    if rng.random() < 0.55:
        name = rng.choice(LATIN)
    else:
        name = "".join(rng.choice("bcdfghjklmnprstvwyz") + rng.choice("aeiou") for _ in range(rng.randint(2, 3))).capitalize()
        name += rng.choice(("", "", "n", "s", "l", "r"))
    return name.lower() if rng.random() < 0.25 else name


def _put(text: str, name: str, other: str) -> str:
    return text.replace("@", name).replace("%", other)


def _say(frames: Sequence[str], answers: Sequence[str], name: str, rng: random.Random, other: str = "") -> Exchange:
    """One exchange in which ``@`` is the name, left alone by slips of the finger, and ``%`` whose name it is."""
    person = chat_zh.decorate(pick(frames, rng, _SLOTS), rng, "say" if rng.random() < 0.5 else "bare")
    return Exchange(_put(person, name, other), (_put(chat_zh.reply(answers, rng), name, other),))


def _tell(name: str, rng: random.Random) -> Exchange:
    return _say(TOLD, WELCOME, name, rng)


def _ask(name: str, rng: random.Random) -> Exchange:
    return _say(ASKED, ANSWER, name, rng)


def _talk(rng: random.Random, count: int) -> Dialogue:
    return tuple(chat_zh.exchange(rng) for _ in range(count))


def _untold(rng: random.Random) -> Dialogue:
    """The name is asked for before it was told; sometimes it is told then."""
    before = (*_talk(rng, rng.choice((0, 0, 1))), _say(ASKED, UNTOLD, "", rng))
    if rng.random() < 0.5:
        return before
    name = random_name(rng)
    return (*before, _tell(name, rng), *_talk(rng, rng.choice((0, 1))), _ask(name, rng))


def _changed(rng: random.Random) -> Dialogue:
    """Told, told otherwise, asked: the last name counts."""
    name, new = random_name(rng), random_name(rng)
    between = _talk(rng, rng.choice((0, 0, 1)))
    return (_tell(name, rng), *between, _say(CHANGED, NOTED, new, rng), *_talk(rng, rng.choice((0, 1))), _ask(new, rng))


def _theirs(rng: random.Random) -> Dialogue:
    """The name of a friend or an animal, apart from the person's own."""
    other, name, own = pick((THEIRS,), rng), random_name(rng), random_name(rng)
    if rng.random() < 0.15:
        return (_say(THEIR_ASKED[:-1], THEIR_UNTOLD, "", rng, other),)
    told = _say(THEIR_TOLD, THEIR_WELCOME, name, rng, other)
    asked = _say(THEIR_ASKED, THEIR_ANSWER, name, rng, other)
    if rng.random() < 0.4:
        return told, *_talk(rng, rng.choice((0, 1))), asked
    pair = (_tell(own, rng), told) if rng.random() < 0.5 else (told, _tell(own, rng))
    return *pair, rng.choice((asked, _ask(own, rng)))
