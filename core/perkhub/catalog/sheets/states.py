"""The lives of an import and of an export of products."""

from enum import StrEnum, auto

from perkhub.kit.states import StateMachine


class SheetImportState(StrEnum):
    QUEUED = auto()
    CHECKING = auto()
    WRITING = auto()
    CHECKED = auto()  # a dry run's end
    DONE = auto()
    FAILED = auto()


SHEET_IMPORT: StateMachine[SheetImportState] = StateMachine(
    table="product_import",
    born=frozenset({SheetImportState.QUEUED}),
    transitions={
        SheetImportState.QUEUED: {SheetImportState.CHECKING, SheetImportState.WRITING},
        SheetImportState.CHECKING: {SheetImportState.WRITING, SheetImportState.CHECKED, SheetImportState.FAILED},
        SheetImportState.WRITING: {SheetImportState.DONE, SheetImportState.FAILED},
        SheetImportState.CHECKED: set(),
        SheetImportState.DONE: set(),
        SheetImportState.FAILED: set(),
    },
)


class SheetExportState(StrEnum):
    QUEUED = auto()
    DONE = auto()


SHEET_EXPORT: StateMachine[SheetExportState] = StateMachine(
    table="product_export",
    born=frozenset({SheetExportState.QUEUED}),
    transitions={SheetExportState.QUEUED: {SheetExportState.DONE}, SheetExportState.DONE: set()},
)
