"""Channels that somebody's rights are limited to, as they are named in inputs."""

from uuid import UUID

import strawberry

from perkhub.accounts import CHANNELS_AT_MOST
from perkhub.channels import ChannelNotFound, channel_by_id
from perkhub.kit.errors import NotFound
from perkhub_schema.graphql.global_ids import Kind, local_id


async def named_channels(given: list[strawberry.ID] | None) -> list[UUID] | None:
    """The channels, all of which are there; None is no limit.

    Raises:
        InvalidInput, NotFound.
    """
    if given is None:
        return None
    channels = [local_id(Kind.CHANNEL, one, "channelIds", str(place)) for place, one in enumerate(given)]
    for place, channel in enumerate(channels[: CHANNELS_AT_MOST + 1]):
        try:
            await channel_by_id(channel)
        except ChannelNotFound:
            raise NotFound("channel", "渠道", path=("channelIds", str(place))) from None
    return channels
