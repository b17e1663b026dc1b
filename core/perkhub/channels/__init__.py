"""Channels: where things are sold, to whom, in which currency, and by which zone's calendar."""

from perkhub.channels.access import (
    MAY_ENTER,
    ensure_may_buy_in,
    ensure_may_enter,
    ensure_may_enter_now,
    forget_grants,
    may_enter,
    with_groups,
)
from perkhub.channels.draft import ChannelDraft
from perkhub.channels.errors import ChannelKeyTaken, ChannelNotFound
from perkhub.channels.grants import ensure_holders, grant_channel, grants_of, revoke_channel
from perkhub.channels.models import AccessPolicy, Audience
from perkhub.channels.read import (
    Channel,
    channel_by_id,
    channel_by_key,
    every_channel,
    forget_channels,
    known_channel,
    known_channel_by_key,
)
from perkhub.channels.viewer import ANYONE, HOLDERS, Scope, ScopeKind, Viewer
from perkhub.channels.write import ChannelChanges, close_channel, create_channel, reopen_channel, update_channel

__all__ = [
    "ANYONE",
    "HOLDERS",
    "MAY_ENTER",
    "AccessPolicy",
    "Audience",
    "Channel",
    "ChannelChanges",
    "ChannelDraft",
    "ChannelKeyTaken",
    "ChannelNotFound",
    "Scope",
    "ScopeKind",
    "Viewer",
    "channel_by_id",
    "channel_by_key",
    "close_channel",
    "create_channel",
    "ensure_holders",
    "ensure_may_buy_in",
    "ensure_may_enter",
    "ensure_may_enter_now",
    "every_channel",
    "forget_channels",
    "forget_grants",
    "grant_channel",
    "grants_of",
    "known_channel",
    "known_channel_by_key",
    "may_enter",
    "reopen_channel",
    "revoke_channel",
    "update_channel",
    "with_groups",
]
