"""What each root field is given so that it succeeds: the parts that no type can say, made anew in the house that stands."""

from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import count
from uuid import UUID

from perkhub.accounts import (
    CodePurpose,
    ContactPoint,
    Permission,
    block_customer,
    create_group,
    deactivate_staff,
    request_code,
)
from perkhub.channels import ChannelDraft, close_channel, create_channel, grant_channel
from perkhub.kit import db
from perkhub.kit.clock import now
from perkhub.kit.db import Transaction, transact
from perkhub.kit.ids import new_id
from perkhub.kit.money import Money
from perkhub.kit.outbox import enqueue
from perkhub.kit.uploads import receive_upload
from perkhub.payments import Payment, start_top_up
from perkhub.payments.gateway import apply_outcome
from perkhub.plugin.payment import Paid
from perkhub.vault import ImportRequest, request_import
from perkhub_schema.graphql.global_ids import Kind, global_id, local_id
from perkhub_schema.scopes import to_scopes
from tests.factories import PASSWORD, Person, Shop, a_phone, an_email
from tests.orders import desk
from tests.pricing.making import a_list, at
from tests.schema.accounts.operations import given, the_code
from tests.schema.making import Given, Making, a_name, also, as_id, nothing
from tests.schema.orders.lines import a_line
from tests.schema.people_inputs import (
    customer_group,
    customer_id,
    customer_without_money,
    group_member,
    invitation,
    invitation_token,
    money_to_pay_out,
    organisation_and_customer,
    organisation_id,
    organisation_member,
    organisation_to_leave,
    requested_organisation,
    suspended_organisation,
)
from tests.schema.rooms import ROOMS
from tests.schema.walk import RootField, made

NEW_PASSWORD = "a wholly new password"
RETURN_URL = "https://shop.example.com/back"
BURY = "UPDATE outbox SET state = 'dead', attempts = 12, last_error = 'TimeoutError', finished_at = created_at WHERE id = $1"

_numbers = count(1)
_shop = Shop()


async def actor_for(field: RootField) -> Person:
    """Somebody new who may use the field, and nothing besides."""
    if field.rule in ("public", "customer", "signedIn"):
        return await _shop.customer(wallet="500.00", password=PASSWORD)
    return await _shop.staff(*([Permission(field.permission)] if field.permission else []))


async def variables_for(field: RootField, by: Person) -> Given:
    """The variables with which the field succeeds for this person."""
    told = await TOLD[str(field)](by) if str(field) in TOLD else {}
    kind = field.input_type
    if kind is None:
        return told
    if "idempotencyKey" in kind.fields and "idempotencyKey" not in told:
        told = {"idempotencyKey": a_name("key"), **told}
    return {"input": made(kind, told)}


def an_amount() -> Given:
    """Another one each time."""
    return {"amount": f"{next(_numbers) % 9000 + 1}.00", "currency": "CNY"}


# --- what there has to be before ---


async def proven(contact: ContactPoint, purpose: CodePurpose) -> Given:
    """A contact, and the code that was sent to it."""
    await request_code(contact, purpose)
    return {"contact": given(contact), "code": await the_code(contact)}


async def variant_id() -> str:
    return global_id(Kind.VARIANT, (await _shop.variant()).id)


async def contact_id(_: Person) -> Given:
    owner = await _shop.customer()
    found = await db.value("SELECT id FROM contact WHERE party_id = $1", owner.party_id)
    return {"contactId": global_id(Kind.CONTACT, found)}


async def staff_id(_: Person) -> Given:
    return {"staffId": global_id(Kind.STAFF, (await _shop.staff()).id)}


async def blocked_customer(_: Person) -> Given:
    owner = await _shop.customer(wallet="5.00")
    await transact(lambda tx: block_customer(tx, owner.party_id))
    return {"customerId": global_id(Kind.CUSTOMER, owner.party_id)}


async def inactive_staff(_: Person) -> Given:
    colleague = await _shop.staff()
    await transact(lambda tx: deactivate_staff(tx, colleague.id, by=None))
    return {"staffId": global_id(Kind.STAFF, colleague.id)}


