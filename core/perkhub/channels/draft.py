"""What an operator says of a channel, and what of it is refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from babel import Locale, UnknownLocaleError

from perkhub.channels.models import AccessPolicy, Audience
from perkhub.kit.errors import LANGUAGES, InvalidInput
from perkhub.kit.moments import zones
from perkhub.kit.texts import refuse_odd_texts

KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")
REGION = re.compile(r"[A-Z]{2}")
LOCALE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
LONGEST_NAME = 100
LONGEST_ZONE = 40  # what the column takes; no zone of today comes near
MOST_LOCALES = 20
MOST_GROUPS = 100
LONGEST_DELIVERY = 7 * 24 * 60


@dataclass(frozen=True)
class ChannelDraft:
    """How a channel shall be; all of it can be changed later."""

    name: dict[str, str]
    zone: str = "Asia/Shanghai"
    audience: Audience = Audience.RETAIL
    access: AccessPolicy = AccessPolicy.PUBLIC
    member_groups: Sequence[UUID] = ()
    locales: Sequence[str] = ("zh-CN", "en")
    regions: Sequence[str] = field(default_factory=tuple)
    delivery_minutes: int = 15


def refuse_odd_key(key: str) -> None:
    """Go on with a key that fits a header and an address.

    Raises:
        InvalidInput.
    """
    if not KEY.fullmatch(key):
        reason_zh = "须为 2 至 40 个 a-z、0-9 或“-”,以字母开头。"
        raise InvalidInput(path=("key",), reason="Use 2 to 40 of a-z, 0-9 and '-', a letter first.", reason_zh=reason_zh)


def refuse_odd_draft(draft: ChannelDraft) -> None:
    """Go on with a channel that can be shown and sold in.

    Raises:
        InvalidInput: with the path.
    """
    refuse_odd_texts(draft.name, "name", longest=LONGEST_NAME, needed=True)
    if len(draft.zone) > LONGEST_ZONE or draft.zone not in zones():
        reason, reason_zh = "Not an IANA time zone, such as Asia/Shanghai.", "须为 IANA 时区,例如 Asia/Shanghai。"
        raise InvalidInput(path=("zone",), reason=reason, reason_zh=reason_zh)
    if not 1 <= draft.delivery_minutes <= LONGEST_DELIVERY:
        reason, reason_zh = f"Between 1 and {LONGEST_DELIVERY} minutes.", f"须为 1 至 {LONGEST_DELIVERY} 分钟。"
        raise InvalidInput(path=("deliveryMinutes",), reason=reason, reason_zh=reason_zh)
    _refuse_odd_groups(draft)
    _refuse_odd_locales(draft.locales)
    _refuse_odd_regions(draft.regions)


def _refuse_odd_groups(draft: ChannelDraft) -> None:
    if len(draft.member_groups) > MOST_GROUPS:
        raise InvalidInput(path=("memberGroupIds",), reason=f"At most {MOST_GROUPS}.", reason_zh=f"最多 {MOST_GROUPS} 个。")
    if draft.member_groups and draft.access is not AccessPolicy.MEMBERS:
        reason, reason_zh = "Only a channel for MEMBERS has member groups.", "仅 MEMBERS 渠道可指定客户分组。"
        raise InvalidInput(path=("memberGroupIds",), reason=reason, reason_zh=reason_zh)


def _refuse_odd_locales(locales: Sequence[str]) -> None:
    if not 1 <= len(locales) <= MOST_LOCALES or len(set(locales)) < len(locales):
        reason, reason_zh = f"1 to {MOST_LOCALES} different locales.", f"须为 1 至 {MOST_LOCALES} 个不同的语言区域。"
        raise InvalidInput(path=("locales",), reason=reason, reason_zh=reason_zh)
    for position, locale in enumerate(locales):
        if not _is_locale(locale):
            reason, reason_zh = "A locale such as zh-CN or en.", "须为语言区域,例如 zh-CN 或 en。"
            raise InvalidInput(path=("locales", str(position)), reason=reason, reason_zh=reason_zh)
    if not any(locale.partition("-")[0] in LANGUAGES for locale in locales):
        reason, reason_zh = "Give zh or en, which texts are written in.", "须包含中文(zh)或英文(en)。"
        raise InvalidInput(path=("locales",), reason=reason, reason_zh=reason_zh)


def _is_locale(given: str) -> bool:
    if not LOCALE.fullmatch(given):
        return False
    try:
        return Locale.parse(given, sep="-") is not None
    except (ValueError, UnknownLocaleError):
        return False


def _refuse_odd_regions(regions: Sequence[str]) -> None:
    if len(set(regions)) < len(regions):
        raise InvalidInput(path=("regions",), reason="Name each region once.", reason_zh="地区不能重复。")
    for position, region in enumerate(regions):
        if not REGION.fullmatch(region) or region not in _territories():
            reason, reason_zh = "An ISO 3166-1 code such as CN.", "须为 ISO 3166-1 地区代码,例如 CN。"
            raise InvalidInput(path=("regions", str(position)), reason=reason, reason_zh=reason_zh)


@cache
def _territories() -> frozenset[str]:
    return frozenset(Locale("en").territories) - {"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"}
