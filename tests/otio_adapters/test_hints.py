"""One table of hint words for five languages, inflections included."""

import pytest

from sottovoce_engine.registers import register_table
from sottovoce_otio.hints import hints_for
from sottovoce_otio.marks import said_in, vocabulary
from sottovoce_otio.vocabulary import SpokenMark

HINTS = hints_for(register_table().names)
KNOWN = vocabulary(register_table())

MEANT = {
    "whisper": [
        "whispers", "whispering to Ben", "in a whisper", "under her breath",
        "chuchote", "chuchotant", "en chuchotant", "elle chuchote à Ben", "chuchotement",
        "flüstert", "flüsternd", "geflüstert", "im Flüsterton", "wispernd", "flüstert ihm ins Ohr",
        "susurra", "susurrando", "en un susurro", "susurrándole", "le susurra al oído", "cuchicheando",
        "囁く", "囁いて", "囁きながら", "ささやき", "ささやくように", "小声で", "優しく囁く", "ひそひそ声で",
    ],
    "soft": [
        "softly", "sotto voce", "murmuring",
        "doucement", "à voix basse", "à mi-voix", "murmurant", "d'une voix douce",
        "sanft", "halblaut", "mit sanfter Stimme", "murmelnd", "zärtlich",
        "en voz baja", "suavemente", "murmurando", "a media voz",
        "優しく", "やさしく", "そっと", "つぶやく", "呟いて",
    ],
    "quieter": ["quietly", "barely audible", "plus bas", "leise", "mit leiser Stimme", "bajando la voz", "静かに", "低い声で"],
    "normal": ["speaking", "normally", "dit", "spricht", "hablando", "sachlich", "普通に"],
    "loud": ["loudly", "calling", "à voix haute", "ruft", "mit lauter Stimme", "en voz alta", "大声で", "大きな声で"],
    "shout": ["shouting", "yells", "crie", "en criant", "brüllt", "schreiend", "grita", "gritando", "a gritos", "叫ぶ", "怒鳴って"],
    "scream": ["screams", "hurle", "en hurlant", "kreischend", "chillando", "aúlla", "悲鳴を上げて", "絶叫"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("register", "text"), [(register, text) for register, texts in MEANT.items() for text in texts]
)
def test_a_hint_means_its_register(register: str, text: str) -> None:
    hint = HINTS.meaning(text)
    assert hint is not None
    assert hint.register == register


@pytest.mark.parametrize(
    "text",
    [
        "not whispering", "sans chuchoter", "nicht flüsternd", "sin gritar", "schreibt", "écrit un mot", "escribe", "rauchend",
        "nimmt das Telefon", "se lève", "立ち上がる", "looks away",
    ],
)  # fmt: skip
def test_what_says_nothing_or_the_opposite_is_no_hint(text: str) -> None:
    assert HINTS.meaning(text) is None


@pytest.mark.parametrize(
    ("text", "voice", "register"),
    [
        ("ÉLODIE (chuchotant): Viens.", "ÉLODIE", "whisper"),
        ("MÜLLER (leise): Komm.", "MÜLLER", "quieter"),
        ("ANA (en voz baja): Ven.", "ANA", "soft"),
        ("アンナ（小声で）：おいで", "アンナ", "whisper"),
        ("Anna flüstert: Komm her.", "Anna", "whisper"),
        ("（囁いて）おいで", "", "whisper"),
    ],
)
def test_marks_are_understood_in_every_language(text: str, voice: str, register: str) -> None:
    said = said_in(text, KNOWN)
    assert isinstance(said, SpokenMark)
    assert (said.voice, said.register) == (voice, register)


def test_words_of_other_languages_are_no_slips_of_english_ones() -> None:
    """ "Grits" is one letter from "grita", and no mark."""
    assert said_in("Grits: close-up", KNOWN) is None
    assert said_in("Chilly: close-up", KNOWN) is None
