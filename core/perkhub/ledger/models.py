"""Tables of the double-entry ledger. Only a party's account keeps a balance; every other book is the sum of its entries."""

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class PartyAccount(Model):
    """What a party has with us in one currency, in minor units. The row is the lock of all its spending."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    party_id = fields.UUIDField()
    currency = fields.CharField(max_length=3)
    balance = fields.BigIntField(default=0)
    floor = fields.BigIntField(default=0)
    frozen = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()

    class Meta:
        table = "party_account"
        unique_together = (("party_id", "currency"),)
        constraints = [CheckConstraint(name="party_account_floor", check="balance >= floor")]


class LedgerTransfer(Model):
    """One movement of money. `(kind, reference_id)` is unique, so that nothing is ever booked twice."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=30)
    reference_id = fields.UUIDField()
    actor = fields.CharField(max_length=80)
    correlation_id = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "ledger_transfer"
        unique_together = (("kind", "reference_id"),)


class LedgerEntry(Model):
    """One side of a transfer: positive adds to the book, negative takes from it. A transfer's entries sum to zero."""

    id = fields.BigIntField(primary_key=True)
    transfer: fields.ForeignKeyRelation[LedgerTransfer] = fields.ForeignKeyField(
        "perkhub.LedgerTransfer", on_delete=fields.RESTRICT, db_index=True, related_name="entries"
    )
    book = fields.CharField(max_length=20)
    account: fields.ForeignKeyNullableRelation[PartyAccount] = fields.ForeignKeyField(
        "perkhub.PartyAccount", on_delete=fields.RESTRICT, null=True, db_index=True, related_name="entries"
    )
    currency = fields.CharField(max_length=3)
    amount = fields.BigIntField()

    class Meta:
        table = "ledger_entry"
        constraints = [
            CheckConstraint(name="ledger_entry_account", check="(book = 'party') = (account_id IS NOT NULL)"),
            CheckConstraint(name="ledger_entry_amount", check="amount <> 0"),
        ]


class WalletPayout(Model):
    """What shows that a wallet's money was sent to its owner. `id` is the reference of its transfer. It names nobody."""

    id = fields.UUIDField(primary_key=True)
    party_id = fields.UUIDField(db_index=True)
    evidence = fields.CharField(max_length=64)

    class Meta:
        table = "wallet_payout"


class WalletAdjustment(Model):
    """Why an operator corrected a wallet. `id` is the reference of its transfer, which says who did it and when."""

    id = fields.UUIDField(primary_key=True)
    party_id = fields.UUIDField(db_index=True)
    reason = fields.CharField(max_length=300)

    class Meta:
        table = "wallet_adjustment"
