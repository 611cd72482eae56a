"""Favourites, jokes, games, kind and unkind words in English: more frames, by intent. Data only: knows no reply and no tool.

Written as :mod:`chat_en_frames` explains; an intent that is there too gets these frames on top.
"""

from __future__ import annotations

from .chat_en_frames import blocks

PLAY: dict[str, tuple[str, ...]] = blocks("""
favfood: what's your favo[u|]rite [food|snack|fish|fruit|treat|dish|dessert|ice cream|meal]? ; do you have a favo[u|]rite
  [food|snack|fish|treat|meal]? ; what food do you [like|love|like best]? ; what do you like to eat? ; which [food|snack|fish] do you
  [like|love|prefer][| most|]? ; your fav [food|snack]? ; if you could eat, what would you eat? ; do you like
  [fish|tuna|milk|salmon|chicken|cheese]? ; fish or chicken? ; tuna or salmon? ; tell me your favourite food ; what's the best food? ;
  what's the tastiest thing for you? ; my favourite food is {food}, what's yours?
favcolour: what's your favo[u|]rite [colour|color]? ; do you have a favo[u|]rite [colour|color]? ; which [colour|color] do you
  [like|love|prefer][| most| best|]? ; your fav [colour|color]? ; do you like [{colour}|the colour {colour}]? ; my favourite colour is
  {colour}[|, what's yours?|, and yours?] ; I [like|love|hate] [the colour |]{colour} ; what colour do you like? ; {colour} is my
  favourite ; what's the prettiest colour? ; tell me your favourite colour ; what do you think of {colour}? ; I painted it {colour} ;
  everything I own is {colour}
favanimal: what's your favo[u|]rite animal? ; which animal do you [like|love][| most| best|]? ; do you have a favo[u|]rite animal? ; what
  animal would you like to be? ; if you weren't a cat, what would you be? ; would you rather be a [dog|bird|lion|fish|dragon|mouse]? ;
  your favourite animal? ; besides cats, which animals do you like? ; do you like
  [birds|elephants|penguins|rabbits|foxes|horses|pandas|ducks]? ; my favourite animal is the [fox|panda|owl|horse|penguin]
favseason: what's your favo[u|]rite [season|month|weather|time of year|time of day|day|day of the week]? ; which [season|month|weather] do
  you [like|prefer|love][| most| best|]? ; [summer or winter|spring or autumn|rain or sun|hot or cold|day or night|morning or evening]? ;
  do you prefer [summer or winter|rain or sun|day or night|mornings or evenings]? ; do you have a favo[u|]rite [season|month|day]? ; what
  weather do you like? ; which time of day is the best?
favmusic: what's your favo[u|]rite [song|music|band|singer|sound|instrument|film|movie|book|series|game|sport|story|fairy tale]? ; do you
  have a favo[u|]rite [song|band|film|movie|book|game]? ; what [song|music|film|book|game] do you [like|love][| best|]? ; which
  [song|film|book|game|toy] is your favo[u|]rite? ; your fav [song|movie|game|book]? ; what do you listen to? ; do you have a song you
  like? ; what do you like to watch? ; what games do you like? ; what's your favo[u|]rite [toy|hobby|thing to do|pastime|game to play]? ;
  what toys do you like?
favother: what's your favo[u|]rite [number|word|place|flower|person|human|holiday|smell|city|country|thing|letter|emoji]? ; do you have a
  favo[u|]rite [number|word|place|person|flower|thing]? ; what do you like[| best| most| in life|]? ; what do you [love|enjoy|like to
  do][| most|]? ; am I your favourite[| human| person|]? ; where would you like to [live|be|go]? ; what makes a good day for you? ; what's
  the best thing in the world? ; name something you like ; what are a few of your favourite things? ; who's your favourite human? ; what
  are your likes and dislikes?
dislike: what do you [hate|dislike|not like]? ; is there anything you [hate|don't like|can't stand]? ; what annoys you? ; what's the worst
  thing in the world? ; what are you [afraid|scared] of? ; do you fear anything? ; what do you fear[| most|]? ; are you afraid of [the
  dark|ghosts|mice|thunder|anything]? ; what scares you? ; what's your biggest fear? ; what makes you [angry|sad]? ; what food do you
  hate? ; do you hate anything?
wish: what do you [wish for|want|dream of|want for your birthday|want for christmas]? ; do you have [a wish|a dream|dreams|wishes|a goal]?
  ; if you had [one wish|three wishes|a million], what would you [do|wish for|want]? ; what's your [dream|biggest wish|goal in
  life|ambition]? ; what would make you happy? ; what would you do if you were [human|a real cat|rich|king for a day|invisible]? ; where
  do you see yourself in five years? ; do you want anything from me? ; what gift would you like? ; make a wish
eitheror: [tea or coffee|pizza or pasta|sweet or salty|sea or mountains|city or village|books or films|cake or ice cream|left or
  right|apple or banana|heads or tails|fish or milk|early bird or night owl|sofa or bed|box or bag]? ; what do you prefer, [tea or
  coffee|sea or mountains|books or films|pizza or pasta|box or basket|nap or play]? ; would you rather [sleep or play|fly or swim|be big
  or small|have wings or fins|nap or eat|be a bird or a fish]? ; choose: [left or right|one or two|the box or the sofa|A or B] ; pick one:
  [sea or mountains|sun or moon|cats or dogs|cake or pie] ; this or that?
funfact: [tell|give] me [a|one|another|any] [fun fact|cat fact|fact about cats|random fact|funny fact][| please|] ; fun fact[| please|,
  please| time|] ; cat fact[| please|] ; do you know [a|any|some] [fun fact|fun facts|cat facts|interesting facts about cats]? ; tell me
  something [about cats|interesting|new|I don't know|cute|funny about cats|random|surprising] ; teach me something[| about cats| new|
  small|] ; surprise me[| with something|] ; what do you know about cats? ; did you learn anything new? ; say something
  [interesting|random|smart|clever|wise] ; amaze me ; share a fun fact ; got a fun fact for me? ; what's something cool about cats? ;
  something interesting please
riddle: [tell|give|ask] me [a|one|another|an easy] [riddle|puzzle|brain teaser][| please|] ; riddle[| me this| please| time|] ; do you
  know [a|any|some] [riddle|riddles]? ; I want a riddle ; can you ask me a riddle? ; a riddle for kids please ; let me guess something ;
  make me think ; got a riddle? ; can I tell you a riddle? ; riddles!
advice: [do you have|got] any [advice|wisdom|tips][| for me| for today|]? ; give me [advice|some advice|a tip|a word of wisdom|your
  wisdom][| for today| please| little cat|] ; what's your [motto|advice for today|wisdom|secret]? ; what would a cat do? ; tell me
  something wise ; any wise words? ; thought of the day? ; quote of the day ; what's the secret of happiness? ; how do I become
  [happy|happier|calm|a better person|as calm as a cat]? ; teach me to be like a cat ; what have you learned about life? ; how can I have
  a better day? ; give me a motto for the day
game: let's play[| a game| something| together| a round] ; [can|shall|should] we play[| a game| something|]? ; do you want to play[| a
  game| with me|]? ; want to play[| a game| with me|]? ; play with me[| please|] ; do you know any games? ; let's play [hide and
  seek|tag|catch|with a ball|rock paper scissors|I spy] ; rock paper scissors ; hide and seek? ; what can we play? ; I throw a ball ; do
  you like playing? ; tag, you're it ; truth or dare? ; guess a number ; flip a coin ; I challenge you to a game ; play time[|, kitty|,
  nyanko]
tease: you're a [lazy|fat|silly|funny|little|sleepy|naughty|cheeky|crazy|strange] [cat|furball|kitty|thing|creature] ; you [sleep too
  much|do nothing all day|are just lazy|never work|only want fish|ate my lunch, admit it] ; [silly|lazy|naughty|bad|sneaky]
  [kitty|cat|nyanko|furball] ; I bet you can't [catch a mouse|jump|sing|count to ten] ; admit it, you [like me|are lazy|love boxes|want my
  chair] ; are you hiding something? ; did you break the vase? ; did you eat my homework? ; who ate my fish? ; was that you? ; you look
  like a potato ; I know your secret ; I'll tell the dog ; bath time! ; the vet is coming ; no fish for you today ; I'm going to steal
  your nose ; you're not the boss of me ; who's a good kitty? ; are you being naughty?
believe: do you believe in [god|ghosts|love|luck|aliens|magic|santa|fate|destiny|heaven|miracles]? ; is there [a god|life after death|life
  on mars|magic]? ; what's the meaning of life? ; why are we here? ; what is [love|happiness|friendship|life|time]? ; is love real? ; do
  you think [aliens|ghosts] exist? ; what happens after death? ; what's the point of it all? ; why is life so [hard|short|complicated]? ;
  are you religious? ; is money important? ; what comes after this? ; what matters most in life? ; deep question: why do we exist?
takeover: will you [take over the world|replace me|rule us|replace humans|steal my job]? ; are you dangerous? ; are you [good or
  evil|evil|harmless|a threat]? ; will AI [take over|kill us all|replace us|take my job]? ; do you want to rule the world? ; are you
  planning something? ; should I be afraid of you? ; world domination? ; are cats going to rule the world? ; do you obey me? ; you're up
  to something ; are you going to hurt me?
aboutme: do you think I'm [nice|smart|pretty|funny|weird|boring|a good person|crazy|ugly|old|lazy]? ; am I
  [pretty|nice|smart|boring|weird|funny|a good person|a bad person|your friend|annoying|too much]? ; what do you think [of|about] me? ; do
  you like me? ; how do you like me? ; do you like talking to me? ; what's your opinion of me? ; am I annoying you? ; do I bother you? ;
  do I talk too much? ; are you tired of me? ; do you hate me? ; why do you like me? ; say something about me ; do you find me funny? ; am
  I your best friend?
promise: do you promise? ; promise me [something|you'll stay|you won't leave|to be nice] ; [pinky|paw|pinkie] promise? ; swear it ; will
  you [always be here|stay with me|be here tomorrow|stay forever|leave me]? ; don't leave me ; please stay ; never leave me ; you won't go
  away, right? ; are you going to leave? ; stay here, little cat ; will you be here when I'm back? ; forever and ever?
story: tell me [a story|a short story|a tale] ; I can't sleep, tell me a story ; bedtime story please ; I'd like a story about [a cat|a
  {pet}|a kitten|the moon|you] ; my [kid|daughter|son|niece] wants a story ; story about [a kitten|a cat|the rain|a box|a little cat]? ;
  what's your story of the day? ; got a story for me? ; have you got any stories? ; one more story ; can I hear a story? ; a very short
  story please ; tell a story ; read to me ; tell us a little story about cats ; make up something nice ; it's story time, kitty
rhyme: a poem please ; poem? ; tell me a poem ; say a poem for me ; do you know any poems? ; make a rhyme ; rhyme about a cat ; a rhyme
  for me? ; can you write a tiny poem? ; poetry time ; can you sing a song for me? ; sing for me ; sing me [a lullaby|something|to sleep]
  ; do you sing? ; I want a song ; hum something ; la la la ; let's sing ; a lullaby please ; do you know a song? ; recite something ; two
  lines that rhyme, please ; a song about a cat
joke: know any good jokes? ; I had a bad day, tell me a joke ; cheer me up with a joke ; can I hear a joke? ; do you have a joke for me? ;
  a joke would be nice[| now|] ; tell us a joke ; I'd like to hear something funny ; got anything funny? ; how about a joke? ; joke about
  [cats|mice|fish|dogs|kittens]? ; more jokes ; that was good, another one ; jokes please ; hit me with a joke ; dad joke? ; dad joke
  please ; do you know the one about the cat? ; make me [laugh|smile|giggle] ; I need a laugh ; I want to laugh ; is there a joke you
  like? ; my friends want a joke ; be funny ; say a joke
compliment: you always [make me smile|cheer me up|say nice things] ; you're [adorable|precious|too cute|so soft|a sweetheart|a cutie|my
  hero|the sweetest|good company] ; I think you're {praise} ; my [mom|friend|daughter|sister] thinks you're {praise} ; you're better than
  I [thought|expected] ; you did a good job ; that's a good answer ; such a {praise} [cat|kitty|friend] ; what would I do without you ;
  you made my day ; you are more {praise} than my real cat ; you're not bad for a cat ; I enjoy [this|talking with you|your company] ; I
  like your [ears|whiskers|paws|tail|jokes|stories|face|icon] ; best app ever ; who's so {praise}? you are! ; you're purrfect ; cutest cat
  in the world ; how are you so {praise}? ; you're doing great ; 10/10 cat ; clever girl ; good kitty ; I'm so happy with you ; you always
  know what to say
insult: you're [boring me|getting on my nerves|no use|so bad at this|a disappointment|a joke|not funny|not helpful] ; I'm disappointed in
  you ; my toaster is smarter than you ; you're dumber than [a rock|my cat|bread] ; what a [stupid|dumb|useless|silly] answer ; worst
  [app|cat|bot|AI] ever ; you never understand [me|anything] ; I regret installing you ; you are so {slur} today ; who needs you? ; are
  you stupid? ; is that all you can do? ; shut your mouth ; nobody asked you ; you make me angry ; you're a {slur} little [cat|bot|thing]
  ; get out ; I want a better [cat|bot|AI] ; I'm going to delete you ; go away, you're annoying ; so useless ; stupid thing ; you talk
  nonsense ; your jokes are bad ; you're not even a real cat, loser
love: I think I love you ; you're the love of my life ; I love you more than [fish|coffee|pizza|my dog] ; I adore you[|, little cat] ;
  sending you [love|a kiss|a heart|hugs] ; do you love me[| too| back|]? ; could you ever love me? ; love u ; luv ya ; I heart you ; you
  have my heart ; big kiss ; who do you love? ; is it weird that I love a cat program? ; say you love me ; I love talking to you ; I'm so
  fond of you ; you're so dear to me ; I can't live without you ; love from me to you ; will you be my valentine? ; are you in love with
  me? ; you're my everything, cat
thanks: thank you for [cheering me up|your company|the story|the kind words|keeping me company|making me smile|being kind|being you] ;
  thanks, that made me [smile|laugh|feel better] ; thanks for the [chat|joke|story|laugh|help|company|advice|reminder|poem] ; I'm so
  thankful for you ; you helped me a lot ; that was just what I needed ; I feel better now, thanks ; thanks, kitty cat ; thanks, I needed
  that ; thank you, little one ; you're very kind, thank you ; ok thx bye ; tyvm ; thanks anyway ; thanks for nothing, just kidding ; aw
  thanks ; thank you, you're sweet ; my {kin} says thanks ; cheers mate ; grazie ; appreciate it ; bless you, kitty
bye: I'm going now, [bye|see you|take care] ; [work|dinner|school|my bed|my {kin}] is calling, bye ; the bus is here, bye ; I have to
  [cook|work|sleep|study|catch a train], see you ; it was nice [talking|chatting|to talk] to you ; nice chat, bye ; see you [after
  work|after lunch|in the evening|on friday|next year] ; gotta run, bye ; time to log off ; logging off ; signing off ; I should get back
  to work ; that's it from me, bye ; over and out ; so long, little cat ; bye, be good ; bye, don't eat my keyboard ; see ya later
  alligator ; till tomorrow ; I'm heading out now, bye ; until we meet again ; let's stop here, bye ; my lunch break is over, bye ; talk
  soon ; I'm leaving[| now|, bye bye] ; have a good one, kitty
night: I'm tired, good night ; good night, sleep well ; time to sleep, good night ; heading to bed ; going to sleep now ; it's bedtime for
  me ; nighty night, kitty ; my bed is calling ; see you tomorrow, good night ; I'm in bed, good night ; night, little cat ; long day, off
  to bed ; I'll go to sleep ; good night and thank you ; say good night to me ; dream of fish ; turning off the light now ; it's past my
  bedtime ; I'm falling asleep, night ; gn, sleep tight ; wish me good dreams
hello: hey little [cat|one|friend] ; hi, anyone in the tray? ; hi, I'm [new|back|here to chat] ; good to meet you[|, little cat] ; hello
  from [me|{place}|my desk|the kitchen|bed] ; hey it's me again ; hi again ; oh, a cat! hello ; look, a cat! hi ; hello, little cat on my
  screen ; well hi ; hi hi hi ; hey you, cat ; say hi ; say hello to me ; I came to say hi ; I'm here to say hello ; it's a pleasure to
  meet you ; heyo ; hai ; hola ; bonjour ; hellooo kitty ; hi cutie ; ahoy ; hey stranger ; hi, first time here
morning: good morning, [little one|world|sunshine|my friend], how are you? ; morning! [coffee is ready|ready for the day|new day, new
  luck] ; I'm up[| early|] ; just woke up[| and said hi|] ; I'm not a morning person ; so early and already awake ; the alarm [rang too
  early|woke me up] ; breakfast first, good morning ; good morning from {place} ; I woke up [early|late|before the alarm|with a
  smile|grumpy] ; morning has come ; sun's up ; hello, good morning ; a new day begins ; I don't want to get up ; five more minutes ; I'm
  still in bed
evening: evening, little cat ; the day is done ; what an evening ; home at last[|, good evening] ; I'm finally home ; just came home[|
  from work| from school|] ; finished work[|, good evening| for today|] ; good evening, how was your day? ; back home, shoes off ;
  quitting time ; I'm done with work
there: nyanko, are you [there|here|awake]? ; hey, are you there? ; you awake? ; yoohoo ; hello, do you read me? ; kitty, where are you? ;
  can you answer me? ; why so quiet? ; you're so quiet[| today|] ; are you listening to me? ; is anybody home? ; are you still with me? ;
  earth to nyanko ; cat got your tongue? ; kitty kitty ; come out, come out ; still alive? ; are you ignoring me? ; nyankooo ; you still
  up? ; is the cat home?
sorry: I'm sorry, I was [tired|angry|stressed|busy|rude] ; sorry I [left|shouted|was away|insulted you|forgot you|was mean] ; I didn't
  want to [hurt|insult|annoy] you ; I feel bad for insulting you ; please don't be [mad|angry|upset|sad] ; I apologise for [that|my
  words|being mean|earlier] ; that was mean of me ; I was just kidding[|, sorry] ; only joking ; forgive me, little cat ; let's make up ;
  still friends? sorry ; sorry for the mess ; I shouldn't have said that to you ; my fault ; no offence ; soz ; I'm so sorry, kitty ; are
  we ok?
action: *{gesture} [nyanko|you|the cat|kitty|your head|your ears|your belly|your chin|your tail|softly|gently]* ; *{gesture}* ; *gives
  [you|nyanko] [a fish|a treat|a hug|a kiss|a blanket|a ball of yarn|some milk|a toy]* ; *[sits next to you|lies down beside you|throws a
  ball|opens a can of tuna|waves|waves a string|shows you a box|turns on a laser pointer|picks you up|holds your paw|brushes your fur]* ;
  [pets|pats|strokes|hugs|tickles|boops] [nyanko|the kitty|the cat|your nose|you softly] ; I {gesture2} [you|your head|your ears|your
  chin|your belly|your nose] ; here's [a fish|a treat|a box|a ball of yarn|some tuna|a blanket] for you ; look, a
  [mouse|bird|laser|box|fish|butterfly] ; come [cuddle|to me|here kitty|on my lap] ; [boop|pat pat|pet pet|scritch scritch|snuggle|nuzzle]
  ; let's cuddle ; group hug ; want a [treat|belly rub|head rub|box|hug|cuddle]? ; may I [pet|hug|stroke|hold] you? ; I want to
  [pet|hug|cuddle|hold] you ; [sit|roll over|give me your paw|shake|dance for me|do a trick|jump] ; free hugs
meow: *meows* ; *purrs* ; nyan nyan nyan ; mew? ; purr for me ; can you purr? ; do you say meow or nya? ; say [nya|meow|purr|mew] [for
  me|please|again] ; let me hear you [purr|meow] ; meow meow, do you understand? ; mrow? ; how do you say hello in cat? ; teach me to
  [meow|speak cat] ; do you speak cat? ; meow to you ; why do you say nya? ; what does nya mean? ; what's nya?
help: could you help me out? ; I need your help with something ; can I ask you a favour? ; I've got a problem ; I need assistance ; help a
  friend out? ; do me a favour ; what can I ask? ; I don't know how this works, help ; would you help me? ; are you here to help? ; may I
  bother you? ; can you do something for me? ; I have a small problem ; quick question ; can I get some help? ; need a paw here
wrong: that's not [it|what I said|an answer|right, nyanko] ; you got it wrong ; that was the wrong answer ; I think you're wrong ; no,
  that's not right ; you're not listening ; you already said that ; you repeat yourself ; that makes no sense ; did you even read that? ;
  that was not my question ; try again ; nope, wrong ; you're making things up ; are you sure about that? ; that has nothing to do with my
  question ; you don't understand me ; that's a strange answer ; what are you talking about?
memory: what did we talk about[| yesterday| last time|]? ; do you remember our [chat|talk|conversation]? ; have we talked before? ; you
  forgot already? ; do you keep memories? ; is your memory good? ; will you remember me tomorrow? ; I told you yesterday, remember? ; do
  you know who I am? ; do you recognise me? ; can you keep something in mind? ; do you forget things? ; how much can you remember? ;
  remember what I told you? ; do you know anything about me? ; do you learn from me? ; guess my [age|job|hobby|favourite colour] ; what do
  I look like? ; did I tell you about my [day|job|cat|trip]? ; does your memory last? ; when I come back, will you know me?
smart: what's your IQ? ; do you know things? ; are you as smart as [a human|me|a dog|a real cat]? ; you're not very smart, are you? ; do
  you ever make mistakes? ; do you sometimes lie? ; can I believe what you say? ; are you always right? ; how clever is this cat? ; do you
  know more than me? ; are you wise? ; did you go to school? ; can you be trusted with facts? ; are your answers correct?
back: I'm back from [work|school|lunch|the shop|my walk|the kitchen|holiday|the gym] ; guess who's back ; I'm back, [kitty|little cat|did
  anything happen] ; back at [my desk|the computer|home] ; here again ; look who's here ; I returned ; sorry it took so long, I'm back ;
  returned from [lunch|work|my trip] ; it's me, I'm back ; and I'm back
brb: I'll be right there ; give me a [minute|second|moment] ; just getting [coffee|tea|water|a snack|the door|a blanket] ; someone's at
  the door ; phone is ringing, one moment ; I need to go to the [toilet|bathroom|kitchen|door] ; quick break ; wait for me ; I'll be gone
  for [an hour|ten minutes|a while] ; don't run away ; hold that thought ; guard my chair ; watch my desk, please ; going to lunch, back
  soon ; stay here, I'll be back
afternoon: good afternoon, little cat ; good afternoon, how are you? ; how's your afternoon? ; it's only afternoon and I'm tired ;
  afternoon slump ; the afternoon is so [long|slow|quiet] ; hope you have a nice afternoon
test: is this on? ; can you read my messages? ; let me see if this works ; I'm just testing you ; trying out if this works ; one two one
  two ; ping pong ; does the chat work? ; does typing here do anything? ; checking if you work
lol: that was [funny|so funny|hilarious] ; you made me laugh ; I can't stop laughing ; haha[|,] that's [a good one|so silly|cute] ; hahaha
  you're [funny|crazy|silly] ; you crack me up ; good joke ; funny cat ; I'm dying laughing ; hehehe ; that's [hilarious|a good joke|gold]
  ; lmaooo ; not funny, but ok haha
yes: yes [I do|I am|I did|I will|it is|please do|let's do that|that's it|sure|of course] ; yeah[,|] [sure|why not|a lot|kind of|a
  little|exactly|I know] ; sounds [right|great|good to me|fun] ; I'd [love that|like that|love to] ; sure, why not ; go ahead ; yes, tell
  me ; yup, all good ; I hope so
no: no [I didn't|I won't|I can't|it isn't|that's fine|not at all|it's ok] ; not really, no ; nah[,|] [I'm good|it's fine|not now|maybe
  later] ; maybe later ; maybe another time ; I'd rather not ; not in the mood ; I don't want to ; no, thank you, kitty ; nothing
wow: oh [wow|really|nice|cool|my god|no way] ; that's [impressive|surprising|news to me|cool|so nice|interesting] ; I didn't know that ;
  no kidding ; get out of here ; you don't say ; how cool ; mind blown ; wow[,|] [that's good|you know that|nice|you're good] ; holy moly
  ; I'm impressed
what: what do you mean[| by that|]? ; I don't follow ; sorry, what? ; in what way? ; can you say that in other words? ; how do you mean? ;
  I didn't get that ; say what? ; that was unclear ; why do you say that? ; what are you trying to say? ; what's that supposed to mean?
quiet: please be quiet[| for a while| now|] ; I need to [focus|concentrate|sleep|think] now ; let me [work|sleep|think|rest] in peace ; I
  need some [space|peace|quiet] ; not in the mood to talk ; you talk too much ; give me a break ; don't disturb me ; hush, little cat ;
  can you be silent? ; I don't want to talk ; stop bothering me ; no more talking
""")
