"""The spoken forms of English short forms: what a script writes short, and a listener may write out."""

from functools import cache

# Each line: what is written = how it may be meant, the likeliest first.
_WHOLE = """
ain't = is not | am not | are not
can't = cannot
won't = will not
shan't = shall not
let's = let us
i'm = i am
y'all = you all
c'mon = come on
'em = them
'cause = because
cuz = because
cos = because
'til = until
till = until
'bout = about
'course = of course
'tis = it is
'twas = it was
ma'am = madam
gonna = going to
gotta = got to | have got to
wanna = want to
kinda = kind of
sorta = sort of
outta = out of
lotta = lot of
oughta = ought to
hafta = have to
gimme = give me
lemme = let me
dunno = do not know
whatcha = what are you
gotcha = got you
betcha = bet you
shoulda = should have
coulda = could have
woulda = would have
mighta = might have
musta = must have
ya = you
yeah = yes
yep = yes
nope = no
ok = okay
mr = mister
mrs = missus
ms = miss
dr = doctor | drive
st = saint | street
prof = professor
jr = junior
sr = senior
capt = captain
lt = lieutenant
sgt = sergeant
vs = versus
etc = et cetera
cannot = can not
alright = all right
"""
# Each line: what the word ends in = what stands for it.
_ENDINGS = """
n't've = not have
n't = not
'd've = would have
'll've = will have
'll = will
've = have
're = are
'm = am
'd = would | had | did
's = is | has
"""
_OWNED = "'s"  # Anna's: hers, as often as "Anna is"
_DROPPED_G = "in'"


def short_form_readings(word: str) -> tuple[tuple[str, ...], ...]:
    """The ways to write out `word` (lower case, plain apostrophes), likeliest first; none where it is no short form."""
    whole = _table(_WHOLE).get(word)
    if whole is not None:
        return (*whole, (word,))
    for ending, readings in _table(_ENDINGS).items():
        stem = word.removesuffix(ending)
        if stem and stem != word:
            written_out = tuple((*_stem(stem), *reading) for reading in readings)
            return ((word,), *written_out) if ending == _OWNED else (*written_out, (word,))
    if len(word) > len(_DROPPED_G) + 1 and word.endswith(_DROPPED_G):
        return ((word.removesuffix("'") + "g",), (word,))
    return ()


def _stem(stem: str) -> tuple[str, ...]:
    """What is left of a word without its ending; itself a short form in "I'd've"."""
    return short_form_readings(stem)[0] if "'" in stem else (stem,)


@cache
def _table(lines: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    pairs = (line.split(" = ") for line in lines.strip().splitlines())
    return {short: tuple(tuple(reading.split()) for reading in meant.split(" | ")) for short, meant in pairs}
