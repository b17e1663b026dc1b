"""The conformance kit: `class TestAcme(SupplierConformance)` plus one fixture runs every rule of the contract.

It needs pytest (`pip install perkhub[testing]`), which nothing else of Perkhub imports.
"""

from perkhub.plugin.testing.conformance.rules import RuleChanged
from perkhub.plugin.testing.conformance.subject import ByAmount, Subject, TopUp
from perkhub.plugin.testing.conformance.supplier import SupplierConformance

__all__ = ["ByAmount", "RuleChanged", "Subject", "SupplierConformance", "TopUp"]
