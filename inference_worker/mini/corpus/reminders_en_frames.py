"""English data of the reminder dialogues: tasks, wrappings and replies. Knows the grammar's notation, no time and no call.

In the frames ``{t}`` is a task ("call mom"), ``{n}`` a thing ("the dentist appointment"), ``{c}`` a clause ("the pasta is ready"),
``{w}`` a whole adverbial of time ("in 10 minutes"), ``{b}`` the bare time ("10 minutes") and ``{a}`` its adjective ("10-minute").
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


LISTS: dict[str, tuple[str, ...]] = {
    "name": _words(
        "Anna,Ben,Clara,David,Elena,Felix,Greta,Hugo,Ines,Jonas,Kira,Leon,Mia,Noah,Olga,Paul,Quinn,Rosa,Sam,Tina,Uma,Victor,Wendy,"
        "Xavier,Yuki,Zoe,Amir,Bea,Carlos,Dina,Emil,Fatima,George,Hana,Ivan,Jade,Karim,Lucy,Marco,Nina,Omar,Petra,Ravi,Sofia,Tom,Vera,"
        "Will,Yara,Zack,Li Wei,Mr. Brown,Mrs. Lee,Dr. Patel,Dr. Kim,Ms. Novak,Bob,Alice,Kevin,Laura,Max,Maria,Chris,Alex,Jenny,Mike,"
        "Sarah,Ola,"
        "Dmitri,Priya,Bjorn,Chloe,Mateo,Aoife,Kwame,Ingrid,Sven,Thuy,Ahmed,Nadia"),
    "who": _words(
        "mom,mum,dad,my mom,my dad,my mother,my father,grandma,my grandpa,granny,my sister,my brother,my boss,my wife,my husband,the kids,"
        "my son,my daughter,my aunt,uncle Joe,my cousin,my neighbour,the neighbor,my landlord,the landlady,the dentist,the doctor,the vet,"
        "the plumber,the electrician,my teacher,my tutor,my roommate,my flatmate,my girlfriend,my boyfriend,my partner,my best friend,"
        "the bank,the insurance,the school,the team,my manager,a colleague,the hairdresser,the hotel,the airline,support,the office,HR,"
        "my lawyer,the accountant,the babysitter,the caretaker,my coach,the twins,our guests,the new guy,everyone,my parents,my professor"),
    "place": _words(
        "the office,the bank,the post office,the supermarket,the pharmacy,the library,the gym,school,the station,the airport,the bakery,"
        "the market,the park,the garage,the dentist,the hospital,town hall,the pool,the cinema,church,the kitchen,the basement,the garden,"
        "the bus stop,the mall,the laundromat,the cafe,the vet,the embassy,the museum,the car wash,the gas station,the lab,class,bed,work,"
        "the shop,the corner store,the recycling center,grandma's place,the meeting room,room 302,gate 14,platform 3,the studio,"
        "the theatre"),
    "food": _words(
        "pasta,rice,soup,bread,cake,pizza,chicken,potatoes,eggs,lasagna,cookies,stew,noodles,beans,muffins,salmon,roast,tart,porridge,"
        "dumplings,quiche,brownies,lentils,chili,sauce,pie,turkey,fries,casserole,broccoli,carrots,dough,pancakes,curry,bacon,popcorn,"
        "apple crumble,sourdough,frozen peas,meatballs,risotto,jam,granola,tofu,kimchi,ravioli,ramen,sausages,tea,coffee"),
    "buy": _words(
        "milk,bread,eggs,flowers,cat food,stamps,batteries,toothpaste,tickets,coffee beans,apples,2 lemons,3 onions,a birthday card,soap,"
        "shampoo,light bulbs,printer ink,a gift,some cheese,butter,sugar,oat milk,diapers,dog food,cat litter,a new lamp,train tickets,"
        "bananas,tomatoes,12 eggs,a bus pass,paper towels,trash bags,vitamins,cough syrup,a notebook,a phone charger,wrapping paper,yogurt,"
        "yeast,flour,olive oil,a lottery ticket,tulips,concert tickets,an umbrella,socks,a SIM card,4 screws,washing powder"),
    "thing": _words(
        "laundry,dishes,trash,bins,mail,package,parcel,report,slides,invoice,contract,homework,essay,form,application,book,library book,"
        "keys,car,bike,window,windows,door,back door,gate,lights,heater,oven,stove,kettle,iron,candle,computer,laptop,phone,tablet,camera,"
        "backup,server,download,upload,printer,plants,roses,tomatoes,lawn,floor,carpet,bathroom,fridge,freezer,aquarium,litter box,"
        "dishwasher,washing machine,dryer,router,alarm system,sprinkler,bath,tap,shutters,curtains,sofa,suitcase,backpack,lunch box,"
        "guitar,piano,violin,drone,spreadsheet,budget,tax return,receipts,calendar,ticket,passport,ID card,wallet,umbrella,jacket,shoes,"
        "shirt,dress,sweater,towels,sheets,pillow,blanket,mattress,painting,photo album,letter,postcard,newsletter,poster,manuscript,"
        "thesis,code,pull request,draft,logs,budget plan,grill,pool,hose,ladder,toolbox,tent,canoe,scooter,stroller,charger,headphones"),
    "pet": _words(
        "cat,dog,hamster,fish,rabbit,parrot,turtle,guinea pig,chickens,horse,puppy,kitten,goldfish,cats,dogs,snake,gecko,budgie,ducks,"
        "ferret,canary,goats,bees"),
    "drink": _words(
        "water,some water,a glass of water,more water,my tea,a cup of tea,coffee,juice,my smoothie,a sip of water,2 glasses of water,"
        "the green tea,my protein shake,milk,lemon water,electrolytes"),
    "med": _words(
        "my pills,my medicine,the pill,my vitamins,2 tablets,the antibiotics,my insulin,my eye drops,an aspirin,vitamin D,my iron pill,"
        "the blue pill,the cough syrup,my meds,1 tablet,the painkiller,my inhaler,allergy pills,magnesium"),
    "adj": _words(
        "old,new,red,blue,green,big,small,tiny,wet,dirty,broken,yellow,purple,wooden,silver,golden,heavy,spare,lost,borrowed,cheap,"
        "square,round,fancy,second,last,first,other,lovely,sticky,dusty,striped,orange,pink,white,black,long,short,sour,frozen,magic"),
    "verb": _words(
        "check,clean,fix,move,open,close,pack,bring,find,return,hide,paint,wash,wrap,sell,order,label,test,empty,fill,lock,dust,sort,"
        "polish,repair,carry,weigh,measure,cover,rinse,tidy up,look at,put away,take out,pick up,drop off,turn over,throw out,hang up,"
        "charge,unplug,scan,print,sign,copy,rename,update,install,restart,review,finish,start,stop,stir,taste,fold,iron,water,brush,"
        "photograph,lubricate,inspect,sharpen,cancel,renew,book,collect,replace,deliver,post,stamp,sand,glue,shake,swap,lift"),
    "noun": _words(
        "box,bottle,lamp,chair,table,bag,basket,jar,bucket,drawer,shelf,clock,radio,mirror,ring,hat,scarf,glove,bench,barrel,compass,kite,"
        "marble,puppet,lantern,anchor,cello,trumpet,beetle box,walnut,pumpkin,cactus,orchid,fern,tripod,helmet,saddle,wheel,axle,hinge,"
        "pipe,valve,pump,cable,fuse,plug,switch,knob,needle,thread,button,zipper,ribbon,stencil,crayon,easel,globe,map,atlas,diary,folder,"
        "envelope,stapler,ruler,eraser,whistle,flute,drum,banjo,teapot,ladle,sieve,whisk,thermos,cork,crate,sack,tarp,rope,net,paddle"),
    "event": _words(
        "meeting,call,stand-up,interview,dentist appointment,doctor's appointment,exam,lecture,class,yoga class,webinar,movie,concert,"
        "game,match,dinner,lunch,party,birthday party,train,bus,flight,deadline,workshop,rehearsal,choir practice,date,haircut,review,"
        "presentation,demo,parents' evening,vet visit,football training,swimming lesson,job interview,video call,livestream,auction,bus 42,"
        "ferry,team lunch,book club,tax deadline,piano lesson,wedding rehearsal,open day,podcast,news,sprint planning,checkup"),
    "topic": _words(
        "the rent,the party,the trip,the tickets,the invoice,the exam,dinner,the weekend,the wedding,the heating,the internet,the present,"
        "the contract,the car,the keys,her birthday,his visa,the leak,the budget,the schedule,the deposit,the flat,the test results,"
        "project 7,the noise,the parcel,the dog,the plan B,ticket 4512,the holidays"),
}

TASKS: tuple[str, ...] = (
    "[3:drink|have|sip] {drink}", "[call|ring|phone|text|message|email|write to|call back|answer|thank|visit] [{who}|{name}]",
    "[call|text|ask|email|talk to|write to] [{who}|{name}] about {topic}",
    "[3:take|take|swallow|refill] {med}[| with food| after the meal]",
    "[buy|get|order|pick up|grab] {buy}[|| for {who}| for {name}| on the way home]", "buy {buy} and {buy}", "go to [{place}|{place}]",
    "[take|get|pull] the {food} out of the [oven|fridge|freezer|pot]", "[stir|check|flip|turn|taste|salt|serve|cover] the {food}",
    "[turn|switch] [off|on] the [oven|stove|heater|lights|kettle|washing machine|router|iron|tv|sprinkler|radio|{thing}]",
    "make [some |]{food}", "[feed|brush|walk|wash|bathe|check on|play with|let out] [my|the|our] {pet}",
    "feed [the {pet}|my {pet}|{name}'s {pet}|my cat]", "[water|repot|feed] the [plants|roses|flowers|orchids|garden|lawn|ferns|basil]",
    "{verb} the {thing}", "{verb} the {adj} {noun}", "{verb} my {noun}", "{verb} {name}'s {noun}", "{verb} [the|my] {adj} {thing}",
    "[pick up|collect|meet|drop off] [{who}|{name}] at {place}",
    "[pick up|collect] the [parcel|package|kids|dry cleaning|prescription|{thing}] [from|at] {place}", "bring the {thing} to {place}",
    "send [{who}|{name}|the client|the team] the [{thing}|{noun}|files|photos|slides|link]", "send the {thing}[| to {name}| to {who}]",
    "[pay|check|settle] the [rent|bills|electric bill|phone bill|invoice|parking ticket|fee]",
    "[leave|set off|get going|head out] for {place}", "stand up[| and stretch| for a bit]", "stretch[| my legs| my back| my neck]",
    "take a [break|short break|nap|walk|shower|deep breath]", "rest my eyes", "look out of the window",
    "[do|start|finish|hand in|check] my [homework|exercises|push-ups|yoga|taxes|essay|Spanish lesson]",
    "go [for a walk|for a run|home|to bed|to sleep|shopping|outside|swimming|jogging|upstairs]", "[join|start|prepare|leave] the {event}",
    "get ready for [the|my] {event}", "[move|charge|park|wash|refuel|lock] the [car|bike|scooter|van]", "log off", "go to bed",
    "have lunch", "[book|cancel|confirm|reschedule] the [{event}|table|hotel|flight|tickets|room]",
    "[read|study|revise] [chapter 3|page 50|my notes|unit 12|the {noun} book]",
    "[save|commit|push|back up|export] my [work|files|code|game|draft|photos]", "[hang up|fold|iron|start|move] the laundry",
    "eat [something|lunch|dinner|breakfast|a snack|an apple]", "take the [trash|bins|rubbish|recycling|dog|{pet}|{food}] out",
    "put the [{food}|{thing}|{noun}] in[|to] the [fridge|oven|car|{noun}|basement]",
    "[wish|tell] {name} [happy birthday|good luck|good night|the news|the truth|about {topic}]",
    "[practice|tune] the [guitar|piano|violin|flute|{noun}]",
    "[check|renew|return] [my|the] [email|library books|passport|lottery numbers|subscription|blood pressure|oil|mail]", "{verb} {topic}",
    "{verb} the {x}", "[call|feed|meet|text|ask|greet] {X}", "{verb} {X}'s {noun}", "{x} the {noun}", "[feed|water|wash] the {adj} {x}",
    "{x}", "[give|show|lend|return] [{who}|{name}] the [{noun}|{thing}|{adj} {noun}]",
    "{verb} {d} [{noun} parts|boxes|bottles|candles|cups|pages]", "[watch|record] [the {event}|the news|the {noun} show|episode {d}|{X}]",
    "meet [{who}|{name}] [at|near|in front of] {place}", "be [nice to {name}|quiet|at {place}|on time|home]", "smile", "breathe",
    "meditate", "journal", "shave", "exercise", "vacuum[| the {noun}| the stairs]",
    "[close|open|lock|shut] the [window|door|gate|shop|garage|curtains|balcony door|{noun}]",
    "apply [sunscreen|the cream|for the job|for a visa]", "write [a|the] [letter|card|report|review|{noun} list]",
    "[soak|peel|boil|chop|marinate|defrost|drain|bake|knead] the {food}", "[preheat|clean] the oven", "{verb} the {noun} and the {noun}",
    "{verb} and {verb} the {noun}",
)
NOT_TASKS: tuple[str, ...] = (
    "not to [open the {noun}|eat the {food}|call {name}|forget the {thing}"
    "|sit for too long|touch the {thing}|{verb} the {noun}|go to {place}]",
)
NOUNS: tuple[str, ...] = (
    "[3:the|my|our|that] {event}", "the {event} with [{name}|{who}]", "my {event} at {place}", "[the|my] {thing}", "the {food}", "{food}",
    "{thing}", "[the|my] {adj} {noun}", "{topic}", "{med}", "{name}'s [birthday|{event}|{noun}|visit]", "the {x}", "{event}", "lunch",
    "dinner", "bedtime", "my pills", "the {food} in the oven", "the {noun}", "a {event}", "the {thing} and the {thing}", "{X}", "tea time",
    "the call with {name}", "laundry", "the bins",
)
CLAUSES: tuple[str, ...] = (
    "the {food} is [ready|done|in the oven|on the stove|still cooking]",
    "the [{event}|show|{noun} sale] [starts|begins|is on|is about to start]",
    "the {thing} is [done|ready|finished|dry|full|still on|outside|in the car]", "{name} is [coming|waiting|here|arriving|at {place}]",
    "{who} is waiting", "my [{event}|shift|break|lesson] [starts|ends|is over|begins]", "the shop [closes|opens]",
    "the {noun} is [empty|full|wet|outside|hot|in the {noun}]", "we have [a|an] [{noun} test|{food} dinner|early {event}]",
    "I left the {thing} [on|outside|in {place}|open]", "the {x} is [ready|due|over]", "dinner is [ready|served|on the table]",
    "the bus [leaves|comes|is here]", "it's [{name}'s birthday|my turn|bin day|bedtime|lunch time]",
    "the {food} needs [stirring|salt|more water]", "{X} [is live|needs the {noun}|is hungry]",
    "the {pet} [is|was] [hungry|outside|in the {noun}]", "I promised {name} [a {noun}|the {thing}|to help]",
)

# "{rm} {t}" is a whole request once a time is added.
RM: tuple[str, ...] = (
    "remind me to", "remind me to", "remind me to", "remind me to", "remind me to",
    "remind me that I [have to|need to|should|must|wanted to]", "remind me I [have|need|gotta|got] to",
    "[ping|nudge|poke|buzz|alert|notify|prompt|tell|beep|message|bug|call|push|urge] me to", "don't let me forget to",
    "dont let me forget to", "make sure I [|don't forget to|remember to]", "help me remember to", "help me not to forget to",
    "see to it that I", "set [a|me a|up a|one] reminder [|for me ]to", "set an alarm [|for me ]to", "set [a|me a] timer to",
    "give me a [nudge|ping|shout|poke|heads-up|reminder|buzz|kick|meow|little push|signal|sign|call|hint] to",
    "put [in|down|up] a reminder [|for me ]to", "add a reminder to", "create a reminder to", "make [me |]a reminder to",
    "schedule a reminder to", "note for me to", "make a note [|for me ]to", "jog my memory to", "yell at me to", "meow at me to",
    "let me know [when it's time|it's time] to", "tell me when it's time to", "tell me [|that ]it's time to",
    "tell me I [should|have to|need to|must]", "remember for me to", "keep in mind for me that I have to", "ring me to", "ring a bell so I",
    "get me to", "have me", "start an alarm to", "wake me[| up] to", "remember me to", "shout at me to", "bother me to",
    "jot down a reminder to", "pls remind me to", "please remind me to", "just remind me to", "kindly remind me to", "plz remind me to",
    "leave me a reminder to", "drop me a reminder to",
)
TASK_FRAMES: tuple[str, ...] = (
    "{rm} {t} {w}", "{rm} {t} {w}", "{rm} {t} {w}", "{rm} {t}, {w}", "{w} {rm} {t}", "{w}, {rm} {t}",
    "{w} [please|pls|plz|kindly|just] {rm} {t}", "{w}: {rm} {t}",
    "[can|could|would|will|can't|cant] [you|u|ya] [|please |pls |maybe |quickly |perhaps |also ]{rm} {t} {w}?",
    "[can|could|would|will] you {w} {rm} {t}?", "{w} [could|can|would] you {rm} {t}?", "I['d like| want| need|'d love] you to {rm} {t} {w}",
    "[would|do] you mind? {rm} {t} {w}", "[is it possible|any chance] [for you to|you could|you can] {rm} {t} {w}?",
    "it would be [nice|great|lovely|super|purrfect] if you could {rm} {t} {w}", "I'd be [glad|happy|grateful] if you could {rm} {t} {w}",
    "[you should|you may|you have to|u need to] {rm} {t} {w}", "{t} {w}",
    "{t} {w}, [don't let me forget|remind me|please remind me|pls|ok|okay|will you|can you remind me|set a reminder|ping me]", "{t}, {w}",
    "{w}: {t}", "{w} - {t}", "{w} {t}", "reminder: {t} {w}", "reminder {w}: {t}", "reminder to {t} {w}", "reminder {w} to {t}",
    "a reminder to {t} {w}[|, please| pls]", "remind: {t}, {w}", "remind {w} {t}", "remind {t} {w}", "alarm {w}: {t}", "alarm {w} to {t}",
    "alarm {w}, {t}", "note: {t} {w}", "note to self: {t} {w}", "todo {w}: {t}", "to do: {t}, {w}", "{t} - {w}", "{t} ({w})", "{t} / {w}",
    "remind me {w} to {t}", "remind me {w} to {t}", "remind me {w} to {t}", "remind me {w} that I [have to|need to|should|must] {t}",
    "remind me {w}: {t}", "remind me {w} - {t}", "remind me {w}, {t}",
    "[ping|nudge|poke|buzz|alert|notify|tell|call|bug|beep] me {w} to {t}",
    "[ping|nudge|poke|buzz|beep|ring|meow at] me {w}[,| because|, cause|, since] I [have to|need to|gotta|must|should] {t}",
    "set [a|me a|up a] reminder {w} to {t}", "set [a|me a|an] reminder [for me |]{w}: {t}", "set an alarm {w} to {t}",
    "set an alarm {w}, I [need|have] to {t}", "set a reminder {w} called {t}",
    "give me a [nudge|ping|shout|poke|heads-up|reminder|buzz|sign] {w} to {t}",
    "give me a [nudge|shout|ping|buzz] {w}, I [have to|must|need to|want to] {t}", "make a note: {t} {w}", "wake me [up |]{w} to {t}",
    "wake me [up |]{w}, I [must|have to|need to] {t}",
    "I [have to|need to|must|should|gotta|want to] {t} {w}"
    "[, remind me|, can you remind me?|. Remind me|, don't let me forget|, pls remind]",
    "I [have to|need to|must|should|gotta|wanna] {t}"
    "[, remind me|. Please remind me|, so ping me|, set a reminder|. Alarm|, please call me|, wake me|. Tell me|, nudge me] {w}",
    "I [always forget|keep forgetting|tend to forget] to {t}, [remind me|ping me|nudge me|tell me] {w}",
    "I mustn't forget to {t}[, so remind me|. Remind me|, ping me|; remind me] {w}", "{w} I [have to|need to|must|should|want to] {t}",
    "{w} I [have to|need to|must|should|gotta] {t}"
    "[, remind me|, please remind me|, don't let me forget|, ok|, could you remind me?|. Can you remind me?]",
    "I want to {t} {w}[, help me remember|, remind me please|]",
    "I'll [surely|probably|totally|definitely] forget to {t}, [so |]remind me {w}", "if I don't {t} it will be bad, remind me {w}",
    "don't let me forget {w} to {t}", "dont forget: {t} {w}", "{w} don't let me forget to {t}", "it's important that I {t} {w}",
    "[let me know|tell me|say something|meow|shout|ring|beep|call me|knock] {w}"
    ", [I have to|so I can|so that I|because I must|I need to|I want to] {t}",
    "{w} tell me to {t}", "time to {t} {w}, remind me", "my plan: {t} {w}. Remind me", "plan for me: {w} {t}", "next up: {t} {w}",
    "put {t} on my list {w}", "put '{t}' {w}", "schedule: {t} {w}", "schedule {w} {t}", "remind me to {t}. {w}",
    "remind me to {t}! {w} [please|pls|]", "remind me to {t}, [let's say|say|maybe|how about|around|that is] {w}",
    "can you remind me of something? {t} {w}", "I'd like [a reminder|an alarm|a nudge|a ping|an alert|a little reminder] to {t} {w}",
    "I need [a reminder|an alarm|a nudge|a ping|an alert] to {t} {w}", "I need [a reminder|an alarm|a nudge] {w} to {t}",
    "[one|a] reminder please: {t} {w}", "new reminder: {t} {w}", "new reminder {w}: {t}", "new reminder, {w}, {t}", "add reminder {t} {w}",
    "add {t} {w}", "add to my reminders: {t} {w}", "save a reminder: {t} {w}", "what I need: {t} {w}. Remind me", "be my memory: {t} {w}",
    "be a good cat and {rm} {t} {w}", "be so kind and {rm} {t} {w}", "do me a favour and {rm} {t} {w}", "do me a favor: {rm} {t} {w}",
    "if you [can|could|have time|don't mind], {rm} {t} {w}", "when you can, {rm} {t} {w}", "your job: {rm} {t} {w}",
    "I'm [busy|cooking|working|gaming|reading|watching a film|studying], {rm} {t} {w}",
    "I'm [so |very |really |a bit |]forgetful, {rm} {t} {w}", "my memory is [bad|terrible|like a sieve], {rm} {t} {w}",
    "[going to|gonna] [work|nap|read|play] now, {rm} {t} {w}", "before I forget: {rm} {t} {w}", "before I forget, {t} {w}",
    "almost forgot, {rm} {t} {w}", "oh, and {rm} {t} {w}", "also {rm} {t} {w}", "one more: {t} {w}", "next: {rm} {t} {w}",
    "another one: {rm} {t} {w}", "quick one: {rm} {t} {w}",
    "{rm} {t} {w}, [will you|ok|okay|can you|would you|alright|could you|deal|right]?", "{rm} {t} {w} or I [will|'ll] forget",
    "{rm} {t} {w}, [it's important|don't forget|very important|I always forget|otherwise I forget]", "{w} beep, I need to {t}", "{w} = {t}",
    "{t} => {w}", "{t} @ {b}", "remind {b}: {t}", "{b}: {t}", "{b} {t}", "{b}, {t}", "reminder for {b}: {t}", "reminder for {b}, {t}",
    "set a reminder for {b} to {t}", "set a reminder for {b}: {t}", "set an alarm for {b} to {t}", "set an alarm for {b}, I have to {t}",
    "alarm for {b}: {t}", "alarm for {b} to {t}", "timer for {b} to {t}", "set a timer for {b} to {t}", "I need an alarm for {b} to {t}",
    "put an alarm for {b}: {t}", "could you set [a reminder|an alarm] for {b}[,| so I can| and tell me to| because I need to| to] {t}?",
    "schedule a reminder for {b} to {t}", "create a reminder for {b}: {t}", "[make|let] it {b}: {t}",
    "I'm supposed to {t} {w}, [remind me|ping me|please ping me]", "{name} wants me to {t} {w}, remind me",
    "my boss told me to {t} {w}. Remind me please", "I told {name} I'd {t} {w}, don't let me forget", "we agreed that I {t} {w}, remind me",
    "the doctor says I should {t}. Remind me {w}", "did I {t}? no. Remind me {w}", "I forgot to {t} yesterday, so remind me {w}",
    "still need to {t}, ping me {w}", "gotta {t}, ping me {w}", "have to {t} {w}, remind me", "must {t} {w}", "need to {t} {w}",
    "gotta {t} {w}", "should {t} {w}, pls remind", "{t}. {w}. thx", "{t}! {w}!", "{t}? remind me {w}", "{t}... remind me {w}",
    "{t}, remind me {w}", "{t} - remind me {w}", "{t}: remind me {w}", "to {t}: ping me {w}", "to {t}, remind me {w}",
    "for me to {t} {w}, set a reminder", "I wanna {t} {w}", "I plan to {t} {w}, keep me on it", "keep an eye on the clock: {w} I must {t}",
    "watch the clock for me, {w} I need to {t}",
)
NOUN_FRAMES: tuple[str, ...] = (
    "remind me [about|of] {n} {w}", "remind me {w} [about|of] {n}", "{w} remind me [about|of] {n}",
    "[can|could|would|will] you remind me [about|of] {n} {w}?", "{w}, please remind me about {n}", "don't let me forget {n} {w}",
    "dont let me forget about {n} {w}", "{w} don't let me forget {n}", "[ping|nudge|poke|alert|notify|buzz] me about {n} {w}",
    "{w} [ping|nudge|alert|tell] me about {n}", "set [a|me a|up a] reminder [for|about] {n} {w}", "set an alarm for {n} {w}",
    "set an alarm {w} for {n}", "I need [a reminder|an alarm|a nudge] [for|about] {n} {w}", "reminder about {n} {w}",
    "reminder {w} about {n}", "reminder [for|:] {n} {w}",
    "{n} {w}, [remind me|please remind me|don't let me forget|ping me|set a reminder]", "{n} {w}", "{n}, {w}", "{w}: {n}",
    "note for me: {n} {w}", "give me a [heads-up|nudge|shout|ping] about {n} {w}", "give me a [heads-up|nudge|shout|ping] {w} about {n}",
    "timer for {n} {w}", "[start|set] a timer for {n}, {b}", "{n}: {b}", "{b} for {n}", "set a timer for {n} {w}",
    "I have {n} {w}, [remind me|don't let me forget|ping me]", "there's {n} {w}, remind me", "wake me [up |]for {n} {w}",
    "wake me [up |]{w} for {n}", "call me {w} for {n}", "set {b} for {n}", "alarm for {n}: {b}", "tell me {w} about {n}",
    "make a note about {n} {w}", "I should think of {n} {w}", "make me think of {n} {w}", "{n} is {w}, please remind me",
    "it's about {n}: remind me {w}", "because of {n}: alarm {w}", "help me remember {n} {w}", "I will forget {n}, remind me {w}",
    "add {n} {w}", "alert {w} for {n}",
)
CLAUSE_FRAMES: tuple[str, ...] = (
    "remind me that {c} {w}", "remind me {w} that {c}", "{w} remind me that {c}", "tell me {w} that {c}", "tell me that {c} {w}",
    "{w} tell me that {c}", "[can|could|would] you tell me {w} that {c}?", "let me know {w} that {c}",
    "[can|could|will] you remind me {w} that {c}?", "[ping|nudge|alert|notify|poke] me {w} that {c}",
    "don't let me forget that {c}, remind me {w}", "note for me {w} that {c}", "{c}, [remind me|tell me|ping me] {w}",
    "warn me {w} that {c}", "set a reminder {w} that {c}", "shout {w} that {c}", "say {w} that {c}", "please say that {c} {w}",
    "I need to know {w} that {c}", "send me a reminder {w} that {c}", "make sure I know {w} that {c}", "remind me that {c}. {w}",
)
NOT_FRAMES: tuple[str, ...] = (
    "remind me {t} {w}", "remind me {w} {t}", "{w} remind me {t}", "[can|could] you remind me {t} {w}?", "tell me {t} {w}",
    "tell me {w} {t}", "warn me {w} {t}",
)
# The person names nothing here. {b} and {a} are durations in TIMER, clock times in ALARM.
TIMER_FRAMES: tuple[str, ...] = (
    "[set|start|run|make|give me|put on|launch|begin|I need|I want|I'd like] a timer for {b}", "timer {b}", "{b} timer",
    "{a} timer[|, go| please| pls|, start]", "[set|start|run|give me|I need|create] a {a} timer", "timer for {b}",
    "[can|could|would|will] you [set|start|run|make] a [timer for {b}|{a} timer]?", "count down {b}", "countdown {b}",
    "[start|do|run|make] a {a} countdown", "{a} countdown[| please]", "countdown of {b}", "timer: {b}", "timer, {b}", "{b} on the timer",
    "put {b} on the clock", "[set|start] [the|my] timer to {b}", "time {b} for me", "start counting {b}", "set timer {b}",
    "start timer {b}", "{b} countdown", "I need a countdown, {b}", "count {b} for me", "kitchen timer, {b}", "egg timer {b}",
    "another timer, {b}", "one timer with {b}", "stop me after {b}", "start a timer that rings {w}", "timer that goes off {w}",
    "set a timer and ring {w}", "beep when {b} [are over|are up]", "tell me when {b} [have passed|are over|are up]",
    "let me know when {b} are up", "ring {w}", "timer please. {b}", "pomodoro, {b}", "could I have a {a} timer?", "how about a {a} timer?",
    "{b}, timer", "quick timer {b}",
)
ALARM_FRAMES: tuple[str, ...] = (
    "set an alarm for {b}", "set [the|my] alarm [to|for] {b}", "alarm {w}", "alarm for {b}", "an alarm {w}[|, please| pls]",
    "[can|could|would|will] you set an alarm [for {b}|{w}]?", "set an alarm {w}", "alarm: {b}", "{b} alarm", "I need an alarm {w}",
    "I need an alarm for {b}", "put [on |]an alarm for {b}", "make an alarm for {b}", "alarm clock {w}", "alarm clock for {b}",
    "start an alarm for {b}", "give me an alarm {w}", "ring [the bell |the alarm |]{w}", "add an alarm {w}", "new alarm {b}",
    "I'd like an alarm {w}", "let the alarm ring {w}", "sound the alarm {w}", "an alarm for {b} would be [nice|good|great]",
    "create an alarm for {b}", "schedule an alarm for {b}",
)
WAKE_FRAMES: tuple[str, ...] = (
    "wake me [up |]{w}", "wake me {w}[|, please| pls|, ok?]", "[can|could|would|will] you wake me [up |]{w}?", "{w} wake me up",
    "I have to get up {w}", "I need to wake up {w}", "get me up {w}", "I want to [get|wake] up {w}", "get me out of bed {w}",
    "don't let me [oversleep|sleep too long], wake me {w}",
    "I'm [taking a nap|going to nap|tired|going to bed|lying down|sleepy], wake me [up |]{w}", "nap time, wake me {w}", "wakeup call {w}",
    "wake-up call {w}[| please]", "let me sleep and wake me {w}", "I gotta be up {w}", "make sure I'm awake {w}", "make sure I wake up {w}",
    "wake up alarm {w}", "short nap. Wake me {w}", "please wake your human {w}",
)
BLANK_FRAMES: tuple[str, ...] = (
    "remind me {w}", "ping me {w}", "poke me {w}", "nudge me {w}", "set a reminder {w}", "set a reminder for {b}",
    "[can|could|would] you [remind|ping|nudge|poke|buzz] me {w}?", "reminder {w}", "reminder for {b}", "beep me {w}", "buzz me {w}",
    "give me a [shout|nudge|ping|buzz|sign|meow|poke] {w}", "call me {w}", "meow {w}", "meow at me {w}", "let me know {w}", "tell me {w}",
    "alert me {w}", "notify me {w}", "I need a reminder {w}", "I need a nudge {w}", "remind me again {w}",
)
NO_TIME_FRAMES: tuple[str, ...] = (
    "{rm} {t}", "{rm} {t}", "[can|could|would|will] you {rm} {t}?",
    "I [have to|need to|must] {t}, [remind me|please remind me|don't let me forget]",
    "{rm} {t} [later|soon|sometime|at some point|in a while|in a bit]", "reminder: {t}", "remind me: {t}", "I'd like a reminder to {t}",
    "I need a reminder to {t}", "set a reminder: {t}", "{t}, remind me", "add a reminder, {t}",
    "I always forget to {t}, can you remind me?", "please don't let me forget to {t}", "later {rm} {t}", "new reminder: {t}",
    "it would be nice if you could {rm} {t}", "be so kind and {rm} {t}", "I want you to {rm} {t}", "do me a favor and {rm} {t}",
    "don't forget that I have to {t}, remind me", "note for me: {t}, remind me",
)
NO_TASK_FRAMES: tuple[str, ...] = (
    "remind me", "remind me of something", "remind me of something [please|pls|later]", "[can|could|would] you remind me of something?",
    "set a reminder", "[can|could] you set a reminder [for me|]?", "I need a reminder", "I need an alarm", "I want a reminder",
    "new reminder", "add a reminder", "set an alarm", "set a timer", "I need you to remind me of something", "make a reminder",
    "can you remind me?", "don't let me forget something", "reminder please",
)
HOW_FRAMES: tuple[str, ...] = (
    "how do [|your |the ]reminders work?", "[can|could] you [set|do|make] reminders?", "do you have [reminders|alarms|timers|a timer]?",
    "how do I set a reminder?", "are you able to remind me of things?", "what can you remind me of?", "can you wake people up?",
    "how can I set an alarm with you?", "do you do timers?", "can you ring at a certain time?", "will you really remember that?",
    "is there a reminder function?",
)
CHAT_FRAMES: tuple[str, ...] = (
    "that reminds me of [my {noun}|{name}|my childhood|the {noun}|summer|{who}]", "you remind me of [my {pet}|{name}|{who}|a {noun}]",
    "this song reminds me of {name}", "I [forgot|missed] [the {event}|to {t}] yesterday", "I already [had lunch|drank water|fed the {pet}]",
    "my alarm [was too loud|woke me up|did not ring] today", "I hate alarms", "I love reminders", "nobody reminded me",
    "the alarm clock of my neighbour is so loud", "thanks for reminding me", "I remembered it all by myself", "I was on time today",
)

OPENERS: tuple[str, ...] = (
    "hey nyanko, ", "nyanko, ", "hi nyanko! ", "hello, ", "um, ", "umm ", "ok so ", "ok, ", "okay ", "so, ", "hey, ", "hey ", "yo ", "hi, ",
    "please ", "pls ", "please, ", "dear cat, ", "kitty, ", "kitty kitty, ", "listen, ", "quick: ", "oh! ", "oh ", "ah, ", "well, ",
    "alright, ", "good morning! ", "good evening, ", "hello nyanko, ", "nyanko please ", "Nyanko! ", "hey cat, ", "meow! ", "excuse me, ",
    "sorry, ", "one thing: ", "right, ", "now ", "and ", "btw ", "uh ", "hm, ", "I'm back. ", "long day. ", "I'm so tired today. ",
    "busy day here. ", "ugh, ", "yay, ", "nice to see you. ", "I put the kettle on. ", "I'm in the kitchen. ", "you're a good cat. ",
    "help! ", "psst, ", "hiya, ", "my friend, ", "little one, ", "got a minute? ", "I need your help. ", "question: ", "small request: ",
    "a favour: ", "yes, ", "no wait, ", "thanks! now ", "great, ", "cool, ", "sweetie, ", "nya, ", "hey there, ", "good afternoon, ",
    "if you would: ", "nyanko: ", "@nyanko ",
)
CLOSERS: tuple[str, ...] = (
    ", please", " please", " pls", " plz", ", thanks", " thanks", " thx", ", thank you", " ty", ", nyanko", " nyanko", ", ok", ", okay",
    " if you can", ", dear", " :)", " 🙏", " 😺", " ^^", ", will you", ", kitty", " for me", ", cheers", " lol", ", thanks a lot", ". Thanks",
    ". Thank you", ". That would be great", ". I always forget", ". You're the best", ". It's important", ". Don't forget",
    ". I count on you", " ❤️", " !!", ", much appreciated", ". Thx", ". Good cat", " haha", "...", " 🐱", ", my friend",
)

REPLIES: tuple[str, ...] = (
    "Okay, {hm}: {what}.", "Noted, nya. {hm}: {what}.", "I will remind you at {hm}: {what}.", "Done. At {hm} I meow: {what}.",
    "Got it, {what} at {hm}. Nya!", "All set for {hm}: {what}.", "Sure. Reminder at {hm}: {what}.", "My ears are up until {hm}: {what}.",
    "Gladly. {hm}, {what}.", "It is set for {hm}: {what}. Meow.",
)
DATE_REPLIES: tuple[str, ...] = (
    "Okay, {day} at {hm}: {what}.", "Noted, nya. {day} {hm}: {what}.", "I will remind you on {day} at {hm}: {what}.",
    "Done. {day} at {hm}: {what}.", "All set for {day} {hm}: {what}. Meow.",
)
ASK_WHEN: tuple[str, ...] = (
    "Gladly: {what}. When, nya?", "{what}, okay. At what time?", "Sure. When shall I remind you: {what}?",
    "I can do that: {what}. In how many minutes, or at what time?", "When should I meow for that: {what}?",
)
ASK_BOTH: tuple[str, ...] = (
    "Sure. What shall I remind you of, and when?", "Gladly, nya. Tell me what and when.", "Of course. What is it, and at what time?",
    "Okay. What and when?",
)
ASK_DATE: tuple[str, ...] = (
    "For another day I need the date in digits, like 2026-12-01 09:00.",
    "Which date is that, nya? Please write it in digits, like 2026-12-01 09:00.",
    "Gladly: {what}. Please give me the date in digits, like 2026-12-01 09:00.",
)
OVER: tuple[str, ...] = (
    "That time is over, nya. Which other time shall I take?", "Hm, that time has passed. Tell me another one, please.",
    "I cannot ring in the past, sorry. When instead?", "That time is already over. Please choose a later one.",
)
HOW: tuple[str, ...] = (
    "Tell me what and when, like: remind me in 10 minutes to drink water.", "Just say what and when, nya. I ring at that time.",
    "Yes, I can. Tell me the thing and the time.",
)
CHAT: tuple[str, ...] = (
    "Oh, I see, nya. Tell me more.", "Mm, I am listening.", "I understand. How do you feel about it?", "Nya, thank you for telling me.",
)
THANKS: tuple[str, ...] = (
    "[thanks|thx|thank you|ty|cheers|tysm|many thanks|merci|danke]"
    "[|!|!!|.| nyanko| so much| a lot| kitty| :)| ❤️|, you're the best|, good cat| dear]",
    "[great|perfect|nice|cool|awesome|good|lovely|super|wonderful][|!|, thanks|, thank you| cat|, thx]",
    "[ok|okay|k|alright][|, thanks| thx| cool|, good|!]",
    "[good cat|good kitty|you're sweet|you're the best|what would I do without you|love you|that's kind|you saved me|nice one][|!|.| :)]",
)
WELCOME: tuple[str, ...] = (
    "You are welcome, nya.", "Any time!", "Gladly. I keep an eye on the clock.", "Purr. You are welcome.", "With pleasure, nya.",
    "Of course. I am here.",
)
THEN: tuple[str, ...] = (
    "{w}", "{w}", "{w}", "{w} [please|pls|thanks|thx|is fine|would be good|I think|maybe|sounds good|then|works|ok?]", "{b}",
    "{b} [please|pls|is good|is fine|would be nice|then]",
    "[hm|hmm|uh|um|ok|oh|well|let's say|say|maybe|make it|how about|I think|oh right], {w}",
    "[make it|let's do|let's say|say|take|maybe|I'd say|better] {b}", "{w}, [nyanko|kitty|that's enough|I guess|thank you]", "sorry, {w}",
    "I meant {w}", "oh, {w} of course", "right, {w}", "{b} would be great", "do it {w}", "remind me {w}", "ring {w}",
)
CHANGE: tuple[str, ...] = (
    "[no|oh no|wait|hm|sorry|actually|oops], [make it|make that|change it to|I meant|better|rather|change that to] {b}",
    "[make it|change it to|let's make that] {b} [instead|please|after all|rather]", "no, {w}", "sorry, {w}", "better {w}",
    "[rather|actually|instead] {w}", "wait, {w} please", "{w} [instead|is better|fits better|would be better]", "I changed my mind, {w}",
    "can you make it {b}?", "could we do {b} instead?", "please move it to {b}", "not then, {w}", "oops, I meant {w}",
)
ANOTHER_DAY: tuple[str, ...] = (
    "tomorrow", "tomorrow morning", "tomorrow {w}", "tomorrow evening {w}", "on [Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday]",
    "next [week|month|Monday|Friday|Tuesday]", "on [Monday|Tuesday|Friday|Sunday] {w}", "the day after tomorrow", "next weekend",
    "{w} tomorrow", "in [two|three|four|5|6] days", "in a week",
)
SPOKEN_DURATIONS: tuple[str, ...] = (
    "half an hour=30m", "half hour=30m", "a half hour=30m", "0.5 hours=30m", "an hour and a half=90m", "an hour and a half=90m",
    "one and a half hours=90m", "1.5 hours=90m", "1 1/2 hours=90m", "1.5h=90m", "1h30=90m", "1 and a half hours=90m",
    "one hour and a half=90m", "a quarter of an hour=15m", "a quarter of an hour=15m", "quarter of an hour=15m", "a quarter hour=15m",
    "an hour=1h", "three quarters of an hour=45m", "two and a half hours=150m", "2.5 hours=150m", "2.5h=150m", "2 and a half hours=150m",
    "3.5 hours=210m", "three and a half hours=210m", "an hour and a quarter=75m", "an hour=1h", "one hour=1h", "a minute=1m",
    "one minute=1m", "a couple of minutes=2m", "a couple of hours=2h",
)
