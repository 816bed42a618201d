"""What a person may write in a manifest, and what the register reads in it."""

from datetime import UTC, datetime
from functools import partial

import pytest
from manifests import TOML, YAML, read_text


@pytest.fixture
def read(tmp_path):
    """Reads a text as a manifest file of this name."""
    return partial(read_text, tmp_path)


def test_names_of_organisations_become_identifiers(read):
    manifest = read(YAML)
    assert [party.organisation for party in manifest.parties] == ["gm0345", "gm0228"]
    assert manifest.commitments[0].organisation == "gm0345"
    assert manifest.files[1].organisation == "gm0228"


def test_what_is_left_out_has_its_default(read):
    manifest = read(YAML)
    assert (manifest.language, manifest.visibility, manifest.example) == ("nl", "parties", False)


def test_yaml_and_toml_say_the_same(read):
    assert read(YAML) == read(TOML, "manifest.toml")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(read):
    windows = b"\xef\xbb\xbf" + YAML.replace("\n", "\r\n").encode()
    assert read(windows) == read(YAML)
    assert read(TOML.replace("\n", "\r\n"), "manifest.toml") == read(YAML)


def test_a_key_without_a_value_counts_as_left_out(read):
    text = YAML.replace("validUntil: 2029-12-31", "validUntil:").replace("deadline: 2025-12-15", "deadline: ~")
    assert read(text).valid_until is None
    assert read(text).deadline is None


def test_words_that_yaml_takes_for_something_else_stay_words(read):
    text = YAML.replace("title: Convenant Fietsroutes", "title: no").replace("mobiliteit", "12:30")
    assert read(text).title == "no"
    assert read(text).policy_area == "12:30"


def test_an_ending_act_has_no_parties(read):
    start, rest = YAML.split("parties:\n")
    text = start + "parties: []\nvalidFrom: 2026-01-01\nfiles:" + rest.split("files:")[1]
    assert read(text).terms().parties == ()


def test_terms_are_whole_days_in_the_netherlands(read):
    terms = read(YAML).terms()
    assert terms.parties == ("gm0228", "gm0345")
    assert datetime.fromtimestamp(terms.valid_from, UTC) == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert datetime.fromtimestamp(terms.valid_until, UTC) == datetime(2029, 12, 31, 23, tzinfo=UTC)
    assert terms.notice == 90 * 86_400
    assert datetime.fromtimestamp(terms.deadline, UTC) == datetime(2025, 12, 15, 22, 59, 59, tzinfo=UTC)


def test_terms_follow_summer_time(read):
    text = YAML.replace("2026-01-01", "2026-03-29").replace("2029-12-31", "2026-03-29")
    terms = read(text).terms()
    assert terms.valid_until - terms.valid_from == 23 * 3600


def test_terms_without_end_notice_or_deadline_are_zero(read):
    text = YAML.replace("validUntil: 2029-12-31\nnoticeDays: 90\ndeadline: 2025-12-15\n", "")
    terms = read(text).terms()
    assert (terms.valid_until, terms.notice, terms.deadline) == (0, 0, 0)


@pytest.mark.parametrize("day", ["1970-01-02", "9998-12-31"])
def test_the_first_and_last_day_fit_in_the_40_bits_of_the_chain(read, day):
    text = YAML.replace("2026-01-01", day).replace("validUntil: 2029-12-31", f"validUntil: {day}")
    terms = read(text).terms()
    assert 0 < terms.valid_from < terms.valid_until < 2**40


def test_reading_a_large_manifest_stays_quick(read):
    files = "".join(f"  - {{path: map/bestand-{number}.pdf, role: bijlage}}\n" for number in range(1000))
    assert len(read(YAML.split("files:")[0] + "files:\n" + files).files) == 1000
