"""Everything the panel can be asked for: its name, its keys, and the menu it is found in.

One table, so that keys can be shown and changed in one place.
"""

from dataclasses import dataclass
from enum import StrEnum, auto

from PySide6.QtCore import QT_TRANSLATE_NOOP


class Group(StrEnum):
    """The menu a command is found in."""

    FILE = str(QT_TRANSLATE_NOOP("Groups", "File"))
    EDIT = str(QT_TRANSLATE_NOOP("Groups", "Edit"))
    MARK = str(QT_TRANSLATE_NOOP("Groups", "Mark"))
    PLAY = str(QT_TRANSLATE_NOOP("Groups", "Play"))
    TAKES = str(QT_TRANSLATE_NOOP("Groups", "Takes"))
    RENDER = str(QT_TRANSLATE_NOOP("Groups", "Render"))
    JOINS = str(QT_TRANSLATE_NOOP("Groups", "Joins"))
    VIEW = str(QT_TRANSLATE_NOOP("Groups", "View"))
    HELP = str(QT_TRANSLATE_NOOP("Groups", "Help"))


class Needs(StrEnum):
    """What has to be so that a command can be asked for."""

    NOTHING = auto()
    IDLE = auto()  # nothing is read or written just now
    TIMELINE = auto()  # one is open
    WRITING = auto()  # a timeline is open that can be written beside, and nothing else is being written
    SCENE = auto()  # it was spliced


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing that can be asked for."""

    id: str
    text: str  # as menus show it, with its accelerator
    keys: tuple[str, ...]  # as Qt writes them; the first one is shown
    group: Group
    about: str = ""  # what it does, where the text does not say it all
    needs: Needs = Needs.TIMELINE


def _command(
    name: str, text: object, keys: str, group: Group, about: object = "", needs: Needs = Needs.TIMELINE
) -> Command:
    return Command(id=name, text=str(text), keys=tuple(keys.split()), group=group, about=str(about), needs=needs)


COMMANDS: tuple[Command, ...] = (
    _command("open", QT_TRANSLATE_NOOP("Commands", "&Open…"), "Ctrl+O", Group.FILE, needs=Needs.IDLE),
    _command(
        "save",
        QT_TRANSLATE_NOOP("Commands", "&Save"),
        "Ctrl+S",
        Group.FILE,
        QT_TRANSLATE_NOOP("Commands", "marks and choices, beside the timeline"),
        needs=Needs.WRITING,
    ),
    _command(
        "splice",
        QT_TRANSLATE_NOOP("Commands", "S&plice…"),
        "Ctrl+E",
        Group.FILE,
        QT_TRANSLATE_NOOP("Commands", "the chosen takes into one movie"),
        needs=Needs.WRITING,
    ),
    _command("export", QT_TRANSLATE_NOOP("Commands", "E&xport…"), "Ctrl+Shift+E", Group.FILE, needs=Needs.WRITING),
    _command("show_movie", QT_TRANSLATE_NOOP("Commands", "Show &movie"), "Ctrl+M", Group.FILE, needs=Needs.SCENE),
    _command("show_report", QT_TRANSLATE_NOOP("Commands", "Show repor&t"), "", Group.FILE, needs=Needs.SCENE),
    _command("quit", QT_TRANSLATE_NOOP("Commands", "&Quit"), "Ctrl+Q", Group.FILE, needs=Needs.NOTHING),
    _command("undo", QT_TRANSLATE_NOOP("Commands", "&Undo"), "Ctrl+Z", Group.EDIT),
    _command("redo", QT_TRANSLATE_NOOP("Commands", "&Redo"), "Ctrl+Shift+Z Ctrl+Y", Group.EDIT),
    _command("delete", QT_TRANSLATE_NOOP("Commands", "&Delete regions"), "Del Backspace", Group.EDIT),
    _command("select_all", QT_TRANSLATE_NOOP("Commands", "Select &all"), "Ctrl+A", Group.EDIT),
    _command("select_under", QT_TRANSLATE_NOOP("Commands", "Select under &playhead"), "D", Group.EDIT),
    _command("select_next", QT_TRANSLATE_NOOP("Commands", "Next region"), "Tab", Group.EDIT),
    _command("select_before", QT_TRANSLATE_NOOP("Commands", "Region before"), "Shift+Tab", Group.EDIT),
    _command("mark_in", QT_TRANSLATE_NOOP("Commands", "Mark &in"), "I", Group.MARK),
    _command("mark_out", QT_TRANSLATE_NOOP("Commands", "Mark &out"), "O", Group.MARK),
    _command("clear_range", QT_TRANSLATE_NOOP("Commands", "Clear in and out"), "Alt+X", Group.MARK),
    _command("split", QT_TRANSLATE_NOOP("Commands", "&Split at playhead"), "Ctrl+B", Group.MARK),
    _command("trim_start", QT_TRANSLATE_NOOP("Commands", "Trim start to playhead"), "Q", Group.MARK),
    _command("trim_end", QT_TRANSLATE_NOOP("Commands", "Trim end to playhead"), "W", Group.MARK),
    _command("nudge_left", QT_TRANSLATE_NOOP("Commands", "Nudge one frame left"), ",", Group.MARK),
    _command("nudge_right", QT_TRANSLATE_NOOP("Commands", "Nudge one frame right"), ".", Group.MARK),
    _command("type_line", QT_TRANSLATE_NOOP("Commands", "Type the &line"), "Return", Group.MARK),
    _command("paste_script", QT_TRANSLATE_NOOP("Commands", "&Paste a script…"), "Ctrl+Shift+V", Group.MARK),
    _command(
        "suggest",
        QT_TRANSLATE_NOOP("Commands", "Su&ggest regions…"),
        "Ctrl+G",
        Group.MARK,
        QT_TRANSLATE_NOOP("Commands", "from what is said in the dialogue"),
        needs=Needs.WRITING,
    ),
    _command("voices", QT_TRANSLATE_NOOP("Commands", "&Voices…"), "Ctrl+Shift+O", Group.MARK),
    _command("play", QT_TRANSLATE_NOOP("Commands", "&Play or pause"), "Space", Group.PLAY),
    _command("play_back", QT_TRANSLATE_NOOP("Commands", "Play backwards"), "J", Group.PLAY),
    _command("stop", QT_TRANSLATE_NOOP("Commands", "Stop"), "K", Group.PLAY),
    _command("play_on", QT_TRANSLATE_NOOP("Commands", "Play forwards"), "L", Group.PLAY),
    _command(
        "loop",
        QT_TRANSLATE_NOOP("Commands", "L&oop"),
        "Ctrl+L",
        Group.PLAY,
        QT_TRANSLATE_NOOP("Commands", "the range, or the region with its joins"),
    ),
    _command(
        "loop_join",
        QT_TRANSLATE_NOOP("Commands", "Loop the &join"),
        "Ctrl+Shift+L",
        Group.PLAY,
        QT_TRANSLATE_NOOP("Commands", "a second on either side of the one nearest to the playhead"),
    ),
    _command("show_source", QT_TRANSLATE_NOOP("Commands", "Play the so&urce"), "Ctrl+1", Group.PLAY),
    _command("show_take", QT_TRANSLATE_NOOP("Commands", "Play the &take"), "Ctrl+2", Group.PLAY),
    _command("show_scene", QT_TRANSLATE_NOOP("Commands", "Play the spliced s&cene"), "Ctrl+3", Group.PLAY),
    _command(
        "compare",
        QT_TRANSLATE_NOOP("Commands", "&Compare takes"),
        "B",
        Group.PLAY,
        QT_TRANSLATE_NOOP("Commands", "the one looked at with A, else the chosen one, as loud as each other"),
    ),
    _command("compare_with", QT_TRANSLATE_NOOP("Commands", "Make this take A for comparing"), "Shift+B", Group.PLAY),
    _command("frame_back", QT_TRANSLATE_NOOP("Commands", "One frame back"), "Left", Group.PLAY),
    _command("frame_on", QT_TRANSLATE_NOOP("Commands", "One frame on"), "Right", Group.PLAY),
    _command("second_back", QT_TRANSLATE_NOOP("Commands", "One second back"), "Shift+Left", Group.PLAY),
    _command("second_on", QT_TRANSLATE_NOOP("Commands", "One second on"), "Shift+Right", Group.PLAY),
    _command("edit_before", QT_TRANSLATE_NOOP("Commands", "Edit before"), "Up", Group.PLAY),
    _command("edit_after", QT_TRANSLATE_NOOP("Commands", "Edit after"), "Down", Group.PLAY),
    _command("go_to_start", QT_TRANSLATE_NOOP("Commands", "To the start"), "Home", Group.PLAY),
    _command("go_to_end", QT_TRANSLATE_NOOP("Commands", "To the end"), "End", Group.PLAY),
    _command("take_next", QT_TRANSLATE_NOOP("Commands", "&Next take"), "Ctrl+Down", Group.TAKES),
    _command("take_before", QT_TRANSLATE_NOOP("Commands", "Take &before"), "Ctrl+Up", Group.TAKES),
    _command("circle", QT_TRANSLATE_NOOP("Commands", "&Circle take"), "C", Group.TAKES),
    _command("alt", QT_TRANSLATE_NOOP("Commands", "Keep as &alternative"), "A", Group.TAKES),
    _command("approve", QT_TRANSLATE_NOOP("Commands", "A&pprove take"), "Ctrl+Return", Group.TAKES),
    _command("reject", QT_TRANSLATE_NOOP("Commands", "&Reject take"), "R", Group.TAKES),
    _command("choose", QT_TRANSLATE_NOOP("Commands", "C&hoose take"), "Shift+Return", Group.TAKES),
    _command("delete_take", QT_TRANSLATE_NOOP("Commands", "&Delete take"), "Shift+Del", Group.TAKES),
    _command("note_take", QT_TRANSLATE_NOOP("Commands", "&Note on take…"), "T", Group.TAKES),
    _command(
        "add_recording", QT_TRANSLATE_NOOP("Commands", "Bring in a recordin&g…"), "", Group.TAKES, needs=Needs.WRITING
    ),
    _command(
        "render_selected",
        QT_TRANSLATE_NOOP("Commands", "&Render selection"),
        "Ctrl+R",
        Group.RENDER,
        QT_TRANSLATE_NOOP("Commands", "another take of each selected region"),
        needs=Needs.WRITING,
    ),
    _command(
        "render_changed",
        QT_TRANSLATE_NOOP("Commands", "Render what &changed"),
        "Ctrl+Shift+R",
        Group.RENDER,
        needs=Needs.WRITING,
    ),
    _command("pause_queue", QT_TRANSLATE_NOOP("Commands", "&Pause the queue"), "", Group.RENDER),
    _command("cancel", QT_TRANSLATE_NOOP("Commands", "&Stop work"), "Esc", Group.RENDER, needs=Needs.NOTHING),
    _command("joins", QT_TRANSLATE_NOOP("Commands", "&Go to the joins"), "Ctrl+Shift+J", Group.JOINS),
    _command(
        "join_listen",
        QT_TRANSLATE_NOOP("Commands", "&Listen"),
        "Ctrl+J",
        Group.JOINS,
        QT_TRANSLATE_NOOP("Commands", "loops the join as it would sound now"),
    ),
    _command("join_before", QT_TRANSLATE_NOOP("Commands", "Join before"), "Alt+Up", Group.JOINS),
    _command("join_after", QT_TRANSLATE_NOOP("Commands", "Join after"), "Alt+Down", Group.JOINS),
    _command("join_earlier", QT_TRANSLATE_NOOP("Commands", "Cut one frame &earlier"), "Ctrl+,", Group.JOINS),
    _command("join_later", QT_TRANSLATE_NOOP("Commands", "Cut one frame l&ater"), "Ctrl+.", Group.JOINS),
    _command("join_shorter", QT_TRANSLATE_NOOP("Commands", "&Shorter fade"), "Ctrl+[", Group.JOINS),
    _command("join_longer", QT_TRANSLATE_NOOP("Commands", "L&onger fade"), "Ctrl+]", Group.JOINS),
    _command(
        "join_tone",
        QT_TRANSLATE_NOOP("Commands", "Room &tone on or off"),
        "Ctrl+T",
        Group.JOINS,
        QT_TRANSLATE_NOOP("Commands", "from the join to the next one"),
    ),
    _command(
        "join_reset",
        QT_TRANSLATE_NOOP("Commands", "&As all others"),
        "",
        Group.JOINS,
        QT_TRANSLATE_NOOP("Commands", "nothing is asked of the join any more"),
    ),
    _command("zoom_in", QT_TRANSLATE_NOOP("Commands", "Zoom &in"), "+ =", Group.VIEW),
    _command("zoom_out", QT_TRANSLATE_NOOP("Commands", "Zoom &out"), "-", Group.VIEW),
    _command("zoom_all", QT_TRANSLATE_NOOP("Commands", "Show &all"), "Shift+Z", Group.VIEW),
    _command(
        "snap",
        QT_TRANSLATE_NOOP("Commands", "&Snap"),
        "N",
        Group.VIEW,
        QT_TRANSLATE_NOOP("Commands", "edges are drawn to cuts, regions, marks"),
    ),
    _command("keys", QT_TRANSLATE_NOOP("Commands", "&Keyboard map"), "? F1", Group.HELP, needs=Needs.NOTHING),
)

REGISTER_KEYS = tuple("123456789")  # of the registers, the quietest first: they mark, or change what is selected