async def group_id(_: Person) -> Given:
    made_now = await transact(lambda tx: create_group(tx, name=a_name("Group"), permissions=(), by=None))
    return {"groupId": global_id(Kind.PERMISSION_GROUP, made_now)}


async def unpaid_order(by: Person) -> Given:
    return {"orderId": global_id(Kind.ORDER, (await desk.place(by, await _shop.variant())).id)}


async def paid_order(by: Person) -> Given:
    return {"orderId": global_id(Kind.ORDER, (await desk.buy(by, await _shop.variant())).id)}


async def anybodys_paid_order(_: Person) -> Given:
    return await paid_order(await _shop.customer(wallet="500.00"))


async def entitlement_id(by: Person) -> Given:
    [unit] = await desk.units_of(await desk.buy(by, await _shop.variant()))
    return {"entitlementId": global_id(Kind.ENTITLEMENT, unit.id)}


async def channel_id(_: Person) -> Given:
    draft = ChannelDraft(ENGLISH)
    made_now = await transact(lambda tx: create_channel(tx, a_name("walked"), draft, currency="CNY"))
    return {"channelId": global_id(Kind.CHANNEL, made_now)}


async def closed_channel(by: Person) -> Given:
    given_id = await channel_id(by)
    channel = local_id(Kind.CHANNEL, given_id["channelId"])
    await transact(lambda tx: close_channel(tx, channel, expected_version=1))
    return {**given_id, "expectedVersion": 2}


async def channel_holders(by: Person) -> Given:
    return {**await channel_id(by), "holderIds": [(await customer_id(by))["customerId"]]}


async def channel_granted(by: Person) -> Given:
    told = await channel_holders(by)
    channel, holders = local_id(Kind.CHANNEL, told["channelId"]), to_scopes(told["holderIds"])
    await transact(lambda tx: grant_channel(tx, channel, holders))
    return told


async def lot_id(_: Person) -> Given:
    lot = (await _shop.variant()).lot
    assert lot is not None
    return {"lotId": global_id(Kind.LOT, lot.id)}


async def begun_top_up(by: Person) -> Payment:
    top_up, amount, way = new_id(), Money(5000, "CNY"), {"method": desk.METHOD, "return_url": RETURN_URL}
    return await transact(lambda tx: start_top_up(tx, top_up, by.party_id, amount, payment=new_id(), **way))


async def payment_in_review(_: Person) -> Given:
    """Of which another amount came than was asked for."""
    payment = await begun_top_up(await _shop.customer())
    paid = Paid(4999, "CNY", gateway_reference=payment.our_reference, paid_at=now())
    await transact(lambda tx: apply_outcome(tx, payment, paid))
    return {"paymentId": global_id(Kind.PAYMENT, payment.id)}


async def dead_letter(_: Person) -> Given:
    async def work(tx: Transaction) -> UUID:
        return enqueue(tx, "payments.settle", payment_id=new_id())

    job = await transact(work)
    await db.value(BURY, job)
    return {"jobId": global_id(Kind.JOB, job)}


async def upload_of(by: Person) -> UUID:
    async def content() -> AsyncIterator[bytes]:
        yield f"卡号,卡密\n7333{next(_numbers):012},123456\n".encode()

    return await receive_upload("codes.csv", content(), actor=by.identity.actor, limit_bytes=10_000)


async def codes_to_import(by: Person) -> Given:
    cost = {"amount": "9.50", "currency": "CNY"}
    return {"uploadId": global_id(Kind.UPLOAD, await upload_of(by)), "variantId": await variant_id(), "unitCost": cost}


async def code_import(_: Person) -> Given:
    importer, variant = await _shop.staff(Permission.IMPORT_CODES), await _shop.variant()
    request = ImportRequest(
        upload_id=await upload_of(importer),
        variant_id=variant.id,
        issuer="Acme",
        unit_cost=Decimal(9),
        currency="CNY",
        actor=importer.identity.actor,
    )
    asked = await transact(lambda tx: request_import(tx, new_id(), request))
    return {"id": global_id(Kind.CODE_IMPORT, asked)}


# --- what the fields are told ---


