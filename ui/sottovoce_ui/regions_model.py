"""The plan's regions as a table model."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from sottovoce_engine.plan import Plan, PlannedRegion
from sottovoce_engine.registers import RegisterTable
from sottovoce_engine.timing import timecode

HEADINGS = ("Start", "Length", "Voice", "Register", "Picture", "Line", "State")

Index = QModelIndex | QPersistentModelIndex


class RegionsModel(QAbstractTableModel):
    """One row per region. A register shows as a swatch of its colour and its letter, never as colour alone."""

    def __init__(self, registers: RegisterTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._registers = registers
        self._plan: Plan | None = None

    def show_plan(self, plan: Plan) -> None:
        """Replaces all rows."""
        self.beginResetModel()
        self._plan = plan
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() or self._plan is None else len(self._plan.regions)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._plan is None or not index.isValid():
            return None
        planned = self._plan.regions[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _cells(self._plan, planned, self._registers)[index.column()]
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join((planned.caption, *planned.notes))
            case Qt.ItemDataRole.DecorationRole if HEADINGS[index.column()] == "Register":
                return QColor(self._registers.get(planned.region.register).colour)
        return None


def _cells(plan: Plan, planned: PlannedRegion, registers: RegisterTable) -> tuple[str, ...]:
    scene, region = plan.scene, planned.region
    return (
        timecode(scene.start_frame + region.span.start, scene.rate, drop=scene.drop_frame),
        f"{float(region.span.length / scene.rate):.1f} s",
        region.voice,
        f"{registers.get(region.register).letter}  {region.register}",
        str(planned.picture),
        region.line,
        str(planned.state),
    )
