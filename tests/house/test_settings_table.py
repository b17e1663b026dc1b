"""The documentation of the settings is generated from their one declaration."""

from perkhub.kit.settings import Settings, settings_table
from tests.house.tree import ROOT


def test_the_table_is_up_to_date():
    assert (ROOT / "core" / "SETTINGS.md").read_text(encoding="utf-8") == settings_table(), "run: make settings"


def test_every_setting_has_a_meaning():
    assert [name for name, declared in Settings.model_fields.items() if not declared.description] == []
