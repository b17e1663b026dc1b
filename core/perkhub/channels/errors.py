"""Why a channel could not be used or made.

ChannelNotFound     no such channel, or it is closed, or not for this viewer: the three must not be told apart
ChannelKeyTaken     the key names another channel
"""

from perkhub.kit.errors import DomainError


class ChannelNotFound(DomainError):
    code = "CHANNEL_NOT_FOUND"
    en = "There is no open channel of this name for you. Name one in the Perkhub-Channel header, or sign in."
    zh = "没有您可使用的该名称渠道,请在 Perkhub-Channel 请求头中指定,或先登录。"

    def __init__(self) -> None:
        super().__init__(path=("channel",))


class ChannelKeyTaken(DomainError):
    code = "CHANNEL_KEY_TAKEN"
    en = "Another channel already has this key."
    zh = "该渠道标识已被占用。"
