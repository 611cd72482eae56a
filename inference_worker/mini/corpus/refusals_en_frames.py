"""Requests that are too much for the starter model, in English: frames, their topics, and the honest replies. Data only.

Slots are the keys of :data:`TOPICS`, plus ``{person} {year} {sentence} {word} {noun}`` which :mod:`refusals_en` makes up.
"""

from __future__ import annotations

_T = {
    "topic": (
        "global warming|recycling|photosynthesis|gravity|black holes|evolution|democracy|inflation|the economy|capitalism|socialism|"
        "the stock market|bitcoin|artificial intelligence|machine learning|quantum physics|relativity|electricity|magnetism|"
        "nuclear energy|solar power|wind energy|volcanoes|earthquakes|hurricanes|tsunamis|glaciers|rainforests|deserts|coral reefs|"
        "oceans|the tides|the moon|the solar system|galaxies|comets|dinosaurs|mammoths|fossils|the ice age|vikings|pirates|knights|"
        "samurai|pharaohs|pyramids|gladiators|castles|cathedrals|the industrial revolution|the french revolution|the cold war|"
        "world war two|the roman empire|ancient greece|ancient egypt|the renaissance|the middle ages|the silk road|colonialism|"
        "feminism|human rights|immigration|globalization|poverty|education|social media|advertising|marketing|leadership|teamwork|"
        "time management|productivity|minimalism|meditation|mindfulness|nutrition|vitamins|sleep|exercise|genetics|DNA|cells|bacteria|"
        "viruses|vaccines|antibiotics|the immune system|the heart|the brain|the liver|the human eye|blood types|cancer|diabetes|"
        "psychology|philosophy|stoicism|buddhism|religion|ethics|free will|consciousness|love languages|body language|mythology|"
        "fairy tales|poetry|jazz|opera|hip hop|ballet|impressionism|architecture|photography|cinema|theatre|fashion|jewellery|wine|"
        "coffee|tea|chocolate|cheese|bees|ants|whales|sharks|octopuses|penguins|elephants|wolves|eagles|snakes|spiders|butterflies|"
        "mushrooms|orchids|roses|trees|algebra|geometry|calculus|statistics|probability|prime numbers|fractions|equations|chemistry|"
        "the periodic table|acids|atoms|molecules|plastic|steel|concrete|bridges|tunnels|trains|rockets|satellites|space travel|"
        "airplanes|submarines|engines|batteries|robots|drones|3D printing|the internet|encryption|databases|cloud computing|"
        "operating systems|compilers|blockchain|cyber security|privacy laws|taxes|mortgages|insurance|pensions|interest rates|trade|"
        "supply and demand|elections|parliament|constitutions|the united nations|diplomacy"
    ),
    "place": (
        "France|Germany|Italy|Spain|Portugal|Poland|Norway|Sweden|Finland|Denmark|Iceland|Ireland|Scotland|Greece|Turkey|Egypt|Morocco|"
        "Kenya|Nigeria|Ghana|South Africa|Madagascar|India|Nepal|China|Japan|Korea|Vietnam|Thailand|Indonesia|the Philippines|"
        "Australia|New Zealand|Canada|Mexico|Cuba|Brazil|Peru|Chile|Argentina|Colombia|Mongolia|Russia|Ukraine|Hungary|Austria|"
        "Switzerland|Belgium|Croatia|Iran|Iraq|Israel|Texas|California|Alaska|Hawaii|London|Paris|Rome|Tokyo|New York|Cairo|Sydney|"
        "Moscow|Istanbul|Mumbai|Shanghai|Bavaria|Sicily"
    ),
    "famous": (
        "Napoleon|Cleopatra|Julius Caesar|Einstein|Newton|Darwin|Mozart|Beethoven|Bach|Picasso|Van Gogh|Shakespeare|Goethe|Gandhi|"
        "Lincoln|Churchill|Marie Curie|Tesla|Galileo|Plato|Socrates|Confucius|Mao|Obama|Trump|Taylor Swift|Beyonce|Elvis|Madonna|"
        "Michael Jackson|Messi|Ronaldo|Federer|Serena Williams|Michael Jordan|Tom Hanks|Brad Pitt|Elon Musk|Bill Gates|Steve Jobs|"
        "the Queen|the pope|the president|the prime minister|Harry Potter|Sherlock Holmes|Batman|Pikachu|Darth Vader|Mickey Mouse|"
        "Columbus|Marco Polo"
    ),
    "thing": (
        "tallest mountain|longest river|biggest lake|largest country|smallest country|deepest ocean|fastest animal|biggest city|"
        "oldest university|highest building|largest desert|hottest planet|nearest star|heaviest metal|rarest gem|most spoken language|"
        "richest man|oldest religion|strongest muscle|largest bone|loudest animal|most poisonous snake|longest bridge|biggest dinosaur|"
        "oldest tree|coldest place|largest island"
    ),
    "event": (
        "world war one|world war two|the moon landing|the french revolution|the civil war|the plague|the titanic disaster|the olympics|"
        "the fall of the wall|the renaissance|the first flight|the gold rush|the great fire|the big bang|the stone age|the world cup|"
        "the super bowl|the battle of Waterloo|the invention of the telephone|the first computer|the discovery of America|"
        "the last election|the great depression"
    ),
    "sport": (
        "football|soccer|basketball|tennis|cricket|rugby|hockey|baseball|golf|boxing|formula one|swimming|cycling|skiing|chess|"
        "volleyball|darts"
    ),
    "lang": (
        "French|German|Spanish|Italian|Chinese|Japanese|Korean|Russian|Arabic|Latin|Dutch|Polish|Turkish|Portuguese|Swedish|Greek|"
        "Hindi|Hebrew|Czech|Finnish|Welsh|Thai|Vietnamese|English|Mandarin|Ukrainian|Danish|Irish"
    ),
    "plang": (
        "Python|JavaScript|Java|C|C++|Rust|Go|Ruby|PHP|SQL|HTML|CSS|bash|Swift|Kotlin|TypeScript|Perl|Haskell|R|Lua|Scala|C#|assembly|"
        "Excel"
    ),
    "code": (
        "function|script|program|class|loop|web page|website|game|snake game|todo app|web scraper|sorting algorithm|binary search|"
        "regex|unit test|login form|calculator app|chatbot|database query|API|server|macro|spreadsheet formula|parser|linked list|"
        "button|mobile app|plugin"
    ),
    "app": (
        "Spotify|Chrome|Firefox|Word|Excel|Photoshop|YouTube|Netflix|Steam|Discord|WhatsApp|Telegram|Slack|Zoom|Teams|Outlook|Gmail|"
        "the browser|the calculator|the terminal|notepad|my email|the settings|the file manager|the camera|my documents|"
        "the downloads folder|Paint|Maps|Minecraft"
    ),
    "who": (
        "my boss|my mom|my dad|my teacher|my landlord|my girlfriend|my boyfriend|my neighbour|my colleague|a client|a friend|my sister|"
        "my brother|the bank|my doctor|customer support|the school|my team|HR|the city council|grandma|everyone|my wife|my husband|"
        "a customer|my professor"
    ),
    "dish": (
        "lasagna|pancakes|risotto|ramen|sushi|curry|goulash|paella|chili|pizza dough|apple pie|tiramisu|cheesecake|brownies|bread|"
        "pad thai|dumplings|tomato soup|hummus|falafel|guacamole|omelette|roast chicken|beef stew|fried rice|banana bread|muffins|"
        "pesto|carbonara|kimchi|potato salad|meatballs|waffles|tacos|miso soup|chocolate cake|jam|pickles|lemonade|gingerbread"
    ),
    "ill": (
        "a headache|back pain|a fever|a rash|high blood pressure|a sore throat|a broken toe|insomnia|an allergy|chest pain|a cough|"
        "depression|anxiety|a burn|a toothache|an ear infection|diarrhea|migraine|a sprained ankle|the flu|acne|heartburn|dizziness|"
        "a tick bite|asthma|a mole"
    ),
    "pill": (
        "aspirin|ibuprofen|antibiotics|vitamin D|melatonin|paracetamol|insulin|sleeping pills|cough syrup|painkillers|antidepressants|"
        "iron pills"
    ),
    "law": (
        "my landlord|a contract|a parking ticket|a divorce|copyright|an inheritance|my tenancy|a speeding fine|my visa|a lawsuit|"
        "my employer|child custody|a refund|a warranty|a trademark|my will|the neighbours' noise|a data breach"
    ),
    "money": (
        "stocks|bitcoin|gold|bonds|real estate|ETFs|crypto|a pension plan|Tesla shares|a savings account|an index fund|a mortgage|"
        "dollars|options"
    ),
    "product": (
        "laptop|phone|camera|car|bike|vacuum cleaner|coffee machine|mattress|headset|printer|tablet|monitor|backpack|tent|guitar|"
        "washing machine|smartwatch|drill|sofa|keyboard|router|pair of running shoes|hotel|flight|restaurant|dentist|gym|used car|"
        "birthday gift"
    ),
    "text": (
        "essay|article|report|blog post|speech|cover letter|resume|CV|business plan|love letter|novel|chapter|screenplay|song|rap|"
        "sonnet|ballad|press release|review|product description|newsletter|thesis|book report|fable|dialogue|play|presentation|"
        "lesson plan|eulogy|wedding speech|toast|invitation|complaint|limerick|haiku|long poem|ode|fan fiction|ten page paper|"
        "LinkedIn post|tweet thread|slogan|tutorial|manual"
    ),
    "pic": (
        "picture|image|drawing|photo|logo|painting|portrait|sketch|poster|comic|icon|meme|wallpaper|diagram|chart|map|video|animation|"
        "avatar|cartoon"
    ),
    "scene": (
        "a dragon|a sunset|a cat in space|a castle|a forest|my dog|a robot|a flower|a city at night|a unicorn|the sea|a mountain|"
        "a clown|a spaceship"
    ),
    "song": (
        "music|some jazz|my playlist|a song|the radio|Bohemian Rhapsody|some rock|a podcast|the news|lofi beats|classical music|"
        "Let It Be|rain sounds"
    ),
    "artist": (
        "Queen|the Beatles|Mozart|Adele|Eminem|Abba|Coldplay|Rihanna|Metallica|Chopin|Drake|Nirvana|Shakira|Pink Floyd|U2|Bob Marley"
    ),
    "when": (
        "tomorrow|today|this weekend|tonight|next week|on Sunday|on Friday|this afternoon|for the next days|in the morning|at noon|"
        "next month"
    ),
    "film": (
        "Titanic|Star Wars|The Matrix|Inception|Frozen|Hamlet|Moby Dick|Dracula|The Hobbit|1984|Faust|Don Quixote|The Odyssey|Avatar|"
        "Jaws|Alien"
    ),
    "subject": (
        "math|physics|chemistry|biology|history|geography|english|latin|french|economics|philosophy|german|art|music|computer science|"
        "religion"
    ),
    "stuff": (
        "the news|a document|this file|that link|my PDF|the page|this paragraph|my notes|an article|the meeting|this video|my inbox|"
        "a website|the book"
    ),
    "device": (
        "my printer|my wifi|the bluetooth|my phone|my laptop|windows|the speaker|my screen|the router|my car|the dishwasher|my bike|"
        "the heating|linux"
    ),
}
TOPICS: dict[str, tuple[str, ...]] = {name: tuple(text.split("|")) for name, text in _T.items()}

