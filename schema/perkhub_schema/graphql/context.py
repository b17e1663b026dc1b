"""What one request knows: who asks, in which channel and language, and its own batching loaders."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.dataloader import DataLoader
from strawberry.types import Info as StrawberryInfo

from perkhub.accounts import (
    ANONYMOUS,
    Identity,
    IdentityKind,
    Membership,
    OrganisationNotYours,
    Permission,
    Right,
    acting_for,
    ensure_customer,
    identify,
    memberships_of,
)
from perkhub.campaigns import CampaignSoldOut
from perkhub.channels import ANYONE, Channel, Viewer, channel_by_key, ensure_may_enter
from perkhub.kit.acting import Origin
from perkhub.kit.errors import AccessError, CostSpent, InvalidInput, TooFast
from perkhub.kit.rates import take
from perkhub.kit.settings import settings
from perkhub.pricing import BasketLine
from perkhub_schema.graphql.global_ids import Kind, local_id
from perkhub_schema.reads.reading import Reading
from perkhub_schema.reads.viewers import pays_like_anybody

K = TypeVar("K")
V = TypeVar("V")

DEFAULT_CHANNEL = "retail"
# Who sets a channel up looks into it while it is open; what they see there are the prices for anybody.
LOOKS_INSIDE = (Permission.MANAGE_CATALOG, Permission.MANAGE_PRICES, Permission.MANAGE_CHANNELS)


@dataclass
class Context:
    """Made for each operation; `refused` is why nothing in it may be answered (a bad token, too many requests)."""

    request: Request | WebSocket | None
    response: Response | WebSocket | None
    identity: Identity
    language: str
    channel_key: str
    source_address: str
    token: str | None = field(default=None, repr=False)
    organisation: str | None = None  # of the Perkhub-Organisation header
    acting: Membership | None = None  # by which the customer acts for it
    refused: AccessError | None = None
    connection_params: object = None  # set by the websocket handler
    reading: Reading = field(default_factory=Reading)
    too_late: tuple[list[BasketLine], CampaignSoldOut] | None = None  # what was refused from memory alone, and how
    _channel: Channel | None = None
    _viewer: Viewer | None = None
    _has_changed: bool = False
    _loaders: dict[Callable[..., Any], DataLoader[Any, Any]] = field(default_factory=dict)

    async def recognise(self) -> None:
        """Find out who asks, and whether anything may be answered at all."""
        self.identity, self.acting, self.refused = ANONYMOUS, None, None
        self._channel = self._viewer = None
        try:
            await self._identify()
        except AccessError as refused:
            self.refused = refused
        try:
            await self._take_turn()  # of the address, where the token is no good: guessing is not free
        except TooFast as refused:
            self.refused = refused

    async def recognise_again(self) -> None:
        """Look whether it is still who it was, where an answer goes on for longer than a token, or a right, may last.

        Raises:
            NotSignedIn, OrganisationNotYours.
        """
        await self._identify()

    async def _identify(self) -> None:
        """Who it is, and for which organisation; naming one gains nothing, the membership is looked up each time."""
        self.identity = await identify(self.token, source=self.source_address)
        if self.organisation is not None:
            try:
                named = local_id(Kind.ORGANISATION, self.organisation)
            except InvalidInput:
                raise OrganisationNotYours from None
            self.acting = await acting_for(self.identity, named)

    async def for_operation(self) -> "Context":
        """A context of its own for an operation of a connection that stays open; elsewhere this one is."""
        if not isinstance(self.request, WebSocket):
            return self
        fresh = replace(self, reading=Reading(), _channel=None, _viewer=None, _loaders={})
        await fresh.recognise()
        return fresh

    @property
    def who(self) -> str:
        """Whom limits are counted for: whoever has signed in, else the address."""
        return self.identity.actor if self.identity.id is not None else f"address:{self.source_address}"

    async def pay(self, cost: int) -> None:
        """Take an operation's cost from what this client may spend in a minute.

        Raises:
            CostSpent.
        """
        try:
            limit = self._spendable()
            await take(f"cost:{self.who}", limit=limit, seconds=60, tokens=max(1, cost), lenient=True)
        except TooFast as spent:
            raise CostSpent(limit, spent.data["retry_after"]) from None

    def _spendable(self) -> int:
        """More for a machine client that may come more often than others: its requests shall cost what all cost."""
        usual, own = settings().requests_per_minute, self.identity.requests_per_minute or 0
        return settings().query_cost_per_minute * max(own, usual) // usual

    async def _take_turn(self) -> None:
        limit = self.identity.requests_per_minute or settings().requests_per_minute
        await take(f"requests:{self.who}", limit=limit, seconds=60, lenient=True)

    def header(self, name: str) -> str:
        """What the client sent under this name; empty where it sent nothing."""
        return "" if self.request is None else self.request.headers.get(name, "")

    @property
    def known_channel(self) -> UUID | None:
        """The channel's id, once somebody has asked for the channel."""
        return None if self._channel is None else self._channel.id

    async def channel(self) -> Channel:
        """The channel of the Perkhub-Channel header, where the viewer may enter it: every resolver comes through here.

        Raises:
            ChannelNotFound: none, or closed, or not for this viewer; told alike.
        """
        if self._channel is None:
            channel = await channel_by_key(self.channel_key)
            if any(self.identity.may(permission, channel=channel.id) for permission in LOOKS_INSIDE):
                self._viewer = Viewer(everywhere=True)
            viewer = await self.viewer()
            await ensure_may_enter(channel, viewer)
            if self.reading.shares_parts:
                # Nothing that somebody sees by a right of their own may be given to others.
                rights = self.identity.permissions or self.identity.in_channels
                self.reading.shares_parts = not rights and await pays_like_anybody(channel, viewer)
            self._channel = channel
        return self._channel

    async def viewer(self) -> Viewer:
        """Who asks, as far as access and prices hang on it."""
        if self._viewer is None:
            party = self.identity.party_id if self.acting is None else self.acting.organisation_id
            self._viewer = ANYONE if party is None else Viewer(party)
        return self._viewer

    @property
    def party(self) -> UUID:
        """The signed-in customer's own party, or NotSignedIn; whoever they act for."""
        party: UUID = ensure_customer(self.identity)
        return party

    @property
    def buyer(self) -> UUID:
        """Whose money is spent and whose benefits are shown: the organisation's that the customer acts for, or their own.

        Raises:
            NotSignedIn.
            NotAllowed: the customer's role in the organisation is not one that buys.
        """
        own = self.party
        if self.acting is None:
            return own
        self.acting.ensure(Right.BUY)
        return self.acting.organisation_id

    async def holds(self, party: UUID) -> bool:
        """Whether it is the customer's own party, or an organisation of which they are a member: they see what it has."""
        if self.identity.kind is not IdentityKind.CUSTOMER:
            return False
        return self.identity.party_id == party or await self.membership(party) is not None

    async def membership(self, organisation: UUID) -> Membership | None:
        """The signed-in customer's membership in an organisation."""
        if self.identity.kind is not IdentityKind.CUSTOMER:
            return None
        found: list[Membership] = await self.loader(load_memberships).load(self.identity.party_id)
        return next((one for one in found if one.organisation_id == organisation), None)

    async def begin_mutation(self) -> None:
        """Know afresh what an earlier mutation of the same request may have changed: what was read, and for whom one acts.

        Raises:
            NotSignedIn, OrganisationNotYours.
        """
        self.forget_loaded()
        if self._has_changed and self.acting is not None:
            self.acting = await acting_for(self.identity, self.acting.organisation_id)
        self._has_changed = True

    @property
    def origin(self) -> Origin:
        """From where the request came, as the activity log keeps it."""
        headers = self.request.headers if self.request is not None else {}
        shown = {
            name: "".join(letter for letter in headers.get(name, "") if letter.isprintable())[:longest] or None
            for name, longest in (("user-agent", 200), ("perkhub-client", 80))
        }
        return Origin(self.source_address[:64], shown["user-agent"], shown["perkhub-client"])

    def loader(self, load: Callable[[list[Any]], Any]) -> DataLoader[Any, Any]:
        """This request's batching loader around a function of keys."""
        if load not in self._loaders:
            self._loaders[load] = DataLoader(load_fn=load)
        return self._loaders[load]

    def forget_loaded(self) -> None:
        """Read again from now on: a change was made, or time went by; also whether the viewer may still be here."""
        self._loaders.clear()
        self._channel = self._viewer = None

    def say(self, texts: dict[str, str]) -> str:
        """The text in the request's language, or in whichever there is."""
        return texts.get(self.language) or texts.get("en") or texts.get("zh") or next(iter(texts.values()), "")


async def load_memberships(customers: list[UUID]) -> list[list[Membership]]:
    """Memberships in organisations, by customer."""
    found = await memberships_of(customers)
    return [found[customer] for customer in customers]


Info: TypeAlias = StrawberryInfo[Context, None]