async def _sign_in(_: Person) -> Given:
    owner = await _shop.customer(password=PASSWORD)
    return {"contact": given(owner.contact), "password": PASSWORD}


async def _staff_sign_in(_: Person) -> Given:
    return {"email": (await _shop.staff()).contact.value, "password": PASSWORD}


async def _register(_: Person) -> Given:
    return await proven(an_email(), CodePurpose.VERIFY)


async def _reset(_: Person) -> Given:
    return {**await proven((await _shop.customer()).contact, CodePurpose.RESET), "password": NEW_PASSWORD}


async def _contact_add(_: Person) -> Given:
    return await proven(a_phone(), CodePurpose.VERIFY)


async def _refresh(_: Person) -> Given:
    return {"refreshToken": (await _shop.customer()).refresh_token}


async def _basket(_: Person) -> Given:
    return {"lines": [await a_line()]}


async def _on_sale(_: Person) -> Given:
    return {"id": global_id(Kind.PRODUCT, (await _shop.variant()).product_id)}


async def _history(_: Person) -> Given:
    return {"subject": global_id(Kind.PRODUCT, (await _shop.variant()).product_id)}


async def _listing(_: Person) -> Given:
    return {"channel": "retail", "variantId": await variant_id(), "unitPrice": "9.90"}


async def _listing_row(_: Person) -> Given:
    return {"channel": "retail", "rows": [{"variantId": await variant_id(), "unitPrice": "9.90"}]}


async def _listed(_: Person) -> Given:
    return {"channel": "retail", "variantIds": [await variant_id()]}


async def _for_a_channel(_: Person) -> Given:
    return {"scopeId": global_id(Kind.CHANNEL, (await _shop.channel()).id), "name": ENGLISH}


async def price_list_id(_: Person) -> Given:
    return {"priceListId": global_id(Kind.PRICE_LIST, await a_list(await _shop.channel()))}


async def _listed_prices(by: Person) -> Given:
    await price_list_id(by)
    return {}


async def _list_row(by: Person) -> Given:
    return {**await price_list_id(by), "rows": [{"variantId": await variant_id(), "unitPrice": "9.90"}]}


async def _list_row_kept(_: Person) -> Given:
    variant = await _shop.variant()
    kept = await a_list(variant.channel, [at(variant.id, "9.90")])
    return {
        "priceListId": global_id(Kind.PRICE_LIST, kept),
        "rows": [{"variantId": global_id(Kind.VARIANT, variant.id)}],
    }


async def _top_up(by: Person) -> Given:
    return {"id": global_id(Kind.TOP_UP, (await begun_top_up(by)).payable.id)}


ENGLISH = {"en": "Walked"}
GATEWAY = {"name": desk.METHOD, "returnUrl": RETURN_URL}
PASSWORDS = {"old": PASSWORD, "new": NEW_PASSWORD}