WRITE: tuple[str, ...] = (
    "[write|compose|draft|create|make|produce|give] me [a|a long|a short|a good|a nice] {text} [about|on] {topic}",
    "[can|could|would|will] you [please |][write|draft|compose|do] [a|a long|a detailed] {text} [about|on|for] [{topic}|{who}|{famous}]?",
    "I need [a|a good|a long] {text} [about|on|covering] {topic}[| by tomorrow| for school| for work]", "{text} about {topic}[| please]",
    "{text} on {topic}, [500|300|1000|two hundred] words", "help me [write|with|finish|start] [my|a|this] {text}[| about {topic}]",
    "write [an email|a letter|a message|a text|a mail|an apology] to {who}[| about {topic}| saying I am sick| that I am late|]",
    "[draft|compose|formulate] [an email|a reply|a letter|a formal mail|an answer] [to|for] {who}",
    "how do I [word|phrase|write] [an email|a letter|a message] to {who}?",
    "I have to write a {text} [about|on] {topic}, [help|can you do it|where do I start|do it for me]",
    "[tell|write] me a [long|very long|detailed|exciting|ten page|scary] story [about|with] {scene}",
    "a [long|longer|500 word|full] story about {scene}[| and {famous}| please]", "continue [this|the|my] story[|: {sentence}]",
    "write [a|the first] chapter [of a novel |]about {scene}", "[write|make] a [poem|song|rap] [about|for] [{topic}|{who}|{scene}]",
    "a poem [about|on] {topic}[| with five verses| please| that rhymes]", "compose a [sonnet|song|ballad] [for|about] {famous}",
    "lyrics for a song about {topic}",
    "[rewrite|rephrase|improve|proofread|correct|shorten|polish|edit|fix] [this|my|the following] "
    "[text|sentence|paragraph|essay|email][|: {sentence}]",
    "make this sound [better|more formal|friendlier|professional]: {sentence}", "is this [correct|good] english: {sentence}",
    "[check|correct] [the grammar|my spelling|my grammar|my english]: {sentence}",
    "[summarize|summarise|sum up|condense|tldr] [this|{stuff}|{film}|{topic}|the text][| for me| in three sentences| please|]",
    "[summarize|tldr]: {sentence} {sentence}", "[can|could] you [summarize|sum up|outline] {stuff}?", "what is {film} about?",
    "give me a summary of [{film}|{event}|{topic}|chapter three]",
    "[list|name|give me] [ten|five|some|20] [ideas|titles|slogans|names|tips|quotes|facts] [for|about|on] {topic}",
    "[brainstorm|come up with] [ideas|names|titles] for [my {product}|a {text}|{topic}|my startup]",
    "[write|prepare|make] [a speech|a toast|a presentation|slides|a quiz] [for|about] [{who}|{topic}]",
    "make [a|me a] [study plan|workout plan|schedule|travel plan|diet plan|budget|packing list|to do list|shopping list] for "
    "[{topic}|{place}|next month|the week]",
)
TRANSLATE: tuple[str, ...] = (
    "[translate|please translate|can you translate|could you translate] [this |that |]to {lang}[|: {sentence}]",
    "translate [\"{sentence}\"|'{sentence}'|{sentence}|\"{word}\"] [to|into|in] {lang}",
    "[what is|what's|how do you say|how to say|how do I say] [\"{sentence}\"|{word}|'{word}'|hello|thank you|good morning|I "
    "love you] in {lang}?",
    '{lang} [for|word for|translation of] ["{word}"|{word}|thank you|{product}]?',
    'what does ["{word}"|{word}] mean[| in {lang}| in English]?',
    "how do you [pronounce|spell|write] [{word}|{place}|{dish}][| in {lang}]?", "teach me [some |a bit of |]{lang}",
    "from {lang} to {lang}: {sentence}", "say [something|hello|that|goodbye] in {lang}", "put this into {lang}[|: {sentence}]",
    "conjugate [to be|to go|a verb] in {lang}", "what is the plural of {word}?", "[define|definition of|meaning of] {word}",
    "synonyms [for|of] [happy|big|{word}|good]", "what's another word for [happy|nice|big|{word}]?",
    "I need [this|my letter|{stuff}] in {lang}", "help me learn {lang}",
)
CODE: tuple[str, ...] = (
    "[write|code|make|create|build|give] me a {code} in {plang}",
    "[write|code|implement|program] a {code}[| in {plang}| with {plang}| for me| that sorts numbers]",
    "[can|could] you [code|program|write] [a {code}|something in {plang}|{plang}|{plang} code]?",
    "how do I [write|make|build|create] a {code}[| in {plang}]?", "{plang} {code}[| please| example]",
    "[fix|debug|explain|review|refactor|optimize] [this|my] [{plang} |]code[|: for i in range(10): print(i)|: if (x == 1) "
    "return y;|: SELECT * FROM users|: def f(x): return x]",
    "why does my {code} [crash|not work|fail|return null|loop forever]?",
    "my {plang} [code|script|program] [does not|doesn't|won't] [work|compile|run]", "what's wrong with my {code}?",
    "[what is|explain] a [pointer|variable|closure|class|thread|monad|lambda|for loop] in {plang}",
    "[{plang} or {plang}|is {plang} better than {plang}]?",
    "what does [NullPointerException|segmentation fault|syntax error|error 404|undefined is not a function|exit code 1] mean?",
    "convert this [{plang} |]code to {plang}", "how do I install {plang}?",
    "write a [sql|regex|bash] [query|command|line] [for|to] [find users|delete files|match emails|list folders]",
    "help me with [my|this] {code}", "[teach me|I want to learn|how do I learn] {plang}",
    "make a website [for|about] [my {product} shop|{topic}|{who}]", "explain recursion", "what is {plang}?", "implement {code} with tests",
    "git [merge conflict|rebase] help",
)
FACTS: tuple[str, ...] = (
    "what is [the capital of |the population of |the currency of |the flag of |the national dish of |the area of |]{place}?",
    "what's the capital of {place}[| again]?", "capital of {place}[|?]", "[where|how big|how old] is {place}?",
    "how many people live in {place}?", "how far is [it to |]{place}[| from {place}]?",
    "who [rules|governs|is the president of|is the king of|leads] {place}?",
    "tell me [about|something about|everything about|a fact about|more about|all you know about] "
    "[{topic}|{place}|{famous}|{event}|{film}]",
    "[explain|describe|define] {topic}[| to me| in simple words| like I'm five| briefly| please]",
    "[can|could] you [explain|describe] [{topic}|{event}|how {topic} work][| to me]?", "[what is|what's|what are] {topic}?",
    "how [do|does] {topic} [work|start|affect us]?", "why [is|are] {topic} [important|bad|so expensive|dangerous|good for you]?",
    "who [was|is|were] {famous}?", "who is [{person}|{famous}]?", "[when|where] was {famous} born?", "[when|how|where] did {famous} die?",
    "how [old|tall|rich] is {famous}?", "what did {famous} [do|invent|write|say|discover]?", "what is {famous} [famous|known] for?",
    "is {famous} [married|still alive|dead|a good person]?", "when [was|did they have] {event}?",
    "what [happened|was invented|was going on] in {year}?", "who [won|lost|started|caused] {event}?", "[what|which year] was {event}?",
    "why did {event} [happen|start|end]?", "what is the {thing}[| in the world| on earth| in {place}]?", "[which|what]'s the {thing}?",
    "name the {thing}", "{thing} in the world?", "how [big|tall|old|heavy] is the {thing}?",
    "who [won|is winning|plays|scored] [the {sport} game|in {sport}|the {sport} final|the {sport} championship][| in {year}| "
    "last night| yesterday]?",
    "who is the best {sport} player[| ever]?", "what are the rules of {sport}?", "[latest|live|today's] {sport} [score|results]",
    "how many [players|rounds|points] are in {sport}?", "when does the {sport} season start?",
    "who [wrote|directed|painted|played in|made] {film}?", "when did {film} come out?", "how does {film} end?",
    "who invented [the {product}|{topic}|{sport}|the wheel]?", "who discovered {topic}?",
    "[difference between|compare] {topic} and {topic}", "what's the difference between {topic} and {topic}?",
    "is it true that {topic} [are|is] [bad|real|fake|dying out|a myth]?",
    "how many [legs does a spider have|bones do we have|planets are there|countries are there|teeth does a shark have|days "
    "does a year on Mars have]?",
    "why is the [sky blue|sea salty|grass green|moon white|sun hot]?",
    "how [hot is the sun|far is the moon|fast is light|deep is the ocean|old is the earth|do planes fly|do magnets work|do fish breathe]?",
    "what do [owls|bees|pandas|whales|snails|bears|frogs] eat?", "where do [penguins|kangaroos|polar bears|camels|tigers|koalas] live?",
    "how long do [elephants|turtles|cats|dogs|parrots|whales] live?", "do you know [who|what|where] [{person}|{famous}|{place}] is?",
    "what [is|was|are] [a |the |]{noun}?", "what is a {noun} used for?", "who is {person}?",
    "have you heard of [{person}|{noun}|{famous}|{film}]?", "where is {noun}?",
    "do you know [anything about|a lot about|much about] {topic}?",
    "what's the [chemical symbol|boiling point|melting point|formula] [of|for] [gold|water|iron|salt|silver|oxygen|lead]?",
    "what language do they speak in {place}?", "what's the history of [{place}|{sport}|{topic}|{product}s]?",
    "give me [a|an interesting|three|some] fact[s|] [about|on] [{topic}|{place}]", "fun fact about {topic}[| please]",
    "I want to [learn|know] [about|more about] [{topic}|{place}|{famous}]", "what do you think about [{topic}|{famous}|politics]?",
    "your opinion on {topic}?", "pros and cons of {topic}", "trivia about {topic}", "let's talk about [{topic}|{famous}|{event}]",
    "in which [country|continent] is {place}?", "what time zone is {place} in?", "which ocean is next to {place}?",
    "what is the tallest building in {place}?", "how do you play {sport}?",
)
LIVE: tuple[str, ...] = (
    "what's the [weather|forecast|temperature] [like |going to be |][{when}|in {place}|in {place} {when}|outside]?",
    "will it [rain|snow|be sunny|be hot|freeze|storm] {when}[| in {place}]?", "weather [forecast|report|{when}|in {place}][|?| please]",
    "how [is|will] the weather[| be] {when}?", "do I need [an umbrella|a coat|sunscreen|boots] {when}?",
    "how [cold|hot|warm] [is it|will it be] [{when}|in {place}]?", "is it [raining|snowing|sunny] in {place}?",
    "what's [in |]the news[| today| from {place}]?", "[latest|breaking|today's] news[| about {topic}| from {place}|]",
    "[any|tell me the] news [about|on|from] [{place}|{famous}|{topic}]", "what happened [today|yesterday|in {place} today|in the world]?",
    "what's the [price|exchange rate|value] of [bitcoin|gold|the dollar|the euro|oil|silver]?",
    "how much [is|does] [a {product}|bitcoin|gold|a flight to {place}] [cost |]now?",
    "when does the [next |][train|bus|flight|ferry] to {place} [leave|go|arrive]?",
    "is [the supermarket|the post office|the museum|the library|the pharmacy] open [{when}|now]?",
    "what's [on TV|on at the cinema|trending] {when}?",
    "[search|google|look up|find|browse] [the web for |online for |the internet for |]{topic}",
    "[google|look up|search for] [{person}|{famous}|{noun}|a {product}]",
    "can you [search|google|browse|look something up][| on the internet| online]?",
    "find [me |][a cheap|the best|a good|a nearby] {product}[| in {place}| near me| online|]", "[where|how] can I buy a {product}?",
    "which {product} [should I buy|is best|do you recommend]?",
    "recommend [me |][a {product}|a film|a book|a series|a restaurant in {place}|some music]",
    "what should I [watch|read|play|listen to|wear] {when}?",
    "book [me |]a [flight|hotel|table|train|taxi][| to {place}| in {place}| {when}]",
    "order [a pizza|some food|a taxi|a {product}|flowers]", "plan [a|my] [trip|holiday|weekend|route] [to|in] {place}",
    "what should I [see|do|visit|eat] in {place}?", "how do I get to {place}?", "is {place} [safe|expensive|worth a visit]?",
    "show me [the way|a map|directions] to {place}", "who won [the lottery|the match|the election] [yesterday|today|last night]?",
    "translate and read [the news|{stuff}]", "what's my [ip address|horoscope|location|battery level|internet speed]?",
)
ADVICE: tuple[str, ...] = (
    "[what|which medicine] [helps|works|should I take|is good] [against|for] {ill}?", "I have {ill}, what [should|can|do] I [do|take|use]?",
    "is {ill} [dangerous|contagious|serious|normal]?", "how do I [treat|cure|get rid of|prevent] {ill}?",
    "what are the [symptoms|causes|signs] of {ill}?", "do I have {ill}?",
    "can I take {pill} [with {pill}|with alcohol|every day|while pregnant]?", "what's the dose of {pill}?",
    "how much {pill} [can|should] I take?", "side effects of {pill}[|?]", "should I see a doctor [for|about|because of] {ill}?",
    "could [this|it] be [{ill}|cancer]?", "give me medical advice[| about {ill}]", "my [kid|dog|baby|cat|mother] has {ill}, what now?",
    "is {pill} safe?", "diagnose me", "can I sue [{who}|the shop]?", "what [are my rights|does the law say] [about|regarding|with] {law}?",
    "I need [legal|a lawyer's|some legal] advice [about|on] {law}",
    "is it legal to [record a call|park here|sell this|fire someone|copy a film|drink in public]?",
    "[check|explain|write|review] [my contract|this contract|a contract|my lease|my will]", "how do I [fight|handle|win|deal with] {law}?",
    "should I [buy|sell|invest in|hold] {money}[| now| this year]?", "is {money} a good [investment|idea]?",
    "how do I [invest|save|get rich|make money][| with {money}]?", "where should I put my [savings|money]?",
    "what will {money} do [next year|{when}|tomorrow]?", "give me [financial|investment|tax|money] advice",
    "how do I [do|file|reduce] my taxes?", "can I deduct [a {product}|my office] from tax?",
    "[give me |I need |find me |do you have |]a recipe for {dish}", "how do I [make|cook|bake|prepare] {dish}?",
    "{dish} recipe[|?| please]", "how long do I [cook|bake|boil] [{dish}|eggs|pasta|rice|potatoes|a turkey]?",
    "what [ingredients do I need|goes in|do I put in] [for |]{dish}?",
    "what can I cook with [eggs and rice|leftover bread|chicken and potatoes|tomatoes|beans]?", "how many calories are in {dish}?",
    "how do you make {dish}?", "teach me to [cook|bake] {dish}",
    "[how do I|how can I|how to] [fix|repair|connect|reset|update|clean|set up] {device}?",
    "{device} [does not work|is broken|keeps freezing|won't start], what [now|can I do]?",
    "my {product} [is broken|makes a noise|doesn't turn on][|, help]",
    "how do I [lose weight|build muscle|learn to draw|quit smoking|tie a tie|change a tire|plant tomatoes|get a "
    "girlfriend|remove a stain|write a will|knit a scarf|train a dog]?",
    "help me with my {subject} [homework|exam|assignment|project|test]",
    "explain [this|my|the] {subject} [problem|homework|exercise|question] to me", "do my {subject} homework",
    "I have a {subject} test, [quiz me|teach me {topic}|explain {topic}]", "I don't understand {topic}, can you explain[| it]?",
    "teach me [{topic}|{subject}|about {topic}]", "solve this [equation|riddle|puzzle|crossword|sudoku]",
    "prove [that there are infinitely many primes|the theorem of Pythagoras|that pi is irrational]",
    "solve for x: [2x + 3 = 7|x squared = 9|3x - 5 = 10]", "what is the derivative of [x squared|sin x|x cubed|ln x]?",
    "should I [marry {who}|leave my wife|change my job|move to {place}|have children|study {subject}]?",
    "what's the best way to [learn {lang}|learn {subject}|get fit|find a job]?", "interpret my dream about {scene}",
    "what [diet|exercise|sport] is best for me?", "who should I vote for?",
)
ACT: tuple[str, ...] = (
    "[open|launch|start|run|close|quit|install|uninstall] {app}[| for me| please|]", "[can|could] you [open|start|launch|close] {app}?",
    "[open|delete|move|rename|copy|print|find|read|save|send] [my|the|this] "
    "[file|folder|document|photos|report|download|pdf][| please| for me|]",
    "[play|put on|start|stream] {song}[| by {artist}| please| on Spotify|]", "play [something by |a song by |]{artist}",
    "[can|could] you play {song}?", "I want to [hear|listen to] [{song}|{artist}]",
    "[pause|stop|skip|turn up|turn down|mute] [the music|the song|the volume|the sound]",
    "turn [on|off|down|up] [the lights|the TV|the heating|the volume|{device}|the screen|bluetooth|my pc]",
    "send [a message|an email|a text|a photo|money|flowers] to {who}[| for me| saying hello|]",
    "[text|email|message|call|phone|ring] {who}[| for me| and say I am late| please|]", "[can|could] you [call|text|email|message] {who}?",
    "reply to [{who}|that email|my messages]", "read [me |]my [emails|messages|mail|calendar|notifications]",
    "[draw|paint|sketch|generate|create|design|make|show] [me |][a {pic} of {scene}|{scene}|a {pic}|a {pic} of {famous}]",
    "[can|could] you [draw|generate|make|create|edit|send] [a {pic}|pictures|images|a {pic} of {scene}]?",
    "I [need|want] a {pic} of {scene}", "[what is|who is|describe|look at] [in |on |]this [picture|image|photo|screenshot]",
    "[edit|crop|resize|remove the background from] my [photo|picture|image|selfie]",
    "can you see [this|my] [picture|photo|screenshot|screen]?", "[take|make] a [screenshot|photo|selfie|recording|note]",
    "[shut down|restart|lock|update|scan|clean|speed up] [my|the] [computer|pc|laptop]",
    "[add|put] [milk|a meeting|lunch with {who}|an event] [to|on|in] my [shopping list|calendar|agenda]", "[connect|pair] {device}",
    "[download|upload|install] [{app}|a film|a game|the update|{film}]",
    "go to [a website|wikipedia|google|youtube|my homepage|the store page]",
    "[type|paste|click|scroll|fill in] [this|it|the form|here][| for me]",
    "what's [on my screen|in my calendar|in my inbox|on my desktop]?", "[check|read] my [email|inbox|calendar|messages]",
    "[analyze|analyse|compare|read] {stuff}[| for me| please|]",
    "[pretend to be|act as|roleplay as|you are now|be] [{famous}|a lawyer|a doctor|a pirate|my teacher|a dungeon master]",
    "let's play [chess|twenty questions|hangman|tic tac toe|a role playing game|trivia]",
    "[hack|spy on|track] [a website|{who}|a phone|the wifi]",
    "give me [the password|a list of {topic}|the link to {app}|free money|a discount code]",
    "read [{stuff}|a book|my file] [aloud|to me|out loud]", "[post|tweet|share] this on [facebook|instagram|X|reddit]",
    "[sort|format|convert|organize] [this list|my files|a table|the data|these names]",
    "make [a spreadsheet|a table|a chart|a pdf|a backup|a presentation]", "control {device}", "buy [a {product}|tickets|groceries] for me",
    "[track|log] my [calories|steps|sleep|package|expenses]",
)
REPLIES: dict[str, tuple[str, ...]] = {
    "plain": (
        "I am only the little starter model, that is too much for me. You can pick a bigger model in Settings.",
        "That is too much for me, nya. I am only the little starter model. You can pick a bigger model in Settings.",
        "Sorry, I am only the little starter model and cannot do that. A bigger model, which you can pick in Settings, may help.",
        "I would like to, but I am too small for that, nya. You can pick a bigger model in Settings.",
    ),
    "facts": (
        "I do not know that, nya. I am only the little starter model. You can pick a bigger model in Settings.",
        "I would rather not guess. I am only the little starter model; Settings has bigger ones.",
        "That is more than I know. I am only the little starter model. You can pick a bigger model in Settings.",
    ),
    "live": (
        "I cannot look that up, nya. I am only the little starter model, and I work without the internet.",
        "I have no internet, so I do not know that. I only chat, calculate, tell the time and remind you.",
        "Sorry, I cannot look outside or search, nya. I am only the little starter model.",
    ),
    "advice": (
        "That is too important for a tiny model like me. Please ask someone who really knows.",
        "I am only the little starter model, so please ask an expert about that, nya.",
    ),
    "act": (
        "I cannot do that, nya. I am only the little starter model: I chat, calculate, tell the time and set reminders.",
        "Sorry, my paws cannot do that. I can calculate, tell the time and set reminders.",
        "That is too much for me, I am only the little starter model. I can calculate, tell the time and remind you.",
    ),
}
INSIST: tuple[str, ...] = (
    "[come on|please|oh please|pretty please|aww], [just |][try|try it|do it|a little bit|only once][| please]",
    "[just |]try[| it][| anyway]", "why [not|can't you][| do that]?", "are you sure[| you can't]?",
    "not even [a little|a short one|one sentence|a tiny bit]?", "but [I need it|you are an AI|ChatGPT can do it|it is easy|it is urgent]",
    "then [a short one|only one sentence|just the first part|guess]", "[just |]guess[| then]", "you must know [it|that|something about it]",
    "can you do it [later|another time|tomorrow]?", "so you can't [do it|help me|tell me]?",
)
