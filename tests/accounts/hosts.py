"""A host application that is trusted, and what becomes of its tokens."""

from typing import Any

from perkhub.accounts import (
    IssuerDraft,
    archive_trusted_issuer,
    create_trusted_issuer,
    identify,
    trusted_issuers_by_id,
    update_trusted_issuer,
)
from perkhub.accounts.federation.issuers import IssuerChanges
from perkhub.kit.db import transact
from perkhub.kit.errors import NotSignedIn
from tests.accounts.keys import AUDIENCE, EC, ED, ISSUER, RSA, jwks


async def trusted(**changed: Any) -> Any:
    """A host whose keys are pinned, unless an address is given."""
    pinned = None if "jwks_url" in changed else jwks(RSA, EC, ED)
    draft = IssuerDraft(**{"name": "Host", "issuer": ISSUER, "audience": AUDIENCE, "pinned_keys": pinned, **changed})
    return await transact(lambda tx: create_trusted_issuer(tx, draft))


async def change(issuer: Any, **changes: Any) -> None:
    given: IssuerChanges = changes  # type: ignore[assignment]
    version = (await trusted_issuers_by_id([issuer]))[issuer].version
    await transact(lambda tx: update_trusted_issuer(tx, issuer, given, expected_version=version))


async def archive(issuer: Any, *, archived: bool = True) -> None:
    version = (await trusted_issuers_by_id([issuer]))[issuer].version
    await transact(lambda tx: archive_trusted_issuer(tx, issuer, expected_version=version, archived=archived))


async def is_refused(token: str) -> bool:
    try:
        await identify(token)
    except NotSignedIn:
        return True
    return False
