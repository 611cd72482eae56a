"""English arithmetic frames: how people ask for sums, and how Nyanko answers. With the few makers that
only English needs: number words, nouns, typing habits. Knows no expression and no result.

Keys are expression templates. Letters: a b f g any number, c d e counts, p q s prices, k l larger amounts,
n a bank note, t u percentages, r the previous result; ``{$p}`` is a price with its currency, ``{x}`` a whole expression.
``a~b`` is the difference, larger minus smaller. ``{thing}`` and ``{name}`` stay the same within one frame, ``{w}`` is a made-up word.
"""

from __future__ import annotations

import random
import re

from .grammar import Slot, pick

PHRASES: dict[str, tuple[str, ...]] = {
    "a+b": ("{a} plus {b}", "{a} + {b}", "{a}+{b}", "{a} and {b} together", "the sum of {a} and {b}", "{a} added to {b}",
        "{a} with {b} added", "{a} [&|and] {b} [summed|added up|combined]", "[adding|summing] {a} and {b}", "{a} increased by {b}",
        "the total of {a} and {b}", "{b} more than {a}", "{a} with {b} [more|extra]", "{a} and then {b} more", "{a} on top of {b}",
        "sum of {a} and {b}", "{a} [plus|add|and] {b}"),
    "a-b": ("{a} minus {b}", "{a} - {b}", "{a}-{b}", "{a} less {b}", "{a} take away {b}", "{a} decreased by {b}", "{a} reduced by {b}",
        "{a} without {b}", "{a} with {b} [taken off|removed|taken away|subtracted]", "{a} and then [minus|take off] {b}",
        "{a} lowered by {b}", "{a} − {b}", "{a} [minus|take] {b}"),
    "b-a": ("{a} less than {b}", "{a} subtracted from {b}", "{a} taken [away |]from {b}", "{a} off {b}", "{a} fewer than {b}",
        "{a} deducted from {b}", "{a} below {b}", "subtracting {a} from {b}", "taking {a} from {b}", "{a} removed from {b}"),
    "a~b": ("the difference between {a} and {b}", "difference of {a} and {b}", "the [gap|distance] between {a} and {b}",
        "the difference [from|of] {a} [to|and] {b}", "diff between {a} and {b}"),
    "a*b": ("{a} times {b}", "{a} * {b}", "{a}*{b}", "{a} x {b}", "{a}x{b}", "{a} × {b}", "{a} multiplied by {b}",
        "the product of {a} and {b}", "product of {a} and {b}", "{a} lots of {b}", "{a} by {b}", "{a} [times|multiplied with] {b}",
        "{a} [groups|sets|packs|rows] of {b}", "multiplying {a} by {b}", "{a} mult by {b}"),
    "a/b": ("{a} divided by {b}", "{a} over {b}", "{a} / {b}", "{a}/{b}", "{a} ÷ {b}", "{a} split [by|into|between] {b}",
        "{a} shared [by|between|among] {b}", "the quotient of {a} and {b}", "quotient of {a} and {b}", "the ratio of {a} to {b}",
        "{a} [divided|div] by {b}", "dividing {a} by {b}", "{a} cut into {b} [equal |]parts"),
    "b/a": ("{b} divided by {a}", "how many times {a} goes into {b}", "{b} over {a}"),
    "a^b": ("{a} to the power of {b}", "{a}^{b}", "{a} to the power {b}", "{a} ^ {b}", "{a} raised to [the power of |]{b}", "{a}**{b}",
        "the {b}th power of {a}"),
    "a/2": ("half of {a}", "half {a}", "one half of {a}", "{a} halved", "{a} cut in half", "[50 percent|fifty percent|a half] of {a}"),
    "a*2": ("double {a}", "twice {a}", "{a} doubled", "the double of {a}", "two times {a}"),
    "a*3": ("triple {a}", "{a} tripled", "three times {a}", "thrice {a}"), "a/3": ("a third of {a}", "one third of {a}", "{a} in thirds"),
    "a/4": ("a quarter of {a}", "one quarter of {a}", "one fourth of {a}"), "a*10": ("ten times {a}", "{a} tenfold"),
    "a^2": ("{a} squared", "the square of {a}", "{a} square", "{a}²", "{a} to the second power", "square of {a}", "{a} times itself"),
    "a^3": ("{a} cubed", "the cube of {a}", "{a}³", "cube of {a}", "{a} to the third power"),
    "sqrt(a)": ("the square root of {a}", "square root of {a}", "sqrt({a})", "sqrt {a}", "√{a}", "the root of {a}", "sq root of {a}"),
    "a*t%": ("{t}% of {a}", "{t} percent of {a}", "{t} % of {a}", "{t} per cent of {a}", "{t}pct of {a}", "{a} times {t}%",
        "[a |]{t}% [share|cut|part|slice] of {a}", "{t}% tip on {a}", "{t}% tax on {a}", "{t}% [interest|commission|fee] on {a}"),
    "a-t%": ("{t}% off {a}", "{t} percent off {a}", "{a} minus {t}%", "{a} with {t}% off", "{a} less {t}%", "{a} with a {t}% discount",
        "{a} reduced by {t}%", "{a} after a {t} percent [drop|cut|discount]", "{a} - {t}%", "{t}% less than {a}", "{a} down {t}%"),
    "a+t%": ("{a} plus {t}%", "{a} with {t}% [added|extra|tax|vat|on top]", "{a} increased by {t}%", "{a} + {t}%", "{t}% more than {a}",
        "{a} plus {t} percent", "{a} raised by {t}%", "{a} after a {t} percent [raise|rise|increase]", "{a} incl. {t}% tax", "{a} up {t}%"),
    "a+b+f": ("{a} plus {b} plus {f}", "the sum of {a}, {b} and {f}", "{a} and {b} and {f} [together|summed|added up]",
        "{a}, {b} and {f} in total", "{a} + {b} + {f}"),
    "a+b-f": ("{a} plus {b} minus {f}", "the sum of {a} and {b} minus {f}", "{a} plus {b} less {f}"),
    "a-b+f": ("{a} minus {b} plus {f}", "{a} - {b} + {f}"),
    "a-b-f": ("{a} minus {b} minus {f}", "{a} minus {b} and minus {f}", "{a} less {b} less {f}", "{a} take away {b} and {f}"),
    "a*b+f": ("{a} times {b} plus {f}", "{a} multiplied by {b}, plus {f}", "the product of {a} and {b} plus {f}", "{a} x {b} + {f}"),
    "a*b-f": ("{a} times {b} minus {f}", "{a} multiplied by {b}, minus {f}", "the product of {a} and {b} minus {f}", "{a} x {b} - {f}"),
    "a+b*f": ("{a} plus {b} times {f}", "{a} plus the product of {b} and {f}", "{a} + {b} x {f}"),
    "a-b*f": ("{a} minus {b} times {f}", "{a} minus the product of {b} and {f}"),
    "a*b*f": ("{a} times {b} times {f}", "the product of {a}, {b} and {f}", "{a} by {b} by {f}", "{a} x {b} x {f}"),
    "(a+b)*f": ("the sum of {a} and {b}, times {f}", "{a} plus {b}, all times {f}", "({a} plus {b}) times {f}",
        "{a} plus {b} in brackets times {f}"),
    "(a-b)*f": ("({a} minus {b}) times {f}", "{a} minus {b}, all times {f}", "{a} less {b}, [the whole|all that] multiplied by {f}"),
    "(a+b)/f": ("({a} plus {b}) divided by {f}", "the sum of {a} and {b} divided by {f}", "{a} plus {b}, all [over|divided by] {f}"),
    "(a-b)/f": ("({a} minus {b}) divided by {f}", "{a} minus {b}, all divided by {f}"),
    "(a+b)/2": ("the average of {a} and {b}", "the mean of {a} and {b}", "average of {a} and {b}", "halfway between {a} and {b}",
        "half of {a} plus {b} in brackets"),
    "(a+b+f)/3": ("the average of {a}, {b} and {f}", "the mean of {a}, {b} and {f}"),
    "a*b/f": ("{a} times {b} divided by {f}", "{a} times {b} over {f}"), "a/b+f": ("{a} divided by {b} plus {f}", "{a} over {b}, plus {f}"),
    "a/b-f": ("{a} divided by {b} minus {f}",), "a*(b+f)": ("{a} times ({b} plus {f})", "{a} times the sum of {b} and {f}"),
    "a*(b-f)": ("{a} times ({b} minus {f})", "{a} times the difference of {b} and {f}"),
}
"""Noun-like phrases that fit into ASK."""

