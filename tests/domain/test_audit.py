"""Every change in the chain is found, with its place."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from deployments.ed25519 import is_signed
from domain.audit import GENESIS, Break, Fault, Link, canonical, first_break, hash_of

facts = st.dictionaries(st.sampled_from(["a", "b", "id"]), st.integers() | st.text() | st.none() | st.booleans())
Chain = list[tuple[Link, dict[str, object]]]


def chained(rows: list[dict[str, object]]) -> Chain:
    made: Chain = []
    previous = GENESIS
    for seq, row in enumerate(rows, 1):
        link = Link(seq, "history", seq, previous, hash_of(seq, "history", previous, row))
        made.append((link, row))
        previous = link.hash
    return made


chains = st.lists(facts, min_size=2, max_size=8).map(chained)


@given(chains)
def test_a_chain_holds_as_it_was_written(chain: Chain):
    assert first_break(chain) is None
    assert first_break(chain[1:], after=chain[0][0]) is None


@given(chains, st.data(), facts)
def test_a_row_that_was_changed_is_named(chain: Chain, data: st.DataObject, other: dict[str, object]):
    place = data.draw(st.integers(0, len(chain) - 1))
    link, row = chain[place]
    chain[place] = (link, other)

    found = first_break(chain)
    assert found == (
        None if canonical(other) == canonical(row) else Break(place + 1, Fault.CHANGED, "history", place + 1)
    )


@given(chains, st.data())
def test_an_entry_that_is_gone_or_out_of_its_place_is_named(chain: Chain, data: st.DataObject):
    place = data.draw(st.integers(0, len(chain) - 2))
    without = chain[:place] + chain[place + 1 :]
    turned = [*chain[:place], chain[place + 1], chain[place], *chain[place + 2 :]]

    assert first_break(without) == Break(place + 1, Fault.MISSING)
    assert first_break(turned) == Break(place + 1, Fault.MISSING)
    assert first_break([(link, None) if link.seq == 2 else (link, row) for link, row in chain]) == Break(
        2, Fault.MISSING, "history", 2
    )


@given(facts, facts)
def test_the_same_is_written_in_one_way_only(one: dict[str, object], other: dict[str, object]):
    assert (canonical(one) == canonical(other)) == (
        one == other and [*map(type, one.values())] == [*map(type, (other[name] for name in one))]
    )
    assert json.loads(canonical(one)) == one


def test_a_moment_is_written_to_the_microsecond_and_what_json_cannot_hold_is_refused():
    assert canonical({"at": datetime(2026, 1, 2, 3, tzinfo=UTC)}) == b'{"at":"2026-01-02T03:00:00.000000+00:00"}'
    with pytest.raises(TypeError, match="no place"):
        canonical({"a": object()})


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.data())
@settings(max_examples=25, deadline=None)
def test_the_strangers_verifier_knows_a_signature_as_the_library_does(message: bytes, seed: bytes, data: st.DataObject):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    place, bit = data.draw(st.integers(0, 63)), 1 << data.draw(st.integers(0, 7))
    forged = bytes([*signature[:place], signature[place] ^ bit, *signature[place + 1 :]])

    assert is_signed(public, message, signature)
    assert not is_signed(public, message + b"!", signature)
    assert not is_signed(public, message, forged)
    assert not is_signed(bytes(32), message, signature)
