"""How a person says in English how they feel: more frames, by intent. Data only: knows no reply and no tool.

Written as :mod:`chat_en_frames` explains; an intent that is there too gets these frames on top.
"""

from __future__ import annotations

from .chat_en_frames import blocks

FEELINGS: dict[str, tuple[str, ...]] = blocks("""
sad: I don't know why but I'm sad ; my mood is [low|terrible|at zero|in the basement] ; it's one of those [sad|grey|dark] days ; today I
  just feel sad ; I've been feeling [down|low|sad|empty] [lately|for days|all week|since monday] ; nothing is fun anymore ; I'm a bit down
  because of [work|the news|the rain|my exam|my friend] ; everybody else is happy and I'm not ; I look happy but I'm not ; my eyes are
  full of tears ; I just cried[| a little| in the kitchen| at work|] ; could use a hug[| right now| today|] ; do you have a hug for me? ;
  I'm having a [rough|hard|bad|tough] time ; [hard|rough|tough|bad|awful] day[| today|. really|] ; today didn't go well, I feel
  [low|bad|sad|awful] ; why am I so sad? ; why is everything so [sad|hard|grey]? ; I feel like [nobody cares|a mess|hiding|hiding under a
  blanket] ; my heart is heavy ; sad day ; I can't even smile today ; it's been a [hard|sad|long|bad] week and I feel low ; got the blues
  ; watched a sad film and now I cry
breakup: he [broke up with|left|dumped] me[| today| yesterday|] ; she [broke up with|left|dumped] me[| last night|] ; we broke up[| after
  three years| last week|] ; my [boyfriend|girlfriend|husband|wife|partner] [left me|broke up with me|dumped me|wants to break up] ; I'm
  [heartbroken|single again|newly single] ; my heart is broken ; I miss my ex ; I got dumped ; it's over between us ; my relationship is
  over ; we're getting divorced ; I still love my ex ; lovesick ; he doesn't love me anymore ; she doesn't love me back ; I got ghosted[|
  again|] ; he hasn't called me back ; my crush [ignores me|said no|likes somebody else]
tired: I worked [all day|the whole night|ten hours|a double shift] and I'm tired ; can hardly [stand|think|keep my eyes open] ; I'm
  [dead|pooped|done|spent|toast|shattered] ; ran around all day, so tired ; I'm tired but there's so much to do ; I was up [late|till
  three|with the baby|half the night] ; the [baby|dog|neighbours|heat] kept me awake ; why am I always tired? ; monday has worn me out ; I
  just want my bed ; I might fall asleep [here|at my desk|on the keyboard] ; my battery is [empty|low|at one percent] ; could use a
  [nap|break|rest|pillow] ; tired of everything today ; sleepy head here ; I've got no strength left ; after [work|training|the trip|this
  week] I'm [exhausted|wiped out|worn out] ; barely awake ; my legs are tired ; what a day, I'm exhausted ; should I take a [nap|break]? ;
  I think I need a [nap|break|day off] ; work was exhausting ; got up at five, can't think straight
cantsleep: I can't [sleep|fall asleep][| again| at all| tonight| because of the noise| because of the heat|] ; can't sleep ; I have
  insomnia ; it's [three|two|four] in the morning and I'm awake ; I'm wide awake[| at night| in bed|] ; I've been lying awake for hours ;
  I keep waking up at night ; no sleep for me tonight ; why can't I sleep? ; my thoughts keep me awake ; I should be asleep ; I'm in bed
  but not tired ; help me [fall asleep|sleep] ; I was tossing and turning[| all night|] ; sleepless again ; I don't want to sleep yet ;
  it's late and I still can't sleep ; my mind won't stop at night ; how do I fall asleep? ; the full moon keeps me awake ; awake again
nightmare: I had a [nightmare|bad dream|scary dream|strange dream|weird dream|nice dream|funny dream][| last night|] ; I dreamed [of
  you|of flying|of my old school|of falling|that I was late|about cats|of the sea] ; a bad dream woke me up ; what a weird dream ; my
  dreams are so [strange|wild|scary] ; I keep having nightmares ; last night I dreamt about [a cat|my exam|my ex|the sea|teeth] ; you were
  in my dream ; I woke up from a nightmare
happy: I'm just happy ; guess who's happy[| today|]? me! ; it's a good day ; things are going [well|great|my way|smoothly] ; I'm happy
  because [it's friday|the sun is out|my friend visits|I slept well|work is done] ; can't complain ; feeling on cloud nine ; my day was
  [great|good|lovely|really nice] ; I could [dance|sing|hug the whole world] ; I'm smiling [all day|at my screen|like an idiot] ; haven't
  been this happy in ages ; everything went well today ; so much fun today ; today made me happy ; I had such a nice
  [day|evening|walk|call|chat] ; happiness! ; I'm over the moon ; I woke up happy ; such a good feeling ; my friend made me [happy|laugh]
  today ; love my life ; all is well here ; I'm [pretty|quite] happy[| today|]
relaxed: I'm [relaxed|calm|chilling|relaxing|resting|so relaxed|at peace][| today| now| on the sofa| at home|] ; just chilling[| at home|
  with a blanket|] ; I took a [bath|long bath|hot shower|slow walk] ; finally some peace and quiet ; such a peaceful [evening|day|morning]
  ; I'm lying on the [sofa|grass|beach|carpet] ; doing nothing is so nice ; I have the evening for myself ; it's so quiet and nice ; I'm
  taking it easy[| today|] ; I lit a candle ; I'm under a [warm |]blanket ; cosy evening ; feet up, tea ready ; me time
soso: I'm [okay I guess|so so|meh|neither good nor bad] ; [so so|could be better|could be worse|same as always|nothing special|the
  usual|surviving|hanging in there] ; not great, not terrible ; just a normal day ; an ordinary day[| really|] ; same old same old ; I've
  had better days ; it was okay ; today was [okay|average|nothing special|meh] ; I don't know how I feel ; kind of in between ; I'm fine,
  just a bit [tired|quiet|slow] ; not my day, not the worst either
angry: you won't believe how angry I am ; I'm so mad at [my brother|my boss|myself|him|her|the printer|this computer] ; someone [took my
  parking spot|ate my lunch|cut in line|was so rude|lied to me][| today| again|] ; my neighbour [plays loud music|is drilling|is shouting]
  again ; the [bus driver|cashier|teacher|customer] was so rude ; I'm fed up[| with this| with everyone| with work|] ; he [never
  listens|always interrupts me|forgot again] ; they [never listen|ignored me|cheated] ; this makes my blood boil ; I nearly threw my
  [phone|mouse|keyboard] ; why are people so [rude|mean|stupid|loud]? ; I can't stand [him|her|my boss|this noise|people today] ; arghhh ;
  I got into a fight ; I yelled at [my kid|my mom|my friend|my dog] and I'm still angry ; I need to let off steam ; I've had enough ;
  grrr, what a day ; damn it ; customers drive me mad ; everybody is annoying me today ; traffic makes me so angry ; it drives me up the
  wall ; so annoyed right now
argument: I had [a fight|an argument|a quarrel|words] with my {kin}[| today| again|] ; my {kin} and I [argued|had a fight|don't talk
  anymore|are fighting] ; my {kin} is [angry|mad|upset] with me ; my {kin} doesn't [understand me|listen to me|talk to me] ; my {kin}
  yelled at me ; my {kin} and I aren't speaking ; my friend is [mad at me|ignoring me] ; we argued [all evening|about money|about nothing]
  ; should I apologise to my {kin}? ; my {kin} is driving me crazy ; I said something mean to my {kin} ; how do I make up with my {kin}?
lonely: there's nobody [here|around|to talk to|at home] ; no one to talk to tonight ; I eat alone [every day|again|tonight] ; my flat is
  so [empty|quiet] ; it's so quiet since [she left|he left|they moved out|the kids moved out] ; everyone has plans but me ; my phone never
  rings ; all my friends [moved away|are busy|have families] ; I spent [the weekend|christmas|my birthday|the day] alone ; I feel
  [lonely|alone|invisible|forgotten] [sometimes|at night|at work|in this city|at school] ; it's lonely [here|at home|at the top|working
  from home] ; I don't have anyone ; I sat alone at lunch ; sometimes I feel so alone ; you're the only one I talk to ; I just moved here
  and don't know anybody ; could you stay a bit? I'm alone ; nobody texted me today ; weekends are lonely ; I'm home alone
friends: are we friends? ; are you my [friend|best friend|buddy|pal]? ; will you be my [friend|best friend|buddy]? ; can you be my friend?
  ; can we be friends? ; I want to be your friend ; let's be friends ; do you have [friends|a best friend|many friends]? ; you're my
  [friend|best friend|buddy|only friend] ; best friends forever? ; I'd like us to be friends ; friends? ; what is a friend to you? ; is
  friendship with a cat possible? ; do you like being my friend? ; you're a good friend ; besties? ; we're friends now, right? ; how do I
  [find|make] [friends|new friends]?
misssomeone: I miss my {kin}[| so much| today| a lot|] ; I miss [home|my home|my friends|my old life|school|him|her|someone|everyone] ;
  I'm [homesick|so homesick] ; homesick ; my {kin} [is far away|lives abroad|moved away|is away for work] ; I haven't seen my {kin} in
  [months|years|ages] ; I want to go home ; I wish my {kin} was here ; thinking of my {kin} today ; I miss [the old days|my
  childhood|summer|my old cat] ; my best friend moved away ; long distance is hard
stress: there's too much on my plate ; I don't know where to start[| with all this|] ; my to do list [is endless|never ends|is too long] ;
  my boss wants everything [today|at once|yesterday] ; so much pressure[| at work| at school| right now|] ; I'm drowning in
  [work|emails|homework|tasks] ; I'm running out of time ; it's all too much right now ; I haven't had a break in [days|weeks|hours] ; I
  feel like I'm [drowning|exploding|running all day] ; can't switch off after work ; my [heart|mind] is racing ; I'm stressed because of
  [work|money|school|moving|my family|the wedding] ; work is stressing me out ; stress[| stress stress|] ; deadlines everywhere ; how do I
  handle all this? ; another deadline, I can't breathe ; everyone wants something from me ; my calendar is full ; busy busy busy ; I'm so
  busy[| today| this week|]
scared: I'm [scared|afraid|terrified|frightened][| of the dark| of spiders| of thunder| of flying| of the dentist| of tomorrow| right
  now|] ; I heard a strange noise ; it's dark and I'm scared ; there's a spider in my [room|bed|bath] ; I watched a [horror|scary] film ;
  I'm afraid of [heights|dogs|needles|ghosts|the future|being alone] ; that scared me ; I'm home alone and it's spooky ; I have to go to
  the [dentist|doctor] and I'm scared ; I'm worried about [my mom|tomorrow|the future|my results|money] ; I worry so much ; what if
  something bad happens? ; I'm worried[| sick|] ; don't scare me ; boo! ; I have a bad feeling
exam: I have [an exam|a test|finals|a {subject} exam|a {subject} test|my driving test|an oral exam][| tomorrow| today| on {day}| next
  week|] ; my {subject} [exam|test|final] is [tomorrow|on {day}|next week|in an hour] ; I'm [studying|learning|revising|cramming] for [my
  exam|my finals|a {subject} test|{subject}] ; I'm nervous about my [exam|test|{subject} exam|finals] ; I'm so afraid of my {subject}
  [exam|test] ; I don't feel ready for [the exam|my test|{subject}] ; wish me luck for my [exam|test|{subject} exam|driving test] ; exam
  [season|week|time|stress] ; what if I fail [the exam|my test|{subject}]? ; I'm going to fail {subject} ; exams are coming[| and I know
  nothing|] ; I haven't studied enough ; I can't concentrate on studying ; tomorrow's exam keeps me awake ; just had my {subject} exam ;
  the exam was [hard|easy|long|a nightmare|okay] ; waiting for my exam results ; I get my grades tomorrow ; finals are killing me ; pray
  for me, {subject} test today ; {subject} test in ten minutes!
interview: I have [a job interview|an interview|a presentation|a talk|a speech|a big meeting|an audition][| tomorrow| today| on {day}| in
  an hour| next week|] ; my interview is [tomorrow|today|on {day}|in an hour] ; I'm nervous about [the interview|my presentation|my
  speech|my talk] ; job interview tomorrow, I'm [scared|so nervous|excited] ; I have to [speak|present] in front of [everyone|the class|my
  boss|many people] ; wish me luck for the [interview|presentation|talk] ; the interview went [well|badly|okay] ; I'm waiting to hear back
  from the interview ; stage fright ; presenting in ten minutes ; I hate presentations ; I'm applying for a job ; I sent off ten
  applications
firstday: [it's my|it was my|tomorrow is my|today is my|today was my] first day [at work|at school|at the new job|at university|at the
  office|in class] ; first day [at work|at school|at the new job|at uni][| today| tomorrow|] ; I start [a new job|my new
  job|school|university|at a new school|as a {job}] [tomorrow|today|on {day}|next week] ; I'm starting a new job ; new job, new
  [me|people|desk] ; I'm the new one at [work|school|the office] ; my first week at work ; I don't know anyone at my new
  [job|school|office] ; nervous about my first day ; everything is new at work ; new school, new [class|friends|people]
luck: wish me luck[| please| nyanko| kitty|] ; cross your [fingers|paws][| for me|] ; I need [luck|some luck|good luck] ; fingers crossed
  ; keep your paws crossed ; give me luck ; today's the day, wish me luck ; I could use some luck ; say good luck ; bring me luck, little
  cat ; do black cats bring bad luck? ; are you a lucky cat? ; be my lucky cat ; I'm [unlucky|so lucky|lucky] today ; lucky me ; just my
  luck ; knock on wood ; off to battle, wish me luck
bored: this is the most boring [day|meeting|lecture|train ride] ever ; I'm stuck [at home|in traffic|at the airport|in a waiting room|in a
  meeting] and bored ; nothing on TV ; got nothing to do[| all day|] ; there's nothing going on[| today|] ; sooo bored ; I've watched
  everything already ; it's raining and I'm bored ; bored out of my mind ; please entertain me, I'm bored ; could you entertain me[| a
  bit|]? ; the day won't end ; what do you do when you're bored? ; tell me something, I'm bored ; I'm waiting and it's boring ; work is
  slow today, I'm bored ; the kids are bored ; boredom is killing me ; any ideas against boredom? ; I don't know what to do with
  [myself|my evening|my day] ; everyone's out and I'm bored ; I'm twiddling my thumbs ; yawn, so boring
sick: I think I'm getting [sick|a cold|ill] ; I called in sick[| today|] ; I've got [a cold|the flu|a fever|a bug|covid|food poisoning] ;
  home sick[| today| with a fever|] ; [lying|stuck] in bed [with a fever|with the flu|with tissues and tea|sick] ; my nose is
  [running|blocked|red] ; I'm [sneezing|coughing] [all day|nonstop|again] ; I lost my voice ; feeling [feverish|dizzy|nauseous|sick] ; I'm
  not feeling [well|good|so well][| today|] ; the whole family is sick ; I have to see the doctor [tomorrow|today] ; I'm waiting at the
  doctor's ; I had surgery[| last week|] ; I'm still recovering ; I'm allergic to [pollen|everything|dust] ; hay fever season ; I ate
  something bad ; my stomach is upset ; atchoo ; being ill is boring ; I'm sick and alone at home
hurts: my {body} [hurts|aches|is sore|is killing me|really hurts][| today| so much| again|] ; I hurt my {body} ; I have a sore {body} ;
  pain in my {body} ; my {body} is stiff ; ouch[|, my {body}|] ; I bumped my {body} ; I sprained my {body} ; I burned my {body} ; I cut my
  finger ; I fell [off my bike|down the stairs|on the ice] ; I stubbed my toe ; I have a [headache|toothache|stomach
  ache|migraine|backache] ; ow ow ow ; after sport my {body} hurts ; I bit my tongue ; my {body} has been hurting for days
hungry: I'm [so |very |really |a bit |super |]hungry[| now| again| already|, nyanko] ; I'm [starving|famished|peckish|hangry] ; I
  [could|would] eat a horse ; my [stomach|belly|tummy] is [growling|rumbling|empty] ; I haven't eaten [all day|yet|since
  yesterday|anything today] ; I [skipped|forgot|missed] [breakfast|lunch|dinner] ; so hungry ; what's for [dinner|lunch|breakfast]? ; what
  should I [eat|have for dinner|have for lunch|have for breakfast]? ; when is [lunch|dinner]? ; I need [food|a snack|something to
  eat|lunch] ; feed me ; no food in the house ; my fridge is empty ; is it lunch time yet? ; I can hear my stomach ; hungry ; I'm on a
  diet and I'm hungry ; I want [a snack|something sweet|something salty] ; midnight snack? ; I've got the munchies ; I'm too lazy to cook
  ; I don't know what to [eat|cook] ; I don't want to cook today ; lunch can't come soon enough
thirsty: I'm [so |very |really |]thirsty ; thirsty ; I need [a drink|something to drink|water|some water] ; what should I drink? ; my
  mouth is dry ; I forgot to drink[| water| enough|] ; I drank [no water|too little|only coffee] today ; I could use a drink ; should I
  drink more water? ; it's so hot, I'm thirsty
excited: you'll never guess what [happened|I did|I found] ; I have something to tell you! ; ask me why I'm excited ; only [two|three|a
  few] days [left|to go|until my trip] ; I'm going to see [my favourite band|the sea|my best friend|my sister] ; my [parcel|package|new
  phone|new computer] [arrives|comes] [today|tomorrow] ; can't sit still, so excited ; we're getting a [kitten|puppy|dog|cat] ; something
  great is coming ; I'm counting the days ; today is the day! ; eeek, I'm so excited ; so looking forward to [it|tonight|friday|my
  trip|the party] ; I have butterflies in my stomach ; it's finally happening ; big news soon ; we're flying to {place} tomorrow ; I'm
  excited because [we're moving|I get a cat|I have a date|my friend is coming]
goodnews: [guess what|hey|yay|omg], I [passed|got the job|did it|won|made it|got promoted] ; they [hired|accepted|chose|picked|promoted]
  me ; my [exam|interview|date|surgery|presentation] went well ; I got [good grades|the flat|a scholarship|a bonus|my licence|full marks]
  ; finally finished [my thesis|the project|the book|my homework|painting the room] ; I'm [engaged|pregnant|a dad|a mom|an uncle|an aunt|a
  graduate|debt free|cancer free] ; my [boss|teacher] praised me ; I lost [five pounds|two kilos] ; I beat my [record|brother at
  chess|high score] ; the doctor says I'm healthy ; best news ever ; congratulate me[|, please|, nyanko] ; I made [a friend|a cake|my
  first sale] today ; my [son|daughter|little brother|best friend] [made the team|got into university|took first steps|said mama] ; I
  finally [did|said|finished|fixed|learned] it ; hooray, I [won|passed|made it] ; I got first prize ; it all worked out ; success! ; I did
  well on my [test|exam|interview] ; be proud of me ; I paid off my car ; I got my [driving licence|diploma|visa]
badnews: I've got some bad news ; it went [wrong|badly|terribly] ; I [didn't pass|didn't make it|came last|ruined it] ; my
  [exam|interview|date|test|day] went badly ; someone stole my [bike|wallet|phone] ; I dropped my [phone|cake|coffee|lunch] ; my
  [car|bike|computer|fridge|heating|phone] broke down[| again| today|] ; I can't find my [keys|wallet|phone|glasses] ; my
  [flight|trip|concert|date|party] got cancelled ; I forgot my [umbrella|lunch|homework|password|best friend's birthday] ; I overslept and
  missed [the bus|work|class|my exam] ; I'm late[| again| for work| for school|] ; I broke [my favourite cup|a window|the vase|my glasses]
  ; I lost the [game|bet|match|argument] ; I deleted my [file|photos|homework] ; I got a parking ticket ; I was fired ; they said no ; no
  luck today ; I messed up at work ; my team lost ; I embarrassed myself ; I wasted the whole day ; nothing worked out today
embarrassed: I'm so [embarrassed|ashamed|awkward] ; that was [so |]embarrassing ; I [called my teacher mom|waved at a stranger|fell in
  front of everyone|forgot a name|said something stupid|tripped in public] ; I feel [stupid|so stupid|silly|awkward] ; everyone laughed at
  me ; I made a fool of myself ; I blushed ; how embarrassing ; I want to hide ; I'm shy ; I'm [too |so |]shy[| to talk to people|] ;
  people make me nervous ; I'm an introvert
guilty: I feel [guilty|bad about it|sorry for what I did] ; I [lied to|hurt|forgot|ignored|yelled at] my {kin} and feel bad ; I have a bad
  conscience ; I regret [it|everything|what I said|eating so much] ; I shouldn't have [said that|done that|eaten that|bought that] ; it's
  my fault ; it's all my fault ; I did something bad ; I broke a promise ; I ate the whole cake and feel guilty
jealous: I'm [jealous|envious][| of my friend| of my brother| of you|] ; my friend has everything ; everyone is
  [better|prettier|richer|happier] than me ; I compare myself to others ; are you jealous[| of my cat| of other cats|]? ; why do others
  have it so easy? ; she got what I wanted ; I wish I was like [you|him|her|a cat] ; I wish I were a cat ; I want to be a cat ; you have
  it good, little cat
grateful: I'm [grateful|thankful][| today| for everything| for my friends| for you|] ; I'm so lucky to have [my friends|my family|you|my
  cat] ; a stranger was kind to me[| today|] ; somebody [helped me|smiled at me|gave me flowers|held the door] today ; people can be so
  nice ; my {kin} did something nice for me ; I appreciate my {kin} ; my {kin} gave me a [gift|present|hug|flower] ; I have a good life ;
  counting my blessings
confused: I'm [so |]confused[| about life| about everything|] ; I don't know what to do[| with my life| anymore|] ; I can't decide[| what
  to do| between two things|] ; it's a hard decision ; I feel lost[| in life|] ; I have to make a [decision|choice] ; what should I do
  with my life? ; my head is a mess ; everything is confusing ; I have doubts ; I'm not sure what I want ; should I stay or should I go? ;
  what would you do? ; help me decide ; I'm torn
encourage: I could use some [encouragement|kind words|motivation|support] ; do you have some kind words for me? ; tell me it will be
  [ok|okay|alright|fine] ; will everything be [ok|okay|alright|fine]? ; tell me I can do it ; I doubt myself ; I don't believe in myself ;
  I feel like [a failure|I can't do it|giving up|an impostor] ; is it worth it? ; how do I stay motivated? ; I can't get
  [started|going|up|out of bed] ; I keep putting things off ; please cheer for me ; be my cheerleader ; push me a little ; kick my butt,
  I'm lazy ; I have to [clean|study|work out|write] but I'm too lazy ; I failed but I want to try again ; I'm trying my best ; say you
  believe in me ; I feel useless ; I'm bad at everything ; nobody believes in me ; today I try again ; can you motivate me[| to clean| to
  study| to get up|]? ; I need a push
chat: I feel like [talking|chatting|a chat] ; got a minute? ; let's talk about [anything|something nice|you|me|life|my day] ; what do you
  want to talk about? ; you choose the topic ; pick a topic ; talk to me ; I just want someone to listen ; may I tell you [something|about
  my day|a story]? ; I have to tell you something ; can I tell you [something|about my day]? ; do you want to hear about my day? ; shall
  we talk a little? ; have you got time for me? ; entertain a small conversation with me ; keep me company while I [wait|eat|cook|work] ;
  chat? ; I have some time, let's chat ; small talk? ; so, what's going on? ; ask me how my day was ; ask me anything ; go on, say
  something ; what can we talk about?
grief: my {pet} [died|passed away|is gone][| today| last night| yesterday|] ; my {pet} {petname} [died|passed away][| today|] ; we lost
  our {pet}[| yesterday|] ; today is the anniversary of my [dad|mom|grandma|grandpa]'s death ; I'm grieving ; I still miss my [late
  |]{pet} ; my friend passed away and I can't stop crying ; it's a year since she died ; the funeral is tomorrow ; I visited a grave today
""")