BARE3: tuple[str, ...] = (
    "a+b+f", "a+b-f", "a-b+f", "a-b-f", "a*b+f", "a*b-f", "a+b*f", "a-b*f", "a*b*f", "(a+b)*f", "(a-b)*f", "(a+b)/f", "(a-b)/f", "a*(b+f)",
    "a*(b-f)", "a*b/f", "a/b+f", "a/b-f", "a/b*f", "a+b/f", "a-b/f", "(a+b)*(f+g)", "(a+b)*(f-g)", "a*b+f*g", "a*b-f*g", "a+b+f+g",
    "(a+b+f)/g", "a^2+b", "(a+b)^2", "a^2+b^2",
)

ASK: tuple[str, ...] = (
    "{x}", "{x}?", "{x} please", "{x} pls", "what is {x}?", "what's {x}?", "whats {x}?",
    "what does {x} [make|give|equal|come to|come out to|work out to|amount to]?", "how much is {x}?",
    "how much does {x} [make|come to|give|add up to]?",
    "[can|could|would|will] you [calculate|compute|work out|figure out|do|solve|tell me] {x}[ please| for me||]?", "calculate {x}",
    "compute {x}", "calc {x}", "work out {x}[ for me||]", "figure out {x}", "solve {x}", "do {x}[ for me| real quick||]", "evaluate {x}",
    "tell me {x}", "give me {x}", "[please|pls|kindly] [calculate|compute|work out|tell me|do] {x}", "i need [to know |]{x}",
    "i need the [result|answer|value|outcome] of {x}", "i want to know {x}", "i'd like [to know |]{x}",
    "what do i get [for|from|with|if i do] {x}?", "what would {x} be?", "what will {x} [be|make|give]?", "so {x} is [what|how much]?",
    "{x} is what?", "{x} equals what?", "{x} equals?", "{x} makes [how much|what]?", "{x} is how much?", "do you know [what |]{x}[ is|]?",
    "do u know {x}?", "any idea what {x} is?", "[quick|small|short|little] [question|one|sum|math question]: {x}?", "quick math: {x}",
    "math time: {x}", "[sum|maths|math] for you: {x}", "let's [calculate|compute|do] {x}", "let me know {x}",
    "[the |]answer [to|for|of] {x}?", "[the |]result of {x}?", "find {x}", "find out {x} [for me|please|]", "check {x}[ for me| please||]",
    "[could|can] you check {x}?", "[could|can] you help me with {x}?", "help me with {x}", "help me [calculate|work out] {x}",
    "i [can't|cannot|cant] [work out|figure out|do] {x}[ in my head||]",
    "i [keep forgetting|forgot|don't know|dont know|never know] [what |]{x}[ is|]",
    "my [calculator|phone|abacus] is [dead|broken|lost], what's {x}?",
    "my [teacher|boss|brother|sister|kid|son|daughter|mum|dad|friend|neighbour|colleague] [asks|wants to know|asked me]: {x}?",
    "[for|from] [my|the] [homework|exam|recipe|invoice|tax form|report|class|diary]: {x}",
    "[task|question|exercise|problem|number|nr] {no}: {x}", "{no}) {x}", "and now {x}", "next: {x}", "next one, {x}", "ok {x}?",
    "now [do|calculate] {x}", "one more: {x}", "what about {x}?", "how about {x}?", "i was wondering what {x} is",
    "wondering [about|what's] {x}", "is it hard to [do|calculate] {x}?", "are you able to [do|work out|compute] {x}?",
    "could it be that you know {x}?", "say, what is {x}?", "how do i get {x}? just the [number|result]",
    "just the [number|result|answer]: {x}", "only the result please: {x}", "[in your head|by heart|with your paws|little cat]: {x}?",
    "whats the [answer|result] [to|of|for] {x}?", "what's the [value|result|outcome|answer] [of|for|to] {x}?", "/calc {x}", "= {x}",
    "calculator: {x}", "please do the [math|maths|sum|calculation]: {x}", "run [the numbers|this]: {x}", "type {x} into your calculator",
    "use your calculator [on|for] {x}", "use the calculator: {x}", "i got stuck [at|on|with] {x}", "stuck at {x}, help",
    "hmm, {x} makes...?", "{x} = how much?", "{x}, what is that?", "{x}, what's that[ then||]?", "{x}, how much is [it|that]?",
    "{x}, [quick|fast|now]", "{x} [quickly|fast|asap] [please|pls|]", "{x} - [go|answer|result|solve|you know it]?",
    "{x}... [any idea|help|your turn|do you know]?", "the {w} [says|writes|shows|printed] {x}, what is it?", "in {w} we need {x}",
    "[on|for] the {w} {thing}: {x}", "the {thing} [need|cost|show|say] {x}, how much is that?", "{name} [says|asks|wrote|wants] {x}",
    "{name} asked me [for|about] {x}", "{name} and i [argue|disagree|bet] about {x}, what is right?", "tell {name} what {x} is",
    "[before|after] [lunch|bed|work|dinner|the meeting] i need {x}", "{w} {x} {w}",
    "i am [cooking|packing|shopping|building a shelf|planning a trip|doing taxes|sewing|baking|on the phone], [how much is|what is] {x}?",
    "[would|could] you be so kind [and|to] [calculate|compute|tell me] {x}?", "show me {x}", "what number is {x}?", "which number is {x}?",
    "what number do i get from {x}?", "what comes out [of|at|for|if i do] {x}?", "[double |]check for me: {x}",
    "{x} is? i [forgot|need it|am lost]", "i typed {x} and [want the result|need a number|wonder what comes out]",
    "what's {x} [again|then|exactly|in total|all in all|in the end|today|anyway]?", "wat is {x}", "wuts {x}", "hw much is {x}",
    "how mch is {x}?", "[guess|riddle|puzzle]: {x}?", "[a|one] {w} {w} told me {x}, so how much?", "let us say {x}, what is it?",
    "suppose i have {x}, how much is it?", "imagine {x} {thing}, how many are they?", "{x} {thing}, how many?",
    "if i [type|enter|do|have|take] {x} what [comes out|do i get|is it|happens]?", "i think i need {x}",
    "i guess it's {x}, what's the number?", "could use {x} [right now|here|]", "the formula is {x}", "expression: {x}", "[want|need] {x}",
    "need {x} [asap|fast|now|for work|for school]", "gimme {x}", "lemme know {x}", "tell me how much {x} is",
    "tell me what {x} [is|makes|comes to|gives]", "you know what {x} is?", "explain nothing, just {x}",
)

