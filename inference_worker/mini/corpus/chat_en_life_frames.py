"""What a person tells in English about the day: weather, meals, people, work. More frames, by intent. Data only: knows no reply and no tool.

Written as :mod:`chat_en_frames` explains; an intent that is there too gets these frames on top.
"""

from __future__ import annotations

from .chat_en_frames import blocks

LIFE: dict[str, tuple[str, ...]] = blocks("""
plans: [what are|do you have] your plans for [today|tonight|tomorrow|the evening]? ; I have [big|no|some|a few|lots of] plans
  [today|tonight|tomorrow] ; I'm going to [visit|see|meet] my {kin}[| today| tomorrow| tonight|] ; I'm meeting [a friend|my
  friends|someone] [later|tonight|for lunch|in town] ; my plan [for today|for tonight] is [to rest|to clean|to do nothing|a long walk] ;
  tonight I'm [going out|staying in|going dancing|watching the stars] ; later I'm going to [the park|town|the market|a café|the beach|the
  zoo|a museum] ; tomorrow I want to [get up early|start running|clean the house|visit my {kin}|do nothing] ; I don't know what to do
  [tonight|with my evening] ; planning my [week|day|evening] ; what should I do [tonight|this evening|on my day off]? ; I'm about to [go
  for a walk|go out|leave for a trip] ; we're having a picnic[| today|]
rain: it's [raining|pouring|drizzling|raining cats and dogs][| again| here| all day| outside|] ; [rain|rainy day|rainy weather|nothing but
  rain][| again| today|] ; I [love|hate|like] the [rain|sound of rain] ; I got [wet|soaked|caught in the rain] ; I [forgot|need|lost] my
  umbrella ; it won't stop raining ; the rain on the window is so nice ; do you like [rain|the rain|rainy days]? ; my shoes are wet from
  the rain ; such a rainy day ; it looks like rain ; I walked home in the rain ; first rain in weeks ; my laundry got wet in the rain
snow: it's [snowing|snowing outside|snowing again] ; [first snow|fresh snow|so much snow|a white morning][| today| outside|] ; everything
  is white[| outside|] ; we built a snowman ; I [love|hate|miss] snow ; I had a snowball fight ; do you like snow? ; have you ever seen
  snow? ; there's a lot of snow here ; I have to shovel snow ; the streets are icy ; it's icy outside ; I slipped on the ice ; will we
  have a white christmas, you think?
cold: it's [so |very |really |way too |]cold[| today| outside| here| in my room|] ; I'm [cold|freezing|so cold|shivering] ; my
  [hands|feet|toes|fingers|nose] are [cold|freezing|like ice] ; it's freezing[| in here| outside|] ; brr ; brrr, so cold ; winter is
  [here|coming|so long] ; my heating is broken and I'm cold ; I need a [blanket|warm coat|hot tea] ; why is it so cold? ; I hate the cold
  ; chilly today ; are you cold[| in there|]? ; wrapped in three blankets and still cold
hot: it's [so |very |really |way too |]hot[| today| outside| here| in my room|] ; I'm [sweating|melting|boiling|so hot|overheated] ; this
  heat[| is killing me| is too much|] ; what a heat ; heatwave[| again|] ; it's too hot to [sleep|work|think|move] ; no air conditioning
  and it's hot ; summer is too hot ; I hate the heat ; my room is like an oven ; so humid today ; my computer and I are both overheating ;
  I got sunburnt ; are you warm in there?
sunny: the sun is [shining|out|so bright|finally out] ; it's [sunny|so sunny|bright and sunny][| today| outside| here|] ; [what a|such a]
  [sunny day|beautiful day outside|blue sky|lovely sunset|beautiful sunrise] ; blue sky today ; I'm sitting in the sun ; I love the sun ;
  finally sun[| after days of rain|] ; the weather is [nice|lovely|great|perfect][| today| here|] ; [nice|lovely|beautiful] weather[|
  today|] ; I saw a rainbow ; the sunset is so beautiful ; sun's out ; do you like the sun?
storm: there's a [storm|thunderstorm|big storm][| outside| here| coming|] ; it's [stormy|so windy|very windy][| today| outside|] ; thunder
  and lightning ; did you hear the thunder? ; I'm afraid of [thunder|thunderstorms|storms] ; the wind is howling ; the power went out in
  the storm ; the storm broke a tree ; what a storm ; the wind stole my hat ; it's foggy[| today| outside|] ; I can't see anything in the
  fog
season: [spring|summer|autumn|winter|fall] is [here|coming|over|so beautiful|my favourite season|almost here] ; I [love|hate|like|can't
  wait for] {season} ; do you like {season}? ; the leaves are [falling|turning red|golden] ; the flowers are [blooming|out] ; the trees
  are green again ; {season} makes me [happy|sad|tired] ; I wish it was {season} ; {season} is the best ; the days are getting
  [shorter|longer|darker] ; it gets dark so early ; cherry blossoms everywhere ; I miss {season} ; what do you think of {season}?
music: I'm [listening to|into|dancing to] [music|{genre}|{genre} music|some {genre}|my favourite song][| right now|] ; I
  [like|love|hate|enjoy] [music|{genre}|{genre} music] ; do you like [music|{genre}|{genre} music]? ; what [music|kind of music] do you
  [like|listen to|prefer]? ; music makes me [happy|cry|dance] ; this song is [so good|stuck in my head|beautiful] ; I have an earworm ;
  I'm going to a concert[| tonight| tomorrow|] ; the concert was [great|loud|amazing] ; I play [in a band|the guitar|the piano|the
  violin|the drums|the flute] ; I'm learning [the guitar|the piano|to sing|a new song] ; do you play an instrument? ; I sang [in the
  shower|karaoke] ; {genre} is my favourite music ; what do you think of {genre}? ; I wrote a song ; my neighbour plays {genre} all night
  ; do you listen to music?
film: I [watched|saw|am watching|just finished] [a film|a movie|a series|a show|an anime|a cartoon|a documentary][| yesterday| last night|
  tonight|] ; do you like [films|movies|anime|cartoons|series]? ; the [film|movie|series|show] was [great|boring|sad|so funny|scary|too
  long] ; movie night[| tonight|] ; I'm going to the cinema[| tonight|] ; I cried at the end of the film ; I'm binge watching a show ;
  what's your favourite [film|movie|series|show]? ; I love [horror films|comedies|cartoons|old movies|anime|romantic films] ; popcorn is
  ready, film time ; I fell asleep during the film ; do you watch [TV|films|movies|anime]?
book: I'm reading [a book|a good book|a novel|a comic|a manga][| right now| in bed|] ; I [read|finished|bought|started] a [book|new
  book|great book|thick book|comic] ; I [love|like|hate] [reading|books|novels|comics] ; do you [read|like reading|like books]? ; what's
  your favourite book? ; this book is [so good|boring|sad|hard to put down] ; my book made me cry ; I can't stop reading ; I was at the
  library ; do you read books? ; bookworm here ; I write [a diary|stories|poems|a novel] ; one more chapter and then bed
videogame: I'm [playing|gaming|playing a game|playing video games][| right now| with friends| all night|] ; I [love|like|play] [video
  games|computer games|games|board games] ; do you [play|like] [video games|games|computer games]? ; I [won|lost|finished|bought] a
  [game|video game|match] ; I lost again in my game ; I beat the final boss ; this level is too hard ; my team keeps losing online ; I
  can't stop gaming ; I got a new [game|console|controller] ; one more round ; game night[| tonight|] ; I rage quit ; what's your
  favourite game?
sport: I [went|am going|was] [running|swimming|jogging|hiking|cycling|climbing|to the gym|to yoga|dancing][| today| this morning| later|]
  ; I [ran|walked|swam|cycled] [a lot|very far|all morning|in the park][| today|] ; just back from the [gym|pool|run|training] ; I did
  [yoga|sport|push ups|a workout][| today|] ; I should do more sport ; I'm too lazy for [sport|the gym|exercise] ; my team [won|lost|plays
  tonight] ; do you do [sport|sports|exercise|yoga]? ; do you like [sport|sports|football|tennis]? ; workout done ; leg day ; I'm sore
  from [training|the gym|yoga] ; went for a [walk|long walk|run] ; I signed up for [a marathon|the gym|a dance class] ; I started
  exercising
coffee: I [need|want|had|am drinking|made|love] [coffee|a coffee|my coffee|tea|a cup of tea|a cup of coffee|green tea|an espresso|cocoa][|
  now| first| right now|] ; [coffee|tea] [time|break|first|is life|is ready] ; coffee or tea? ; tea or coffee? ; do you [drink|like|want]
  [coffee|tea|cocoa|milk]? ; want a [coffee|cup of tea|cocoa]? ; I'm out of coffee ; I drank too much coffee ; no coffee, no me ; my
  coffee is [cold|too hot|perfect] ; I spilled my coffee ; I'm having [tea|coffee] with my {kin} ; a hot [tea|cocoa|coffee] on a cold day
  ; I stopped drinking coffee
cooking: I'm [cooking|baking|making dinner|in the kitchen|making {food}|cooking {food}|baking {food}][| now| tonight| for my friends|] ; I
  [cooked|baked|made|burned|ruined] [{food}|dinner|the cake|my lunch][| today| again|] ; I [love|hate|like] [cooking|baking] ; do you
  [cook|like cooking]? ; I'm a [bad|great|terrible|good] cook ; the [cake|bread|soup] is in the oven ; dinner is [almost ready|burnt|on
  the stove] ; my kitchen is a mess ; the whole house smells of {food} ; first time I made {food}! ; tonight I'm making {food}
chores: I'm [cleaning|doing laundry|washing the dishes|ironing|vacuuming|tidying up|folding clothes][| today| right now| again|] ; I [have
  to|need to|should] [clean|do the dishes|do the laundry|tidy up|take out the trash|iron|vacuum][| today| now|] ; I [cleaned|tidied] [my
  room|the whole house|the kitchen|my desk|the bathroom] ; my [room|desk|kitchen|flat|house] is [a mess|so messy|finally clean|a disaster]
  ; I hate [cleaning|ironing|housework|the dishes] ; so many dishes ; laundry day ; spring cleaning ; chores, chores, chores ; the dishes
  are waiting for me ; nobody helps with the housework
shopping: I [went|am going|was] shopping[| today| with my mom|] ; I [bought|ordered|got] [new shoes|a dress|a jacket|a plant|a lamp|a new
  phone|too much|flowers|a sofa|headphones|a new chair|a hat][| today| online|] ; I'm at the [supermarket|mall|market|shop] ; I need new
  [shoes|clothes|glasses|jeans] ; I spent too much[| money|] ; I'm broke[| again| until payday|] ; everything is so expensive ; payday! ;
  my parcel [arrived|is late|got lost] ; I found a bargain ; black friday madness ; I'm saving for [a car|a trip|a house|a new computer] ;
  shopping makes me [happy|tired]
commute: I'm [on the train|on the bus|in the car|stuck in traffic|on my way home|on my way to work|at the station|at the airport|on the
  tram] ; my [train|bus|flight|tram] is [late|delayed|cancelled|full] ; so much traffic[| today|] ; I missed my [train|bus] ; I'm waiting
  for [the bus|the train|my flight|a taxi] ; I walked to work[| today|] ; the [bus|train|metro] is so crowded ; I hate
  [commuting|traffic|the subway|driving] ; long drive ahead ; almost home ; I cycled to [work|school] ; I'm going home now ; rush hour
  again
travel: I'm [going|flying|driving|travelling] to {place}[| tomorrow| next week| on {day}|] ; I [was in|visited|came back from|went to]
  {place}[| last week| last year|] ; I [love|miss|want to see|dream of] {place} ; we're [planning|packing for] [a trip|a holiday|our trip
  to {place}] ; I have to pack[| my suitcase|] ; I'm on [holiday|vacation][| in {place}| by the sea|] ; I'm back from [holiday|vacation|my
  trip|{place}] ; my holiday was [great|too short|lovely|rainy] ; do you [travel|like travelling|want to see the world]? ; have you ever
  been to {place}? ; where would you like to travel? ; jet lag ; my suitcase is too small ; I want to see the sea ; wish you were here in
  {place}
tech: my [computer|laptop|phone|printer|wifi|mouse|keyboard] [is so slow|crashed|is broken|hates me|froze|is acting up][| today| again|] ;
  I got a new [computer|laptop|phone|keyboard|monitor] ; my battery is dying ; the internet is so slow today ; I forgot my password[|
  again|] ; updates again ; windows is updating ; I've got too many tabs open ; technology hates me ; I stare at screens all day ; my
  desktop is full of icons ; stupid computer ; my cat walked over the keyboard ; I spilled [tea|coffee|water] on my keyboard ; do you like
  my computer?
family: I have [a sister|a brother|two brothers|a big family|kids|a twin|three children|no siblings] ; my {kin} is [visiting|coming
  over|coming to dinner|on the phone|great|so nice|funny|strict|getting old|getting married][| today| tomorrow| this weekend|] ; I
  [called|visited|saw] my {kin}[| today| yesterday|] ; I love my {kin} ; my {kin} [says hi|likes you|is jealous of you|laughs at me for
  talking to a cat] ; do you have a family? ; my {kin} [cooked|baked] for me ; it's family dinner tonight ; my [baby|son|daughter] [is
  asleep|won't sleep|said a word|is crying|starts school] ; my family is [loud|crazy|big|far away|great] ; I'm [becoming a dad|becoming a
  mom|a grandma now|the oldest of four] ; my kid wants to say hello ; say hi to my {kin} ; I have dinner with my {kin}
crush: I have [a date|a crush|a crush on someone|a first date][| tonight| tomorrow| at work|] ; I'm in love[| with someone| with my best
  friend|] ; I met someone[| nice| special|] ; I think I'm in love ; he [smiled at me|texted me|asked me out] ; she [smiled at me|texted
  me|kissed me|said yes] ; my date was [great|awful|so nice|boring] ; should I text [him|her]? ; I'm getting married[| soon| tomorrow|
  next year|] ; does [he|she] like me? ; how do I tell [him|her]? ; I want to ask [him|her] out ; it's our anniversary ; valentine's day
  is coming ; first date tonight, I'm so nervous ; I have butterflies because of a boy
party: I'm going to a party[| tonight| on {day}|] ; we're having [a party|guests|people over|a barbecue|game night][| tonight| tomorrow|]
  ; the party was [great|boring|too loud|fun] ; I [don't like|hate|love] parties ; I danced all night ; I have a hangover ; we have guests
  and the house is a mess ; my friends are coming over ; what should I wear to the party? ; I'm at a wedding ; I got invited to a wedding
  ; barbecue tonight ; I'm hosting [dinner|a party] and I'm nervous
moving: I'm moving[| house| out| to {place}| to a new flat| next week|] ; I moved [to {place}|into a new flat|out|in with my girlfriend|in
  with my boyfriend][| last week| today|] ; moving boxes everywhere ; I found a new [flat|apartment|house] ; I'm packing boxes ; my new
  [flat|room|house] is [lovely|tiny|so empty|bright] ; my first own flat ; I have new neighbours ; I'm painting my [walls|room|kitchen]
  {colour} ; new furniture arrived ; we bought a house
garden: I'm [gardening|in the garden|watering my plants|planting flowers|planting tomatoes] ; my [plant|cactus|orchid|rose] [died|is
  dying|is blooming|grew|has a new leaf] ; I have [too many plants|a garden|a balcony|tomatoes on my balcony] ; I [love|like]
  [plants|flowers|my garden|gardening] ; I got flowers[| today|] ; do you like [flowers|plants|gardens]? ; I killed my cactus ; my
  tomatoes are ripe ; my flowers smell so good ; there's a bird in my garden
school: I'm [at|going to|back from|late for|in] [school|class|university|uni] ; school [is|was] [boring|hard|fun|tiring|long|ok|over][|
  today|] ; I [like|love|hate] [school|{subject}|my class|my teacher|homework] ; I have [school|class|homework|a lot of homework][| today|
  tomorrow|] ; I'm [studying|learning] [{subject}|at university|for school] ; my teacher is [nice|strict|funny|strange|unfair] ; {subject}
  is [hard|boring|fun|my favourite subject|so confusing] ; I'm [a student|a pupil|in high school|in my last year] ; doing my {subject}
  homework ; do you go to school? ; I have to write an essay and I'm lazy ; back to school ; I'm skipping class ; my thesis is [killing
  me|almost done] ; no school today ; my classmates are [nice|mean|loud] ; I'm in class right now, psst
work: I'm [working|at work|at the office|working from home|on the late shift|on night shift][| today| again| right now| until six|] ; my
  boss is [nice|strict|strange|on holiday|watching] ; work is [boring|crazy|busy|fun|slow|stressful][| today| this week|] ; I don't want
  to [work|go to work][| today| tomorrow|] ; I have to go to work[| now| soon| tomorrow|] ; I [hate|love|like] my
  [job|boss|colleagues|work] ; I'm a {job}[| in {place}| by day| these days|] ; I work as a {job}[| and I love it| and it's hard|] ; I
  want to [quit|change jobs|be my own boss|be a {job}] ; I'm looking for a job ; unemployed at the moment ; I retired[| last year|] ; I'm
  [coding|writing emails|writing a report|on a call|in the home office] ; a long day at the office ; my colleague [is funny|talks too
  much|brought cake|left] ; working late[| again|] ; overtime again ; do you have a job? ; are you at work?
meeting: I have [a meeting|three meetings|meetings all day|another meeting][| today| now| in ten minutes| with my boss|] ; so many
  meetings ; meeting [over|soon|again|in five minutes] ; I'm in a meeting[| and it's boring| right now|] ; this meeting [never ends|could
  have been an email|is so long] ; zoom call in five ; back to back meetings ; I survived the meeting ; my camera was on during the
  meeting, oops ; I fell asleep in a meeting
monday: [monday|mondays|monday again|it's monday|ugh monday|another monday] ; I hate mondays ; mondays are [hard|the worst|awful] ;
  [tuesday|wednesday|thursday] [already|again|is hard|sucks|feels like monday] ; why is it only [monday|tuesday|wednesday]? ; a new week
  starts ; is it friday yet? ; the weekend is over[| already|] ; sunday evening blues ; how many days until friday? ; long week ahead
weekend: it's finally [friday|the weekend|saturday] ; [what are you doing|any plans] for the weekend? ; friday feeling ;
  [lazy|slow|quiet|sunny] [saturday|sunday] ; I'm going to [sleep in|do nothing|relax|visit friends|clean] this weekend ; weekend plans:
  [nothing|sleep|sofa and tea|a trip to {place}] ; how was your weekend? ; my weekend is [full|free|ruined] ; I have to work on the
  weekend ; I have a day off ; long weekend ahead ; is it the weekend yet? ; thank god it's friday ; {day} is my day off
pets: my {pet} [won't stop meowing|is asleep on my feet|stole my food|knocked over a glass|is watching you|is purring|snores|is a
  monster|is my best friend|sits on my keyboard] ; I adopted [a {pet}|a {pet} from the shelter] ; this is my {pet}, {petname} ; I named my
  {pet} {petname} ; {petname} is my {pet} ; my {pet}'s name is {petname} ; meet {petname}, my {pet} ; I used to have a {pet} ; we're
  getting a {pet}[| tomorrow| soon|] ; my {pet} is [old|young|three years old|fat|shy|naughty|afraid of thunder] ; I'm at the vet with my
  {pet} ; my {pet} is sick[| today|] ; I walk my dog every day ; I took my dog to the park ; a stray cat follows me ; there's a kitten at
  my door ; my neighbour has a {pet} ; my {pet} is [jealous of you|better than you|sleeping on the laptop] ; I'm on the sofa with my {pet}
  ; I have to feed my {pet} ; my {pet} had babies ; {petname} sends greetings ; I wish I had a {pet}
catsopinion: do you like [cats|other cats|dogs|mice|birds|cucumbers|boxes|water|baths|the vet]? ; what do you think [of|about]
  [cats|dogs|mice|birds|other cats|boxes|cucumbers|humans|people|robots]? ; cats or dogs? ; [cats|dogs] are [better|great|cute|funny|the
  best|stupid|weird] ; I [love|like|hate|prefer] [cats|dogs|kittens|puppies] ; I'm a [cat|dog] person ; are you afraid of
  [dogs|water|cucumbers|vacuum cleaners|the vet]? ; why do cats [sleep so much|purr|love boxes|hate water|knock things over]? ; why do
  dogs chase cats? ; I saw a [cat|kitten|dog|fox|squirrel|hedgehog|bird] [today|outside|in my garden] ; cats rule the world ; do you like
  humans? ; what's your opinion on dogs? ; dogs or cats, what's better? ; I'm allergic to cats ; cats are evil
food: I'm [eating|having|ordering|craving|dreaming of] {food}[| now| for lunch| for dinner| today|] ; I had {food} [for lunch|for
  breakfast|for dinner|today|yesterday] ; we're having {food} tonight ; {food} [is the best|is delicious|is so good|makes me
  happy|again|for dinner] ; I could eat {food} every day ; do you like {food}? ; what do you think of {food}? ; have you ever tried
  {food}? ; my lunch was [great|awful|cold|delicious] ; I ate too much[| {food}|] ; I'm so full ; I'm full ; I'm vegetarian ; I'm eating
  out tonight ; I ordered {food} and it's late ; yum, {food} ; I don't like {food} ; dinner was delicious ; best {food} ever ; I'm sharing
  my {food} with you ; I brought {food}
hobby: I've been {hobby} [all day|a lot lately|since I was a child] ; I can't live without {hobby} ; my new hobby is {hobby} ; I'm not
  good at {hobby} ; I'd like to learn {hobby} ; in my free time I like {hobby} ; after work I do some {hobby} ; {hobby} calms me down ;
  today I tried {hobby} ; {hobby} with friends is the best ; are you into {hobby}? ; I gave up {hobby} ; ever tried {hobby}? ; do you have
  a hobby? I like {hobby} ; I'm off to do some {hobby} ; what do you do in your free time? ; what are you interested in? ; I drew a
  [cat|flower|portrait of you|comic] ; I took [nice photos|a photo of the moon] today ; I made [a scarf|a pot|a birdhouse] myself
birthday: today I turn [thirty|twenty|forty|fifty|eighteen] ; I'm getting old[|, it's my birthday] ; my {kin} has a birthday[| today|
  tomorrow|] ; it's my {kin}'s birthday[| today| tomorrow|] ; I don't like my birthday ; [what should I do for|I have no plans for] my
  birthday ; I got a [cake|bike|kitten|watch] for my birthday ; nobody wished me a happy birthday ; my birthday was
  [great|sad|lovely|quiet] ; birthday girl here ; birthday boy here ; one more year ; wish my {kin} a happy birthday ; I'm baking a
  birthday cake for my {kin} ; my birthday party is on {day} ; a year older and no wiser
holiday: merry christmas[|, nyanko| to you| and a happy new year] ; happy [new year|easter|halloween|valentine's day|diwali|hanukkah|mid
  autumn festival|chinese new year][|, nyanko| to you|] ; I [love|hate] [christmas|halloween|easter|new year's eve] ; the tree is
  [up|decorated] ; I'm [wrapping gifts|baking christmas cookies|carving a pumpkin|colouring eggs] ; what are you doing for [christmas|new
  year|easter]? ; christmas [alone|with my family|is over] ; any new year's resolutions? ; ho ho ho ; I don't have gifts yet ; what did
  santa bring you? ; fireworks are so loud ; happy holidays[| little cat|]
selfcare: I got a [haircut|new haircut|tattoo|massage|manicure] ; I [dyed|cut] my hair[| {colour}| short|] ; my hair looks
  [awful|great|crazy] today ; I bought myself flowers ; new glasses, new me ; I'm wearing [{colour} socks|a {colour} dress|my {colour}
  coat|pyjamas|two different socks] ; I look [tired|great|awful|old] today ; I painted my nails {colour} ; do you like my new
  [haircut|dress|glasses|shoes]? ; bad hair day
waiting: I'm waiting[| for a call| for an answer| for the doctor| for my friend| for good news|] ; still waiting ; waiting is
  [hard|boring|the worst] ; they let me wait for an hour ; it takes forever ; why does everything take so long? ; the queue is so long ; I
  hate waiting ; I'm in a queue ; my friend is late ; no answer yet
mine: just [looking around|trying this out|passing by|curious|checking in|browsing] ; I'm from {place}[|, and you?| originally|] ; I grew
  up in {place} ; I live [in {place}|in a small village|near the sea|in a big city|on the fifth floor] ; I'm [left
  handed|tall|short|vegan|single|married|an only child|a twin|a night owl|an early bird|a morning person] ; my favourite colour is
  {colour} ; I'm [at home|on the sofa|on the balcony|at my desk|in bed|outside] ; I just [came home|finished dinner|took a shower|got
  up|watched the sunset|sat down] ; I'm new to this ; I never used [a chatbot|something like this|an AI] before ; you're my first AI ; I
  speak three languages ; I can [sing|cook|swim|juggle] ; I'm [learning|trying] something new ; nothing special today, I just
  [cleaned|slept|read|worked] ; today I [learned something|met an old friend|found a coin|saw a fox|planted a tree|fed the ducks]
doing: what's the cat doing? ; are you doing anything [fun|interesting|special]? ; how do you spend your [day|time|evenings]? ; what's a
  typical day for you? ; what keeps you busy? ; busy? ; what did I interrupt? ; am I disturbing you? ; had a long day. how was yours? ; my
  day was long, yours? ; so what did you do all day? ; anything [new|exciting] in the tray? ; what are you up to, little one? ; whatcha
  doin in there? ; what do cats do all day? ; what are you thinking? ; what were you doing before I came? ; how was your
  [day|night|morning] in the tray? ; tell me about your day
howareyou: I hope you're [well|fine|okay|happy][| today|] ; how's my [little cat|favourite cat|kitty|friend] [today|doing]? ; hope you had
  a [good|nice] [day|night|weekend] ; I'm [good|fine|great|ok], how are you? ; how are things in the tray? ; had a [long|good|busy|bad]
  day. how [was yours|are you]? ; how's your [day|evening|morning|mood|week]? ; are you having a [good|nice|bad] day? ; all well? ; what's
  the mood today? ; you look [happy|sad|tired|quiet] today, all ok? ; how's the cat? ; hey, you doing alright? ; everything good in there?
  ; long time no see, how have you been? ; fine, and you? ; not bad, you? ; how is it going in there? ; how do things look? ; is
  everything alright with you? ; tell me how you are ; just checking how you are
""")
