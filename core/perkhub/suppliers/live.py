"""The suppliers of this process: an account's plugin, configured, with the one way out that it gets."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
from pydantic import BaseModel, SecretBytes, SecretStr

from perkhub.kit.public_addresses import PublicTransport
from perkhub.kit.redaction import hide_always
from perkhub.plugin.configure import configure_supplier
from perkhub.plugin.http import OutboundClient, Response
from perkhub.plugin.supplier import Supplier
from perkhub.suppliers.accounts import Account, plugin_of
from perkhub.suppliers.breaker import Breaker
from perkhub.suppliers.slots import NotNow, take_turn

LARGEST_ANSWER = 4 * 1024 * 1024


class SupplierClient(OutboundClient):
    """The client that a plugin is given. Every call takes its turn at the account's pace, and feeds its breaker.

    It connects to public addresses alone (and to those that the operator's settings name), whatever a name says.
    """

    account: UUID
    supplier: Supplier
    breaker: Breaker

    async def send(self, request: httpx2.Request, **options: Any) -> Response:
        """Wait for the turn, send, note how the supplier fared."""
        await self._wait_for_turn(request)
        try:
            response = await super().send(request, **options)
        except httpx2.HTTPError:
            self.breaker.failed()
            raise
        if response.status_code >= 500:
            self.breaker.failed()
        else:
            self.breaker.answered()
        return response

    async def _wait_for_turn(self, request: httpx2.Request) -> None:
        rate = self.supplier.capabilities.max_rate
        if rate is None:
            return
        try:
            await asyncio.sleep(await take_turn(self.account, rate, patience=self.deadline))
        except NotNow:
            # As if there were no free connection: nothing has left, and the plugin says so.
            raise httpx2.PoolTimeout("The account's pace", request=request) from None


@dataclass(slots=True)
class Live:
    """An account that can be asked."""

    account: Account
    supplier: Supplier
    breaker: Breaker


_live: dict[UUID, Live] = {}
_retired: list[OutboundClient] = []


def live(account: Account) -> Live:
    """The account's plugin, configured once for each version of the account.

    Raises:
        SupplierUnknown: its plugin is gone.
        SettingsRefused: the plugin's model has changed, and refuses what was kept.
    """
    known = _live.get(account.id)
    if known is not None and known.account.version == account.version:
        known.account = account
        return known
    if known is not None:
        # Calls may still run on it: it is closed with the process.
        _retired.append(known.supplier.client)
    _live[account.id] = opened(account, Breaker())
    return _live[account.id]


def opened(account: Account, breaker: Breaker) -> Live:
    """The account's plugin with a client of its own."""
    return Live(account, configured(account.plugin, account.settings(), account=account.id, breaker=breaker), breaker)


def configured(plugin: str, settings: dict[str, object], *, account: UUID, breaker: Breaker) -> Supplier:
    """A plugin with these settings, whose secrets no log of this process shows from here on."""
    offered = plugin_of(plugin)
    client = SupplierClient(
        timeout=httpx2.Timeout(offered.capabilities.timeout.total_seconds()),
        transport=PublicTransport(
            largest=LARGEST_ANSWER,
            limits=httpx2.Limits(max_connections=50, max_keepalive_connections=50),
        ),
        follow_redirects=False,
        trust_env=False,
    )
    client.deadline = offered.capabilities.timeout.total_seconds()
    client.account, client.breaker = account, breaker
    supplier = configure_supplier(offered, settings, client=client)
    client.supplier = supplier
    hide_always(secrets_of(supplier.settings))
    return supplier


def secrets_of(settings: BaseModel) -> list[str]:
    """Whatever the plugin declares as secret."""
    found: list[str] = []
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            found.append(value.get_secret_value())
        elif isinstance(value, SecretBytes):
            found.append(value.get_secret_value().decode(errors="ignore"))
    return found


async def close_suppliers() -> None:
    """Give up connections at the end of the process."""
    clients = [*_retired, *(one.supplier.client for one in _live.values())]
    _retired.clear()
    _live.clear()
    for client in clients:
        await client.aclose()
