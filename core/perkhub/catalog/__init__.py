"""What can be sold: products, variants, and the listings that put them into channels with quotas and limits."""

from perkhub.catalog.attribute_views import AttributeView, attribute_views, attributes_by_codes, every_attribute
from perkhub.catalog.attributes import (
    AttributeChanges,
    AttributeDraft,
    AttributeOption,
    archive_attribute,
    create_attribute,
    update_attribute,
)
from perkhub.catalog.brand_views import BrandView, brand_by_reference, brand_by_slug, brand_views, every_brand
from perkhub.catalog.brands import BrandChanges, BrandDraft, archive_brand, create_brand, update_brand
from perkhub.catalog.bulk.drafts import Amended, ListingUpsert, Outcome, ProductUpsert, VariantUpsert
from perkhub.catalog.bulk.upsert import Upserted, upsert_products
from perkhub.catalog.buyer_inputs import ASKED_OF_OFFER, BuyerInput, BuyerInputKind, InputOption, inputs_from_json
from perkhub.catalog.categories import CategoryChanges, CategoryDraft, archive_category, create_category, update_category
from perkhub.catalog.category_views import (
    CategoryView,
    categories_of_products,
    category_by_reference,
    category_by_slug,
    category_views,
    child_categories,
    every_category,
    root_categories,
)
from perkhub.catalog.claim import claim_listings, listings_to_take, release_listings
from perkhub.catalog.collection_views import (
    CollectionPlace,
    CollectionView,
    collection_by_reference,
    collection_by_slug,
    collection_views,
    every_collection,
    picks_of,
    products_of_collection,
)
from perkhub.catalog.collections import (
    CollectionChanges,
    CollectionDraft,
    archive_collection,
    create_collection,
    update_collection,
)
from perkhub.catalog.edges import next_listing_edge
from perkhub.catalog.errors import (
    AlreadyNamed,
    BuyerInputInvalid,
    FaceValueInvalid,
    LimitReached,
    NotListed,
    QuotaReached,
    VersionMoved,
    WouldCircle,
)
from perkhub.catalog.face_values import Face, FaceRange, is_ranged, refuse_dear
from perkhub.catalog.following import follow_listings
from perkhub.catalog.given_inputs import CheckedInput, GivenInput, checked_inputs
from perkhub.catalog.goods import Goods, goods_of
from perkhub.catalog.levels import LOW_STOCK
from perkhub.catalog.likely import LikelyVariant, alike, likely_variants, speaks_of
from perkhub.catalog.listing_rows import ListingRowDraft, end_listings, upsert_listings
from perkhub.catalog.listings import ListingDraft, Reference, upsert_listing
from perkhub.catalog.models import AttributeType, BenefitKind, RefundKind, ValidityKind
from perkhub.catalog.offers import More, Offered, offers
from perkhub.catalog.patterns import PatternOdd
from perkhub.catalog.patterns import compiled as compiled_pattern
from perkhub.catalog.patterns import fits as fits_pattern
from perkhub.catalog.policies import RefundPolicy, Validity
from perkhub.catalog.prices import refuse_odd_price
from perkhub.catalog.products import ProductChanges, ProductDraft, archive_product, create_product, update_product
from perkhub.catalog.rules import AttributeCondition, Condition, Match, Rule
from perkhub.catalog.search.asked import Asked, Span
from perkhub.catalog.search.errors import CursorOfAnotherOrder
from perkhub.catalog.search.facets import AttributeCounts, Counted, Facets, PriceBand, count_facets
from perkhub.catalog.search.find import Found, FoundProduct, count_products, find_products
from perkhub.catalog.search.market import Market
from perkhub.catalog.search.matching import read_search
from perkhub.catalog.search.names import resolve_names
from perkhub.catalog.search.order import Place, Sort, to_cursor, to_place
from perkhub.catalog.search.rebuild import rebuild_search, register_search_jobs
from perkhub.catalog.search.said import Collections, SaidWhere
from perkhub.catalog.search.where import Having, Range, Where
from perkhub.catalog.sheets.export_products import free_columns
from perkhub.catalog.sheets.exports import (
    ProductExport,
    ProductExportAsked,
    SheetFormat,
    list_product_exports,
    product_exports_by_ids,
    read_product_export,
    request_product_export,
)
from perkhub.catalog.sheets.imports import (
    ProductImport,
    ProductImportFailure,
    ProductImportRequest,
    list_product_imports,
    product_imports_by_ids,
    read_product_import,
    request_product_import,
)
from perkhub.catalog.sheets.jobs import register_sheet_jobs
from perkhub.catalog.sheets.refusals import SheetRefusal
from perkhub.catalog.sheets.states import SheetExportState, SheetImportState
from perkhub.catalog.sheets.writing import template
from perkhub.catalog.tree import move_category
from perkhub.catalog.validity import minimum_validities
from perkhub.catalog.variants import VariantChanges, VariantDraft, archive_variant, create_variant, update_variant
from perkhub.catalog.views import (
    ListingView,
    ProductView,
    VariantView,
    is_on_sale,
    listings_of_variants,
    named_product,
    product_by_slug,
    product_views,
    variant_by_reference,
    variant_by_sku,
    variant_views,
    variants_of_products,
)

