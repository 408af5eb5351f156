"""The commands as Qt actions, with the person's own keys."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, QSettings
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from sottovoce_engine.errors import InputError
from sottovoce_ui.commands import COMMANDS, REGISTER_KEYS, Command, Group, Needs

_KEYS = "keys"


class Actions(QObject):
    """One action for each command of the table; the window says what they do."""

    def __init__(self, window: QWidget, settings: QSettings) -> None:
        super().__init__(window)
        self._settings = settings
        self._more: dict[str, str] = {}  # what commands would do now, by id
        self._commands = {command.id: command for command in COMMANDS}
        self._actions = {command.id: self._made(command, window) for command in COMMANDS}

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def connect_all(self, intents: Mapping[str, Callable[[], object]]) -> None:
        """Says what each command does."""
        for command_id, intent in intents.items():
            self._actions[command_id].triggered.connect(lambda _=False, then=intent: then())

    def tell(self, command_id: str, more: str) -> None:
        """Says in a command's tooltip what it would do now, besides what it does."""
        self._more[command_id] = more
        self._describe(self._actions[command_id], self._commands[command_id])

    def enable(self, needs: Needs, enabled: bool) -> None:
        """All that need this."""
        for command in COMMANDS:
            if command.needs is needs:
                self._actions[command.id].setEnabled(enabled)

    def fill(self, bar: QMenuBar) -> dict[Group, QMenu]:
        """One menu for each group."""
        menus = {group: bar.addMenu(named(group)) for group in Group}
        for menu in menus.values():
            menu.setToolTipsVisible(True)
        for command in COMMANDS:
            menus[command.group].addAction(self._actions[command.id])
        return menus

    def keys(self, command_id: str) -> tuple[str, ...]:
        """The keys of a command now."""
        return tuple(each.toString() for each in self._actions[command_id].shortcuts())

    def set_keys(self, command_id: str, keys: Sequence[str]) -> None:
        """Gives a command other keys, now and from now on; the table's own where they are the same.

        Raises:
            InputError: A key is none, or another command has it.
        """
        for key in keys:
            sequence = QKeySequence(key)
            if sequence.isEmpty() or not sequence.toString():
                raise InputError(self.tr("'{key}' is no key. Write it such as Ctrl+Shift+R.").format(key=key))
            if sequence.toString() in REGISTER_KEYS:
                raise InputError(self.tr("{key} is the key of a register. Choose another one.").format(key=key))
            other = self._owner(sequence)
            if other not in (None, command_id):
                name = self._actions[str(other)].text().replace("&", "")
                taken = self.tr("{key} is the key of '{name}'. Give that one another key first.")
                raise InputError(taken.format(key=sequence.toString(), name=name))
        own = self._commands[command_id].keys
        if tuple(keys) == own:
            self._settings.remove(f"{_KEYS}/{command_id}")
        else:
            self._settings.setValue(f"{_KEYS}/{command_id}", " ".join(keys))
        self._give(self._actions[command_id], self._commands[command_id], keys)

    def reset(self) -> None:
        """Gives every command the table's keys again."""
        self._settings.remove(_KEYS)
        for command in COMMANDS:
            self._give(self._actions[command.id], command, command.keys)

    def _owner(self, sequence: QKeySequence) -> str | None:
        return next((name for name, action in self._actions.items() if sequence in action.shortcuts()), None)

    def _made(self, command: Command, window: QWidget) -> QAction:
        action = QAction(QCoreApplication.translate("Commands", command.text), window)
        action.setObjectName(command.id)
        kept = self._settings.value(f"{_KEYS}/{command.id}")
        self._give(action, command, command.keys if kept is None else str(kept).split())
        window.addAction(action)
        return action

    def _give(self, action: QAction, command: Command, keys: Sequence[str]) -> None:
        action.setShortcuts([QKeySequence(key) for key in keys])
        self._describe(action, command)

    def _describe(self, action: QAction, command: Command) -> None:
        text = action.text().replace("&", "").rstrip("…")
        about = QCoreApplication.translate("Commands", command.about) if command.about else ""
        named = f"{text}: {about}" if about else text
        keys = action.shortcut().toString()
        told = f"{named} ({keys})" if keys else named
        more = self._more.get(command.id, "")
        action.setToolTip(f"{told}\n{more}" if more else told)


def named(group: Group) -> str:
    """A menu's name in the person's language."""
    return QCoreApplication.translate("Groups", str(group))
