"""A campaign as it stands: its record, and what the moment makes of it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from perkhub.campaigns.states import CampaignState, StoredState
from perkhub.campaigns.working import Working, at_work
from perkhub.kit.db import Row
from perkhub.plugin.mechanic import Entry
from perkhub.plugin.registry import registry

# `c` is the campaign.
COLUMNS = """c.id, c.name, c.mechanic, c.config, c.config_version, c.state, c.starts_at, c.ends_at, c.currency,
    c.audience_groups, c.audience_new, c.audience_listed, c.budget, c.priority, c.exclusive, c.version, c.external_reference,
    c.created_at,
    ARRAY(SELECT h.channel_id FROM campaign_channel h WHERE h.campaign_id = c.id ORDER BY h.channel_id) AS channels"""


class Counted(StrEnum):
    """What a limit of a budget counts."""

    UNITS = auto()
    MONEY = auto()  # what the campaign took off the prices, in minor units of its currency
    ORDERS = auto()


class Period(StrEnum):
    """Of which calendar time, in the zone of the channel that sells."""

    DAY = auto()
    WEEK = auto()  # from Monday
    MONTH = auto()

    def begins(self, at: datetime, zone: str) -> date:
        """The first day of the one that the moment lies in."""
        day = at.astimezone(ZoneInfo(zone)).date()
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Period.MONTH else day


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so much: for each customer or for all together, in each period or over the whole time."""

    counts: Counted
    most: int
    per_customer: bool = False
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class CampaignAudience:
    """Who may take part: all that is asked for must hold. Nothing asked for is everybody.

    `groups`: in one of these customer groups. `new_customers`: had no benefit before. `listed`: on the campaign's own list.
    """

    groups: frozenset[UUID] = frozenset()
    new_customers: bool = False
    listed: bool = False

    @property
    def everybody(self) -> bool:
        """Whether nobody has to be known."""
        return not (self.groups or self.new_customers or self.listed)


@dataclass(frozen=True)
class Campaign:
    """A campaign. `config` is as stored; `working()` makes it the mechanic's own. Higher `priority` acts first; an `exclusive`
    one takes no other beside it on a line."""

    id: UUID
    name: dict[str, str]
    mechanic: str
    config: dict[str, Any] = field(repr=False)
    config_version: int
    stored: StoredState
    starts_at: datetime
    ends_at: datetime
    channel_ids: tuple[UUID, ...]
    currency: str
    audience: CampaignAudience
    budget: tuple[Limit, ...]
    priority: int
    exclusive: bool
    version: int
    external_reference: str | None
    created_at: datetime

    @property
    def is_draft(self) -> bool:
        """Whether nobody but its operators knows of it."""
        return self.stored is StoredState.DRAFT

    @property
    def is_automatic(self) -> bool:
        """Whether it applies without being asked for."""
        mechanic = registry().mechanics.get(self.mechanic)
        return mechanic is not None and mechanic.entry is Entry.AUTOMATIC

    def state_at(self, moment: datetime) -> CampaignState:
        """What it is at this moment: windows hold when they are read."""
        if self.stored is StoredState.DRAFT:
            return CampaignState.DRAFT
        if self.stored is StoredState.ENDED or moment >= self.ends_at:
            return CampaignState.ENDED
        if self.stored is StoredState.PAUSED:
            return CampaignState.PAUSED
        return CampaignState.LIVE if moment >= self.starts_at else CampaignState.SCHEDULED

    def was_live_by(self, moment: datetime) -> bool:
        """Whether anybody may have seen it live: some settings stay from then on."""
        return self.stored is not StoredState.DRAFT and moment >= self.starts_at

    def working(self) -> Working | None:
        """The mechanic with its settings; None where its plugin is gone.

        Raises:
            MechanicBroken.
        """
        return at_work(self.mechanic, self.config, self.config_version)


def campaign_from(row: Row) -> Campaign:
    """A row of COLUMNS as a value."""
    return Campaign(
        id=row["id"],
        name=orjson.loads(row["name"]),
        mechanic=row["mechanic"],
        config=orjson.loads(row["config"]),
        config_version=row["config_version"],
        stored=StoredState(row["state"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        channel_ids=tuple(row["channels"]),
        currency=row["currency"],
        audience=CampaignAudience(frozenset(row["audience_groups"]), row["audience_new"], row["audience_listed"]),
        budget=tuple(limit_from(one) for one in orjson.loads(row["budget"])),
        priority=row["priority"],
        exclusive=row["exclusive"],
        version=row["version"],
        external_reference=row["external_reference"],
        created_at=row["created_at"],
    )


def limit_from(stored: dict[str, Any]) -> Limit:
    """A limit as it is stored."""
    period = stored["period"]
    return Limit(Counted(stored["counts"]), stored["most"], stored["per_customer"], None if period is None else Period(period))


def limit_data(limit: Limit) -> dict[str, Any]:
    """A limit to be stored."""
    period = None if limit.period is None else str(limit.period)
    return {"counts": str(limit.counts), "most": limit.most, "per_customer": limit.per_customer, "period": period}