__all__ = [
    "ASKED_OF_OFFER",
    "LOW_STOCK",
    "AlreadyNamed",
    "Amended",
    "Asked",
    "AttributeChanges",
    "AttributeCondition",
    "AttributeCounts",
    "AttributeDraft",
    "AttributeOption",
    "AttributeType",
    "AttributeView",
    "BenefitKind",
    "BrandChanges",
    "BrandDraft",
    "BrandView",
    "BuyerInput",
    "BuyerInputInvalid",
    "BuyerInputKind",
    "CategoryChanges",
    "CategoryDraft",
    "CategoryView",
    "CheckedInput",
    "CollectionChanges",
    "CollectionDraft",
    "CollectionPlace",
    "CollectionView",
    "Collections",
    "Condition",
    "Counted",
    "CursorOfAnotherOrder",
    "Face",
    "FaceRange",
    "FaceValueInvalid",
    "Facets",
    "Found",
    "FoundProduct",
    "GivenInput",
    "Goods",
    "Having",
    "InputOption",
    "LikelyVariant",
    "LimitReached",
    "ListingDraft",
    "ListingRowDraft",
    "ListingUpsert",
    "ListingView",
    "Market",
    "Match",
    "More",
    "NotListed",
    "Offered",
    "Outcome",
    "PatternOdd",
    "Place",
    "PriceBand",
    "ProductChanges",
    "ProductDraft",
    "ProductExport",
    "ProductExportAsked",
    "ProductImport",
    "ProductImportFailure",
    "ProductImportRequest",
    "ProductUpsert",
    "ProductView",
    "QuotaReached",
    "Range",
    "Reference",
    "RefundKind",
    "RefundPolicy",
    "Rule",
    "SaidWhere",
    "SheetExportState",
    "SheetFormat",
    "SheetImportState",
    "SheetRefusal",
    "Sort",
    "Span",
    "Upserted",
    "Validity",
    "ValidityKind",
    "VariantChanges",
    "VariantDraft",
    "VariantUpsert",
    "VariantView",
    "VersionMoved",
    "Where",
    "WouldCircle",
    "alike",
    "archive_attribute",
    "archive_brand",
    "archive_category",
    "archive_collection",
    "archive_product",
    "archive_variant",
    "attribute_views",
    "attributes_by_codes",
    "brand_by_reference",
    "brand_by_slug",
    "brand_views",
    "categories_of_products",
    "category_by_reference",
    "category_by_slug",
    "category_views",
    "checked_inputs",
    "child_categories",
    "claim_listings",
    "collection_by_reference",
    "collection_by_slug",
    "collection_views",
    "compiled_pattern",
    "count_facets",
    "count_products",
    "create_attribute",
    "create_brand",
    "create_category",
    "create_collection",
    "create_product",
    "create_variant",
    "end_listings",
    "every_attribute",
    "every_brand",
    "every_category",
    "every_collection",
    "find_products",
    "fits_pattern",
    "follow_listings",
    "free_columns",
    "goods_of",
    "inputs_from_json",
    "is_on_sale",
    "is_ranged",
    "likely_variants",
    "list_product_exports",
    "list_product_imports",
    "listings_of_variants",
    "listings_to_take",
    "minimum_validities",
    "move_category",
    "named_product",
    "next_listing_edge",
    "offers",
    "picks_of",
    "product_by_slug",
    "product_exports_by_ids",
    "product_imports_by_ids",
    "product_views",
    "products_of_collection",
    "read_product_export",
    "read_product_import",
    "read_search",
    "rebuild_search",
    "refuse_dear",
    "refuse_odd_price",
    "register_search_jobs",
    "register_sheet_jobs",
    "release_listings",
    "request_product_export",
    "request_product_import",
    "resolve_names",
    "root_categories",
    "speaks_of",
    "template",
    "to_cursor",
    "to_place",
    "update_attribute",
    "update_brand",
    "update_category",
    "update_collection",
    "update_product",
    "update_variant",
    "upsert_listing",
    "upsert_listings",
    "upsert_products",
    "variant_by_reference",
    "variant_by_sku",
    "variant_views",
    "variants_of_products",
]
