"""Customer groups: who is in which at this moment, changed many at a time, by many at once."""

from datetime import timedelta
from uuid import UUID

import pytest

from perkhub.accounts import (
    CustomerGroupDraft,
    add_group_members,
    archive_customer_group,
    count_group_members,
    create_customer_group,
    customer_group_by_reference,
    customer_groups_by_id,
    ensure_customer_groups,
    erase_customer,
    groups_of,
    list_customer_groups,
    members_of_group,
    remove_group_members,
    update_customer_group,
)
from perkhub.kit import db
from perkhub.kit.clock import now, travel
from perkhub.kit.db import transact
from perkhub.kit.errors import AlreadyNamed, InvalidInput, NotFound, VersionMoved
from perkhub.kit.ids import new_id
from tests.accounts.people import a_customer, a_phone, all_at_once, an_email, tally

pytestmark = pytest.mark.usefixtures("accounts")

ACTOR = "staff:tests"


async def a_group(name: str = "Gold", **said: str) -> UUID:
    return await transact(lambda tx: create_customer_group(tx, CustomerGroupDraft(name, **said)))


async def add(group: UUID, *members, **how) -> list[UUID | None]:
    found = await transact(lambda tx: add_group_members(tx, group, members, actor=ACTOR, **how))
    return [party and party.id for party in found]


async def remove(group: UUID, *members, **how) -> None:
    await transact(lambda tx: remove_group_members(tx, group, members, **how))


async def archive(group: UUID, version: int, *, archived: bool = True) -> None:
    await transact(lambda tx: archive_customer_group(tx, group, archived=archived, expected_version=version))


async def groups(party: UUID) -> frozenset[UUID]:
    return (await groups_of([party]))[party]


async def test_members_come_by_id_email_and_phone():
    gold, one, two, three = await a_group(), await a_customer(), await a_customer(), await a_customer(contact=a_phone())
    added = await add(gold, one.party_id, two.contact, three.contact, one.contact)
    assert added == [one.party_id, two.party_id, three.party_id, one.party_id]
    assert {member.party.id for member in await members_of_group(gold, limit=10)} == set(added)
    assert await count_group_members([gold]) == {gold: 3}
    await remove(gold, two.contact)
    assert await groups(two.party_id) == frozenset()


async def test_the_groups_of_many_are_one_statement():
    people = [await a_customer() for _ in range(3)]
    gold, silver = await a_group(), await a_group("Silver")
    await add(gold, people[0].party_id, people[1].party_id)
    await add(silver, people[0].party_id)
    counting = db.statements.set([])
    found = await groups_of([person.party_id for person in people])
    counted = db.statements.get()
    db.statements.reset(counting)
    assert len(counted or []) == 1
    assert found == {
        people[0].party_id: {gold, silver},
        people[1].party_id: {gold},
        people[2].party_id: frozenset(),
    }
    assert await groups_of([]) == {}


async def test_a_membership_ends_at_its_moment():
    gold, person = await a_group(), await a_customer()
    end = now() + timedelta(hours=1)
    await add(gold, person.party_id, until=end)
    with travel(timedelta(minutes=59)):
        assert await groups(person.party_id) == {gold}
    with travel(timedelta(hours=1)):
        assert await groups(person.party_id) == frozenset()
        assert await members_of_group(gold, limit=10) == []
        assert await count_group_members([gold]) == {gold: 0}
        await add(gold, person.party_id)  # again, and this time for ever
    with travel(timedelta(days=4000)):
        assert await groups(person.party_id) == {gold}
    with pytest.raises(InvalidInput) as refused:
        await add(gold, person.party_id, until=now())
    assert refused.value.path == ("until",)


async def test_an_archived_group_counts_for_nothing_until_it_is_revived():
    gold, person = await a_group(), await a_customer()
    await add(gold, person.party_id)
    await archive(gold, 1)
    assert await groups(person.party_id) == frozenset()
    assert [group.id for group in await list_customer_groups(limit=10, archived=True)] == [gold]
    assert await list_customer_groups(limit=10, archived=False) == []
    await archive(gold, 2, archived=False)
    assert await groups(person.party_id) == {gold}


