"""Whatever a table keeps of a person is erased with them, or stays for a reason: a new column must say which.

Looked at are the columns that name a party or a person by id, those that are sealed, and those that are masked.
"""

import re
from collections.abc import Iterator
from importlib import import_module

from tortoise.models import Model

from perkhub.accounts.erase import FORGET
from perkhub.domains import model_modules

LOOKED_AT = re.compile(r"^(party_id|customer_id|subject_id)$|sealed|masked|blind_index|destination|buyer_input")

ACCOUNTS = "accounts.erase"
INPUTS = "entitlements.forget_inputs"
TRADE = "a trade record: it stays, and says no more than which party it was"
NOT_A_CUSTOMERS = "of staff, of the house or of goods: no customer is named by it"
# Table and column, and what becomes of it when the customer is erased. A domain erases its own on `CustomerErased`.
FATE = {
    "activity_change.subject_id": "the log of deeds stays; contacts come into it masked, and names not at all",
    "bargain.party_id": TRADE,
    "bargain_cut.party_id": TRADE,
    "bargain_day.party_id": TRADE,
    "buyer_input.blind_index": INPUTS,
    "buyer_input.masked": INPUTS,
    "buyer_input.party_id": INPUTS,
    "buyer_input.sealed": INPUTS,
    "campaign_consent.party_id": "campaigns.forget_consents",
    "campaign_part.party_id": TRADE,
    "campaign_person.party_id": "a list of ids of parties, which say no more than which party it was",
    "circle_member.party_id": TRADE,
    "code.masked": NOT_A_CUSTOMERS,
    "code.sealed": NOT_A_CUSTOMERS,
    "coupon.party_id": TRADE,
    "coupon_batch.sealed": NOT_A_CUSTOMERS,
    "customer.masked_name": ACCOUNTS,
    "customer.party_id": TRADE,
    "customer.sealed_name": ACCOUNTS,
    "draw.party_id": TRADE,
    "draw_buyer.party_id": TRADE,
    "draw_seed.sealed": NOT_A_CUSTOMERS,
    "entitlement.masked": NOT_A_CUSTOMERS,
    "entitlement.party_id": TRADE,
    "gateway_callback.sealed": "payments.forget_payer",
    "identity_provider.sealed_client_secret": NOT_A_CUSTOMERS,
    "hold.party_id": "orders.forget_buyer gives unpaid orders up",
    "listing_buyer.party_id": TRADE,
    "orders.party_id": TRADE,
    "party_account.party_id": TRADE,
    "payment.party_id": TRADE,
    "product.buyer_inputs": NOT_A_CUSTOMERS,
    "staff.blind_index": NOT_A_CUSTOMERS,
    "staff.masked": NOT_A_CUSTOMERS,
    "staff.sealed_email": NOT_A_CUSTOMERS,
    "staff.sealed_name": NOT_A_CUSTOMERS,
    "supplier_account.sealed": NOT_A_CUSTOMERS,
    "supplier_callback.sealed": "erased when the order that it hints at was looked up, and deleted after ninety days",
    "supplier_settlement.sealed": NOT_A_CUSTOMERS,
    "top_up.party_id": TRADE,
    "unmask_log.party_id": "who read it stays; what looks like a contact never came into its reason",
    "upload_piece.sealed": NOT_A_CUSTOMERS,
    "wallet_adjustment.party_id": "ledger.forget_notes",
    "wallet_payout.party_id": TRADE,
}
REMEDY = """Columns that may name a customer, and of which nobody has said what becomes of them when the customer is erased.
In accounts: delete the rows in perkhub.accounts.erase.FORGET. In another domain: a function that forgets, wired to
CustomerErased in perkhub.reactions.erase. Then say it in FATE; also why, where it stays."""


def columns() -> Iterator[str]:
    for name in model_modules():
        for value in vars(import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Model) and value.__module__ == name:
                # Columns of relations are there by themselves only once something has connected to a database.
                relations = {f"{relation}_id" for relation in value._meta.fk_fields | value._meta.o2o_fields}
                for column in {*value._meta.fields_db_projection.values(), *relations}:
                    if LOOKED_AT.search(column):
                        yield f"{value._meta.db_table}.{column}"


def test_of_every_column_it_is_known_what_becomes_of_it():
    found = {column for column in columns() if column.partition(".")[0] not in FORGET}
    assert sorted(found - set(FATE)) == [], REMEDY
    assert sorted(set(FATE) - found) == [], "of columns that are there no more"
