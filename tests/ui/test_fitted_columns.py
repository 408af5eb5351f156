"""Columns that grow with what is seen in them: no word is cut, and nothing is measured for nobody."""

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from sottovoce_ui.fitted_columns import FittedColumns

pytestmark = pytest.mark.xdist_group("window")

WORDS, SHARING, OWN = 0, 1, 2


class Counted(QStandardItemModel):
    """Counts how often it is asked for anything."""

    asked = 0

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        self.asked += 1
        return super().data(index, role)


def shown_table(qtbot: QtBot, rows: int = 3) -> tuple[QTableView, Counted]:
    model = Counted(rows, 3)
    model.setHorizontalHeaderLabels(["Words", "What is left", "Own"])
    for row in range(rows):
        model.setItem(row, WORDS, QStandardItem("a few words"))
    table = QTableView()
    table.setModel(model)
    FittedColumns(table, sharing={SHARING: 80}, own=(OWN,))
    qtbot.addWidget(table)
    table.resize(800, 200)
    table.show()
    return table, model


def test_a_column_is_as_wide_as_its_widest_cell_and_the_rest_is_shared(qtbot: QtBot) -> None:
    table, model = shown_table(qtbot)
    assert table.columnWidth(WORDS) > table.sizeHintForIndex(model.index(0, WORDS)).width()
    before = table.columnWidth(WORDS)
    model.item(1, WORDS).setText("many more words than there were before")
    font = table.font()
    font.setBold(True)
    model.item(2, WORDS).setFont(font)
    model.item(2, WORDS).setText("many more words than there were, and bold ones")
    qtbot.waitUntil(lambda: table.columnWidth(WORDS) > before)
    assert all(table.columnWidth(WORDS) > table.sizeHintForIndex(model.index(row, WORDS)).width() for row in range(3))
    assert sum(table.columnWidth(column) for column in range(3)) == table.viewport().width()


def test_what_is_left_is_shared_again_when_the_table_or_a_column_is_resized(qtbot: QtBot) -> None:
    table, _ = shown_table(qtbot)
    table.setColumnWidth(OWN, 150)
    table.resize(720, 200)
    assert table.columnWidth(OWN) == 150
    assert sum(table.columnWidth(column) for column in range(3)) == table.viewport().width()
    table.resize(100, 200)
    assert table.columnWidth(SHARING) >= 80, "never less than it was given: then the table is scrolled"


def test_a_column_that_was_hidden_fits_when_it_is_shown(qtbot: QtBot) -> None:
    table, model = shown_table(qtbot)
    table.setColumnHidden(WORDS, True)
    model.item(0, WORDS).setText("something rather longer while nobody looks")
    qtbot.wait(1)
    table.setColumnHidden(WORDS, False)
    model.item(1, WORDS).setText("short")
    qtbot.waitUntil(lambda: table.columnWidth(WORDS) > table.sizeHintForIndex(model.index(0, WORDS)).width())


def test_nothing_is_measured_while_it_is_not_to_be_seen_and_only_what_is_visible_then(qtbot: QtBot) -> None:
    table, model = shown_table(qtbot, rows=5_000)
    table.hide()
    model.asked = 0
    for row in range(50):
        model.item(row, WORDS).setText("other words that are longer")
    qtbot.wait(1)
    assert not model.asked
    table.show()
    assert 0 < model.asked < 200
    assert table.columnWidth(WORDS) > table.sizeHintForIndex(model.index(0, WORDS)).width()