WHOLE: dict[str, tuple[str, ...]] = {
    "a+b": ("add {a} and {b}", "add {a} to {b}", "[please |]add [up |]{a} and {b}[ for me||]", "sum [up |]{a} and {b}",
        "put {a} and {b} together", "if i add {a} [to|and] {b}, what do i get?", "what do {a} and {b} make?",
        "how much are {a} and {b} [together|combined|in total]?", "what's the total if i have {a} and [another |]{b}?", "{a}, add {b}",
        "take {a} and add {b}", "start with {a}, then add {b}", "[can|could] you add {a} and {b}?", "i have {a} and get {b} more",
        "combine {a} and {b}", "what is {a} when you add {b}?", "increase {a} by {b}", "raise {a} by {b}", "count {a} and {b} together",
        "what number is {b} [more|bigger|larger|higher] than {a}?", "{a} {thing} and {b} {thing}, how many [in all|altogether|is that]?",
        "{a} {w} plus {b} {w}", "{a} {w} and {b} {w} together?", "what comes after adding {b} to {a}?"),
    "a-b": ("{a}, take away {b}", "take {a} and subtract {b}", "start with {a} and take away {b}",
        "if i have {a} and lose {b}, what is left?", "what's left of {a} [after|when i take away] {b}?", "what remains of {a} minus {b}?",
        "reduce {a} by {b}", "decrease {a} by {b}", "lower {a} by {b}", "how much is left if i take {b} out of {a}?",
        "{a} and {b} less, what is it?", "i had {a}, now {b} [is|are] gone", "how much more is {a} than {b}?",
        "by how much is {a} [bigger|larger|greater|more] than {b}?", "{a} {w} minus {b} {w}",
        "{a} {thing}, {b} [are gone|got lost|broke|were sold], how many are left?", "from {a} go down {b}", "{a} take off {b} please",
        "how much [larger|higher] is {a} compared to {b}?", "what must i add to {b} to get {a}?"),
    "b-a": ("subtract {a} from {b}", "take {a} [away |]from {b}", "[can|could|would] you subtract {a} from {b}?",
        "[please |]deduct {a} from {b}", "remove {a} from {b}", "take {a} off {b}", "take {a} out of {b}",
        "if i subtract {a} from {b}, what do i get?", "what is left when i take {a} from {b}?", "how much is missing from {a} to {b}?",
        "how far is it from {a} to {b}?", "how many from {a} up to {b}?", "what number is {a} less than {b}?",
        "how much do i need to get from {a} to {b}?", "i have {a} and need {b}, how much is missing?", "got {a}, need {b}, how much more?",
        "what's [missing|lacking] if i have {a} of {b}?", "how much [smaller|less|lower] is {a} than {b}?",
        "from {b} subtract {a}: how do i get there? i mean {a} from {b}", "knock {a} off {b}", "{a} has to be taken from {b}"),
    "a~b": ("what is the difference between {a} and {b}?", "how far apart are {a} and {b}?",
        "how big is the [gap|difference] between {a} and {b}?", "compare {a} and {b}, what's the difference?",
        "{a} vs {b}, what's the [gap|difference]?", "{a} or {b}, how much is between them?",
        "one {w} has {a}, the other {b}, what's the difference?"),
    "a*b": ("multiply {a} by {b}", "multiply {a} and {b}", "[please |]multiply {a} with {b}", "[can|could] you multiply {a} by {b}?",
        "take {a} {b} times", "if i multiply {a} by {b}, what do i get?", "what do {a} and {b} multiply to?", "{a} {thing} times {b}",
        "{b} [boxes|bags|crates|shelves] with {a} {thing} each, how many {thing}?", "i have {a}, times {b}",
        "what's {a} repeated {b} times?", "scale {a} by [a factor of |]{b}", "{a} [for each of|in each of] {b}, how much is it?",
        "{a} {w} each with {b} {w}, how many?", "[area|surface] of {a} by {b}?",
        "a [room|garden|field|sheet|wall|carpet|rectangle|plot] of {a} [by|x|times] {b}, what's the area?",
        "{a} rows with {b} {thing} in each", "{a} times {b} makes what", "how much do i get with {a} multiplied by {b}?",
        "times table: {a} and {b}"),
    "a/b": ("divide {a} by {b}", "[please |]divide {a} by {b}", "[can|could] you divide {a} by {b}?",
        "split {a} [into|by|between|among] {b}", "split {a} into {b} [equal |]parts", "share {a} [between|among] {b}",
        "if i divide {a} by {b}, what do i get?", "how many times [does|will] {b} [go|fit] into {a}?", "how often does {b} fit in {a}?",
        "how many {b}s are in {a}?", "{a} for {b} people, how much each?", "{a} {thing} for {b} kids, how many each?", "cut {a} into {b}",
        "how much is one part if {a} is split in {b}?", "{a} {w} over {b} {w}", "divvy up {a} between {b}", "distribute {a} over {b}",
        "spread {a} over {b} [days|weeks|months|people]", "{a} shared out equally to {b}"),
    "b/a": ("how many times [does|will|can] {a} [go|fit] into {b}?", "how often is {a} in {b}?", "how many {a}s make {b}?",
        "what times {a} [is|makes|gives] {b}?"),
    "a^b": ("raise {a} to the power of {b}", "raise {a} to {b}", "power: {a} to the {b}", "take {a} to the {b}th power",
        "what is {a} to the {b}th?"),
    "a/2": ("halve {a}", "divide {a} in half", "cut {a} in half", "split {a} in two", "split {a} fifty-fifty", "what's half of {a}?",
        "how much is half of {a}?", "share {a} with one friend equally"),
    "a*2": ("double {a}", "double it: {a}", "what is {a} doubled?", "what's twice {a}?", "give me twice as much as {a}", "{a} but twice",
        "{a} two times", "how much is double {a}?"),
    "a*3": ("triple {a}", "what's {a} three times over?", "three times as much as {a}"),
    "a/3": ("split {a} in three", "a third of {a} is how much?", "divide {a} in three [equal |]parts"),
    "a/4": ("a quarter of {a} is what?", "split {a} in four", "divide {a} in four parts"), "a*10": ("ten times as much as {a}",),
    "a^2": ("square {a}", "what's {a} squared?", "a square with side {a}, what's the area?", "multiply {a} by itself",
        "area of a {a} by {a} square"),
    "a^3": ("cube {a}", "a cube with edge {a}, what's the volume?", "volume of a cube with side {a}"),
    "sqrt(a)": ("take the square root of {a}", "what number squared [is|gives|makes] {a}?", "which number times itself is {a}?",
        "find the root of {a}"),
    "a*t%": ("how much is {t}% of {a}?", "take {t}% of {a}", "{t}% from {a}, how much?", "what's a {t}% tip on {a}?",
        "the bill is {$a} and i want to tip {t}%, how much tip?", "tip for {$a} at {t} percent", "i get {t}% of {$a}, how much is that?",
        "{t}% of the {a} {thing} are {adj}, how many?", "my {a} {w} have {t}% {w}, how much is it?", "how much tax is {t}% on {$a}?",
        "{$a} at {t}% interest for a year, how much interest?", "if {t}% of {a} people come, how many come?",
        "battery holds {a} and is at {t}%, how much is that?", "i did {t}% of {a} pages, how many pages?",
        "calculate {t} percent from {a}"),
    "a-t%": ("{$a} with {t}% [off|discount], what do i pay?", "a {thing1} costs {$a}, there is {t}% off, what's the price?",
        "take {t}% off {a}", "subtract {t}% from {a}", "discount {a} by {t}%", "{t}% sale on {$a}, new price?", "reduce {a} by {t} percent",
        "the price was {$a}, now {t}% less", "{name} gets a {t}% discount on {$a}, how much is left to pay?",
        "i lost {t}% of {a}, what's left?", "coupon {t}% on {$a}, final price?", "how much is {$a} after {t}% off?",
        "my phone plan of {$a} is {t}% cheaper now, how much?", "what remains of {a} after taking off {t} percent?"),
    "a+t%": ("add {t}% to {a}", "{$a} plus {t}% tax, what's the total?", "i earn {$a} and get a {t}% raise, what then?",
        "rent is {$a} and goes up by {t}%, new rent?", "increase {a} by {t} percent", "{$a} with {t}% tip, total?",
        "the bill is {$a}, with {t}% tip on top what do i pay?", "{$a} net, {t}% vat, gross?", "raise {a} by {t}%",
        "price {$a} went up {t}%, what is it now?", "put {t}% on top of {a}", "dinner was {$a}, add {t} percent tip"),
    "a+b+f": ("add {a}, {b} and {f}", "sum up {a}, {b}, {f}", "add these: {a} {b} {f}", "{a} and {b} and {f}, how much altogether?",
        "total of {a}, {b}, {f}?", "add {a} to {b} and {f}"),
    "a+b-f": ("add {a} and {b}, then subtract {f}", "take {a}, add {b}, take away {f}", "i had {a}, got {b}, lost {f}, what now?"),
    "a-b+f": ("take {a}, subtract {b}, add {f}", "i had {a}, spent {b}, got {f}, what do i have?", "start at {a}, go down {b}, up {f}"),
    "a-b-f": ("take {a}, subtract {b} and then {f}", "from {a} take away {b} and {f}", "{a} minus {b}, then another {f} off"),
    "a*b+f": ("multiply {a} by {b} and add {f}", "take {a} times {b}, then add {f}", "{a} times {b}, and {f} on top, please"),
    "a*b-f": ("multiply {a} by {b} and subtract {f}", "take {a} times {b}, then take away {f}"),
    "(a+b)*f": ("add {a} and {b}, then multiply by {f}", "add {a} and {b} and times the result by {f}",
        "take {a}, add {b}, multiply it all by {f}"),
    "(a-b)*f": ("subtract {b} from {a}, then multiply by {f}", "take {a} minus {b} and multiply the result by {f}"),
    "(a+b)/f": ("add {a} and {b} and divide [the result |]by {f}", "put {a} and {b} together and split by {f}",
        "sum {a} and {b}, then divide by {f}"),
    "(a-b)/f": ("subtract {b} from {a} and divide by {f}", "take {b} from {a}, then split the rest by {f}"),
    "(a+b)/2": ("what's the average of {a} and {b}?", "average {a} and {b}", "find the mean: {a}, {b}"),
    "(a+b+f)/3": ("average these three: {a}, {b}, {f}", "find the average of {a}, {b}, {f}",
        "my grades are {a}, {b} and {f}, what's the average?"),
    "a*b*f": ("multiply {a}, {b} and {f}", "a box is {a} by {b} by {f}, what's the volume?", "volume of {a} x {b} x {f}?"),
    "a*b/f": ("multiply {a} by {b}, then divide by {f}",), "a/b+f": ("divide {a} by {b} and add {f}", "take {a}, divide by {b}, add {f}"),
    "a/b-f": ("divide {a} by {b} and subtract {f}",),
}
"""Whole requests, one operation each."""

