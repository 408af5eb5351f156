"""Lines to say: short sentences from a small grammar, many and all different; and lines in other words, to be tried on.

The grammar has about 520 lines of the length asked for, each with several ends: whatever it is asked for beyond these was
said before.
"""

import random
from collections.abc import Iterator

from sottovoce_engine.speaking import speaking_seconds

SHORTEST_SECONDS, LONGEST_SECONDS = 0.6, 1.4

_SUBJECTS = "I|we|you|they|my sister|the old man|our neighbour|the captain|nobody|somebody|the children|her mother"
_ACTS = (
    "left the keys on|walked around|never looked at|waited behind|remember|sold|closed|dreamed of|whispered about|"
    "ran from|painted|shouted at|came back to|lost|talked about|heard|opened|carried|followed|forgot"
)
_THINGS = (
    "the river|the window|that red house|the garden|a small boat|the letters|the kitchen table|every door|the bridge|"
    "an open fire|the morning train|his brother|the harbour|a yellow coat|the mountain road|the piano|their dog"
)
_TIMES = "again|tonight|in the rain|this morning|for hours|last winter|alone|by the sea|after dinner|too late|"
_SHORT = (
    "close the door|come here|look at me|listen to this|stay with me|do not move|turn off the light|wait outside|"
    "give me your hand|where are you going|what was that noise|how did you know|I am over here|leave me alone|"
    "tell me everything|it was only a dream|there is no time|hold on to the rope|put it on the table|who is there"
)

# Of three to six syllables. No line, and few of the words, can come of the grammar.
HELD_LINES = (
    "Good morning.",
    "Not today.",
    "My phone is dead.",
    "She hates flying.",
    "Bring me some tea.",
    "Summer is short.",
    "The soup is cold.",
    "He lied to us.",
    "Nothing ever works.",
    "The doctor is late.",
    "Cats are never wrong.",
    "Where did Peter hide?",
    "Our plan has failed twice.",
    "Please buy seven eggs.",
    "They shaved the white sheep.",
    "Both pilots agreed.",
    "Music makes him cry!",
    "I burnt the pancakes.",
    "Thunder frightens me.",
    "Grandfather knows the truth.",
    "We missed the last ferry.",
    "This coffee tastes of soap!",
    "Her shoes were full of sand.",
    "Snow covered half the town.",
)


def lines(seed: int) -> Iterator[str]:
    """Lines without end, none twice, each of about `SHORTEST_SECONDS` to `LONGEST_SECONDS` at a normal pace."""
    rng, given = random.Random(seed), set[str]()
    while True:
        line = _line(rng)
        if line not in given and SHORTEST_SECONDS <= speaking_seconds(line) <= LONGEST_SECONDS:
            given.add(line)
            yield line


def _line(rng: random.Random) -> str:
    if rng.random() < 0.25:
        said = " ".join(filter(None, (_one(rng, _SHORT), _one(rng, _TIMES))))
    else:
        words = (_one(rng, _SUBJECTS), _one(rng, _ACTS), _one(rng, _THINGS), _one(rng, _TIMES))
        said = " ".join(filter(None, words))
    return said[0].upper() + said[1:] + rng.choice((".", ".", "!", "?"))


def _one(rng: random.Random, choices: str) -> str:
    return rng.choice(choices.split("|"))
