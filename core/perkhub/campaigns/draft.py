"""What an operator says of a campaign, checked and as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from perkhub.campaigns.campaign import CampaignAudience, Counted, Limit
from perkhub.campaigns.errors import CampaignInvalid
from perkhub.campaigns.working import Working, camel, mechanic_of, parsed
from perkhub.channels import Channel, ChannelNotFound, known_channel
from perkhub.kit.errors import InvalidInput, NotFound
from perkhub.kit.moments import refuse_odd_moment
from perkhub.kit.money import LARGEST_MINOR, CurrencyMismatch
from perkhub.kit.texts import refuse_odd_text, refuse_odd_texts

LONGEST_NAME = 100
LONGEST_REFERENCE = 120
HIGHEST_PRIORITY = 1_000_000
MOST_CHANNELS = 100
MOST_GROUPS = 100
MOST_LIMITS = 20


@dataclass(frozen=True)
class CampaignDraft:
    """What a campaign shall be; all of it is said each time. `config` is the mechanic's own model, or its fields."""

    name: dict[str, str]
    mechanic: str
    config: BaseModel | Mapping[str, Any]
    starts_at: datetime
    ends_at: datetime
    channel_ids: tuple[UUID, ...]
    audience: CampaignAudience = field(default_factory=CampaignAudience)
    budget: tuple[Limit, ...] = ()
    priority: int = 0
    exclusive: bool = False
    external_reference: str | None = None


@dataclass(frozen=True)
class Checked:
    """A draft that can be kept, with what was looked up for it."""

    draft: CampaignDraft
    working: Working
    channels: tuple[Channel, ...]

    @property
    def currency(self) -> str:
        """All its channels'."""
        return self.channels[0].currency


async def checked(draft: CampaignDraft) -> Checked:
    """Refuse what no campaign can be; whether it may be published is asked later.

    Raises:
        InvalidInput, NotFound, CurrencyMismatch, CampaignInvalid: with the path of the field.
        MechanicBroken.
    """
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    if draft.external_reference is not None:
        refuse_odd_text(draft.external_reference, "externalReference", longest=LONGEST_REFERENCE)
    if abs(draft.priority) > HIGHEST_PRIORITY:
        reason, reason_zh = f"Between -{HIGHEST_PRIORITY} and {HIGHEST_PRIORITY}.", "优先级超出范围。"
        raise InvalidInput(path=("priority",), reason=reason, reason_zh=reason_zh)
    refuse_odd_window(draft.starts_at, draft.ends_at)
    _refuse_odd_audience(draft.audience)
    _refuse_odd_budget(draft.budget)
    return Checked(draft, working_for(draft.mechanic, draft.config), await _channels_of(draft))


def working_for(key: str, config: BaseModel | Mapping[str, Any]) -> Working:
    """The mechanic with these settings, by its own model.

    Raises:
        NotFound: no plugin offers it.
        CampaignInvalid, MechanicBroken.
    """
    mechanic = mechanic_of(key)
    if mechanic is None:
        raise NotFound("mechanic", "玩法", path=("mechanic",))
    return Working(mechanic, parsed(mechanic.Config, config, *config_path(key)))


def config_path(key: str, *steps: str) -> tuple[str, ...]:
    """Where clients say the settings of a mechanic."""
    return ("mechanic", camel(key), *(camel(step) for step in steps))


def refuse_odd_window(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse a window that is none.

    Raises:
        InvalidInput, CampaignInvalid.
    """
    refuse_odd_moment(starts_at, "startsAt")
    refuse_odd_moment(ends_at, "endsAt")
    if ends_at <= starts_at:
        reason, reason_zh = "It must end after it begins.", "结束时间须晚于开始时间。"
        raise CampaignInvalid(path=("endsAt",), reason=reason, reason_zh=reason_zh)


def _refuse_odd_audience(audience: CampaignAudience) -> None:
    if len(audience.groups) > MOST_GROUPS:
        reason, reason_zh = f"At most {MOST_GROUPS} groups.", f"最多 {MOST_GROUPS} 个分组。"
        raise InvalidInput(path=("audience", "groupIds"), reason=reason, reason_zh=reason_zh)


def _refuse_odd_budget(budget: tuple[Limit, ...]) -> None:
    if len(budget) > MOST_LIMITS:
        reason, reason_zh = f"At most {MOST_LIMITS} limits.", f"最多 {MOST_LIMITS} 条限制。"
        raise InvalidInput(path=("budget",), reason=reason, reason_zh=reason_zh)
    seen: set[tuple[Counted, bool, object]] = set()
    for place, limit in enumerate(budget):
        if not 1 <= limit.most <= LARGEST_MINOR:
            reason, reason_zh = f"Between 1 and {LARGEST_MINOR}.", f"须在 1 至 {LARGEST_MINOR} 之间。"
            raise InvalidInput(path=("budget", str(place), "most"), reason=reason, reason_zh=reason_zh)
        key = (limit.counts, limit.per_customer, limit.period)
        if key in seen:
            reason, reason_zh = "There is a limit of this kind already.", "同类限制已存在。"
            raise InvalidInput(path=("budget", str(place)), reason=reason, reason_zh=reason_zh)
        seen.add(key)


async def _channels_of(draft: CampaignDraft) -> tuple[Channel, ...]:
    if not 1 <= len(draft.channel_ids) <= MOST_CHANNELS:
        reason, reason_zh = f"Between 1 and {MOST_CHANNELS} channels.", f"须选择 1 至 {MOST_CHANNELS} 个渠道。"
        raise InvalidInput(path=("channelIds",), reason=reason, reason_zh=reason_zh)
    known: dict[UUID, Channel] = {}
    for place, one in enumerate(draft.channel_ids):
        try:
            known[one] = await known_channel(one)
        except ChannelNotFound:
            raise NotFound("channel", "渠道", path=("channelIds", str(place))) from None
    channels = [known[one] for one in sorted(known)]
    for channel in channels:
        if channel.currency != channels[0].currency:
            raise CurrencyMismatch(expected=channels[0].currency, given=channel.currency, path=("channelIds",))
    return tuple(channels)
