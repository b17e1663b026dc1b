"""What a plugin's author says to the kit: which plugin, which sandbox, and what can be bought there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from perkhub.plugin.supplier import Cost, FaceValue, Supplier

PLENTY = Cost(Decimal(1_000_000), "CNY")


@dataclass(frozen=True)
class TopUp:
    """Something done to an account: what the buyer says for it, and which of that is the account."""

    sku: str
    inputs: Mapping[str, str]
    target: str


@dataclass(frozen=True)
class ByAmount:
    """A SKU of codes that is sold by amount, and two values of one unit that it can be had for."""

    sku: str
    one: FaceValue
    other: FaceValue


@dataclass(frozen=True)
class Subject:
    """A plugin under test.

    `sandbox` is the name of an entry point in `perkhub.sandboxes`, or `package.module:attribute`; it runs as a process of its
    own and says itself which settings reach it. `switches` names the faults that are called otherwise there than here.
    """

    supplier: type[Supplier]
    sandbox: str
    sku: str  # can be had in any quantity that the capabilities allow
    refused_sku: str  # well formed, and refused for good
    other_sku: str | None = None  # can be had as well; for suppliers that replay
    top_up: TopUp | None = None  # for suppliers of top-ups
    by_amount: ByAmount | None = None  # for suppliers of SKUs by amount
    inputs: Mapping[str, str] = field(default_factory=dict)  # what `sku` needs of the buyer
    face_value: FaceValue | None = None  # where `sku` is sold by amount
    maximum_cost: Cost = PLENTY
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)  # over what the sandbox says
    switches: Mapping[str, str] = field(default_factory=dict)
