"""Suppliers set up by mutation: accounts, their catalogs, mapped offers, codes bought ahead, and settlements by two people."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from perkhub.fulfilment import (
    approve_settlement,
    order_of_settlement,
    propose_settlement,
    purchase_stock,
    stock_purchases_by_ids,
    withdraw_settlement,
)
from perkhub.kit.db import Transaction, transact
from perkhub.kit.errors import InvalidInput
from perkhub.kit.idempotency import once
from perkhub.kit.ids import new_id
from perkhub.kit.money import CurrencyMismatch
from perkhub.suppliers import (
    account_by_id,
    add_offer,
    connect_account,
    map_offer,
    note_balance,
    offers_by_ids,
    pause_account,
    prove_connection,
    supplier_orders_by_ids,
    sync_soon,
    syncs_by_ids,
    update_account,
    want_balance,
)
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.graphql.mutations import mutation
from perkhub_schema.orders.inputs import fingerprint
from perkhub_schema.suppliers.inputs import (
    OfferCreateInput,
    OfferMapInput,
    SettlementApproveInput,
    SettlementWithdrawInput,
    StockPurchaseInput,
    SupplierAccountInput,
    SupplierBalanceAlertInput,
    SupplierConnectInput,
    SupplierOrderSettleInput,
    SupplierPauseInput,
    SupplierUpdateInput,
    account_id,
)
from perkhub_schema.suppliers.orders import StockPurchaseType, SupplierOrderType, to_stock_purchase, to_supplier_order
from perkhub_schema.suppliers.queries import MANAGE_SUPPLIERS
from perkhub_schema.suppliers.settings import chosen_settings
from perkhub_schema.suppliers.types import (
    CatalogSyncType,
    SupplierAccountType,
    SupplierOfferType,
    to_account,
    to_offer,
    to_sync,
)


@strawberry.type(description="The supplier account after the change.")
class SupplierAccountPayload:
    account: SupplierAccountType | None = strawberry.field(default=None, description="The account as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="What came of asking the supplier.")
class SupplierTestPayload:
    account: SupplierAccountType | None = strawberry.field(default=None, description="The account, with what lies there.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="What does not work; empty if all does.")


@strawberry.type(description="The accepted reading; a worker carries it out.")
class CatalogSyncPayload:
    sync: CatalogSyncType | None = strawberry.field(default=None, description="The reading as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The offer after the change.")
class SupplierOfferPayload:
    offer: SupplierOfferType | None = strawberry.field(default=None, description="The offer as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The accepted purchase; workers carry it out.")
class StockPurchasePayload:
    purchase: StockPurchaseType | None = strawberry.field(default=None, description="The purchase as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@strawberry.type(description="The supplier order after the change.")
class SupplierOrderPayload:
    supplier_order: SupplierOrderType | None = strawberry.field(default=None, description="The attempt as it stands.")
    errors: list[ErrorInterface] = strawberry.field(default_factory=list, description="Why it was refused; empty if not.")


@mutation(MANAGE_SUPPLIERS, "Connect an account of ours at a supplier. Nothing is asked of it yet: see `supplierTest`.")
async def supplier_connect(info: Info, input: SupplierConnectInput) -> SupplierAccountPayload:
    plugin, settings = chosen_settings(input.settings)

    async def work(tx: Transaction) -> UUID:
        return await connect_account(tx, name=input.name, plugin=plugin, settings=settings, provenance=input.provenance)

    return await _account(await _told(work))


@mutation(MANAGE_SUPPLIERS, "Change a supplier account.")
async def supplier_update(info: Info, input: SupplierUpdateInput) -> SupplierAccountPayload:
    account: UUID = account_id(input.account_id)
    settings = None
    if input.settings is not None:
        known = await account_by_id(account, "accountId")
        plugin, settings = chosen_settings(input.settings.value)
        if plugin != known.plugin:
            reason, reason_zh = f"The account is of {known.plugin}.", f"该账号属于 {known.plugin}。"
            raise InvalidInput(path=("settings", to_camel_case(plugin)), reason=reason, reason_zh=reason_zh)

    async def work(tx: Transaction) -> UUID:
        await update_account(
            tx,
            account,
            expected_version=input.expected_version,
            name=None if input.name is None else input.name.value,
            settings=settings,
            provenance=None if input.provenance is None else input.provenance.value,
        )
        return account

    return await _account(await _told(work))


@mutation(MANAGE_SUPPLIERS, "Let no new orders go to a supplier account, or let them again.")
async def supplier_pause(info: Info, input: SupplierPauseInput) -> SupplierAccountPayload:
    account, version, paused = account_id(input.account_id), input.expected_version, input.paused
    await transact(lambda tx: pause_account(tx, account, expected_version=version, paused=paused))
    return await _account(account)


@mutation(
    MANAGE_SUPPLIERS,
    "Say below which balance you want to be told; once each time it falls, `balanceLowSince`, an event and an e-mail tell it. "
    "The e-mail goes to each active member of staff who holds MANAGE_SUPPLIERS in every channel.",
)
async def supplier_balance_alert(info: Info, input: SupplierBalanceAlertInput) -> SupplierAccountPayload:
    account, version, wanted = account_id(input.account_id), input.expected_version, input.threshold
    await transact(lambda tx: want_balance(tx, account, wanted, expected_version=version))
    return await _account(account)


@mutation(MANAGE_SUPPLIERS, "Ask the supplier whether the settings work, without buying anything; and what lies there.")
async def supplier_test(info: Info, input: SupplierAccountInput) -> SupplierTestPayload:
    account = await account_by_id(account_id(input.account_id), "accountId")
    balance = await prove_connection(account)
    await transact(lambda tx: note_balance(tx, account.id, balance))
    return SupplierTestPayload(account=to_account(await account_by_id(account.id)))


@mutation(MANAGE_SUPPLIERS, "Read the supplier's catalog into offers. Follow it with `supplierAccount.catalogSyncs`.")
async def supplier_catalog_sync(info: Info, input: SupplierAccountInput) -> CatalogSyncPayload:
    account = (await account_by_id(account_id(input.account_id), "accountId")).id
    sync = await transact(lambda tx: sync_soon(tx, account, after=timedelta()))
    return CatalogSyncPayload(sync=to_sync((await syncs_by_ids([sync]))[sync]))


@mutation(MANAGE_SUPPLIERS, "Add an offer that the supplier's catalog does not tell.")
async def offer_create(info: Info, input: OfferCreateInput) -> SupplierOfferPayload:
    account = (await account_by_id(account_id(input.account_id), "accountId")).id

    async def work(tx: Transaction) -> UUID:
        told = {"sku": input.sku, "name": input.name, "issuer": input.issuer, "currency": input.currency}
        try:
            return await add_offer(tx, account, cost=input.cost, supplies=input.supplies, **told)
        except CurrencyMismatch as unknown:
            unknown.path = ("currency",)
            raise

    return await _offer(await transact(work))


@mutation(MANAGE_SUPPLIERS, "Say which of our variants an offer is; from then on it is bought by when the pool is empty.")
async def offer_map(info: Info, input: OfferMapInput) -> SupplierOfferPayload:
    offer = local_id(Kind.SUPPLIER_OFFER, input.offer_id, "offerId")
    variant = None if input.variant_id is None else local_id(Kind.VARIANT, input.variant_id, "variantId")
    terms = input.terms()
    version, face = input.expected_version, input.face_value
    made = await transact(lambda tx: map_offer(tx, offer, variant, expected_version=version, face_value=face, terms=terms))
    return await _offer(made)


@mutation(MANAGE_SUPPLIERS, "Buy codes into the pool ahead of their sale. Follow it with `stockPurchase`.")
async def stock_purchase(info: Info, input: StockPurchaseInput) -> StockPurchasePayload:
    actor, variant = info.context.identity.actor, local_id(Kind.VARIANT, input.variant_id, "variantId")

    async def work(tx: Transaction, result: UUID) -> UUID:
        await purchase_stock(tx, result, variant, input.quantity, actor=actor)
        return result

    async def replay(result: UUID) -> UUID:
        return result

    request = fingerprint(input)
    made = await once(actor, "stockPurchase", key=input.idempotency_key, request=request, work=work, replay=replay)
    return StockPurchasePayload(purchase=to_stock_purchase((await stock_purchases_by_ids([made]))[made]))


@mutation(MANAGE_SUPPLIERS, "Propose what to do about a supplier order that no supplier settles; a colleague approves it.")
async def supplier_order_settle(info: Info, input: SupplierOrderSettleInput) -> SupplierOrderPayload:
    order = local_id(Kind.SUPPLIER_ORDER, input.supplier_order_id, "supplierOrderId")
    codes, by, settlement = input.supplied(), info.context.identity.actor, new_id()

    async def work(tx: Transaction) -> None:
        amounts = {"cost": input.cost, "returned": input.returned}
        await propose_settlement(tx, settlement, order, input.decision, reason=input.reason, by=by, codes=codes, **amounts)

    await transact(work)
    return await _supplier_order(order)


@mutation(MANAGE_SUPPLIERS, "Approve a colleague's proposal: it is carried out at once.")
async def supplier_settlement_approve(info: Info, input: SettlementApproveInput) -> SupplierOrderPayload:
    actor, settlement = info.context.identity.actor, local_id(Kind.SETTLEMENT, input.settlement_id, "settlementId")

    async def work(tx: Transaction, _: UUID) -> UUID:
        return await approve_settlement(tx, settlement, by=actor)

    async def replay(_: UUID) -> UUID:
        return await order_of_settlement(settlement)

    request = fingerprint(input)
    key = input.idempotency_key
    order = await once(actor, "supplierSettlementApprove", key=key, request=request, work=work, replay=replay)
    return await _supplier_order(order)


@mutation(MANAGE_SUPPLIERS, "Take a proposal back, one's own or a colleague's.")
async def supplier_settlement_withdraw(info: Info, input: SettlementWithdrawInput) -> SupplierOrderPayload:
    actor, settlement = info.context.identity.actor, local_id(Kind.SETTLEMENT, input.settlement_id, "settlementId")
    return await _supplier_order(await transact(lambda tx: withdraw_settlement(tx, settlement, by=actor)))


async def _told(work: Callable[[Transaction], Awaitable[UUID]]) -> UUID:
    """Carry it out; a plugin's setting at fault is named as it stands in the input."""
    try:
        return await transact(work)
    except InvalidInput as refused:
        refused.path = tuple(to_camel_case(step) for step in refused.path)
        raise


async def _account(account: UUID) -> SupplierAccountPayload:
    return SupplierAccountPayload(account=to_account(await account_by_id(account)))


async def _offer(offer: UUID) -> SupplierOfferPayload:
    return SupplierOfferPayload(offer=to_offer((await offers_by_ids([offer]))[0]))


async def _supplier_order(order: UUID) -> SupplierOrderPayload:
    return SupplierOrderPayload(supplier_order=to_supplier_order((await supplier_orders_by_ids([order]))[0]))


@strawberry.type
class SupplierMutations:
    supplier_connect = supplier_connect
    supplier_update = supplier_update
    supplier_pause = supplier_pause
    supplier_balance_alert = supplier_balance_alert
    supplier_test = supplier_test
    supplier_catalog_sync = supplier_catalog_sync
    offer_create = offer_create
    offer_map = offer_map
    stock_purchase = stock_purchase
    supplier_order_settle = supplier_order_settle
    supplier_settlement_approve = supplier_settlement_approve
    supplier_settlement_withdraw = supplier_settlement_withdraw
