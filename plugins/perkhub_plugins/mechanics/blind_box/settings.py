"""What an operator says of a blind box, and what a buyer says to it."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

PARTS = 1_000_000  # a percentage has at most six decimals
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class PrizeSetting(BaseModel):
    """What may be in the box."""

    key: Key = Field(description="Its name in the odds and in the log; never changes")
    variant: UUID = Field(description="The benefit")
    odds: Annotated[Decimal, Field(gt=0, le=100, max_digits=9, decimal_places=6)] = Field(
        description="How likely it is, in percent; all together make 100", json_schema_extra={"of": "number"}
    )
    quantity: int | None = Field(default=None, gt=0, description="How many there are; without one, no end")


class BlindBoxConfig(BaseModel):
    """A benefit by chance, for one price."""

    variant: UUID = Field(description="The box, as it is listed")
    price: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)] = Field(
        description="Price of one box, in the currency of the campaign"
    )
    prizes: list[PrizeSetting] = Field(min_length=1, max_length=100, description="What may be in it, with the odds")
    exhausted: Key = Field(description="Which prize takes the place of one of which none is left; it must have no end itself")
    guarantee_after: int | None = Field(
        default=9, gt=0, le=1000, description="After so many draws without a guaranteed prize, the next draw is one of them"
    )
    guaranteed: list[Key] = Field(default_factory=list, max_length=100, description="The prizes of the guarantee")
    quantity: int = Field(gt=0, le=100_000_000, description="Boxes in all")
    draws_per_customer: int = Field(default=10, gt=0, le=10_000, description="Boxes for each customer, over all orders")
    ask_age: bool = Field(default=True, description="Whether buyers confirm that they are of age, or have a guardian's consent")


class BlindBoxChoice(BaseModel):
    """What a buyer says to a blind box."""

    client_seed: str = Field(
        default="",
        max_length=64,
        pattern=r"^[\x21-\x7e]*$",
        description="Your own part in the draw, anything you like: letters, digits and signs of ASCII, without space",
    )
    of_age: bool = Field(
        default=False,
        description="I am of age, or a guardian consents; that it was said, and to which text, is recorded with the order",
    )


def weight_of(odds: Decimal) -> int:
    """A percentage as a whole number of parts."""
    return int(odds * PARTS)
