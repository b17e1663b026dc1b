"""Fulu's catalog: goods, their stock, the forms of top-ups; and what becomes of them here."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, RootModel

from perkhub.plugin.supplier import CatalogItem, Cost, FaceValue, InputField, Supplies
from perkhub_plugins.suppliers.fulu.answers import CURRENCY, Answer, Text
from perkhub_plugins.suppliers.fulu.ordering import PHONE

IN_STOCK: Final = ("充足", "警报")
ON_SALE: Final = "上架"
CARD: Final = "卡密"
TOP_UP: Final = "直充"
CREDIT: Final = "话费"
# The template's words, and the parameters of an order that they become. The account is what is topped up.
TARGET: Final = "charge_account"
FORM: Final = {
    "ChargeAccount": "charge_account",
    "ChargeGame": "charge_game_name",
    "ChargeRegion": "charge_game_region",
    "ChargeServer": "charge_game_srv",
    "ChargeRole": "charge_game_role",
    "ChargeType": "charge_type",
    "ChargePassword": "charge_password",
    "ChargeIp": "charge_ip",
    "ContactQQ": "contact_qq",
    "ContactTel": "contact_tel",
}
PHONE_FORM: Final = (InputField(PHONE, "充值手机号", pattern=r"1[0-9]{10}", target=True, national=True, country="CN"),)


class Account(Answer):
    """Our account."""

    balance: Decimal


class Stock(Answer):
    """The answer to a stock check."""

    stock_status: str


class Good(Answer):
    """One product of the price list."""

    product_id: Text
    product_name: str
    product_type: str
    purchase_price: Decimal = Field(ge=0)
    face_value: Decimal | None = None
    sales_status: str = ON_SALE
    stock_status: str | None = None
    template_id: Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))] = ""
    details: str | None = None

    @property
    def is_available(self) -> bool:
        """Whether it can be had now."""
        return self.sales_status == ON_SALE and self.stock_status in (None, *IN_STOCK)

    @property
    def is_top_up(self) -> bool:
        """Whether it is done to an account of the buyer's."""
        return self.product_type == TOP_UP


class Goods(RootModel[list[Good]]):
    """The price list."""


class FormField(Answer):
    """One element of a template."""

    name: str
    label: str = ""
    required: bool = True
    options: list[str] = Field(default_factory=list)


class Template(Answer):
    """The form of a top-up."""

    template_id: Text
    elements: list[FormField]


def item_of(good: Good, template: Template | None) -> CatalogItem | None:
    """Our form of a product; None for a kind that is not bought by its product (phones, goods sent by post)."""
    kind = {CARD: "card", TOP_UP: "direct"}.get(good.product_type)
    if kind is None:
        return None
    face = None if not good.face_value else FaceValue(good.face_value, CURRENCY)
    return CatalogItem(
        sku=f"{kind}:{good.product_id}",
        name=good.product_name,
        cost=Cost(good.purchase_price, CURRENCY),
        available=good.is_available,
        face_least=face,
        face_greatest=face,
        country="CN",
        inputs=_form(template),
        how_to_use=good.details,
        supplies=Supplies.TOP_UPS if good.is_top_up else Supplies.CODES,
    )


def phone_items(listed: Iterable[Good]) -> Iterator[CatalogItem]:
    """Credit for phones, by value. The vendor chooses the product by the number: a value costs what the dearest product of it
    does. Traffic is not among them: the list does not say how long it is good for."""
    by_value: dict[Decimal, list[Good]] = {}
    for good in listed:
        value = good.face_value
        if good.product_type == CREDIT and value is not None and 0 < value == value.to_integral_value():
            by_value.setdefault(value, []).append(good)
    for value, some in sorted(by_value.items()):
        for_sale = [good for good in some if good.is_available]
        face = FaceValue(value, CURRENCY)
        yield CatalogItem(
            sku=f"mobile:{int(value)}",
            name=some[0].product_name if len(some) == 1 else f"手机话费 {int(value)}元",
            cost=Cost(max(good.purchase_price for good in for_sale or some), CURRENCY),
            available=bool(for_sale),
            face_least=face,
            face_greatest=face,
            country="CN",
            inputs=PHONE_FORM,
            how_to_use=some[0].details,
            supplies=Supplies.TOP_UPS,
        )


def _form(template: Template | None) -> tuple[InputField, ...]:
    if template is None:
        return ()
    return tuple(
        InputField(
            FORM[one.name],
            one.label or one.name,
            required=one.required,
            options=tuple(one.options),
            target=FORM[one.name] == TARGET,
            national=one.name == "ContactTel",
            country="CN" if one.name == "ContactTel" else None,
        )
        for one in template.elements
        if one.name in FORM
    )
