"""Everybody who may ask: with whose token, and by which code each is refused where a field's rule refuses them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from perkhub.accounts import IdentityKind, Permission, identify, tokens
from perkhub.channels import Channel
from perkhub.kit.clock import now
from tests.factories import PASSWORD, Person, Shop, an_email
from tests.schema.walk import RootField

NOT_SIGNED_IN, NOT_ALLOWED = "NOT_SIGNED_IN", "NOT_ALLOWED"


@dataclass(frozen=True)
class Asker:
    """Somebody, or nobody, and how their request must end: None where they may."""

    name: str
    token: str | None = field(repr=False)
    refused: str | None
    person: Person | None = None


async def askers(rule: RootField, owner: Person) -> list[Asker]:
    """Everybody for a field with this rule. `owner` may use it: bad tokens are spoilt copies of theirs."""
    shop, needed = Shop(), Permission(rule.permission) if rule.permission else None
    others = {permission for permission in Permission if permission != needed}
    people = {
        "the customer": owner if owner.identity.party_id is not None else await _customer(shop),
        "another customer": await _customer(shop),
        "staff without a permission": await shop.staff(),
        "staff with every other permission": await shop.staff(*others),
    }
    if needed is not None:
        people["staff with the permission"] = owner
        if not rule.by_channel:
            here = [await shop.channel()]
            people["staff with the permission in one channel"] = await shop.staff(needed, channels=here)
    people["machine client without a scope"] = await _machine(shop)
    people["machine client with every other scope"] = await _machine(shop, *others)
    if needed is not None:
        people["machine client with the scope"] = await _machine(shop, needed)
        if not rule.by_channel:
            people["machine client with the scope in one channel"] = await _machine(shop, needed, channels=here)
    asking = [Asker("anonymous", None, None if rule.rule == "public" else NOT_SIGNED_IN)]
    asking += [Asker(name, one.token, refusal(rule, one), one) for name, one in people.items()]
    return asking + [Asker(name, token, NOT_SIGNED_IN) for name, token in spoilt(owner.token).items()]


def refusal(rule: RootField, person: Person) -> str | None:
    """How the rule refuses somebody who is signed in."""
    customer, machine = person.identity.party_id is not None, person.identity.kind is IdentityKind.MACHINE
    if rule.rule == "public" or (rule.rule == "signedIn" and not machine):
        return None
    if machine and rule.permission is None:
        # Who watches an order is looked at order by order: a machine does so by its scope.
        return None if rule.root == "Subscription" and Permission.READ_ORDERS in person.identity.permissions else NOT_ALLOWED
    if rule.rule in ("customer", "staff"):
        return None if customer is (rule.rule == "customer") else NOT_ALLOWED
    return None if rule.permission in person.identity.permissions else NOT_ALLOWED


async def _customer(shop: Shop) -> Person:
    return await shop.customer(wallet="500.00", password=PASSWORD)


async def _machine(shop: Shop, *scopes: Permission, channels: list[Channel] | None = None) -> Person:
    machine = await shop.machine(*scopes, channel_ids=None if channels is None else [one.id for one in channels])
    # That it is there is noted once a minute: now, and not while somebody looks whether anything is written.
    await identify(machine.token)
    return Person(machine.identity, an_email("nobody"), machine.token, "")


def spoilt(token: str) -> dict[str, str]:
    """A good token's claims, in tokens that are not good."""
    claims = claims_of(token)
    past = int((now() - timedelta(minutes=10)).timestamp())
    strange = OctKey.import_key("another secret, as long as it needs to be")
    return {
        "expired": signed({**claims, "iat": past - 600, "exp": past}),
        "forged": signed(claims, strange),
        "unsigned": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.",
        "for others": signed({**claims, "aud": "another shop"}),
        "of others": signed({**claims, "iss": "another shop"}),
        "for ever": signed({name: claim for name, claim in claims.items() if name != "exp"}),
        "with a changed subject": ".".join([token.split(".")[0], _part({**claims, "sub": claims["sid"]}), token.split(".")[2]]),
        "no token": "x.y.z",
    }


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, whoever signed it."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def signed(claims: dict[str, Any], key: OctKey | None = None) -> str:
    """A token with these claims; genuine, unless the key is another."""
    return jwt.encode({"alg": tokens.ALGORITHM}, claims, key or tokens.signing_key())


def _part(told: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
