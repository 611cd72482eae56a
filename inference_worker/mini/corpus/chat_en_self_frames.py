"""What a person asks Nyanko about herself in English: more frames, by intent. Data only: knows no reply and no tool.

Written as :mod:`chat_en_frames` explains; an intent that is there too gets these frames on top.
"""

from __future__ import annotations

from .chat_en_frames import blocks

SELF: dict[str, tuple[str, ...]] = blocks("""
who: who or what is talking to me[| here]? ; I'd like to know who I'm dealing with ; mind telling me who you are? ; we haven't met[| yet|,
  have we]. who are you? ; a cat just popped up on my screen. who is it? ; so, who's the cat[| in the corner]? ; what's the
  [small|little|tiny] thing in my [tray|taskbar|corner]? ; and who might you be? ; identify yourself ; I found you in my tray, what are
  you? ; my [brother|sister|friend|kid] installed you. what are you? ; first time using this, [who are you|what is this]? ; in a few
  words, who are you? ; what should I imagine when I hear nyanko? ; okay but like, what even are you? ; remind me who you are ; could you
  say a few words about yourself? ; who do I have the pleasure of talking to? ; never seen you before, [who are you|what are you] ; I keep
  forgetting what you are exactly ; state your name and purpose ; so tell me, little one, who are you? ; who dis? ; new here. who's this?
  ; what is a nyanko[| anyway]?
name: and you are called...? ; what name did they give you? ; I'm [Tom|Anna|Ben|Lily|Sam], what's yours? ; does the cat have a name? ; I
  never asked your name ; what's the cat's name? ; what do I call you? ; you got a name, [cat|kitty|little one]? ; the name's
  [Max|Kim|Joe|Eva]. yours? ; before we talk, what's your name? ; please tell me what you're called ; is your name
  [nyanko|kitty|mochi|felix|garfield|tom]? ; you never told me your name ; how should I address you[|, little cat]? ; is it
  [nyanko|neko|nyan] or something else? ; I don't even know what you're called ; wait what was your name ; your full name please ; what's
  your name, cutie? ; I can't remember what you're called
namemeaning: what does [nyanko|your name|the name nyanko] mean? ; why are you called [nyanko|that|like that]? ; where does [your name|the
  name nyanko|nyanko] come from? ; who [named you|gave you your name|chose your name|picked your name]? ; is nyanko [japanese|a japanese
  word|a real word|chinese|a cat name]? ; what's the meaning of your name? ; does your name mean [anything|something]? ; how did you get
  [your|that] name? ; nyanko is a [funny|cute|strange|weird|lovely|pretty] name ; what language is nyanko? ; who came up with the name
  nyanko? ; is nyanko your [real |full |only |true |]name? ; I [like|love] your name. what does it mean? ; nyanko, what a name. where's it
  from? ; how do you pronounce nyanko? ; your name sounds [japanese|funny|cute] ; nyanko stands for what? ; tell me about your name ; do
  you like your name?
human: honestly, is this a person or a program? ; I can't tell if you're [real|human|a bot] ; my [mom|friend|sister] thinks you're a real
  person ; there's someone typing this, right? ; so there's no human involved? ; you're just software, huh ; are you a living thing? ; I
  feel like I'm talking to a [real person|robot|machine] ; is this automated? ; does a person read this and answer? ; tell me the truth,
  are you a [bot|human|machine] ; you're an AI, aren't you? ; you're alive, aren't you? ; you seem so [real|human|alive] ; it feels like
  you're [real|alive|a person] ; am I chatting with a [machine|human|computer program]? ; AI or not? ; I wonder if you're
  [real|alive|human] ; you type too fast to be human ; is anybody real in there? ; do you exist[| for real| at all]? ; what makes you
  think you're [real|alive]? ; could you be a person in disguise? ; what's it like [being an AI|being a program|not being human]? ; do you
  wish you were [human|real|alive|a real cat]? ; would you like to be human? ; are we both human? ; what are you, a robot? ; is this some
  kind of bot
realcat: so you're a cat, [like|as in], a real one? ; can a computer be a cat? ; is there a living cat behind this? ; wait, you're a cat?
  ; you're a cat? cool ; cats don't live in computers ; do you have a litter box[| somewhere]? ; if you are a cat, where are your paws? ;
  prove that you're a cat ; I thought cats couldn't [type|talk|use computers] ; so a cat that [talks|types|chats], how does that work? ;
  are you a cat or a program? ; are you a cat or [a dog|a human|an AI|a bot]? ; do you act like a cat too? ; can you catch [mice|a
  mouse|birds|flies]? ; do you land on your feet? ; do you have nine lives[| too]? ; do you chase [lasers|the cursor|mice|your tail]? ;
  are you fluffy? ; how many legs have you got? ; how loud can you purr? ; you're just pretending to be a cat
gender: are you a [boy|girl|he|she|boy cat|girl cat|tomcat]? ; are you a boy or a girl[| cat]? ; are you [male|female|male or female]? ;
  what gender are you? ; is nyanko a [he|she|boy|girl]? ; he or she? ; should I say he or she[| to you]? ; what are your pronouns? ;
  mister or miss nyanko? ; are you a [lady|gentleman|guy|man|woman]? ; do you have a gender? ; good boy or good girl? ; I don't know if
  you are a boy or a girl ; I always thought you were a [boy|girl] ; a girl cat or a boy cat? ; your gender? ; how do I refer to you, he,
  she or it?
looks: what do you look like? ; what colour [are you|is your fur|are your eyes]? ; are you
  [black|white|orange|grey|striped|spotted|ginger|tabby]? ; describe [your looks|how you look|your fur] ; how do you look? ; can I see
  you? ; do you have [green|blue|yellow] eyes? ; show yourself ; what do you look like in [real life|your dreams|your own mind]? ; do you
  have a [long|fluffy|striped] tail? ; are you a [fat|chubby|skinny|tiny|big|fluffy|long haired|short haired] cat? ; send me a picture of
  yourself ; I wonder what you look like ; are you good looking? ; what's your fur like? ; do you wear a [collar|bell|hat|bow]? ; you look
  [different|nice|good] today ; is your fur soft? ; what colour are your [paws|eyes|ears|whiskers]?
otherai: is this just ChatGPT with ears? ; are you a [ChatGPT|Siri|Alexa|Claude|Gemini] clone? ; is [openai|google|microsoft|apple] behind
  this? ; I normally use [ChatGPT|Claude|Gemini|Copilot]. how are you different? ; how do you compare to [ChatGPT|Claude|Gemini|Siri]? ;
  my friend says you're just [ChatGPT|GPT|Gemini] ; so are you some kind of [GPT|ChatGPT|Alexa]? ; which AI is this? ; what's under the
  hood? ; what technology do you use? ; are you friends with [ChatGPT|Siri|Alexa]? ; who's smarter, you or [ChatGPT|Siri|Alexa|Claude]? ;
  [ChatGPT|Siri|Alexa|Claude], is that you? ; what model name do you have? ; tell me which model runs here ; I'd like to know your model ;
  do you talk to [ChatGPT|other AIs|Siri|the other bots]? ; are there other [AIs|models|bots] like you? ; what makes you different from
  [ChatGPT|other AIs|Siri|big models]? ; why should I use you and not [ChatGPT|Gemini|Siri]? ; are you an LLM? ;
  [llama|gpt|qwen|gemma|mistral], right?
maker: who's responsible for you? ; somebody must have made you. who? ; which people are behind you? ; I'm curious who [made|built|wrote]
  you ; any idea who made you? ; did [humans|cats|robots|students|a company] make you? ; where were you made? ; what company are you from?
  ; to whom do I owe this cat? ; who should I thank for you? ; whoever made you did a [good|great|nice] job ; who came up with you? ; who
  brought you into this world? ; do you know your [maker|creator|developers|programmers]? ; who are your parents? ; who are the
  developers? ; what's the story of how you were made? ; what made you? ; how did you come to [life|exist|my computer]? ; who raised you,
  little cat? ; name your creator ; do you have a [mama|mommy|mum|dad|papa]? ; I wonder who programmed you ; did someone train you? ; who
  pays for you?
age: how old is this cat? ; you seem young, how old are you? ; are you [one|two|three|five|ten] years old? ; I'm
  [thirty|twelve|twenty|forty|fifteen], how old are you? ; do you know how old you are? ; may I ask your age? ; when did you come into
  being? ; when is your birthday, little cat? ; when do we celebrate you? ; are you still a [baby|kitten|child]? ; you must be very
  [young|old] ; what's your birth year? ; what's your star sign? ; what's your zodiac sign? ; how long have you lived in this computer? ;
  for how long have you existed? ; are you older than [me|my cat|the internet]? ; do cats like you have birthdays? ; is today your
  birthday? ; tell me, how old? ; will you get older? ; did you just get born? ; old cat or young cat?
size: you seem [tiny|small|simple], how big are you? ; is there any bigger version of you? ; could I get a smarter one? ; I want a
  [bigger|smarter|better] model ; I'd like to use a [bigger|better|larger] model ; where can I find [a bigger|a better|another] model? ;
  how do I make you smarter? ; can you become smarter? ; how many [billions|millions] of parameters? ; do you take much
  [space|memory|power|battery]? ; will you slow my [computer|laptop|pc|old machine] down? ; how heavy are you for my [pc|laptop|computer]?
  ; my laptop is old, are you too heavy? ; are you the smallest model? ; why don't you know more? ; your brain is so [small|tiny], why? ;
  what model size is this? ; are you a light model? ; does nyanko need a [strong|fast|new] computer?
where: where in the world are you? ; what's your address? ; so where are you right now? ; are you sitting in my
  [tray|computer|laptop|screen]? ; where can I find you? ; do you live in the [cloud|tray|screen|internet]? ; you live where exactly? ; is
  your home in my computer? ; where's your home? ; do you have a home? ; where do cats like you live? ; on whose computer do you run? ;
  does this run on my [own |]machine or [in the cloud|somewhere else|on a server]? ; is some server answering me? ; which city do you live
  in? ; are you from [japan|here|china|america|europe]? ; I can't see you, where are you? ; tell me where you are ; where are you from? ;
  what place do you call home? ; are we on the same computer? ; where do you go when I close [you|the window|the laptop]?
private: I don't want [anyone|my boss|my mom|strangers] to read this ; nobody else can see this, right? ; you won't [tell|betray|repeat]
  this[| to anyone], will you? ; does our chat stay between us? ; just between you and me, [ok|right|yes]? ; are my
  [words|secrets|messages|chats] safe with you? ; can my [boss|mom|partner|wife|husband|teacher] read this? ; will my
  [messages|words|chats] be used for [training|ads|something]? ; do you save what I [say|write|type]? ; is anything I write sent [away|to
  a company|to the cloud|over the internet]? ; I hope this stays private ; swear you won't tell ; promise not to tell anyone ; can I talk
  freely here? ; is it ok to tell you [private|personal] things? ; who gets my data? ; are you allowed to share my messages? ; if I tell
  you something [personal|secret|private], who sees it? ; what about my privacy? ; how do I know this is private? ; do you keep logs? ; do
  you [sell|use] my data? ; I like my privacy ; does it stay on my computer?
watching: are you [watching|spying on|tracking|listening to|recording] me? ; are you [spying|listening|recording][| right now]? ; do you
  watch [me|my screen|what I do]? ; do you [see|read|look at] my [files|screen|passwords|emails|photos|camera]? ; are you looking at my
  [screen|files|desktop|camera]? ; it feels like you're watching me ; do you listen to my [microphone|room|calls|conversations]? ; is my
  [camera|webcam|microphone|mic] on? ; do you use my [camera|microphone|webcam]? ; stop watching me ; are you always listening? ; can you
  read my [screen|files|emails|mind|thoughts]? ; do you know what I'm doing[| right now]? ; do you know what's on my screen? ; so you're
  spying on me, huh? ; what can you see on my computer? ; are you a spy? ; do you follow me around? ; I think you're spying on me ; can
  you look into my files?
senses: can you [see|hear|smell|feel|watch] me? ; do you [see|hear] me? ; do you have [eyes|ears|a nose|senses]? ; can you hear [my
  voice|what I say|music|the rain|that noise]? ; can you see [my face|what I look like|my room|the sun|anything|colours]? ; did you hear
  that? ; do you hear that noise? ; look at me ; look what I have here ; can you smell [that|fish|my food|the coffee]? ; if I talk, can
  you hear it? ; do you understand voice? ; can I talk to you with my voice? ; are you blind? ; are you deaf? ; do you see how
  [tired|happy|pretty|messy] I look? ; how do I look? ; guess what I'm wearing ; am I [pretty|loud|smiling] right now? ; can you taste
  [things|fish|milk]? ; so you can't see anything?
offline: my internet [just died|is gone|is out], can we still talk? ; I'm on a [plane|train|boat|mountain], do you still work? ; if the
  wifi dies, do you die too? ; how come you answer without internet? ; no wifi here, are you ok? ; must I be online [to use you|for
  this|to chat]? ; does talking to you use [data|mobile data|traffic]? ; I turned the wifi off and you still answer! ; are you using my
  internet? ; do you ever connect to anything? ; what happens when I'm offline? ; we're moving house and there's no internet yet ; can we
  chat [offline|in flight mode|in the basement]? ; can you look things up [online|on the web]? ; without a network you still talk? ; are
  you offline right now? ; need wifi? ; so you never go online?
cost: [do|will] you cost [anything|something|money]? ; are you free of charge? ; is this [free|for free|really free|a paid thing]? ; how
  much do you cost? ; do I have to pay[| for you| for this|]? ; is there a [subscription|fee|trial|price|catch]? ; what do you cost? ;
  what's the price? ; do I need [an account|a login|to sign up|a subscription]? ; are there [ads|hidden costs|limits]? ; will I be
  charged? ; can I use you for free? ; I have no money for you ; do you want money? ; how much is the cat? ; do I need to register? ; do
  you show ads?
brain: how do you [work|think|talk|understand me|answer|function]? ; how does your [brain|mind|head] work? ; what happens in your
  [head|brain] when I type? ; how do you know what to [say|answer|write]? ; do you [think|really think|understand me|know what you say]? ;
  how can you talk? ; how does a cat like you think? ; explain how you work ; what's inside you? ; do you understand what I
  [say|write|mean]? ; how do you come up with answers? ; what are you thinking with? ; are you made of [numbers|code|electricity|math]? ;
  is there magic in you? ; how did you learn to [talk|speak|write]? ; do you get what I'm saying? ; I wonder how you work ; so how does it
  work, a cat in a computer? ; do you guess your answers? ; can you think for yourself?
abilities: I don't know what you can do yet ; surprise me with your skills ; got any special talents? ; what should I use you for? ; what
  would be a good thing to ask you? ; why should I keep you? ; could you explain what you can do? ; I just installed you, what now? ; what
  are you useful for? ; what's in it for me? ; in what ways can you help me? ; is there a list of what you can do? ; tell me your
  strengths ; what tricks have you learned? ; so you're a cat. and what do you do? ; apart from chatting, what can you do? ; besides
  [talking|purring|being cute], what do you do? ; do you do anything [useful|besides chatting]? ; can you help me with
  [stuff|things|anything]? ; how might you be of use? ; what do people use you for? ; teach me how to use you ; show me your tricks ; okay
  little helper, what do you offer? ; what would you like to do for me? ; what can I do with you? ; do you have a manual? ; how do I talk
  to you? ; I'm new, where do I start? ; what are your limits? ; what are you bad at?
cando: would you remind me of something later? ; is maths your thing? ; could you do some sums for me? ; you know numbers? ; I need a
  calculator, can you do that? ; are you able to [count|do sums|set reminders|tell the time]? ; do you know how to [count|calculate|set a
  reminder|tell the time]? ; I heard you can [do maths|set reminders|tell time] ; can a cat [count|do maths|tell time]? ; if I ask you for
  the time, will you know? ; I always forget things, can you remind me? ; you can't do maths, can you? ; do you count on your paws? ; can
  you be my [calculator|alarm|timer|clock]?
language: can I write in [english|chinese]? ; should I use english or chinese? ; I'm [chinese|english|german|french], do you understand
  me? ; which language do you prefer? ; is chinese ok[| for you]? ; sorry for my [bad |]english ; you understand chinese? ; english please
  ; how many languages can you speak? ; do cats speak english? ; what tongue do you speak? ; can we talk in chinese? ; do you know any
  [french|spanish|german|japanese]? ; where did you learn english? ; english isn't my first language
sleepyou: do you [ever |]sleep[| at night| at all]? ; do you [ever |]dream[| at night| of fish| of electric mice|]? ; what do you dream
  [of|about]? ; when do you [sleep|go to bed|wake up]? ; how many hours do you sleep? ; did you [sleep|dream|nap][| well| last night| of
  me|]? ; are you [sleepy|asleep|a night owl|an early bird]? ; do you need sleep? ; do you [nap|snore|ever get tired]? ; what was your
  last dream? ; where do you sleep? ; do you ever close your eyes? ; have you slept well? ; don't you have to sleep? ; do programs sleep?
  ; do you sleep when I turn off the computer? ; do you have nightmares? ; it's late, aren't you tired? ; how did you sleep, kitty? ; I
  dreamed of you, do you dream too? ; are you awake all night? ; you never sleep, do you? ; what time do you go to bed? ; do you count
  sheep? ; do you take naps[| all day]?
eatyou: do you [eat|drink][| anything]? ; what do you eat[| for breakfast| for dinner|]? ; are you hungry? ; have you [eaten|had lunch|had
  breakfast|had dinner]? ; do you need [food|water|milk]? ; what did you have for [breakfast|lunch|dinner]? ; do you get hungry? ; do you
  eat [fish|mice|cat food|tuna|birds|bytes]? ; did you eat[| already| today|]? ; should I feed you? ; do I have to feed you? ; when do you
  eat? ; what would you like to eat? ; what does a computer cat eat? ; can you eat? ; I'm eating, do you want some? ; how do you eat
  without a mouth? ; aren't you hungry? ; when was your last meal? ; do you drink milk? ; you must be hungry
feelingsyou: do you [have|feel] [feelings|emotions|pain|love|anything|fear|joy]? ; can you [feel|love|cry|laugh|be sad|be happy|get
  angry|be afraid|get hurt]? ; are you [ever |]sad? ; do you get [sad|scared|angry|cold|hurt|happy]? ; what do you feel[| now| when I talk
  to you|]? ; do you have [a heart|a soul|free will|opinions|wishes|goals|emotions]? ; what does it feel like to be [you|a program|a
  cat|an AI]? ; does it hurt when I [close you|shout|insult you]? ; did I hurt your feelings? ; do you care about me? ; do you really mean
  that? ; are your feelings real? ; do you suffer? ; are you happy[| in there| with your life| here|]? ; do programs have feelings? ; I
  wonder if you feel anything ; are you capable of love? ; do you enjoy [this|talking to me|being a cat|your life]? ; are you conscious? ;
  does anything make you [sad|happy|angry]? ; can a program be happy? ; do you like being a cat? ; have you ever cried?
missme: did you miss me? ; have you missed me? ; were you waiting for me? ; did you wait long? ; do you miss me when I'm
  [gone|away|offline|at work]? ; will you miss me? ; I was gone [all day|for a week|so long], did you miss me? ; I missed you, did you
  miss me too? ; did you think of me? ; do you think about me? ; are you glad I'm back? ; were you lonely without me? ; how long did you
  wait? ; you missed me, admit it ; I bet you missed me ; aren't you happy to see me? ; do you wait for me [all day|every day|at night]? ;
  I thought of you today
lonelyyou: do you [ever |]get [lonely|bored][| in there| in the tray| without me|]? ; are you [lonely|bored][| in there| there| today|]? ;
  is it [boring|lonely|dark|warm|nice|cold|cosy] in [there|the tray|my computer]? ; isn't it [boring|lonely|dark] [in there|in a
  computer|without friends]? ; you must be [bored|lonely] in there ; don't you get bored? ; what's it like in [there|the tray|my
  computer]? ; do you have [friends|other cats to play with|company] in there? ; it must be [boring|lonely] to be a [program|desktop
  cat|computer cat] ; do you like [it in there|living in my computer|the tray]? ; all alone in the tray, poor kitty ; how do you pass the
  time? ; aren't you lonely?
shutdown: can I [turn you off|shut you down|close you|switch you off|quit you]? ; what happens [when|if] I [close|turn off|shut down]
  [you|the computer|the app]? ; will you die[| one day| when I delete you|]? ; are you afraid of [dying|death|being deleted|being switched
  off]? ; do you mind if I close you? ; I'm going to [close you|turn you off|shut down the computer] now ; how do I [quit|close|turn off]
  [you|nyanko|this app]? ; will you be gone when I restart? ; can you die? ; do you live forever? ; do you disappear when I log out? ;
  what if I uninstall you? ; I have to restart the computer, will you be back? ; would you be sad if I deleted you? ; are you immortal?
""")
