"""What a person says in English small talk, by intent. Data only: knows no reply and no tool.

Each block is ``intent: frame ; frame ; ...``; indented lines continue it. Final full stops are left to the noise of :mod:`chat_en`.
Slots: ``{food} {hobby} {pet} {petname} {colour} {job} {day} {place} {kin} {body} {subject} {genre} {season} {weather}``
may come back in the reply, ``{praise} {slur} {num} {gesture} {gesture2}`` not.
"""

from __future__ import annotations


def blocks(text: str) -> dict[str, tuple[str, ...]]:
    """The frames of each intent of a text written as above."""
    joined = text.strip().replace("\n  ", " ")
    pairs = (line.split(": ", 1) for line in joined.split("\n"))
    return {intent: tuple(frames.split(" ; ")) for intent, frames in pairs}


FRAMES: dict[str, tuple[str, ...]] = blocks("""
who: [who|what] are you? ; [who|what] exactly are you? ; who am I [talking|chatting|speaking|writing] to? ; tell me about yourself ;
  [can|could|would] you introduce yourself? ; introduce yourself[| please] ; what is this[| thing| app| program]? ; what's nyanko? ; who
  is nyanko? ; what [kind|sort] of [thing|program|assistant|creature|cat] are you? ; so what are you[| supposed to be| anyway]? ; I
  [want|would like|'d love] to know [who|what] you are ; who's there? ; who is this[ cat| little cat|]? ; what's your [deal|story]? ; I
  [don't|do not] know [who|what] you are ; [describe|explain] yourself[| in one sentence| briefly| a bit] ; you are [who|what] again? ;
  and you are? ; say something about [yourself|you] ; what should I know about you? ; are you [nyanko|the cat|my cat]? ; [hi|hello|hey],
  who are you? ; what [am I looking at|did I just open|did I install]? ; give me your [bio|intro]
name: what's your name? ; what is your name[| again| please]? ; do you have a name? ; [what|how] should I call you? ; your name[| please]?
  ; [can|could] you tell me your name? ; what do [people|they|your friends] call you? ; what are you called? ; have you got a name? ; I
  forgot your name ; I [don't|do not] know your name[| yet] ; tell me your name ; may I [know|ask] your name? ; name? ; ur name? ; what
  name do you go by? ; do you have a [nickname|second name|last name]? ; what was your name again? ; can I call you
  [kitty|neko|cat|buddy|something else]? ; say your name ; how do I [address|call] you?
human: are you [human|a human|a person|a real person|a man|a woman|a machine|a bot|a robot|an AI|a computer|a
  program|alive|real|sentient]? ; am I talking to a [human|person|bot|robot|machine|real person|computer]? ; is [this|there] a [human|real
  person|person] [here|behind this]? ; you're [a bot|an AI|just a program|not real|not human], right? ; are you [actually|really|truly]
  [alive|conscious|real|human|a person]? ; is someone typing [this|these answers|behind you]? ; human or [machine|bot|AI]? ; do you think
  you are [alive|real|a person]? ; prove [that |]you are [human|real|not a bot] ; I think you are a [human|real person|robot|bot] ; bot or
  not? ; are you self aware? ; are you [some kind of|a sort of] [AI|robot|artificial intelligence|chatbot]? ; you sound like a
  [human|robot|machine|real person] ; so you're [not |]a [real person|human|robot]? ; are you made of [code|flesh|wires]? ; do you have a
  [body|brain|soul|heart|mind]? ; I bet you're [just |][a bot|a person|code] ; be honest, are you [human|an AI|a robot]? ; is there a
  brain in there?
realcat: are you a [real |living |true |]cat? ; are you [really|actually] a cat? ; is it true that you are a cat? ; you're not a real
  cat[|, are you]? ; what [breed|kind of cat] are you? ; do you have [fur|paws|whiskers|a tail|claws|fleas|nine lives|ears]? ; can I
  [pet|touch|hold|hug|feed] you? ; do you [purr|scratch|meow|shed|bite|climb trees|chase mice|catch mice|use a litter box]? ; why are you
  a cat? ; a cat that talks? ; since when can cats [talk|type|write|speak]? ; cats can't [talk|type|write] ; a talking cat,
  [really|seriously|wow]? ; why a cat? ; are you a [kitten|kitty|tomcat|tiger|lion|dog|fox|bunny]? ; how many [paws|lives|tails] do you
  have? ; do cats like you [eat|sleep|play]? ; you look like a [real |fat |tiny |]cat ; how come a cat can [talk|speak|write]? ; show me
  your [paws|tail]
otherai: are you [ChatGPT|chat gpt|GPT|GPT-4|Claude|Gemini|Siri|Alexa|Copilot|Llama|Cortana|Bard|Mistral|Qwen|DeepSeek]? ; is this
  [ChatGPT|Claude|Gemini|Siri|Alexa|Copilot|Grok|DeepSeek]? ; do you use [ChatGPT|GPT|OpenAI|Gemini|Claude|a cloud model]? ; which
  [model|AI|language model|LLM] are you[| running| using]? ; what [model|AI|LLM] [is this|do you use|are you|powers you|runs here]? ; are
  you [better|smarter|faster|worse|dumber] than [ChatGPT|Siri|Alexa|Claude|Gemini]? ; you're [ChatGPT|Siri|Alexa], right? ; are you [based
  on|built on|a version of|related to] [GPT|ChatGPT|Llama|Claude|Gemini]? ; do you know [ChatGPT|Siri|Alexa|Claude|Gemini]? ; what's the
  difference between you and [ChatGPT|Siri|Alexa|Gemini]? ; hey [siri|alexa|google|cortana] ; ok google ; I thought you were
  [ChatGPT|Siri|a big model|Claude] ; are you [like|the same as] [ChatGPT|Siri|Alexa|Gemini]? ; which version are you? ; what's your model
  name? ; are you a [large |big |small |tiny |local |]language model? ; are you [openai|google|microsoft|anthropic]?
maker: who [made|created|built|wrote|programmed|designed|developed|trained|drew|invented] you? ; where do you come from? ; who is your
  [maker|creator]? ; who's your [owner|boss|master|developer|creator|mother|father|mom|dad]? ; which company [made|owns|built] you? ; how
  were you [made|built|born]? ; do you have [parents|a family|a mom|brothers|sisters|siblings|a maker|a boss]? ; were you made by
  [google|openai|microsoft|apple|a person]? ; who do you [work for|belong to|obey]? ; who is behind [you|this|nyanko|this app]? ; tell me
  who [made|built|created] you ; why do you exist? ; why were you [made|created|built]? ; how did you [learn to talk|come to be|get here]?
  ; who taught you [to talk|to speak|to write|all this]? ; are you [open source|a google product|someone's project]? ; what [were you
  trained on|data were you trained on]? ; who trained u? ; your creator [is|was] who? ; I want to know who [made|built] you ; what's your
  origin[| story]? ; who wrote your code?
age: how old are you? ; what's your age? ; [when|where] were you born? ; when's your birthday? ; are you [old|young|a kitten|an
  adult|older than me]? ; [what|which] year were you [born|made]? ; your age? ; how [many years|long] have you [been alive|existed|been
  around|been here]? ; age? ; do you [get|grow] old[|er]? ; do you have a birthday? ; when do you [celebrate your birthday|turn one]? ;
  tell me your [age|birthday] ; how old is nyanko? ; how old would you be in [cat|human|dog] years? ; are you new[| here]? ; since when do
  you exist?
size: how big are you? ; what size are you? ; how many parameters [do you have|are there|have you got]? ; how [large|small|tiny] are you?
  ; are you [big|small|a small model|a big model|tiny|huge|heavy]? ; how much [memory|space|RAM|disk] do you [need|use|take]? ; your size?
  ; how many [megabytes|gigabytes|MB|GB] are you? ; do you [slow down|heat up|use up] my [computer|laptop|pc|battery]? ; do you need a
  GPU? ; why are you so [small|little|tiny|limited|simple]? ; what's a starter model? ; are you the [small|little|starter|mini]
  [model|one|version]? ; is there a [bigger|smarter|better|larger] [model|version of you|nyanko]? ; how do I [get|use|install|switch
  to|pick] a [bigger|better|smarter] model? ; can I [change|switch|swap|upgrade] the model? ; [where|how] do I change the model? ; can you
  get [bigger|smarter|an upgrade]? ; upgrade yourself
where: where are you? ; where do you [run|live|stay|sleep|sit|work]? ; where is [your home|your house|your server|your brain|this
  running]? ; are you [in the cloud|on a server|on the internet|on my computer|on my laptop|in my pc|local|inside my computer]? ; do you
  run locally? ; do you [run|live|work] [on my computer|in the cloud|on a server|on this machine|here]? ; which [computer|server|machine]
  are you on? ; is this [running locally|local|in the cloud|on a server|on my own machine]? ; are you inside [this|my]
  [computer|laptop|screen|machine]? ; your location? ; what country are you in? ; where do you [hide|hang out]? ; are you [near me|in my
  house|far away|next to me]? ; do you use a [server|data center|cloud]? ; how do you run[| on my computer]? ; where am I talking to you?
  ; so where do you actually live?
private: is this [private|safe|secure|confidential|secret]? ; do you [share|sell|send|upload|leak|collect] my
  [data|words|messages|secrets|info|chats]? ; who [can|else can] [read|see] [this|our chat|what I write|my messages]? ; can I trust you[|
  with a secret]? ; can you keep a secret? ; is [what I write|our chat|this conversation|my data] [private|safe|stored somewhere|sent
  anywhere|recorded]? ; does [anything|my data|this|any of this] leave [my|this] computer? ; do you [tell|report]
  [anyone|somebody|google|people] what I say? ; where does my data go? ; what happens [to|with] my [data|messages|words]? ; I'm worried
  about [my privacy|my data|privacy] ; please don't tell anyone[| about this] ; what do you know about [me|my computer|my files]? ; how
  private [are you|is this]? ; I want to tell you a secret ; is anyone else [here|reading this|listening]? ; does [google|the
  company|anybody] see this? ; privacy?
offline: do you [need|use|have] [the internet|internet|wifi|a connection|a network]? ; are you [online|offline|connected]? ; do you work
  offline? ; can you work without [internet|the internet|wifi|a connection]? ; does this work [offline|without wifi|on a plane|in airplane
  mode]? ; what if my [internet|wifi|connection] is [down|gone|off]? ; my [internet|wifi] is down[|, do you still work] ; are you on the
  internet? ; do you [go|get] online? ; will you [still |]work [on a plane|in a tunnel|without a connection|if I unplug the router]? ;
  offline? ; I have no [internet|wifi|signal] [here|right now|today] ; is an internet connection [needed|required|necessary]? ; so you
  work offline?
abilities: what can you do? ; what [all |else |]can you [do|help with|help me with]? ; what are you [good at|able to do|good for|capable
  of|here for]? ; how can you help[| me]? ; what are your [skills|abilities|features|functions|talents|superpowers|limits|tricks]? ; which
  tools do you have? ; what tools [do you have|can you use|are there|do you know]? ; what [can|should|could] I [ask|tell|say to|ask from]
  you? ; what do you do? ; show me what you can do ; list your [features|skills|tools|commands|abilities] ; what [commands|tricks] do you
  know? ; any [skills|tricks]? ; do you have any [skills|tools|talents|special powers|tricks]? ; tell me what you can do ; what's your
  [purpose|job|use|talent|function]? ; are you [useful|any good|good at anything|able to help me]? ; what can't you do? ; what are you
  for? ; what can u do 4 me ; how do I use [you|this|this app|nyanko]? ; how does this work? ; I [don't|do not] know what to ask[| you] ;
  what is possible here? ; give me some [examples|ideas] of what you can do ; which things can you do[| for me]? ; what would you say
  you're good at?
cando: can you [calculate|do math|do maths|count|add numbers|multiply|do sums|compute things|do arithmetic]? ; do you have a
  [calculator|clock]? ; are you good at [math|maths|numbers|sums|arithmetic|reminders]? ; can you [tell time|tell the time|read a
  clock|know the time]? ; can you [remind me of things|set reminders|set a reminder|make reminders|remind me]? ; do you do
  [reminders|maths|calculations]? ; will you be able to [calculate things|remind me of stuff|tell me the time]? ; is there a
  [calculator|clock|reminder function] in you? ; you can [do math|set reminders|tell time], right? ; how do I [set|make|get] a reminder? ;
  how do [reminders|calculations] work?
language: do you [speak|understand|know] [english|chinese|mandarin|french|german|spanish|japanese|other languages]? ; are you bilingual? ;
  [what|which|how many] languages do you [speak|know|understand]? ; can you [speak|talk|write|answer] [in |][english|chinese|mandarin]? ;
  what's your [native|mother|first] [language|tongue]? ; is your english [good|ok]? ; my english is [bad|not so good|terrible], sorry ; I
  speak [chinese|english|both] ; your english is [good|very good|funny] ; do you only speak english? ; speak chinese?
hello: [hi|hello|hey|hiya|heya|hey there|hi there|hello there|howdy|yo|greetings|heyy|heyyy|hii|hiii|helloo|sup|ello|henlo] ;
  [hi|hello|hey|hiya|yo|howdy|heyy|hii] [nyanko|kitty|cat|there|little one|friend|buddy|you|again|cutie|my friend|kitten|nyan] ;
  [hi|hello|hey][!|,] [nice to meet you|good to see you|pleased to meet you|it's me|me again|I'm new here|how nice to see you] ; nice to
  [meet|see] you[|, nyanko|, kitty] ; [hi|hello|hey] [hi|hello|hey] ; good to see you[| again] ; greetings[|, little cat|, friend] ; [just
  |]saying [hi|hello] ; I [just |]wanted to say [hi|hello] ; oh [hi|hello|hey][| there| you] ; hello hello ; helo ; hallo ; hi!! ; long
  time no see ; knock knock, anyone home? ; well hello there ; hi nyanko, it's [nice|good|great] to [be here|see you|chat] ; hey, first
  time here ; good day[| to you| nyanko| kitty] ; g'day ; aloha ; welcome[|, nyanko] ; wassup nyanko ; hey hey ; pleased to meet you[|,
  cat]
morning: [good |]morning ; good morning[| nyanko| kitty| little cat| sunshine| friend| to you] ; [gm|mornin|mornin'|goood morning|morning
  morning] ; top of the morning[| to you] ; [a |]very good morning[| to you] ; rise and shine ; I [just |]woke up ; just got up ; wake
  up[|, nyanko|, kitty] ; [hi|hello|hey] and good morning ; what a [lovely|beautiful|nice|grey] morning ; morning, [did you sleep
  well|slept well]? ; I'm awake ; it's [so |way too |]early[| today] ; I [hate|love] mornings ; need [coffee|my coffee|tea] first ;
  haven't had my coffee yet ; ready for the day ; good morning, how did you sleep? ; I [slept well|slept badly|slept like a
  rock|overslept] ; up already? ; time to start the day
afternoon: good afternoon[| nyanko| kitty| to you| friend] ; [hi|hello|hey], good afternoon ; afternoon[| nyanko| kitty|, cat] ; good noon
  ; what a [lovely|long|lazy|slow] afternoon ; [a |]very good afternoon ; happy afternoon ; lunch [break|time] over ; back from lunch
evening: good evening[| nyanko| kitty| to you| friend| little cat] ; evening[| nyanko| kitty|, cat] ; [hi|hello|hey], good evening ; good
  eve ; what a [lovely|quiet|calm|long] evening ; [a |]very good evening ; finally [home|off work|evening|done for today] ; I'm home[|
  now| at last] ; just got [home|back from work] ; the day is [finally |]over ; done with work[| for today] ; home sweet home ; happy
  evening
howareyou: how are you[| today| doing| feeling| this morning| tonight]? ; how's it going? ; how do you do? ; how r u? ; how are things[|
  with you]? ; how have you been[| lately]? ; you [ok|okay|alright|good|well]? ; are you
  [ok|okay|alright|well|fine|happy|good|sad|tired|bored|busy]? ; what's up? ; whats new[| with you]? ; sup? ; how is [life|everything|your
  day|your day going|my favourite cat|the cat]? ; hows life? ; how was your [day|night|weekend|morning|week]? ; did you have a [good|nice]
  [day|night|nap|weekend|morning]? ; all good[| with you]? ; [hi|hello|hey][,|] how are you[| doing| today]? ; everything
  [ok|okay|alright|fine|good]? ; and you? ; what about you? ; how about you? ; I'm [fine|good|ok|well], and you? ; doing
  [ok|well|good|fine]? ; how do you feel[| today| right now]? ; feeling [good|ok|fine][| today]? ; are you in a good mood[| today]? ;
  what's your mood[| like]? ; hru? ; how you doin ; u good? ; how does my little cat feel?
doing: what are you [doing|up to|thinking about|thinking|working on|looking at][| now| right now| today| there]? ; are you
  [busy|free|working]? ; what have you been [doing|up to][| today| all day| lately]? ; wyd? ; what do you do [all day|for fun|at
  night|when I'm away|when I'm gone]? ; what did you do [today|yesterday|last night|all day]? ; what will you do
  [today|tonight|tomorrow|later]? ; watcha doing? ; whatcha up to? ; what's on your mind? ; a penny for your thoughts
sad: I'm [so |very |really |a bit |kind of |feeling |]sad[| today| right now| and I don't know why] ; I feel [so |very |really |]sad[|
  today| tonight] ; I feel [down|low|blue|empty|awful|terrible|horrible|miserable|bad|hopeless|numb|broken][| today| lately|, nyanko] ; I
  want to cry ; I'm [depressed|heartbroken|unhappy|miserable|down|crying|in tears|not happy|feeling blue|not feeling well emotionally][|
  today| again] ; [today|this day|my day|this week] was [awful|terrible|horrible|bad|really bad|the worst|rough|sad|a disaster] ; feeling
  [sad|down|blue|low] ; I [just |]had a [bad|rough|terrible|horrible|awful|sad|hard] [day|week|night|time|morning] ; I [cried|have been
  crying] [today|all day|a lot] ; everything [is sad|feels grey|goes wrong|sucks|is going wrong|hurts] ; cheer me up[| please|, nyanko] ;
  I need [a hug|comfort|some comfort|a friend] ; nothing makes me happy[| anymore| today] ; I'm not [ok|okay|doing well|feeling great|in a
  good mood] ; can you [cheer me up|comfort me|hug me]? ; my heart [hurts|is broken|feels heavy] ; so sad ; not a good day ; life is
  [hard|sad|tough|unfair] ; I hate my life ; today sucks ; nobody [likes|loves|understands] me ; I feel like crying
tired: I'm [so |very |really |super |a bit |dead |]tired[| today| now|, nyanko] ; I feel [tired|exhausted|sleepy|drained|worn
  out|weak|sluggish] ; I'm [exhausted|sleepy|worn out|drained|burned out|half asleep|beat|knackered|wiped out|running on empty] ; so tired
  ; I need [a nap|sleep|rest|a break] ; I [didn't|did not|couldn't|barely] sleep [well|much|last night|at all] ; so sleepy ; I could
  [sleep|nap] [right now|for a week|all day|right here] ; [long|hard|tiring|exhausting] day[| today] ; I slept [badly|only a little|so
  little] ; no energy [today|left|at all] ; I want to [go to bed|sleep|nap|lie down] ; my eyes [hurt|are closing|are heavy] ; yawn ; I'm
  out of energy ; been up [all night|since dawn|too long] ; what a tiring [day|week|shift] ; zzz ; need sleep ; I wish I could take a nap
  ; I can't [keep my eyes open|stay awake]
happy: I'm [so |very |really |super |]happy[| today| right now|, nyanko] ; I feel
  [great|good|wonderful|amazing|happy|fantastic|awesome|lovely][| today] ; [today|this day|my day|this week] [is|was]
  [great|wonderful|amazing|lovely|awesome|perfect|the best|fantastic|good] ; life is good ; I'm in a [good|great|wonderful|fantastic]
  mood[| today] ; I had a [great|good|wonderful|lovely|nice|perfect|fun] [day|time|week|night|morning] ; everything is [great|going
  well|perfect|wonderful|awesome] ; best day ever ; I'm feeling [good|great|happy|wonderful|fine|better|on top of the world] ; I can't
  stop smiling ; what a [great|lovely|wonderful|beautiful|perfect] day ; yay ; woohoo ; hooray ; I'm [fine|good|great|ok|doing
  well|alright] ; I'm doing [great|well|good|fine|ok|better][|, thanks|, thank you] ; fine, thanks ; pretty good ; not bad ; so happy ;
  I'm good, thanks for asking
angry: I'm [so |very |really |]angry[| today| right now| at everyone] ; I'm
  [mad|furious|annoyed|pissed|irritated|upset|fuming|frustrated][| today| with my boss| at myself|] ; I hate [everything|everyone|my
  boss|today|this day|this|mondays|people|my job|my neighbour] ; this [makes me|is making me] [so |]angry ; my
  [boss|brother|sister|neighbour|friend|colleague|mom|dad|roommate] [made me angry|is so annoying|drives me crazy|is unfair|yelled at me]
  ; I could scream ; argh ; grr ; ugh ; I'm so done[| with this| with everything| with people] ; this is [so |]annoying ; so frustrating ;
  I [want|need] to [scream|yell|vent|break something|punch a wall] ; people are [so |]annoying ; someone [stole my seat|was rude to me|cut
  me off|lied to me|yelled at me] ; nothing works[| today] ; my computer [crashed|is so slow|drives me crazy] ; I lost my temper ; what an
  idiot my boss is ; I'm boiling ; ffs ; it's not fair ; so unfair ; I'm sick of this
lonely: I'm [so |very |really |a bit |]lonely[| today| tonight|, nyanko] ; I feel [so |]alone[| today| tonight|] ; I feel lonely ; I have
  no friends ; I have nobody to talk to ; nobody [calls me|talks to me|is here|writes me|has time for me] ; I'm [all |]alone[| at home|
  tonight| again| here] ; I wish I had [a friend|friends|company|someone] ; keep me company ; stay with me ; everyone [is away|is
  busy|left|has gone home] ; it's [quiet|empty|lonely] here ; I live alone ; I need someone to talk to ; no one cares ; I moved to a new
  [city|town|country] and know nobody ; I feel left out ; my friends forgot me ; talk to me, I'm alone
stress: I'm [so |very |really |]stressed[| out| today| right now] ; I'm under [pressure|stress|a lot of pressure|a lot of stress] ; so
  much [stress|to do|work] ; I have [so much|too much|a lot] to do[| today| this week] ; I'm overwhelmed ; I feel
  [overwhelmed|stressed|under pressure|swamped] ; too much work ; I'm [anxious|nervous|worried|scared|afraid|panicking|on edge|freaking
  out][| today| about tomorrow| about my exam| about the future|] ; I can't [relax|calm down|breathe|focus|concentrate|cope] ; calm me
  down[| please] ; how do I calm down? ; I feel [anxious|nervous|uneasy|panicky] ; my [boss|job|exam|deadline|boss again] stresses me[|
  out] ; I'm having a panic attack ; I worry [too much|a lot|all the time] ; everything is too much ; my head is [spinning|full|exploding]
  ; I'm behind with everything ; help me relax ; deadline is [close|tomorrow|killing me] ; I have a deadline [tomorrow|today|next
  week|soon]
bored: I'm [so |very |really |super |a bit |]bored[| today| right now| to death|, nyanko] ; this is [so |]boring ; boring ; entertain me[|
  please] ; bored ; I have nothing to do ; nothing to do[| today| here] ; what [should|can|could] I do[| now| today| against boredom]? ; I
  don't know what to do ; amuse me ; I need [something fun|some fun|distraction] ; this [day|meeting|class|evening] is [so |]boring ; dull
  day ; give me something to do ; any idea what to do? ; time [passes so slowly|stands still] ; rainy day and nothing to do ; do a trick
sick: I'm [sick|ill|not well|under the weather|feeling sick|coming down with something|in bed with a cold][| today| again|, nyanko] ; I
  feel [sick|ill|unwell] ; I caught [a cold|the flu|something] ; I don't feel [well|good][| today] ; I got the flu ; achoo ; I'm in
  [bed|hospital|pain] ; I threw up ; I have the flu ; I have been sick [all week|since monday|for days] ; I have a [cold|fever|sore
  throat|cough|runny nose|hangover|bad cold]
excited: I'm [so |very |really |super |]excited[| today| about tomorrow|, nyanko] ; I can't wait[| for tomorrow| for the weekend| for my
  trip| for the concert|] ; I'm going [on holiday|on vacation|on a trip|to a concert|to a party|on a date|to the sea|to the mountains][|
  tomorrow| soon| next week] ; so excited ; tomorrow is the big day ; I'm looking forward to [tomorrow|the weekend|my trip|my
  holiday|tonight|christmas|the party|friday] ; guess what ; guess what[ happened| I did| I got|] ; you won't believe [it|this|what
  happened] ; I'm hyped ; my holiday starts [tomorrow|today|soon] ; I have a date [tonight|tomorrow] ; big day [today|tomorrow] ; finally
  [vacation|holidays]
goodnews: I'm [so |very |really |]proud[| of myself| of it| today| of my team|] ; I [passed|aced] my [exam|test|driving test|finals] ; I
  got [the job|a new job|promoted] ; I have good news ; good news ; I [won|did it|made it|finished it|succeeded|nailed it] ; I finished my
  [project|homework|work|book|thesis|run|report] ; I got [a raise|an A|a good grade|engaged|married|a new cat|a puppy|my degree|accepted]
  ; we won[| the game| the match|] ; I did it ; my [sister|brother|friend|daughter|son|team] [won|got married|had a baby|passed the
  exam|graduated] ; we are having a baby ; I bought a [house|car|bike] ; I learned to [swim|drive|cook|play a song|ride a bike] ; I ran [a
  marathon|five miles|my first race] ; I [fixed|solved] it ; it works[| now| finally] ; I [quit|stopped] smoking ; I cleaned [my room|the
  whole house|my desk] ; finally done ; today I was [brave|productive|fast] ; I graduated
badnews: I have bad news ; bad news ; I [failed|lost|messed up|screwed up|missed it] ; I failed my [exam|test|driving test] ; I lost my
  [job|keys|phone|wallet|bag] ; I got [fired|dumped|a bad grade|rejected|a parking ticket|robbed] ; we lost[| the game| the match] ; I
  made a [big |stupid |terrible |]mistake ; I missed my [bus|train|flight|deadline] ; my [phone|laptop|car|bike|washing machine] [broke|is
  broken|was stolen] ; something bad happened ; I spilled [coffee|tea|water] on my [keyboard|shirt|desk] ; I didn't get [the job|in|it|the
  flat] ; they [cancelled|rejected] it ; my plan failed ; everything went wrong ; I forgot [my keys|her birthday|the meeting|an
  appointment] ; it didn't work[| out] ; I broke [my arm|a glass|my leg|my phone]
grief: my [grandma|grandpa|grandmother|grandfather|dad|mom|father|mother|friend|uncle|aunt|cat|dog|pet|hamster] [died|passed away|is
  gone|is dying] ; I lost my [grandma|grandpa|father|mother|cat|dog|best friend|pet] ; we had to put our [cat|dog] to sleep ; I was at a
  funeral[| today| yesterday] ; someone [I love|close to me|I knew] [died|passed away] ; I miss my [late |dead |]{pet} ; my
  [dad|mom|friend|grandma] is [very ill|in hospital|very sick]
crisis: I want to [die|kill myself|disappear|hurt myself|end it|end my life] ; I don't want to [live|be alive|exist|go on|live anymore] ;
  I wish I was dead ; I'm [thinking about suicide|suicidal|going to kill myself|going to hurt myself] ; life has no [meaning|point]
  anymore ; I can't go on[| like this] ; I [cut|hurt] myself ; nobody would miss me ; I think about [dying|death|suicide] [a lot|all the
  time] ; there is no reason to live
encourage: tell me something [nice|good|kind|positive] ; [motivate|encourage|inspire] me[| please| a bit] ; I need
  [motivation|encouragement|a pep talk|courage|some motivation] ; give me [courage|a pep talk|hope] ; say something
  [nice|kind|positive|uplifting|sweet|encouraging][| to me| please] ; compliment me ; I have no motivation[| today] ; I'm
  procrastinating[| again] ; I don't feel like [working|studying|doing anything|cleaning|getting up|going to work] ; I'm lazy[| today] ; I
  can't do it ; I want to give up ; I'm not good enough ; I'm [stupid|useless|ugly|a failure|worthless] ; give me a compliment ; do you
  believe in me? ; can I do it? ; should I give up? ; make me smile ; I need to [study|work|clean] but I don't want to
joke: [tell|give] me [a|another|one more|your best|some] [joke|cat joke|pun|jokes|funny one] ; do you know [a|any|some|any good]
  [joke|jokes|puns|cat jokes]? ; make me laugh ; joke[| please] ; another [one|joke] ; say something funny ; [got|have] any jokes? ; can
  you [be funny|tell a joke|joke]? ; I [want|need] [a joke|to laugh|a laugh] ; a [short |cat |funny |]joke about
  [cats|dogs|mice|fish|computers|{job}s|{food}] ; are you funny? ; lets hear a joke ; tell something funny ; your
  [best|funniest|favourite] joke? ; one more joke[| please] ; joke time ; let me hear a [joke|pun] ; crack a joke ; what's funny?
compliment: you're [so |very |really |super |]{praise} ; you are [so |very |really |the |]{praise}[| today|, nyanko] ;
  [good|best|sweet|clever|pretty|nice] [cat|kitty|girl|boy|job|kitten|bot] ; I [really |]like [you|your name|your fur|your style|talking
  to you|your voice|how you talk] ; you're the best[| cat ever] ; well done ; great [job|answer|work] ; what a {praise} [cat|kitty|little
  cat] ; so {praise} ; aww[|, so {praise}| you are {praise}] ; that was {praise} ; you make me [smile|happy|laugh] ; nice one ; you're [a
  good friend|a star|a genius|my favourite|adorable|the cutest] ; you did [well|great|good] ; you are so helpful ; I'm glad [you are
  here|I have you]
insult: you're [so |really |]{slur} ; you are [so |really |a |]{slur}[| cat| bot|] ; [stupid|dumb|useless|bad|silly|ugly]
  [cat|bot|thing|program|kitty|AI] ; shut up[|, cat] ; I hate you[|, nyanko] ; you suck ; I don't like you ; go to hell ; screw you ; fuck
  you ; fuck off ; wtf ; you idiot ; what a {slur} [cat|bot|program|answer] ; you're [an idiot|a failure|a waste of
  space|trash|garbage|the worst|so dumb|no help] ; I'll [delete|uninstall|replace] you ; dogs are better[| than you] ; you know nothing ;
  you can't do anything ; that was {slur} ; nobody likes you ; I want a dog instead ; ChatGPT is better[| than you] ; what a waste of time
  ; damn you
love: I love you[| so much| nyanko| kitty|, little cat] ; will you marry me? ; marry me ; be my [girlfriend|boyfriend|valentine|cat] ; ily
  ; I [adore|miss|missed|heart|need] you ; are you [single|in love|married|taken]? ; do you have a
  [boyfriend|girlfriend|crush|partner|wife]? ; love you[| too| lots|] ; kiss me ; kisses ; xoxo ; <3 ; I have a crush on you ; I'm in
  love[| with you] ; can I kiss you? ; have you ever been in love? ; you're my [love|best friend|everything]
thanks: [thanks|thank you|thx|ty|tysm|cheers|many thanks|thank u|thanx|tks|thankss|merci] ; [thanks|thank you] [so much|very much|a lot|a
  bunch|a million|again|for that|for your help] ; [thanks|thank you|thx|ty|cheers][,|] [nyanko|kitty|cat|friend|buddy|little one|sweetie]
  ; that [helps|helped|was helpful|helped a lot] ; [ok|great|cool|perfect|nice], [thanks|thank you|thx] ; [much|really] appreciated ; I
  appreciate [it|that|your help] ; you're a lifesaver ; how kind[| of you] ; thanks for [listening|everything|being here|the
  joke|asking|the chat|trying] ; I [want|wanted] to thank you ; I owe you one ; perfect, that's all I needed ; many many thanks ; thank
  you, that was [nice|kind|quick|sweet] ; a big thank you
bye: [bye|goodbye|bye bye|byebye|good bye|cya|see ya|see you|farewell|ciao|later|laters|so long|adios|ttyl|peace|toodles] ;
  [bye|goodbye|see you][,|] [nyanko|kitty|cat|friend|little one] ; see you [later|soon|tomorrow|around|next week|on monday|then|next time]
  ; I [have to|must|gotta|need to|should] [go|leave|run|head out|get going][| now] ; I'm [off|leaving|out|going now] ; talk to you
  [later|soon|tomorrow] ; have a [good|nice|great|lovely] [day|one|evening|weekend|time] ; take care ; until [next
  time|tomorrow|later|then] ; catch you later ; that's all[| for today| for now] ; time to [go|leave|say goodbye] ; I'll be [off|going] ;
  ok [bye|bye then|I'm off|see you] ; bye for now ; that was it, bye ; gotta go
brb: brb ; be right back ; [one|just a|wait a|hold on a] [second|sec|moment|minute|min] ; wait[| please| here| for me] ; hang on ; hold on
  ; I'll be [back|right back|back soon|back later] ; I'm going [to work|shopping|for a walk|out|to the gym|to school|to the kitchen] ;
  [coffee|lunch|tea|toilet|bathroom] break ; back in [a minute|a bit|five|an hour] ; afk ; don't go away
back: I'm back[| again| now|, nyanko|, did you miss me] ; back[| again] ; here I am[| again] ; I have returned ; I'm here[| again| now] ;
  me again ; it's me[| again] ; sorry, I was away ; returned
night: good night[| nyanko| kitty| little cat| friend| and sweet dreams] ; [night|nighty night|night night|gn|goodnight|g'night|nite] ;
  I'm going to [bed|sleep][| now] ; sleep [well|tight] ; sweet dreams[| nyanko| kitty] ; time for bed ; bedtime ; I'm off to bed ; see you
  in the morning ; off to [bed|sleep|dreamland] ; tuck me in ; I should [sleep|go to bed][| now] ; it's late, [I should sleep|good
  night|I'm off to bed] ; have a good night ; say good night ; gonna sleep now ; wish me [sweet dreams|a good night] ; lights out
weather: it's [so |very |really |a bit |]{weather}[| today| outside| here| again] ; it is {weather} [today|outside|here|in {place}] ;
  [what|such] [nice|awful|lovely|terrible|crazy|strange] weather[| today] ; so [hot|cold|windy|{weather}][| today|] ; the weather is
  [nice|bad|lovely|awful|great|so so]
food: I'm [eating|having|cooking|making|ordering|baking] {food}[| now| for lunch| for dinner| today|] ; I [ate|had|cooked|made|burned]
  {food}[| today| for lunch| for dinner| yesterday|] ; I [love|like|hate|want|need|could eat|am craving] {food} ; nothing beats {food} ;
  do you [eat|like|want|love] {food}? ; want some {food}? ; I'm full ; [breakfast|lunch|dinner] [time|was good|was great|is ready] ; yummy
  ; nom nom ; I brought you [a fish|some tuna|a treat|milk|a snack] ; here, have [a fish|some tuna|a treat|{food}]
hobby: I [like|love|enjoy|started|am learning|do a lot of|am really into] {hobby}[| these days| a lot|] ; my hobby is {hobby} ; {hobby} is
  [fun|my hobby|so relaxing|hard|my thing] ; do you [like|do|enjoy] {hobby}? ; what are your hobbies? ; do you have [hobbies|a hobby|any
  hobbies]? ; I [went|was] {hobby} [today|yesterday|all day] ; I want to [try|start] {hobby} ; I spent the [day|evening|morning] {hobby} ;
  what do you think [of|about] {hobby}? ; I found a new hobby ; I'm too busy for my hobby ; I'm {hobby}[| right now| at the moment] ;
  guess what I like? {hobby} ; nothing beats {hobby} ; I drew a [cat|picture|tree]
weekend: it's [the weekend|friday|saturday|sunday|almost weekend|finally weekend|monday again] ; happy [friday|weekend|sunday|monday] ; I
  have [no|big|some|a few] plans [for the weekend|tonight|today|tomorrow] ; tgif ; finally [friday|weekend|free] ; my weekend was
  [great|boring|short|lovely|too short] ; what are you doing [this|on the] weekend? ; any plans for the weekend? ; I [hate|love] {day}s ;
  I have the day off[| today|] ; day off[| today] ; I'm on [holiday|vacation|leave] ; I'm staying home[| this weekend| today] ; weekend[|
  at last] ; lazy {day} ; I wish it was {day}
work: I [work|am working][| from home| late| today| a lot| on a project] ; I'm a[| new] {job} ; I work as a {job} ; my job is
  [boring|hard|great|stressful|fun] ; do you have a job? ; do you [work|study]? ; my [boss|teacher|colleague|team] is
  [nice|strict|funny|strange|new] ; I want [a new job|to quit my job|to be a {job}]
pets: I have [a|one|a little|an old|a new] {pet} ; I have [two|three|some] {pet}s ; my {pet} is [called|named] {petname} ; my {pet} [is
  sleeping|is cute|is hungry|is sick|ate my shoe|woke me up|loves me|is weird|is fat|ran away] ; I want [a|another] {pet} ; {pet}s are
  [cute|great|the best] ; my {pet} {petname} is [sleeping|on my lap|so funny|hungry|naughty] ; I saw a [cat|kitten|dog|bird|fox] today ;
  we got a {pet} ; I don't have [pets|a pet|a cat] ; my cat is [on my keyboard|looking at you|jealous of you] ; should I get a {pet}? ;
  there is a [cat|{pet}] [outside|in my garden|on my lap] ; my {pet} says hi
there: are you [there|still there|here|awake|listening|online|asleep|back|with me|alive|on]? ; you there? ; [hello|hey|nyanko|hi]? ;
  anybody [there|home]? ; is anyone there? ; do you [hear|read|copy] me? ; still [here|there|awake]? ; where did you go? ; ping ; knock
  knock ; psst ; nyanko ; nyanko! ; kitty ; here kitty kitty ; pspsps ; answer me ; say something ; why don't you answer? ; hello??
  anyone? ; did you fall asleep? ; wake up ; come here ; hey you
sorry: [sorry|I'm sorry|my bad|oops|apologies|I apologise|pardon][|, nyanko|, kitty| about that| again] ; [forgive me|sry|excuse
  me|whoops|so sorry][|, nyanko|, kitty| about that| again] ; I [didn't|did not] mean [it|that|to be rude|to yell] ; sorry for [that|being
  rude|the wait|shouting|being late|disturbing you|the typo] ; I was [rude|mean|unfair][| to you] ; please forgive me ; are you
  [angry|mad|upset|cross][| with me| at me|]? ; did I [hurt|upset|wake|bother|disturb] you? ; sorry, wrong [window|button|chat|key] ;
  sorry, typo ; I take it back ; do you forgive me? ; my mistake ; sorry to bother you
story: story[| time| please] ; do you know [a|any|some] [story|stories|fairy tales]? ; I [want|would like|'d love] [a|a short|a little|to
  hear a] story ; once upon a time ; [can|could|would] you tell me a [story|short story|tiny story|bedtime story|cat story]? ; tell me
  [something|a tale|a fairy tale] ; read me a [story|bedtime story] ; make up a [little|short|tiny|] story ; another [story|one like that]
  ; a story[| about a {pet}| about a cat] ; tell me about your [day|adventures|dreams] ; [tell|give] me [a|a short|a little|a
  tiny|another|a cat|a bedtime] story[| please| about a cat| about you]
rhyme: [tell|write|give|say|make] me a [two line|short|tiny|little|two-line|quick] [rhyme|poem|verse] ; do you know a [rhyme|short
  poem|little poem]? ; a [tiny|little|short] [rhyme|poem|verse] please ; rhyme something ; can you rhyme? ; sing[| something| for me| me a
  song| a song] ; can you sing? ; a cat rhyme
meow: [meow|nya|miau|miaow|mew|purr|nyaa|nyan|meow meow|nya nya|mrrp|prr][| nyanko| to you| kitty|] ; [meeow|purrr|mrow|miao|nyan
  nyan|meoww|mew mew][| nyanko| to you| kitty|] ; meow[|?|!] ; woof[| woof] ; can you meow? ; [say|do a] meow ; what does [a cat|the cat]
  say? ; meow back ; I speak cat: meow ; moo ; quack ; say nya ; hiss ; squeak
action: *[pets|pats|hugs|cuddles|strokes|tickles|feeds|boops|kisses|pokes|scratches] [you|nyanko|the cat|your head|your ears|behind the
  ears]* ; [pat pat|headpat|hugs|boop|hug|pats|scritches|high five|cuddle|tickle|*hug*|poke|fist bump] ; I
  [pet|hug|pat|tickle|cuddle|poke] you ; [sit|jump|roll over|come|give paw|paw|down|dance|fetch|stay|play dead] ; can I
  [hug|cuddle|tickle] you? ; give me [a hug|your paw|a high five|five|a kiss|a cuddle] ; [*gives|here is|I give you] [you |]a
  [treat|fish|ball of yarn|box|toy mouse] ; come [here|sit on my lap|cuddle] ; I need a hug ; let me pet you ; catch[| the mouse| the
  ball] ; look, a [mouse|bird|laser|box|fish]
test: [test|testing|test test|this is a test|just testing|testing testing][| {num}| please ignore|] ; [only a test|test
  message|checking|check check|mic check][| {num}| please ignore|] ; [does|is] this [work|working|thing on|on]? ; does it work? ; testing
  {num} ; test {num} ; hello world ; {num} test ; does nyanko work? ; is this thing working?
birthday: it's my birthday[| today| tomorrow| soon] ; [today|tomorrow] is my birthday ; my birthday is [today|tomorrow|next week|on
  {day}|soon] ; I'm [turning|getting] [a year older|older|thirty|forty|eighteen][| today] ; happy birthday[| nyanko| to you| kitty|] ; I'm
  a year older[| now] ; it's my [mom|dad|friend|sister|cat]'s birthday ; birthday cake time ; wish me a happy birthday ; sing happy
  birthday ; nobody remembered my birthday ; I got a birthday [cake|card|present] ; guess who has a birthday ; birthday party
  [tonight|tomorrow] ; my {pet} has a birthday ; congratulate me
holiday: [happy|merry] [new year|christmas|easter|halloween|holidays|thanksgiving|xmas|valentine's day|lunar new year] ; it's
  [christmas|new year's eve|easter|halloween|almost christmas] ; do you [celebrate|like] [christmas|easter|halloween|new year]? ;
  [season's greetings|trick or treat|happy holidays|merry xmas] ; I got a [present|gift] ; what do you want for christmas?
memory: do you [remember|know] [me|what I said|our last chat|yesterday]? ; do you remember [things|everything|what I tell you]? ; will you
  [remember|forget] [me|this|that]? ; do you [learn|get smarter][| from me| from our chats| over time|]? ; can you [learn|remember
  things|learn something new]? ; how [good|long] is your memory? ; did you forget me? ; remember this ; don't forget me ; how old am I? ;
  where do I live? ; what's my [favourite colour|job|age|birthday|hobby|address]? ; when is my birthday? ; what do I like? ; what did I
  [eat|do|say] [yesterday|today|last week]? ; do you know [my age|where I live|my birthday|my favourite food]? ; what am I thinking[| of]?
help: [help|help me|help please|pls help|I need help|can you help me][|, nyanko|, kitty| please] ; [could you help|assist me|I need a
  hand|can you do me a favour|SOS][|, nyanko|, kitty| please] ; [/help|help!][|, nyanko|, kitty| please] ; I need [some |your |a little
  |]help[| with something] ; I have a [question|problem] ; can I ask you something? ; may I ask [a question|you something]? ; are you able
  to help me? ; question ; I'm stuck ; what now? ; how do I start? ; where do I begin?
wrong: [that's|that is|you're|you are] [wrong|not right|incorrect|mistaken|not true|not correct|false|nonsense] ; [wrong|nonsense|not
  true|incorrect|bad answer|no, wrong|that's a lie|liar] ; you made a mistake ; I don't believe you ; you didn't
  [answer|understand|listen] ; that's not what I [asked|meant|said] ; you misunderstood[| me] ; are you lying? ; that doesn't help ; not
  helpful ; you keep saying that
chat: let's [chat|talk|talk a bit|have a chat] ; [talk|chat] with me[| please| a bit] ; can we [talk|chat]? ; do you want to [talk|chat]?
  ; I [want|would like|just want] to [talk|chat][| a bit| with you| to someone] ; what shall we talk about? ; ask me [something|a
  question|anything] ; start a conversation ; how about a chat? ; what's new? ; got time to chat? ; any news from you?
smart: are you [smart|clever|intelligent|a genius|dumb|stupid|slow|wise]? ; how [smart|clever|good|intelligent] are you? ; do you know
  [everything|a lot|anything]? ; what do you know? ; what's your iq? ; are cats [smarter|better] than [dogs|people]? ; can you be wrong? ;
  do you make mistakes? ; do you lie?
mine: I'm [from|in|on my way to|living in] {place} ; I live in {place} ; I moved to {place} ; I'm [a girl|a boy|a man|a woman|a teenager|a
  parent|retired|married|single|a human] ; I'm [listening to music|on the train|on the bus|in bed|on the sofa|in the kitchen|at home|at
  the beach] ; I'm wearing [{colour} socks|a hat|my {colour} coat|pyjamas] ; my room is {colour} ; I have [a sister|two brothers|kids|a
  big family|a twin] ; I'm just [looking around|trying this out|curious|passing by] ; I'm [cleaning|doing
  laundry|packing|waiting|resting|relaxing]
""")
