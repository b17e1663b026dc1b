"""Reloadly's products, and what becomes of them here: one SKU for each fixed denomination, one for a whole range."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import AliasChoices, Field

from perkhub.plugin.supplier import CatalogItem, Cost, FaceValue, InputField
from perkhub_plugins.suppliers.reloadly.answers import Answer, Text, plain

HUNDRED = Decimal(100)


class Brand(Answer):
    """Whose card it is."""

    brandName: str  # noqa: N815


class Country(Answer):
    """Where it is worth something."""

    isoName: str | None = None  # noqa: N815


class Needs(Answer):
    """What must be told besides."""

    userIdRequired: bool = False  # noqa: N815


class Instruction(Answer):
    """How it is redeemed."""

    concise: str | None = None
    verbose: str | None = None


class Product(Answer):
    """One product. The vendor's examples spell the greatest denomination in two ways."""

    productId: Text  # noqa: N815
    productName: str  # noqa: N815
    denominationType: Literal["FIXED", "RANGE"]  # noqa: N815
    senderCurrencyCode: str  # noqa: N815
    recipientCurrencyCode: str  # noqa: N815
    senderFee: Decimal = Decimal(0)  # noqa: N815
    senderFeePercentage: Decimal = Decimal(0)  # noqa: N815
    discountPercentage: Decimal = Decimal(0)  # noqa: N815
    recipientCurrencyToSenderCurrencyExchangeRate: Decimal | None = None  # noqa: N815
    minRecipientDenomination: Decimal | None = None  # noqa: N815
    maxRecipientDenomination: Decimal | None = Field(  # noqa: N815
        None, validation_alias=AliasChoices("maxRecipientDenomination", "maxrecipientDenomination")
    )
    fixedRecipientDenominations: list[Decimal] = Field(default_factory=list)  # noqa: N815
    fixedRecipientToSenderDenominationsMap: dict[str, Decimal] | None = None  # noqa: N815
    status: str = "ACTIVE"
    brand: Brand | None = None
    country: Country | None = None
    additionalRequirements: Needs | None = None  # noqa: N815
    redeemInstruction: Instruction | None = None  # noqa: N815


class Products(Answer):
    """A page."""

    content: list[Product]
    last: bool = True


def items_of(product: Product) -> Iterator[CatalogItem]:
    """Our form of a product; nothing where its cost cannot be told."""
    if product.denominationType == "FIXED":
        senders = {Decimal(face): cost for face, cost in (product.fixedRecipientToSenderDenominationsMap or {}).items()}
        for face in product.fixedRecipientDenominations:
            sent = senders.get(face) or _converted(product, face)
            if sent is not None:
                yield _item(product, f"{product.productId}:{plain(face)}", _cost(product, sent), face, face)
    elif product.minRecipientDenomination and product.maxRecipientDenomination:
        unit = _converted(product, Decimal(1))
        if unit is not None:
            # A fixed fee on a range is told by the quote of each order; here the percentages alone.
            cost = unit * (HUNDRED - product.discountPercentage + product.senderFeePercentage) / HUNDRED
            least, greatest = product.minRecipientDenomination, product.maxRecipientDenomination
            yield _item(product, product.productId, cost, least, greatest)


def _converted(product: Product, face: Decimal) -> Decimal | None:
    rate = product.recipientCurrencyToSenderCurrencyExchangeRate
    if rate is None and product.senderCurrencyCode == product.recipientCurrencyCode:
        rate = Decimal(1)
    return None if rate is None else face * rate


def _cost(product: Product, sent: Decimal) -> Decimal:
    return sent * (HUNDRED - product.discountPercentage + product.senderFeePercentage) / HUNDRED + product.senderFee


def _item(product: Product, sku: str, cost: Decimal, least: Decimal, greatest: Decimal) -> CatalogItem:
    needs = product.additionalRequirements
    told = product.redeemInstruction
    return CatalogItem(
        sku=sku,
        name=product.productName,
        cost=Cost(cost, product.senderCurrencyCode),
        available=product.status == "ACTIVE",
        face_least=FaceValue(least, product.recipientCurrencyCode),
        face_greatest=FaceValue(greatest, product.recipientCurrencyCode),
        brand=product.brand.brandName if product.brand else None,
        country=product.country.isoName if product.country else None,
        inputs=(InputField("userId", "User id"),) if needs is not None and needs.userIdRequired else (),
        how_to_use=None if told is None else told.verbose or told.concise,
    )
