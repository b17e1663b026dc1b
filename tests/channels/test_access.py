"""Who may enter a channel: by its policy, at this moment, in SQL as in memory."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from perkhub.accounts import CustomerGroupDraft, add_group_members, create_customer_group, groups_of
from perkhub.channels import (
    ANYONE,
    MAY_ENTER,
    AccessPolicy,
    Channel,
    ChannelDraft,
    ChannelNotFound,
    Scope,
    ScopeKind,
    Viewer,
    close_channel,
    create_channel,
    ensure_may_enter,
    forget_grants,
    grant_channel,
    grants_of,
    known_channel,
    may_enter,
    reopen_channel,
    revoke_channel,
    update_channel,
)
from perkhub.channels.read import forget_channels
from perkhub.kit import db
from perkhub.kit.db import transact
from perkhub.kit.errors import InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from tests.factories import Person, Shop

IN_SQL = f"""SELECT {MAY_ENTER.format(holders="$2::uuid[]", party="$3::boolean", everywhere="$4::boolean")}
             FROM channel c WHERE c.id = $1"""
NAME = {"en": "Business"}


async def a_channel(access: AccessPolicy, *groups: UUID, key: str = "business") -> Channel:
    draft = ChannelDraft(NAME, access=access, member_groups=groups)
    return await known_channel(await transact(lambda tx: create_channel(tx, key, draft, currency="CNY")))


async def a_group(*members: Person, name: str = "VIP") -> UUID:
    group = await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft(name)))
    if members:
        await transact(lambda tx: add_group_members(tx, group, [one.party_id for one in members], actor="tests"))
    return group


async def viewer(person: Person, *organisations: UUID) -> Viewer:
    groups = (await groups_of([person.party_id]))[person.party_id]
    return Viewer(person.party_id, groups, frozenset(organisations))


async def entering(channel: Channel, viewers: Sequence[Viewer]) -> list[bool]:
    """Who of them may enter; the two forms of the rule agree."""
    now = await known_channel(channel.id)
    told = [await may_enter(now, one) for one in viewers]
    sql = [await db.value(IN_SQL, channel.id, one.known_holders(), one.party_id is not None, one.everywhere) for one in viewers]
    assert told == sql
    return told


async def test_a_public_channel_is_for_anyone(shop: Shop):
    channel = await a_channel(AccessPolicy.PUBLIC)
    assert await entering(channel, [ANYONE, Viewer(new_id()), Viewer(everywhere=True)]) == [True, True, True]


async def test_members_are_who_has_signed_in_or_is_in_one_of_the_groups(shop: Shop):
    inside, outside = await shop.customers(2)
    vip, other = await a_group(inside), await a_group(outside, name="Others")
    everybody = await a_channel(AccessPolicy.MEMBERS)
    some = await a_channel(AccessPolicy.MEMBERS, vip, key="vip")
    viewers = [ANYONE, await viewer(inside), await viewer(outside), Viewer(everywhere=True)]
    assert await entering(everybody, viewers) == [False, True, True, True]
    assert await entering(some, viewers) == [False, True, False, True]
    # A group's id in the place of a party's opens nothing.
    assert await entering(some, [Viewer(None, frozenset({vip}))]) == [False]
    await transact(lambda tx: update_channel(tx, some.id, {"member_groups": [other]}, expected_version=1))
    assert await entering(some, viewers) == [False, False, True, True]


async def test_a_contract_is_with_a_party_its_organisation_or_its_group(shop: Shop):
    named, member, grouped, stranger = await shop.customers(4)
    organisation = await an_organisation()
    vip = await a_group(grouped)
    channel = await a_channel(AccessPolicy.CONTRACT)
    viewers = [await viewer(named), await viewer(member, organisation), await viewer(grouped), await viewer(stranger), ANYONE]
    assert await entering(channel, viewers) == [False] * 5
    holders = [
        Scope(ScopeKind.PARTY, named.party_id),
        Scope(ScopeKind.PARTY, organisation, "organisation"),
        Scope(ScopeKind.GROUP, vip),
    ]
    for _ in range(2):  # once more changes nothing
        await transact(lambda tx: grant_channel(tx, channel.id, holders))
    assert await entering(channel, viewers) == [True, True, True, False, False]
    assert {(scope.kind, scope.id, scope.party_kind) for _, scope in await grants_of(channel.id)} == {
        (ScopeKind.PARTY, named.party_id, "customer"),
        (ScopeKind.PARTY, organisation, "organisation"),
        (ScopeKind.GROUP, vip, None),
    }
    await transact(lambda tx: revoke_channel(tx, channel.id, holders[1:]))
    assert await entering(channel, viewers) == [True, False, False, False, False]


async def test_a_grant_elsewhere_opens_nothing_here(shop: Shop):
    person = await shop.customer()
    here, there = await a_channel(AccessPolicy.CONTRACT), await a_channel(AccessPolicy.CONTRACT, key="there")
    await transact(lambda tx: grant_channel(tx, there.id, [Scope(ScopeKind.PARTY, person.party_id)]))
    assert await entering(here, [await viewer(person)]) == [False]


async def test_a_closed_channel_is_for_nobody_until_it_is_open_again(shop: Shop):
    channel = await a_channel(AccessPolicy.PUBLIC)
    viewers = [ANYONE, Viewer(new_id()), Viewer(everywhere=True)]
    await transact(lambda tx: close_channel(tx, channel.id, expected_version=1))
    assert await entering(channel, viewers) == [False] * 3
    with pytest.raises(ChannelNotFound):
        await ensure_may_enter(await known_channel(channel.id), ANYONE)
    with pytest.raises(VersionMoved):
        await transact(lambda tx: reopen_channel(tx, channel.id, expected_version=1))
    await transact(lambda tx: reopen_channel(tx, channel.id, expected_version=2))
    assert await entering(channel, viewers) == [True] * 3


async def test_another_process_feels_a_change_when_its_memory_ends(shop: Shop):
    """What this process does by itself with the commit, another does within its second of memory."""
    person = await shop.customer()
    channel = await a_channel(AccessPolicy.CONTRACT)
    assert not await may_enter(channel, await viewer(person))
    await db.value(
        "INSERT INTO channel_grant (id, holder_kind, holder_id, created_at, channel_id) "
        "VALUES ($1, 'party', $2, '2026-01-01', $3)",
        new_id(),
        person.party_id,
        channel.id,
    )
    forget_grants()
    assert await may_enter(channel, await viewer(person))
    await db.value("UPDATE channel SET active = false WHERE id = $1", channel.id)
    forget_channels()
    assert not await may_enter(await known_channel(channel.id), await viewer(person))


ODD = [
    ({"member_groups": [UUID(int=1)], "access": AccessPolicy.MEMBERS}, NotFound, ("memberGroupIds",)),
    ({"member_groups": [UUID(int=1)]}, InvalidInput, ("memberGroupIds",)),
    ({"locales": []}, InvalidInput, ("locales",)),
    ({"locales": ["en", "en"]}, InvalidInput, ("locales",)),
    ({"locales": ["fr"]}, InvalidInput, ("locales",)),
    ({"locales": ["zh-CN", "中文"]}, InvalidInput, ("locales", "1")),
    ({"locales": ["zh_CN"]}, InvalidInput, ("locales", "0")),
    ({"regions": ["CN", "cn"]}, InvalidInput, ("regions", "1")),
    ({"regions": ["CN", "CN"]}, InvalidInput, ("regions",)),
    ({"regions": ["ZZ"]}, InvalidInput, ("regions", "0")),
    ({"zone": "Mars/Olympus"}, InvalidInput, ("zone",)),
    ({"delivery_minutes": 0}, InvalidInput, ("deliveryMinutes",)),
    ({"delivery_minutes": 10_081}, InvalidInput, ("deliveryMinutes",)),
    ({"name": {}}, InvalidInput, ("name",)),
]


async def test_an_odd_change_is_refused_by_its_place(shop: Shop):
    channel = await a_channel(AccessPolicy.PUBLIC)
    for changes, error, path in ODD:
        with pytest.raises(error) as refused:
            await transact(lambda tx, changes=changes: update_channel(tx, channel.id, changes, expected_version=1))
        assert refused.value.path == path, changes
    assert await known_channel(channel.id) == channel


async def test_a_channel_that_is_no_longer_for_members_forgets_for_whom_it_was(shop: Shop):
    channel = await a_channel(AccessPolicy.MEMBERS, await a_group())
    await transact(lambda tx: update_channel(tx, channel.id, {"access": AccessPolicy.CONTRACT}, expected_version=1))
    changed = await known_channel(channel.id)
    assert (changed.access, changed.member_groups, changed.version) == ("contract", frozenset(), 2)


async def an_organisation() -> UUID:
    made = new_id()
    await db.value("INSERT INTO party (id, kind, created_at) VALUES ($1, 'organisation', '2026-01-01Z')", made)
    return made
