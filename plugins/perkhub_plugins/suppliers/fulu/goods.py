"""Fulu's catalog: goods, their stock, the forms of top-ups; and what becomes of them here."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, RootModel

from perkhub.plugin.supplier import CatalogItem, Cost, FaceValue, InputField, Supplies
from perkhub_plugins.suppliers.fulu.answers import CURRENCY, Answer, Text

IN_STOCK: Final = ("充足", "警报")
ON_SALE: Final = "上架"
CARD: Final = "卡密"
TOP_UP: Final = "直充"
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
    """Our form of a product; None for a kind that we do not buy (traffic, goods sent by post)."""
    kind = {CARD: "card", TOP_UP: "direct"}.get(good.product_type)
    if kind is None:
        return None
    face = None if not good.face_value else FaceValue(good.face_value, CURRENCY)
    return CatalogItem(
        sku=f"{kind}:{good.product_id}",
        name=good.product_name,
        cost=Cost(good.purchase_price, CURRENCY),
        available=good.sales_status == ON_SALE and good.stock_status in (None, *IN_STOCK),
        face_least=face,
        face_greatest=face,
        country="CN",
        inputs=_form(template),
        how_to_use=good.details,
        supplies=Supplies.TOP_UPS if good.is_top_up else Supplies.CODES,
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
        )
        for one in template.elements
        if one.name in FORM
    )
