"""What staff may do, and the groups a fresh installation begins with."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """One thing a member of staff, or a machine client, may be allowed to do."""

    MANAGE_CATALOG = "MANAGE_CATALOG"
    MANAGE_PRICES = "MANAGE_PRICES"
    MANAGE_CHANNELS = "MANAGE_CHANNELS"
    READ_CAMPAIGNS = "READ_CAMPAIGNS"
    MANAGE_CAMPAIGNS = "MANAGE_CAMPAIGNS"
    MANAGE_SUPPLIERS = "MANAGE_SUPPLIERS"
    READ_ORDERS = "READ_ORDERS"
    MANAGE_ORDERS = "MANAGE_ORDERS"
    READ_CODES = "READ_CODES"
    IMPORT_CODES = "IMPORT_CODES"
    RECALL_CODES = "RECALL_CODES"
    READ_CUSTOMERS = "READ_CUSTOMERS"
    MANAGE_CUSTOMERS = "MANAGE_CUSTOMERS"
    UNMASK_PERSONAL_DATA = "UNMASK_PERSONAL_DATA"
    EXPORT_PERSONAL_DATA = "EXPORT_PERSONAL_DATA"
    ERASE_PERSONAL_DATA = "ERASE_PERSONAL_DATA"
    READ_LEDGER = "READ_LEDGER"
    ADJUST_WALLETS = "ADJUST_WALLETS"
    REVIEW_PAYMENTS = "REVIEW_PAYMENTS"
    MANAGE_STAFF = "MANAGE_STAFF"
    MANAGE_MACHINES = "MANAGE_MACHINES"
    MANAGE_SIGN_IN = "MANAGE_SIGN_IN"
    READ_JOBS = "READ_JOBS"
    MANAGE_JOBS = "MANAGE_JOBS"
    READ_PLUGINS = "READ_PLUGINS"
    READ_ACTIVITY = "READ_ACTIVITY"

    @property
    def meaning(self) -> str:
        """One sentence for people who give it out."""
        return MEANINGS[self]


MEANINGS = {
    Permission.MANAGE_CATALOG: "Create and change products, variants and listings",
    Permission.MANAGE_PRICES: "Change what things cost",
    Permission.MANAGE_CHANNELS: "Create and change channels and who may use them",
    Permission.READ_CAMPAIGNS: "See every campaign, with its settings and figures",
    Permission.MANAGE_CAMPAIGNS: "Create, try, publish, change and end campaigns",
    Permission.MANAGE_SUPPLIERS: "Set up supplier accounts and their offers",
    Permission.READ_ORDERS: "See every customer's orders and entitlements",
    Permission.MANAGE_ORDERS: "Refund, cancel and settle orders",
    Permission.READ_CODES: "See lots and the custody log; never a code in clear",
    Permission.IMPORT_CODES: "Bring codes into the vault",
    Permission.RECALL_CODES: "Recall a lot: freeze what is unsold and list who holds the rest",
    Permission.READ_CUSTOMERS: "See customers, with their contacts masked",
    Permission.MANAGE_CUSTOMERS: "Block customers, keep their groups, set up organisations",
    Permission.UNMASK_PERSONAL_DATA: "Read in clear what names a customer; each reading is logged",
    Permission.EXPORT_PERSONAL_DATA: "Hand out all that is held of a customer; each time is logged",
    Permission.ERASE_PERSONAL_DATA: "Erase who a customer was, for ever",
    Permission.READ_LEDGER: "See accounts, transfers and wallets",
    Permission.ADJUST_WALLETS: "Credit or debit a wallet by hand",
    Permission.REVIEW_PAYMENTS: "Decide about payments that did not match",
    Permission.MANAGE_STAFF: "Create staff and groups, within one's own permissions",
    Permission.MANAGE_MACHINES: "Create, change and revoke machine clients, within one's own permissions",
    Permission.MANAGE_SIGN_IN: "Say who else may vouch for customers and staff: identity providers, trusted issuers",
    Permission.READ_JOBS: "See background jobs and their failures",
    Permission.MANAGE_JOBS: "Retry or drop background jobs",
    Permission.READ_PLUGINS: "See which plugins are loaded",
    Permission.READ_ACTIVITY: "See who changed what, with what it was before",
}

EVERYTHING = frozenset(Permission)


@dataclass(frozen=True)
class DefaultGroup:
    """A group that a fresh installation begins with; operators may change it afterwards."""

    name: str
    description: str
    permissions: frozenset[Permission]


ADMINISTRATORS = "Administrators"

DEFAULT_GROUPS = (
    DefaultGroup(ADMINISTRATORS, "May do everything", EVERYTHING),
    DefaultGroup(
        "Support",
        "Answers customers: sees and refunds orders, sees and blocks customers, decides about odd payments",
        frozenset(
            {
                Permission.READ_ORDERS,
                Permission.MANAGE_ORDERS,
                Permission.READ_CUSTOMERS,
                Permission.MANAGE_CUSTOMERS,
                Permission.READ_LEDGER,
                Permission.REVIEW_PAYMENTS,
            }
        ),
    ),
    DefaultGroup(
        "Catalog",
        "Keeps products, prices and channels",
        frozenset({Permission.MANAGE_CATALOG, Permission.MANAGE_PRICES, Permission.MANAGE_CHANNELS}),
    ),
    DefaultGroup(
        "Campaigns",
        "Sets campaigns up and follows how they go",
        frozenset({Permission.READ_CAMPAIGNS, Permission.MANAGE_CAMPAIGNS}),
    ),
    DefaultGroup(
        "Vault",
        "Brings codes in and recalls them",
        frozenset({Permission.READ_CODES, Permission.IMPORT_CODES, Permission.RECALL_CODES, Permission.READ_JOBS}),
    ),
)


def known_permissions(stored: Iterable[str]) -> frozenset[Permission]:
    """The permissions among stored words; a word of a newer or older version is passed over, never guessed at."""
    return frozenset(Permission(word) for word in stored if word in Permission.__members__)