STORIES: tuple[tuple[str, str], ...] = (
    ("c*p+q", "i [buy|bought|ordered|want to buy] {c} {thing} at {$p} each plus {$q} [shipping|postage|delivery|for the bag]. {total}?"),
    ("c*p+q", "{c} {thing} for {$p} [each|apiece|a piece], shipping is {$q}, {total}?"),
    ("c*p+q", "{total} for {c} {thing} at {$p} with {$q} delivery?"), ("c*p", "{c} {thing} at {$p} each, {total}?"),
    ("c*p", "one {thing1} costs {$p}. {total} for {c}?"), ("p*c", "a {thing1} is {$p}, how much are {c}?"),
    ("p*c", "if one {thing1} costs {$p}, what do {c} {thing} cost?"), ("c*p", "i [need|want|take] {c} {thing}, {$p} per piece. {total}?"),
    ("c*p", "{name} [sold|buys|bought] {c} {thing} for {$p} each. how much money is that?"),
    ("c*p", "how much do i pay for {c} {thing} if each is {$p}?"), ("c*p", "price for {c} tickets at {$p}?"),
    ("c*p", "{c} people pay {$p} each, {total}?"), ("c*p", "i work {c} hours for {$p} an hour, what do i earn?"),
    ("p*c", "i get {$p} per hour and worked {c} hours. how much is it?"), ("c*p", "{c} nights at {$p} a night, {total}?"),
    ("p*c", "rent is {$p} a month, how much for {c} months?"), ("p*c", "my subscription is {$p} per month, what is it for {c} months?"),
    ("p*12", "my subscription costs {$p} a month, how much per year?"), ("p*7", "i spend {$p} a day on {thing}, how much per week?"),
    ("c*7", "how many days are {c} weeks?"), ("c*24", "how many hours are in {c} days?"), ("c*60", "how many minutes are {c} hours?"),
    ("k/60", "how many hours are {k} minutes?"), ("k/7", "{k} days are how many weeks?"), ("k/12", "{k} months, how many years is that?"),
    ("c*60", "how many seconds are there in {c} minutes?"), ("k/1000", "{k} grams in kilos?"), ("p*1000", "{p} kg is how many grams?"),
    ("p*100", "{p} metres in cm?"), ("k/c", "split {$k} [between|among] {c} [people|friends|of us|roommates|cousins]"),
    ("k/c", "the [bill|rent|dinner|taxi|present|hotel] was {$k} and we are {c}[ people||]. {each}?"),
    ("k/c", "{c} of us share {$k}, {each}?"),
    ("k/c", "{k} {thing} [shared|divided|split] [equally |]among {c} [kids|children|friends|cats|teams], how many each?"),
    ("k/c", "{name} has {k} {thing} and packs them in {c} boxes. how many per box?"),
    ("k/c", "i have {k} {thing} and {c} [shelves|bags|baskets|boxes]. how many in each?"),
    ("k/c", "{c} {thing} cost {$k}. how much is one?"), ("k/c", "a pack of {c} {thing} costs {$k}, what is that per piece?"),
    ("k/c", "we drove {k} km in {c} hours, what's the [average |]speed?"), ("k/c", "{k} pages in {c} days, how many [pages |]per day?"),
    ("k/c", "if i read {c} pages a day, how many days for {k} pages?"), ("k/c", "{k} km at {c} km/h, how many hours?"),
    ("k/c", "{k} {unit} over {c} days, how much per day?"), ("k/c", "my book has {k} pages, i read {c} a day, how long does it take?"),
    ("(k+l)/c", "dinner was {$k} and drinks {$l}, we are {c}. {each}?"), ("(p+q)/c", "we split {$p} and {$q} between {c} people, {each}?"),
    ("(k+p)/c", "hotel {$k} plus parking {$p}, shared by {c}, {each}?"),
    ("n-p", "i pay with a [note of {n}|{n} note|{n} bill] and it costs {$p}. {change}?"), ("n-p", "{change} from {n} for {$p}?"),
    ("n-p", "something costs {$p}, i give {n}, {change}?"), ("n-p", "the {thing1} is {$p}, i hand over {$n}. {change}?"),
    ("n-p-q", "i pay {$n} for things that cost {$p} and {$q}, {change}?"), ("n-c*p", "{c} {thing} at {$p} and i pay with {n}, {change}?"),
    ("n-c*p", "i have {$n} and buy {c} {thing} for {$p} each. {left}?"), ("p+q", "the {thing1} was {$p} and the {thing} {$q}. {total}?"),
    ("p+q", "i spent {$p} on {thing} and {$q} on {w}, {total}?"), ("p+q", "{$p} for food and {$q} for the bus, {total}?"),
    ("p+q", "{$p} and {$q}, {total}?"), ("p+q+s", "{$p}, {$q} and {$s}, {total}?"), ("p+q+s", "my receipts say {$p}, {$q}, {$s}. {total}?"),
    ("p+q+s", "lunch {$p}, bus {$q}, coffee {$s}. {total}?"),
    ("k+l", "{name} has {k} {thing} and i have {l}. how many [together|in all|altogether]?"),
    ("k+l", "i walked {k} steps in the morning and {l} later, {total}?"),
    ("k+l", "there were {k} {thing}, then {l} more came. how many now?"), ("p+q", "{p} {unit} plus {q} {unit}, how much is that?"),
    ("p+q", "one bag weighs {p} kg, the other {q} kg. {total}?"), ("c+d", "{c} {thing} on the table and {d} on the floor, how many?"),
    ("c+d", "{name} found {c} {thing}, {name2} found {d}. how many did they find?"), ("c+d", "i had {c} {thing} and got {d} more"),
    ("c+d+e", "{c} {thing}, {d} {w} and {e} {w}, how many things are they?"), ("c+d", "i'm {c} years old, how old am i in {d} years?"),
    ("k-l", "i had {k} {thing} and [used|lost|ate|sold|gave away] {l}. {left}?"), ("k-l", "{name} had {k} {thing}, {l} are gone, {left}?"),
    ("k-p", "my budget is {$k} and i spent {$p}. {left}?"), ("k-p-q", "i have {$k}, spent {$p} and then {$q}. {left}?"),
    ("k-p", "account has {$k}, i pay {$p}, {left}?"), ("k-l", "the trip is {k} km, we did {l} km. how far still?"),
    ("k-l", "book has {k} pages and i'm on page {l}, how many left?"), ("p-q", "the {thing1} was {$p}, now it's {$q}. how much cheaper?"),
    ("p-q", "there were {p} {unit} of {w}, i used {q}. {left}?"), ("k-l", "{k} {unit} in the tank, {l} used, {left}?"),
    ("k-l+c", "{k} people on the train, {l} get off and {c} get on. how many now?"),
    ("k-c*d", "i have {k} {thing} and give {c} to each of {d} kids. {left}?"),
    ("k-l", "i owe {name} {$k} and paid back {$l}, how much do i still owe?"),
    ("k-p", "i want to save {$k}, i already have {$p}. how much is missing?"),
    ("k-l", "i was born in {l}, it's {k} now in my story, how old am i?"),
    ("p*c", "i drive {p} km/h for {c} hours, how far [is that|do i get]?"), ("c*d", "{c} km per hour, {d} hours. distance?"),
    ("p*c", "the train goes {p} km an hour, how far in {c} hours?"), ("p*c", "i run {p} km every day, how far in {c} days?"),
    ("p*q", "my [room|garden|wall|desk|carpet] is {p} by {q} m, what's the area?"), ("p*q", "area of a {p} m x {q} m [room|field|floor]?"),
    ("2*(p+q)", "perimeter of a rectangle {p} by {q}?"), ("p*q/2", "triangle with base {p} and height {q}, area?"),
    ("4*p", "perimeter of a square with side {p}?"), ("p*4", "how long is the fence around a square of {p} m a side?"),
    ("c*d", "{c} rows of {d} [chairs|seats|trees|tiles], how many?"), ("c*d", "{c} boxes with {d} {thing} each, how many {thing}?"),
    ("c*d", "{name} has {c} [bags|boxes|jars] of {d} {thing}. how many {thing}?"),
    ("c*d+e", "{c} bags with {d} {thing} and {e} loose ones, how many?"),
    ("c*d*e", "{c} streets, {d} houses each, {e} {thing} per house, how many {thing}?"),
    ("c*d", "i drink {c} cups a day, how many in {d} days?"), ("c*p+d*q", "{c} {thing} at {$p} and {d} {w} at {$q}, {total}?"),
    ("c*p+d*q", "i buy {c} {thing} for {$p} each and {d} [bottles|bags|boxes] for {$q} each. {total}?"),
    ("c*p+d*q", "{c} adults pay {$p}, {d} kids pay {$q}, {total}?"), ("c*p-q", "{c} {thing} at {$p} with a {$q} coupon. {total}?"),
    ("p-q", "{$p} with a voucher of {$q}, what do i pay?"), ("c*p", "{c} {unit} of {w} at {$p} per {unit1}, {total}?"),
    ("p*q", "{p} kg of {thing} at {$q} a kilo, {total}?"), ("p*q", "{p} litres at {$q} per litre?"),
    ("p*t%", "the {thing1} costs {$p}, how much is {t}% of it?"), ("p-t%", "the {thing1} costs {$p} and is {t}% off, new price?"),
    ("p+t%", "{$p} for dinner and a {t}% tip, what do i pay?"), ("k*t%", "{t}% of {k} {thing} are {adj}. how many?"),
    ("k-t%", "a {adj} {thing1} for {$k} minus {t} percent?"), ("(c*p)-t%", "{c} {thing} at {$p}, {t}% off everything, {total}?"),
    ("k+t%", "{k} {thing} last year, {t}% more this year, how many?"), ("d*c", "every {w} has {d} {w}, how many have {c}?"),
    ("c+d", "{c} {w} meet {d} {w}. how many {adj} ones?"), ("k-l", "of {k} {adj} {w}, {l} fell [asleep|down|away], {left}?"),
    ("c*d", "{c} {adj} {thing} with {d} {w} on each, how many {w}?"), ("k/c", "{k} {w} in {c} {adj} heaps, how many per heap?"),
    ("p+q", "first {p} {unit} {w}, then {q} {unit}, {total}?"), ("c*d", "take {c} pills a day for {d} days, how many pills?"),
    ("p*c", "the recipe needs {p} {unit} of {w}, i make it {c} times. how much?"),
    ("p/2", "the recipe says {p} grams, i make half. how much?"), ("p*2", "recipe says {p} grams and i make it twice, how much?"),
    ("c-d", "{c} minus {d} cookies, {name} ate the rest, how many did {name} eat?"),
    ("k+l", "{k} photos plus {l} videos on my phone, how many files?"), ("k*p", "{k} kWh at {$p} each, what's the bill?"),
    ("k+p*c", "entry is {$k} and then {$p} per hour for {c} hours, {total}?"),
    ("p*c+q", "taxi: {$p} per km, {c} km, {$q} base fee. {total}?"),
)

