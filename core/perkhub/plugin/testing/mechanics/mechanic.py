"""Every rule for mechanics: pure, exact, explained, and able to read what they once stored."""

import json
import random
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, NoReturn, get_args

import pytest

from perkhub.kit.clock import now, travel
from perkhub.plugin.mechanic import (
    Claim,
    Consent,
    Discount,
    Draw,
    Gift,
    JoinCircle,
    OpenCircle,
    PriceEffect,
    Problem,
    Refuse,
    ReserveEffect,
    Seen,
    TakeBargain,
    UnitPrice,
    Wait,
)
from perkhub.plugin.offers import mechanic_faults
from perkhub.plugin.testing.conformance.rules import Conformance
from perkhub.plugin.testing.mechanics.rules import plain_rule
from perkhub.plugin.testing.mechanics.subject import MechanicSubject

OTHER_TIMES = (Seen(), Seen({"sold": 10**9, "given": 10**9}, {"bought": 10**9, "used": 10**9, "drawn": 10**9}))
LONGEST_NAME = 80


class MechanicConformance(Conformance):
    """Derive from it, and give it a fixture `subject` that returns a MechanicSubject."""

    @pytest.fixture
    def subject(self) -> MechanicSubject:
        """The mechanic under test."""
        raise NotImplementedError("give the class a fixture `subject` that returns a MechanicSubject")

    @plain_rule
    def test_the_registration_is_in_order(self, subject: MechanicSubject) -> None:
        """As the registry looks at it, at every start."""
        assert list(mechanic_faults(subject.mechanic)) == []

    @plain_rule
    def test_settings_come_back_as_they_were_stored(self, subject: MechanicSubject) -> None:
        """Through JSON, which is what the host stores."""
        settings = subject.settings()
        stored = json.loads(settings.model_dump_json())
        assert subject.mechanic.Config.model_validate(stored) == settings

    @plain_rule
    def test_every_setting_says_what_it_is(self, subject: MechanicSubject) -> None:
        """Their descriptions are what operators and front ends read in the schema."""
        for model in (subject.mechanic.Config, subject.mechanic.Choice):
            for name, declared in model.model_fields.items():
                assert (declared.description or "").strip(), f"{model.__name__}.{name} has no description"

    @plain_rule
    def test_frozen_settings_are_settings(self, subject: MechanicSubject) -> None:
        """What cannot change once it was live must be there at all."""
        assert set(subject.mechanic.FROZEN) <= set(subject.mechanic.Config.model_fields)

    @plain_rule
    def test_good_settings_may_be_published(self, subject: MechanicSubject) -> None:
        """Nothing is found in the subject's own."""
        assert list(subject.mechanic().problems(subject.settings(), subject.terms(), subject.shelf())) == []

    @plain_rule
    def test_problems_name_a_setting(self, subject: MechanicSubject) -> None:
        """With nothing on sale, whatever is found says where and what to do, in both languages."""
        known = set(subject.mechanic.Config.model_fields)
        for problem in subject.mechanic().problems(subject.settings(), subject.terms(), {}):
            assert isinstance(problem, Problem)
            assert problem.path, "a problem says which setting"
            assert _snake(problem.path[0]) in known, f"{problem.path[0]!r} is no setting"
            assert problem.text.en.strip(), "a problem says what to do"
            assert problem.text.zh.strip(), "a problem says what to do, in Chinese too"

    @plain_rule
    def test_who_takes_part_is_not_refused(self, subject: MechanicSubject) -> None:
        """The subject's own basket."""
        refused = [one for one in _asked(subject, subject.basket(), subject.seen) if isinstance(one, Refuse)]
        assert refused == []

    @plain_rule
    def test_effects_are_of_the_contract(self, subject: MechanicSubject) -> None:
        """Whatever the basket: values of the contract's own types, about lines that are there."""
        for basket in subject.odd_baskets():
            quoted, reserved = _quoted(subject, basket), _reserved(subject, basket)
            assert all(isinstance(effect, get_args(PriceEffect)) for effect in quoted), f"`quote` gave {quoted!r}"
            assert all(isinstance(effect, get_args(ReserveEffect)) for effect in reserved), f"`reserve` gave {reserved!r}"
            there = set(basket.positions())
            for effect in (*quoted, *reserved):
                assert _lines_of(effect) <= there, f"{effect!r} is about a line that is not there"

    @plain_rule
    def test_prices_only_fall_and_never_below_nothing(self, subject: MechanicSubject) -> None:
        """A campaign makes nothing dearer, and gives no money away."""
        for basket in subject.odd_baskets():
            by_position = {line.position: line for line in basket.lines}
            off = 0
            for effect in _quoted(subject, basket):
                if isinstance(effect, UnitPrice):
                    assert 0 <= effect.unit <= by_position[effect.line].unit, (
                        f"{effect!r} raises the price, or is below nothing"
                    )
                elif isinstance(effect, Discount):
                    assert type(effect.amount) is int, "amounts are whole minor units"
                    assert effect.amount > 0, "a discount takes something off"
                    off += effect.amount
                elif isinstance(effect, Gift):
                    assert effect.quantity > 0, "a gift has units"
            assert off <= basket.total(), "more is taken off than there is"

    @plain_rule
    def test_labels_are_in_both_languages(self, subject: MechanicSubject) -> None:
        """They stand in the price trace."""
        for basket in subject.odd_baskets():
            for effect in _quoted(subject, basket):
                if isinstance(effect, UnitPrice | Discount | Gift):
                    assert effect.label.en.strip(), "a label in English"
                    assert effect.label.zh.strip(), "a label in Chinese"

    @plain_rule
    def test_refusals_are_explained(self, subject: MechanicSubject) -> None:
        """Each reason has its text, and the text gets all that it names."""
        for basket in subject.odd_baskets():
            for seen in OTHER_TIMES:
                for effect in _asked(subject, basket, seen):
                    if isinstance(effect, Refuse):
                        told = subject.mechanic.REASONS.get(effect.reason)
                        assert told is not None, f"{effect.reason!r} is not among REASONS"
                        assert told.en.format_map(dict(effect.facts)).strip(), "a reason in English"
                        assert told.zh.format_map(dict(effect.facts)).strip(), "a reason in Chinese"

    @plain_rule
    def test_claims_can_be_counted(self, subject: MechanicSubject) -> None:
        """A name that can be a key, whole positive amounts, a ceiling that is not below nothing."""
        for basket in subject.odd_baskets():
            for effect in _reserved(subject, basket):
                if isinstance(effect, Claim):
                    assert effect.counter.isprintable(), "a counter's name is plain text"
                    assert 0 < len(effect.counter) <= LONGEST_NAME, "a counter's name has 1 to 80 characters"
                    assert type(effect.amount) is int, "a claim is of whole units"
                    assert effect.amount > 0, "a claim is of something"
                    assert effect.ceiling is None or effect.ceiling >= 0, "a ceiling is not below nothing"

    @plain_rule
    def test_a_ceiling_does_not_follow_the_claim(self, subject: MechanicSubject) -> None:
        """Else it would be none: for the same counter it is the same, however much is asked for and was taken."""
        ceilings: dict[tuple[str, bool], set[int | None]] = {}
        for basket in (subject.basket(), subject.basket(times=2), subject.basket(times=7)):
            for seen in (*OTHER_TIMES, subject.seen):
                for effect in subject.mechanic().reserve(subject.settings(), basket, seen):
                    if isinstance(effect, Claim):
                        ceilings.setdefault((effect.counter, effect.per_buyer), set()).add(effect.ceiling)
        assert {name: found for name, found in ceilings.items() if len(found) > 1} == {}

    @plain_rule
    def test_asking_twice_says_the_same(self, subject: MechanicSubject) -> None:
        """And leaves the settings as they were."""
        settings = subject.settings()
        before = settings.model_dump_json()
        at = now()
        for seen in OTHER_TIMES:
            basket = subject.basket(at=at)
            first, second = (subject.mechanic().quote(settings, basket, seen) for _ in range(2))
            assert list(first) == list(second)
            first_claims, second_claims = (subject.mechanic().reserve(settings, basket, seen) for _ in range(2))
            assert list(first_claims) == list(second_claims)
        assert settings.model_dump_json() == before

    @plain_rule
    def test_it_needs_no_clock_no_chance_and_no_network(
        self, subject: MechanicSubject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What it says follows from what it is told: time is the basket's, chance is the host's."""
        basket = subject.basket()
        first = _asked(subject, basket, subject.seen)
        monkeypatch.setattr(socket, "socket", _no_network)
        state = random.getstate()
        with travel(timedelta(days=400)):
            again = _asked(subject, basket, subject.seen)
        assert again == first
        assert random.getstate() == state, "it drew from `random`"

    @plain_rule
    def test_its_state_is_plain(self, subject: MechanicSubject) -> None:
        """An instance of `State`, of values that JSON has, whatever was counted."""
        for seen in OTHER_TIMES:
            state = subject.mechanic().state(subject.settings(), seen)
            assert isinstance(state, subject.mechanic.State), f"`state` gave {type(state).__name__}"
            json.dumps(asdict(state), default=str)
            assert fields(state), "a state tells something"

    @plain_rule
    def test_odds_can_be_drawn_by(self, subject: MechanicSubject) -> None:
        """Keys of their own, weights, and a prize without end for when the others are gone; and no draw without odds."""
        odds = subject.mechanic().odds(subject.settings())
        draws = [one for basket in subject.odd_baskets() for one in _reserved(subject, basket) if isinstance(one, Draw)]
        if odds is None:
            assert draws == [], "it draws, and has no odds"
            return
        keys = [prize.key for prize in odds.prizes]
        assert len(set(keys)) == len(keys) > 0, "each prize has a key of its own"
        assert all(type(prize.weight) is int and prize.weight > 0 for prize in odds.prizes), "weights are whole and positive"
        assert [prize.quantity for prize in odds.prizes if prize.key == odds.exhausted] == [None]
        if odds.guarantee is not None:
            assert odds.guarantee.prizes, "a guarantee is of something"
            assert set(odds.guarantee.prizes) <= set(keys), "a guarantee is of prizes"
            assert odds.guarantee.after > 0, "a guarantee comes after some draws"

    @plain_rule
    def test_what_waits_waits_for_a_circle(self, subject: MechanicSubject) -> None:
        """A line that waits for nothing would wait for ever."""
        for basket in subject.odd_baskets():
            effects = _reserved(subject, basket)
            around = {effect.line for effect in effects if isinstance(effect, OpenCircle | JoinCircle)}
            assert {effect.line for effect in effects if isinstance(effect, Wait)} <= around

    @plain_rule
    def test_bargains_can_be_cut(self, subject: MechanicSubject) -> None:
        """Helpers, a time, and a floor below what is bought; and nobody takes a bargain that cannot be opened."""
        rules = subject.mechanic().bargain(subject.settings())
        taken = [one for basket in subject.odd_baskets() for one in _reserved(subject, basket) if isinstance(one, TakeBargain)]
        if rules is None:
            assert taken == [], "it takes bargains, and has no rules for them"
            return
        assert taken, "give the subject a running bargain, as `seen`, that its basket is bought by"
        assert type(rules.helpers) is int, "helpers are counted"
        assert rules.helpers > 0, "a bargain has helpers"
        assert rules.lasts > timedelta(), "a bargain lasts"
        assert 0 <= rules.floor < subject.unit, "the floor is below the price"
        assert rules.variant in subject.bought, "a bargain is about what is bought"

    @plain_rule
    def test_what_is_agreed_to_has_a_text(self, subject: MechanicSubject) -> None:
        """A record names a version of a text: without one it would prove nothing."""
        texts = subject.mechanic.CONSENTS
        assert all(one.version and one.text.en and one.text.zh for one in texts.values())
        for basket in subject.odd_baskets():
            agreed = {effect.about for effect in _reserved(subject, basket) if isinstance(effect, Consent)}
            assert agreed <= texts.keys()

    @plain_rule
    def test_older_settings_are_upgraded(self, subject: MechanicSubject) -> None:
        """What any earlier version stored is read by this one."""
        earlier = range(1, subject.mechanic.config_version)
        assert set(subject.older) == set(earlier), "give the subject the settings of each earlier version, as `older`"
        for version, stored in subject.older.items():
            upgraded = subject.mechanic().upgrade(json.loads(json.dumps(dict(stored), default=str)), version)
            subject.mechanic.Config.model_validate(upgraded)


def _quoted(subject: MechanicSubject, basket: Any) -> Sequence[Any]:
    return list(subject.mechanic().quote(subject.settings(), basket, subject.seen))


def _reserved(subject: MechanicSubject, basket: Any) -> Sequence[Any]:
    """What a basket claims that was not refused: the host asks about no other."""
    if any(isinstance(effect, Refuse) for effect in _quoted(subject, basket)):
        return []
    return list(subject.mechanic().reserve(subject.settings(), basket, subject.seen))


def _asked(subject: MechanicSubject, basket: Any, seen: Seen) -> Sequence[Any]:
    settings = subject.settings()
    quoted = list(subject.mechanic().quote(settings, basket, seen))
    if any(isinstance(effect, Refuse) for effect in quoted):
        return quoted
    return [*quoted, *subject.mechanic().reserve(settings, basket, seen)]


def _lines_of(effect: Any) -> set[int]:
    told: Mapping[str, Any] = {one.name: getattr(effect, one.name) for one in fields(effect)}
    found = {told["line"]} if told.get("line") is not None else set()
    return found | set(told.get("lines", ()))


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _no_network(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a mechanic asks nobody")
