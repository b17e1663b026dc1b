"""Units that parties hold: given, shown, taken back, or over. Knows no orders."""

from perkhub.entitlements.buyer_inputs import (
    MaskedInput,
    OwnInput,
    forget_inputs,
    inputs_of_party,
    inputs_to_deliver,
    keep_inputs,
    masked_inputs,
    sources_for_contact,
)
from perkhub.entitlements.errors import EntitlementAlreadySeen, EntitlementNotRevealable
from perkhub.entitlements.expire import expire_units
from perkhub.entitlements.give import Unit, give
from perkhub.entitlements.obtained import (
    Issue,
    delay,
    deliver,
    fail,
    freeze_delivered,
    freeze_holders,
    issue,
    issue_reserved,
    reserve,
    waiting_units,
)
from perkhub.entitlements.read import (
    HELD_SOMETHING,
    Entitlement,
    any_waits,
    entitlements_by_ids,
    entitlements_of_party,
    entitlements_of_sources,
    holders_of_codes,
)
from perkhub.entitlements.reveal import reveal
from perkhub.entitlements.revoke import revoke
from perkhub.entitlements.states import WAITING, EntitlementState

__all__ = [
    "HELD_SOMETHING",
    "WAITING",
    "Entitlement",
    "EntitlementAlreadySeen",
    "EntitlementNotRevealable",
    "EntitlementState",
    "Issue",
    "MaskedInput",
    "OwnInput",
    "Unit",
    "any_waits",
    "delay",
    "deliver",
    "entitlements_by_ids",
    "entitlements_of_party",
    "entitlements_of_sources",
    "expire_units",
    "fail",
    "forget_inputs",
    "freeze_delivered",
    "freeze_holders",
    "give",
    "holders_of_codes",
    "inputs_of_party",
    "inputs_to_deliver",
    "issue",
    "issue_reserved",
    "keep_inputs",
    "masked_inputs",
    "reserve",
    "reveal",
    "revoke",
    "sources_for_contact",
    "waiting_units",
]