FOLLOW: dict[str, tuple[str, ...]] = {
    "r+a": ("[and |]plus {a}?", "[and |]add {a}", "+ {a}", "+{a}", "now add {a}[ to it| to that||]", "and with {a} more?",
        "plus another {a}", "and {a} on top?", "add {a} to that please", "what if i add {a}?"),
    "r-a": ("[and |]minus {a}?", "now subtract {a}", "- {a}", "and take away {a}", "less {a}?", "and if i take {a} off?",
        "subtract {a} from that", "now minus {a} please"),
    "a-r": ("and {a} minus that?", "subtract that from {a}", "how much is missing to {a}?", "take it from {a}"),
    "r*a": ("[and |]times {a}?", "now multiply [it|that] by {a}", "* {a}", "x {a}", "× {a}", "and that times {a}?", "{a} times that?",
        "multiplied by {a}?", "and {a} of those?"),
    "r/a": ("[and |]divided by {a}?", "now divide [it|that] by {a}", "/ {a}", "÷ {a}", "and split by {a}?", "and shared by {a} people?",
        "over {a}?"),
    "r/2": ("[and |]half of [that|it]?", "now halve it", "and half?"), "r*2": ("[and |]double [that|it]?", "twice that?", "and doubled?"),
    "r^2": ("[and |]squared?", "square it", "and that squared?"),
    "r*t%": ("and {t}% of that?", "how much is {t}% of it?", "{t} percent of that?"),
    "r-t%": ("and with {t}% off?", "minus {t}%?", "now take {t}% off"), "r+t%": ("plus {t}%?", "and with {t}% tax?", "add {t}% tip"),
}
AGAIN: tuple[str, ...] = (
    "what about {x}?", "and {x}?", "how about {x}?", "ok and {x}", "now {x}", "and what is {x}?", "then {x}?", "cool, {x}?",
    "thx, and {x}?", "one more, {x}", "nice. what's {x}?", "and also {x} please", "great, next: {x}",
)
THANKS: tuple[str, ...] = (
    "thanks[!|]", "thank you[!|]", "thx", "ty", "great, [thanks|thx|ty]", "thanks [nyanko|kitty|little cat|cat]", "perfect[!|]",
    "cool [thanks|thx]", "nice one", "ok thanks", "good [cat|kitty|job]", "awesome, thank you", "that helps, thanks", "thanks a lot",
    "many thanks", "you're the best", "cheers", "much appreciated", "super, thanks", "wow [fast|quick], thx", "got it, thanks", "ok great",
    "tysm", "thank u",
)
OPENERS: tuple[str, ...] = (
    "hey[ nyanko|][,|] ", "hi[ nyanko|][,|] ", "hello[ nyanko| there|][,|!] ", "um[,|] ", "uh, ", "ok so ", "so, ", "ok ", "okay, ",
    "nyanko[,|] ", "kitty, ", "yo ", "hmm ", "well, ", "please, ", "pls ", "excuse me, ", "sorry, ", "good [morning|evening], ", "btw, ",
    "quick one, ", "hey cat, ", "dear nyanko, ", "right, ", "now, ", "alright, ", "oh, ", "wait, ", "listen, ", "psst, ", "hey hey, ",
    "little one, ", "also, ", "just wondering, ", "a question: ", "lol ", "honestly ", "help, ", "morning! ", "meow, ",
)
CLOSERS: tuple[str, ...] = (
    " please", " pls", " plz", " thanks", " thx", ", thanks", ", thank you", " nyanko", ", kitty", " for me", " asap", " lol", " haha",
    ", i need it", ", quick", ", be exact", " :)", " 🙂", " 🐱", " 🙏", ", can you", ", ok", " rn", ", thx in advance", " if you can", "...",
    " hm", ", dear cat",
)
CONTEXTS: tuple[str, ...] = (
    "i'm [at the shop|in the store|at work|at school|on the bus|in the kitchen|in a meeting]. ",
    "i'm [bad|terrible|hopeless] at [math|maths|numbers]. ", "i [left|lost|broke] my calculator. ", "my head [hurts|is full|is tired]. ",
    "doing my [homework|taxes|budget]. ", "i have a [test|meeting|party|trip] [soon|today|tomorrow]. ", "help me with this. ",
    "can you do math? ", "i need a hand. ", "don't laugh. ", "this is [urgent|silly|easy|hard|for {name}]. ", "{name} is waiting. ",
    "the {thing} are {adj}. ", "my {w} is {adj}. ", "we are counting {thing}. ", "just to be sure. ", "it's raining and i'm doing sums. ",
    "there is a {adj} {thing1} here. ", "i bet {name} doesn't know. ", "sorry to bother you. ", "one thing. ",
    "i can't sleep so i do math. ", "ok math again. ", "you are good with numbers, right? ",
)
SMALL: dict[str, str] = {
    "total": (
        "[what's the total|how much [is that|is it|in total|altogether|do i pay|all together|is that in all]|what do i pay|["
        "the |]total|what does [it|that] [cost|come to]|what's the sum|how much]"
    ),
    "each": (
        "[how much [each|per person|does everyone pay|is it each|for each of us]|what does each [one |]pay|what's my share|w"
        "hat's it per head]"
    ),
    "left": "[what's left|how much [is left|do i have left|remains]|how many [are left|remain]|what do i have left|what remains]",
    "change": "[what's [my|the] change|how much change [do i get|is that|comes back]|change|what do i get back|how much do i get back]",
}
THINGS: tuple[str, ...] = tuple(
    (
        "apple book pen ticket egg cookie banana pear bottle candle chair lamp plant brick tile card stamp sticker mug plate shirt "
        "sock hat towel pillow notebook pencil ruler magnet button bead coin marble ball kite puzzle toy doll robot car bike train "
        "boat ticket cake muffin donut pizza burger sandwich orange lemon melon onion carrot cable charger keyboard screen phone "
        "flower tree seed rose tulip shrimp cat duck hen cow goat snail shell stone pebble twig feather photo poster painting blanket "
        "bag basket bucket spoon fork cup bowl jar can crate envelope letter magazine comic map umbrella ring necklace scarf mitten "
        "jacket nail screw bolt pipe board rope"
    ).split()
)
"""Nouns that form their plural with s."""
UNITS: tuple[str, ...] = (
    "kg", "g", "litres", "metres", "km", "miles", "pounds", "ounces", "cups", "hours", "minutes", "days", "gallons", "ml", "cm", "feet",
    "inches", "tons", "MB", "GB", "yards", "pages",
)
NAMES: tuple[str, ...] = tuple(
    (
        "Tom Anna Ben Mia Lena Sam Jo Max Lily Noah Emma Leo Zoe Omar Priya Kenji Yuki Carlos Ines Ivan Olga Fatima Ali Grace Hugo "
        "Ella Finn Nora Paul Ruth Ming Wei grandma grandpa"
    ).split()
)
ADJECTIVES: tuple[str, ...] = tuple(
    (
        "red blue old new small big broken soft heavy green tiny round wet dusty golden cheap fancy sleepy funny strange used ripe "
        "sweet cold warm"
    ).split()
)

