import pytest

from registry.errors import NotFoundError, UsageError
from registry.organisations import (
    DIRECTORY,
    FOOD_VALLEY,
    Organisation,
    from_bytes16,
    is_identifier,
    to_bytes16,
)


def test_food_valley_is_the_eight_municipalities_ascending():
    assert FOOD_VALLEY == (
        "gm0203",
        "gm0228",
        "gm0267",
        "gm0279",
        "gm0289",
        "gm0339",
        "gm0340",
        "gm0345",
    )
    assert [DIRECTORY.name(one) for one in FOOD_VALLEY] == [
        "gemeente Barneveld",
        "gemeente Ede",
        "gemeente Nijkerk",
        "gemeente Scherpenzeel",
        "gemeente Wageningen",
        "gemeente Renswoude",
        "gemeente Rhenen",
        "gemeente Veenendaal",
    ]


def test_the_directory_holds_the_twelve_provinces():
    provinces = [one for one in DIRECTORY.organisations if one.kind == "provincie"]
    assert [one.id for one in provinces] == [f"pv{number}" for number in range(20, 32)]
    assert DIRECTORY.name("pv26") == "provincie Utrecht"


@pytest.mark.parametrize(
    "text", ["gm0345", "GM0345", "Veenendaal", "veenendaal", "gemeente Veenendaal", " Gemeente  VEENENDAAL "]
)
def test_an_organisation_is_found_by_identifier_or_name_whatever_the_case(text):
    assert DIRECTORY.find(text) == Organisation("gm0345", "gemeente Veenendaal", "gemeente")


def test_a_name_with_accents_is_found_however_the_accents_are_encoded():
    assert DIRECTORY.find("frysla\u0302n").id == "pv21"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("gm0346", "did you mean gm0345 (gemeente Veenendaal)?"),
        ("Veenendal", "did you mean gm0345 (gemeente Veenendaal)?"),
        ("Fryslan", "did you mean pv21 (provincie Fryslân)?"),
    ],
)
def test_an_unknown_organisation_is_answered_with_the_nearest(text, hint):
    with pytest.raises(NotFoundError) as caught:
        DIRECTORY.find(text)
    assert caught.value.message == f"unknown organisation {text!r}"
    assert caught.value.hint == hint


def test_a_text_like_nothing_is_answered_with_how_to_write_one():
    with pytest.raises(NotFoundError) as caught:
        DIRECTORY.find("xyzzy")
    assert "such as gm0345" in str(caught.value.hint)
    assert DIRECTORY.suggestions("xyzzy") == ()


def test_get_knows_exact_identifiers_only_and_name_falls_back_to_the_identifier():
    assert DIRECTORY.get("Veenendaal") is None
    assert DIRECTORY.get("ws0662") is None
    assert DIRECTORY.name("ws0662") == "ws0662"


def test_extending_gives_a_new_directory_and_leaves_the_old_one_alone():
    extended = DIRECTORY.extended({"ws0662": "Waterschap  Vallei en Veluwe", "mnre1045": "ministerie van BZK"})
    assert extended.find("vallei en veluwe") == Organisation("ws0662", "Waterschap Vallei en Veluwe", "waterschap")
    assert extended.get("mnre1045").kind == "ministerie"
    assert [one.id for one in extended.organisations] == sorted(one.id for one in extended.organisations)
    assert DIRECTORY.get("ws0662") is None


def test_a_name_of_two_organisations_is_not_guessed():
    extended = DIRECTORY.extended({"gm0344": "gemeente Utrecht"})
    with pytest.raises(NotFoundError) as caught:
        extended.find("utrecht")
    assert caught.value.message == "'utrecht' names more than one organisation"
    assert caught.value.hint == "write gm0344 (gemeente Utrecht) or pv26 (provincie Utrecht)"
    assert extended.find("provincie Utrecht").id == "pv26"


@pytest.mark.parametrize("extra", [{"GM1": "gemeente X"}, {"gm0001": "  "}])
def test_extending_refuses_a_malformed_identifier_and_an_empty_name(extra):
    with pytest.raises(UsageError, match=r"is not an organisation identifier|has no name"):
        DIRECTORY.extended(extra)


@pytest.mark.parametrize("text", ["gm0345", "pv26", "mnre1045", "ws12345"])
def test_bytes16_and_back_is_the_same_identifier(text):
    assert from_bytes16(to_bytes16(text)) == text


def test_bytes16_is_ascii_with_zero_bytes_on_the_right():
    assert to_bytes16("gm0345").hex() == "676d3033343500000000000000000000"


@pytest.mark.parametrize("text", ["", "gm", "g1", "gm1", "GM0345", "gm034567", "gm0345\n", "gmgmg12", "gm٠٣"])
def test_what_is_not_an_identifier_has_no_bytes16(text):
    assert not is_identifier(text)
    with pytest.raises(UsageError, match="is not an organisation identifier"):
        to_bytes16(text)


@pytest.mark.parametrize(
    "data",
    [b"", bytes(16), b"gm0345", b"gm0345".ljust(17, b"\0"), b"\0gm0345".ljust(16, b"\0"), b"\xff" * 16],
)
def test_bytes_that_hold_no_identifier_are_refused(data):
    with pytest.raises(UsageError, match=f"0x{data.hex()} is not an organisation identifier"):
        from_bytes16(data)
