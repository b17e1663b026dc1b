"""Global ids: a short prefix that names the type, then the UUID's hex. Opaque to clients, readable in a log."""

from enum import StrEnum
from uuid import UUID

from strawberry import ID

from perkhub.kit.errors import InvalidInput


class Kind(StrEnum):
    """The prefix of each node type."""

    ACTIVITY = "act"
    ACTIVITY_CHANGE = "chg"
    ATTRIBUTE = "att"
    BARGAIN = "brg"
    BRAND = "brd"
    CALLBACK = "cbk"
    CAMPAIGN = "cmp"
    CATEGORY = "cat"
    CATALOG_SYNC = "syn"
    CHANNEL = "chn"
    CIRCLE = "cir"
    CODE_IMPORT = "imp"
    COLLECTION = "col"
    CONTACT = "con"
    COUPON = "cpn"
    COUPON_BATCH = "cpb"
    COUPON_EXPORT = "cpx"
    CUSTOMER = "cus"
    CUSTOMER_GROUP = "cgr"
    ENTITLEMENT = "ent"
    IMAGE = "img"
    IDENTITY_PROVIDER = "idp"
    JOB = "job"
    LINKED_IDENTITY = "lnk"
    LISTING = "lst"
    LOT = "lot"
    MACHINE_CLIENT = "mch"
    MEDIA = "med"
    ORDER = "ord"
    ORDER_LINE = "lin"
    ORGANISATION = "org"
    ORGANISATION_INVITATION = "inv"
    ORGANISATION_MEMBER = "mem"
    PAYMENT = "pay"
    PERMISSION_GROUP = "grp"
    PRICE_LIST = "prl"
    PRODUCT = "prd"
    PRODUCT_EXPORT = "pex"
    PRODUCT_IMPORT = "pim"
    REFUND = "rfd"
    SETTLEMENT = "set"
    STAFF = "stf"
    STOCK_PURCHASE = "spu"
    SUPPLIER_ACCOUNT = "sup"
    SUPPLIER_DIFFERENCE = "sdf"
    SUPPLIER_OFFER = "off"
    SUPPLIER_ORDER = "sor"
    SUPPLIER_STATEMENT = "sst"
    TOP_UP = "top"
    TRUSTED_ISSUER = "iss"
    UNMASKING = "unm"
    UPLOAD = "upl"
    VARIANT = "var"


def global_id(kind: Kind, value: UUID) -> ID:
    """What clients see."""
    return ID(f"{kind}_{value.hex}")


def local_id(kind: Kind, given: str, *path: str) -> UUID:
    """The UUID behind a client's id.

    Raises:
        InvalidInput: it is not an id of this type; `path` says where it stood in the input.
    """
    prefix, _, digits = given.partition("_")
    if prefix == kind and len(digits) == 32:
        try:
            return UUID(hex=digits)
        except ValueError:
            pass
    raise InvalidInput(
        path=path,
        reason=f"Not the id of a {kind.name.lower().replace('_', ' ')}; these begin with '{kind}_'.",
        reason_zh=f"标识无效,应以“{kind}_”开头。",
    )