REPLIES: tuple[str, ...] = (
    "{e} = {r}.", "{e} = {r}.", "{e} = {r}, nya.", "{e} = {r}, meow.", "That makes {r}.", "That makes {r}, nya.", "It is {r}.",
    "That is {r}, nya.", "The result is {r}.", "{r}. That was a nice one, nya.", "I get {r}.", "It comes to {r}.",
)
ABOUT: tuple[str, ...] = (
    "That is about {r}.", "It is about {r}, nya.", "{e} is about {r}.", "I get about {r}.",
)
ZERO: tuple[str, ...] = (
    "Dividing by zero cannot be done, nya.", "Sorry, nothing can be divided by zero.", "That one cannot be done: it divides by zero.",
    "Division by zero has no answer, nya. Shall we try another number?",
)
WELCOME: tuple[str, ...] = (
    "You're welcome, nya.", "Any time.", "Happy to help, nya.", "Glad it helped.", "My paws are always ready, meow.", "You're welcome.",
    "With pleasure, nya.",
)
SINGULAR: dict[str, str] = {"feet": "foot", "inches": "inch"}
MONEY: tuple[str, ...] = (
    "${}", "${}", "{} dollars", "{} euros", "€{}", "£{}", "{} bucks", "{} euro", "{}€", "{} pounds", "{}", "{} eur", "{} usd", "{} yuan",
)


