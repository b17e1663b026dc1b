"""The conformance kit of mechanics: `class TestLuckyWheel(MechanicConformance)` plus one fixture runs every rule.

It needs pytest (`pip install perkhub[testing]`), which nothing else of Perkhub imports.
"""

from perkhub.plugin.testing.conformance.rules import RuleChanged
from perkhub.plugin.testing.mechanics.mechanic import MechanicConformance
from perkhub.plugin.testing.mechanics.subject import MechanicSubject

__all__ = ["MechanicConformance", "MechanicSubject", "RuleChanged"]
