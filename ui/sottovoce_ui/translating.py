"""The panel in the person's language. Texts are English in the code, and looked up when they are shown.

translations/sottovoce_de.qm    ours, made of the .ts beside it by `python -m docs.translations`
translations/sottovoce_en.qm    one of a thing: "1 region", where the code says "%n regions"
qtbase_de.qm                    Qt's own, that comes with it: the buttons of its dialogs

What the engine says, errors above all, is English; so are the names of registers, which are part of the caption.
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = Path(__file__).with_name("translations")
NAME = "sottovoce"


def translate(application: QCoreApplication, locale: QLocale, folder: Path = FOLDER) -> str:
    """Shows texts in a locale's language, in English where that is not there. Before the first window is made.

    Returns:
        The language they are shown in, such as "de".
    """
    own = QTranslator(application)
    if not own.load(locale, NAME, "_", str(folder)):
        own.load(f"{NAME}_en", str(FOLDER))
    application.installTranslator(own)
    qts = QTranslator(application)
    if qts.load(QLocale(own.language()), "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(qts)
    return own.language()