_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_PROTECTED = frozenset([*_ONES, *_TENS, "hundred", "thousand", "half", "double", "triple", "twice", "third", "quarter", "minus", "point"])


def _words(number: int, rng: random.Random) -> str:
    if number < 20:
        return _ONES[number]
    if number < 100:
        tail = number % 10
        return _TENS[number // 10] + (rng.choice("-- ") + _ONES[tail] if tail else "")
    unit, word = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = (rng.choice((" and ", " ")) if unit == 100 else " ") + _words(number % unit, rng) if number % unit else ""
    head = "a" if number // unit == 1 and rng.random() < 0.4 else _words(number // unit, rng)
    return f"{head} {word}{rest}"


def speak(value: str, rng: random.Random) -> str:
    """A number in words, or as it is when it is too long for that."""
    whole, point, places = value.lstrip("-").partition(".")
    if len(whole) > 5 or len(places) > 3:
        return value
    minus = rng.choice(("minus ", "negative ")) if value.startswith("-") else ""
    return minus + _words(int(whole), rng) + (" point " + " ".join(_ONES[int(x)] for x in places) if point else "")


def _made_up(rng: random.Random) -> str:
    ends = ("", "", "n", "r", "b", "x")
    syllables = (rng.choice("bdfgklmnprstvwz") + rng.choice("aeiou") + rng.choice(ends) for _ in range(rng.randint(1, 3)))
    return "".join(syllables) + rng.choice(("", "s", "ng", "lin", "p"))


def nouns(rng: random.Random) -> dict[str, Slot]:
    """The slots of one frame that are no numbers."""
    thing = rng.choice(THINGS) if rng.random() < 0.9 else _made_up(rng)
    unit = rng.choice(UNITS)
    return {
        **SMALL, "thing": thing + "s", "thing1": thing, "name": rng.choice(NAMES), "name2": rng.choice(NAMES), "unit": unit, "w": _made_up,
        "unit1": SINGULAR.get(unit, unit.removesuffix("s")), "adj": lambda r: r.choice(ADJECTIVES), "no": str(rng.randint(1, 20)),
    }


def _typos(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    for at, word in enumerate(words):
        if len(word) > 3 and word.isalpha() and word not in _PROTECTED and rng.random() < 0.025:
            cut = rng.randint(1, len(word) - 2)
            words[at] = word[:cut] + (word[cut + 1] + word[cut] + word[cut + 2 :] if rng.random() < 0.5 else word[cut + 1 :])
    return " ".join(words)


def dress(text: str, rng: random.Random) -> str:
    """A request as it is typed: with an opener, a context, capitals and stops, or without."""
    text = text.replace(" 2th", " 2nd").replace(" 3th", " 3rd")
    if text.endswith("?"):
        text = text[:-1] + rng.choice(("?", "?", "?", "", "", "??", " ?"))
    elif text[-1].isalpha() and rng.random() < 0.2:
        text += rng.choice((".", ".", "!", "?", ".."))
    text = pick(CONTEXTS, rng, nouns(rng)) + text if rng.random() < 0.11 else text
    text = pick(OPENERS, rng) + text if rng.random() < 0.28 else text
    text = _typos(text + (rng.choice(CLOSERS) if rng.random() < 0.16 else ""), rng)
    if rng.random() < 0.45:
        text = re.sub(r"(^|[.?!] )([a-z])", lambda m: m[1] + m[2].upper(), re.sub(r"\bi\b", "I", text))
    return text.upper() if rng.random() < 0.012 else text