async def test_one_unknown_entry_stops_all_unless_it_may_be_skipped():
    gold, person = await a_group(), await a_customer()
    for stranger in (new_id(), an_email(), a_phone()):
        with pytest.raises(NotFound) as refused:
            await add(gold, person.party_id, stranger)
        assert refused.value.path == ("members", "1")
    assert await groups(person.party_id) == frozenset()
    assert await add(gold, an_email(), person.party_id, skip_unknown=True) == [None, person.party_id]
    assert await groups(person.party_id) == {gold}


async def test_whoever_was_erased_joins_no_more():
    gold, person = await a_group(), await a_customer()
    await transact(lambda tx: erase_customer(tx, person.party_id))
    with pytest.raises(NotFound):
        await add(gold, person.party_id)


async def test_at_most_a_thousand_at_once_and_at_least_one():
    gold = await a_group()
    for members in ([], [new_id()] * 1001):
        with pytest.raises(InvalidInput) as refused:
            await add(gold, *members)
        assert refused.value.path == ("members",)
    with pytest.raises(NotFound):
        await add(new_id(), new_id())


async def test_the_same_people_added_by_many_at_once_are_in_once():
    gold, people = await a_group(), [await a_customer() for _ in range(20)]
    parties = [person.party_id for person in people]
    results = await all_at_once(add(gold, *(parties if turn % 2 else reversed(parties))) for turn in range(10))
    assert tally(results) == {"list": 10}
    assert await count_group_members([gold]) == {gold: 20}
    assert await db.value("SELECT count(*) FROM customer_group_member") == 20


async def test_names_and_references_are_taken_once():
    gold = await a_group(external_reference="crm-1")
    silver = await a_group("Silver")
    with pytest.raises(AlreadyNamed) as refused:
        await a_group("Gold")
    assert refused.value.path == ("name",)
    with pytest.raises(AlreadyNamed) as refused:
        await a_group("Bronze", external_reference="crm-1")
    assert refused.value.path == ("externalReference",)
    for changes, path in (({"name": "Gold"}, "name"), ({"external_reference": "crm-1"}, "externalReference")):
        with pytest.raises(AlreadyNamed) as refused:
            await transact(lambda tx, changes=changes: update_customer_group(tx, silver, changes, expected_version=1))
        assert refused.value.path == (path,)
    found = await customer_group_by_reference("crm-1")
    assert found is not None
    assert found.id == gold
    assert await customer_group_by_reference("crm-2") is None


async def test_of_two_changes_of_one_version_one_is_kept():
    gold = await a_group()

    async def rename(name: str) -> None:
        await transact(lambda tx: update_customer_group(tx, gold, {"name": name}, expected_version=1))

    results = await all_at_once(rename(name) for name in ("One", "Two"))
    assert tally(results) == {"NoneType": 1, "VersionMoved": 1}
    assert (await customer_groups_by_id([gold]))[gold].version == 2
    with pytest.raises(VersionMoved):
        await archive(gold, 1)
    with pytest.raises(NotFound):
        await archive(new_id(), 1)


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (CustomerGroupDraft(" "), "name"),
        (CustomerGroupDraft("金" * 81), "name"),
        (CustomerGroupDraft("a\nb"), "name"),
        (CustomerGroupDraft("Gold", description="x" * 301), "description"),
        (CustomerGroupDraft("Gold", external_reference="x" * 121), "externalReference"),
    ],
)
async def test_odd_drafts_are_refused(draft: CustomerGroupDraft, path: str):
    with pytest.raises(InvalidInput) as refused:
        await transact(lambda tx: create_customer_group(tx, draft))
    assert refused.value.path == (path,)
    assert await list_customer_groups(limit=10) == []


async def test_whoever_is_meant_for_a_group_is_told_when_there_is_none():
    gold = await a_group("金卡 🎁")
    await transact(lambda tx: ensure_customer_groups(tx, [gold, gold]))
    with pytest.raises(NotFound) as refused:
        await transact(lambda tx: ensure_customer_groups(tx, [gold, new_id()], "scope", "groupId"))
    assert refused.value.path == ("scope", "groupId")
