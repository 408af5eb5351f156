"""Words that the engine has for kinds and states of things, as a person reads them."""

from enum import StrEnum

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

_KNOWN = (
    QT_TRANSLATE_NOOP("Words", "woman"),
    QT_TRANSLATE_NOOP("Words", "man"),
    # Where the picture comes from.
    QT_TRANSLATE_NOOP("Words", "lock"),
    QT_TRANSLATE_NOOP("Words", "cut"),
    QT_TRANSLATE_NOOP("Words", "continue"),
    QT_TRANSLATE_NOOP("Words", "start"),
    QT_TRANSLATE_NOOP("Words", "shot"),
    # What is heard in a take.
    QT_TRANSLATE_NOOP("Words", "whisper"),
    QT_TRANSLATE_NOOP("Words", "mixed"),
    QT_TRANSLATE_NOOP("Words", "voiced"),
    QT_TRANSLATE_NOOP("Words", "uncertain"),
    QT_TRANSLATE_NOOP("Words", "silent"),
    QT_TRANSLATE_NOOP("Words", "said"),
    QT_TRANSLATE_NOOP("Words", "not said"),
    QT_TRANSLATE_NOOP("Words", "contradicted"),
    QT_TRANSLATE_NOOP("Words", "not contradicted"),
    QT_TRANSLATE_NOOP("Words", "not checked"),
    QT_TRANSLATE_NOOP("Words", "noticeable"),
    # How a region or a take stands.
    QT_TRANSLATE_NOOP("Words", "no take"),
    QT_TRANSLATE_NOOP("Words", "stale"),
    QT_TRANSLATE_NOOP("Words", "outgrown"),
    QT_TRANSLATE_NOOP("Words", "not judged"),
    QT_TRANSLATE_NOOP("Words", "passes"),
    QT_TRANSLATE_NOOP("Words", "amber"),
    QT_TRANSLATE_NOOP("Words", "fails"),
    # What a person says of a take.
    QT_TRANSLATE_NOOP("Words", "starred"),
    QT_TRANSLATE_NOOP("Words", "circled"),
    QT_TRANSLATE_NOOP("Words", "alt"),
    QT_TRANSLATE_NOOP("Words", "approved"),
    QT_TRANSLATE_NOOP("Words", "rejected"),
    # What long work is at.
    QT_TRANSLATE_NOOP("Words", "reading"),
    QT_TRANSLATE_NOOP("Words", "writing"),
    QT_TRANSLATE_NOOP("Words", "searching"),
    QT_TRANSLATE_NOOP("Words", "comparing media"),
    QT_TRANSLATE_NOOP("Words", "looking for speech"),
    QT_TRANSLATE_NOOP("Words", "listening"),
    QT_TRANSLATE_NOOP("Words", "hearing the words"),
    QT_TRANSLATE_NOOP("Words", "loading the model"),
    QT_TRANSLATE_NOOP("Words", "captions"),
    QT_TRANSLATE_NOOP("Words", "sampling"),
    QT_TRANSLATE_NOOP("Words", "decoding"),
    QT_TRANSLATE_NOOP("Words", "judging"),
    QT_TRANSLATE_NOOP("Words", "picture"),
    QT_TRANSLATE_NOOP("Words", "sound"),
    QT_TRANSLATE_NOOP("Words", "voices"),
    QT_TRANSLATE_NOOP("Words", "takes"),
    QT_TRANSLATE_NOOP("Words", "checking"),
    QT_TRANSLATE_NOOP("Words", "writing takes for the mix"),
    # What the queue does with a region.
    QT_TRANSLATE_NOOP("Words", "waiting"),
    QT_TRANSLATE_NOOP("Words", "rendering"),
    QT_TRANSLATE_NOOP("Words", "done"),
    QT_TRANSLATE_NOOP("Words", "failed"),
    QT_TRANSLATE_NOOP("Words", "stopped"),
)


def shown(word: str | StrEnum) -> str:
    """A word of the engine's in the person's language; one that is not known here as it is."""
    return QCoreApplication.translate("Words", str(word))
