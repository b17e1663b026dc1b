"""What things cost whom: price lists, the viewer's price, quotes, and what prices were."""

from perkhub.pricing.edges import next_edge
from perkhub.pricing.errors import BasketInvalid, BenefitOver, PriceListEnded, PriceMoved
from perkhub.pricing.list_rows import ListedPrice, RowDraft, remove_list_rows, rows_of_list, upsert_list_rows
from perkhub.pricing.lists import (
    PriceList,
    PriceListChanges,
    PriceListDraft,
    archive_price_list,
    create_price_list,
    every_price_list,
    price_lists_by_ids,
    update_price_list,
)
from perkhub.pricing.own import has_own_prices
from perkhub.pricing.prices import PriceBreak, Priced, prices_of
from perkhub.pricing.quote import MOST_UNITS, BasketLine, Chosen, Quote, price_basket
from perkhub.pricing.quoted import QuotedLine
from perkhub.pricing.record import listings_changed
from perkhub.pricing.steps import PriceSource, PriceStep
from perkhub.pricing.viewer_price import ViewerPrice, viewer_price

__all__ = [
    "MOST_UNITS",
    "BasketInvalid",
    "BasketLine",
    "BenefitOver",
    "Chosen",
    "ListedPrice",
    "PriceBreak",
    "PriceList",
    "PriceListChanges",
    "PriceListDraft",
    "PriceListEnded",
    "PriceMoved",
    "PriceSource",
    "PriceStep",
    "Priced",
    "Quote",
    "QuotedLine",
    "RowDraft",
    "ViewerPrice",
    "archive_price_list",
    "create_price_list",
    "every_price_list",
    "has_own_prices",
    "listings_changed",
    "next_edge",
    "price_basket",
    "price_lists_by_ids",
    "prices_of",
    "remove_list_rows",
    "rows_of_list",
    "update_price_list",
    "upsert_list_rows",
    "viewer_price",
]