TOLD: dict[str, Making] = {
    **ROOMS,
    "Mutation.channelClose": channel_id,
    "Mutation.channelCreate": also(nothing, key=lambda: a_name("walked"), name=ENGLISH, zone="Asia/Shanghai"),
    "Mutation.channelGrantsAdd": channel_holders,
    "Mutation.channelGrantsRemove": channel_granted,
    "Mutation.channelReopen": closed_channel,
    "Mutation.channelUpdate": also(channel_id, regions=["CN"]),
    "Mutation.codesImport": codes_to_import,
    "Mutation.contactAdd": _contact_add,
    "Mutation.contactUnmask": also(contact_id, reason="asked for help"),
    "Mutation.customerBlock": customer_id,
    "Mutation.customerErase": customer_without_money,
    "Mutation.customerExport": also(customer_id, reason="they asked for it"),
    "Mutation.customerUnmask": also(customer_id, reason="asked for help"),
    "Mutation.customerUpdate": also(nothing, name="李雷"),
    "Mutation.customerGroupArchive": also(customer_group, expectedVersion=1),
    "Mutation.customerGroupCreate": also(nothing, name=lambda: a_name("Group")),
    "Mutation.customerGroupMembersAdd": group_member,
    "Mutation.customerGroupMembersRemove": group_member,
    "Mutation.customerGroupUpdate": also(customer_group, expectedVersion=1, name=lambda: a_name("Group")),
    "Mutation.customerRegister": _register,
    "Mutation.customerUnblock": blocked_customer,
    "Mutation.entitlementReveal": also(entitlement_id, idempotencyKey=None),
    "Mutation.jobRetry": dead_letter,
    "Mutation.listingUpsert": _listing,
    "Mutation.listingBulkUpsert": _listing_row,
    "Mutation.listingsEnd": _listed,
    "Mutation.lotRecall": lot_id,
    "Mutation.oneTimeCodeRequest": also(nothing, contact=lambda: given(an_email())),
    "Mutation.orderCancel": unpaid_order,
    "Mutation.organisationApprove": requested_organisation,
    "Mutation.organisationCreate": also(nothing, name="Walked", owner=lambda: given(an_email())),
    "Mutation.organisationDecline": requested_organisation,
    "Mutation.organisationInvitationAccept": invitation_token,
    "Mutation.organisationInvitationResend": invitation,
    "Mutation.organisationInvitationRevoke": invitation,
    "Mutation.organisationInvite": also(organisation_id, contact=lambda: given(an_email()), role="BUYER"),
    "Mutation.organisationLeave": organisation_to_leave,
    "Mutation.organisationMemberRemove": organisation_member,
    "Mutation.organisationMemberRoleSet": also(organisation_member, role="VIEWER"),
    "Mutation.organisationOwnerAdd": organisation_and_customer,
    "Mutation.organisationRequest": also(nothing, name="Walked"),
    "Mutation.organisationResume": suspended_organisation,
    "Mutation.organisationSuspend": organisation_id,
    "Mutation.organisationUpdate": also(organisation_id, expectedVersion=1, name=lambda: a_name("Renamed")),
    "Mutation.orderPay": also(unpaid_order, pay={"wallet": {}}),
    "Mutation.orderPlace": _basket,
    "Mutation.orderRefund": anybodys_paid_order,
    "Mutation.passwordChange": also(nothing, **PASSWORDS),
    "Mutation.passwordReset": _reset,
    "Mutation.paymentReviewSettle": payment_in_review,
    "Mutation.permissionGroupCreate": also(nothing, name=lambda: a_name("Group"), permissions=[]),
    "Mutation.priceListArchive": price_list_id,
    "Mutation.priceListCreate": _for_a_channel,
    "Mutation.priceListRowsRemove": also(_list_row_kept, expectedVersion=2),
    "Mutation.priceListRowsUpsert": _list_row,
    "Mutation.priceListUpdate": also(price_list_id, priority=7),
    "Mutation.permissionGroupUpdate": also(group_id, name=lambda: a_name("Group"), permissions=[]),
    "Mutation.refundRequest": paid_order,
    "Mutation.signIn": _sign_in,
    "Mutation.staffActivate": inactive_staff,
    "Mutation.staffCreate": also(nothing, email=lambda: an_email().value, password=PASSWORD),
    "Mutation.staffDeactivate": staff_id,
    "Mutation.staffGroupsSet": also(staff_id, groupIds=[]),
    "Mutation.staffPasswordChange": also(nothing, **PASSWORDS),
    "Mutation.staffPasswordReset": also(staff_id, password=NEW_PASSWORD),
    "Mutation.staffSignIn": _staff_sign_in,
    "Mutation.tokenRefresh": _refresh,
    "Mutation.walletAdjust": customer_id,
    "Mutation.walletPayOut": money_to_pay_out,
    "Mutation.walletTopUp": also(nothing, amount=an_amount, gateway=GATEWAY),
    "Query.codeImport": code_import,
    "Query.history": _history,
    "Query.customer": as_id(customer_id),
    "Query.customerGroup": as_id(customer_group),
    "Query.lot": as_id(lot_id),
    "Query.node": _on_sale,
    "Query.order": as_id(anybodys_paid_order),
    "Query.organisation": as_id(organisation_id),
    "Query.priceLists": _listed_prices,
    "Query.product": _on_sale,
    "Query.quote": _basket,
    "Query.topUp": _top_up,
    "Subscription.orderChanged": as_id(unpaid_order),
}
