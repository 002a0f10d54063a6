"""An addressee is read from and written as exactly the text that is stored and that links are derived from."""

import pytest

from domain.parties.party import PartyKind, association, is_a, municipality, party_id, party_kind
from domain.questions.addressee import THE_FAMILY, Addressee

STORED = {
    "family": THE_FAMILY,
    "municipality:0450/anna": Addressee("municipality:0450", "anna"),
    "association:havblik/udlejning-1": Addressee("association:havblik", "udlejning-1"),
    "operator:driften/vagt": Addressee("operator:driften", "vagt"),
    # A contact may have this id; a party has none like it.
    "municipality:0450/family": Addressee("municipality:0450", "family"),
    # From before ids were limited to letters, digits and hyphens.
    "association:a/b/anna": Addressee("association:a/b", "anna"),
}


@pytest.mark.parametrize(("text", "addressee"), STORED.items(), ids=STORED)
def test_an_addressee_is_read_from_its_text_and_written_as_it(text: str, addressee: Addressee):
    assert str(addressee) == text
    assert Addressee.read(text) == addressee


@pytest.mark.parametrize("text", ["", "municipality:0450", "anna"])
def test_a_party_alone_is_no_addressee(text: str):
    with pytest.raises(ValueError, match="names no contact"):
        Addressee.read(text)


@pytest.mark.parametrize("party", [municipality("0450"), association("havblik"), "operator:driften"])
def test_a_party_has_a_kind_and_an_id(party: str):
    assert f"{party_kind(party)}:{party_id(party)}" == party


@pytest.mark.parametrize("text", ["", "havblik", "department:havblik/3"])
def test_what_is_no_party_has_no_kind(text: str):
    assert not any(is_a(text, kind) for kind in PartyKind)
    with pytest.raises(ValueError, match="is not a valid PartyKind"):
        party_kind(text)


def test_a_party_is_of_one_kind_and_a_word_alone_of_none():
    assert not any(is_a(word, kind) for kind in PartyKind for word in PartyKind)
    for party in ("operator:driften", "operator:"):
        assert [kind for kind in PartyKind if is_a(party, kind)] == [PartyKind.OPERATOR]
