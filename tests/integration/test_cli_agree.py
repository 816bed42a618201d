"""The commands that make an act, as two municipalities use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from world import DAY, Region, account, day_of, rewritten, write_source

HASH = "0x" + "[0-9a-f]{64}"
SENT = {"transaction", "block", "gasUsed"}
STEP = {"actHash", "agreement", "recorded", "approved", "missing", "asOf"} | SENT


@pytest.fixture
def source(region: Region, tmp_path: Path) -> Path:
    """A dossier of Renswoude and Veenendaal that one may leave at thirty days' notice."""
    since = day_of(region.now(), later=-30)
    return write_source(tmp_path / "bron", ("renswoude", "veenendaal"), since, notice_days=30)


def ids(organisations: list[dict[str, str]]) -> list[str]:
    return [one["id"] for one in organisations]


def test_propose_sign_record_as_documents(foodvalley: Callable[..., Any], source: Path) -> None:
    proposed = foodvalley("propose", source, "--dev", "veenendaal", "--json")
    assert proposed.code == 0
    step = proposed.json
    assert set(step) == STEP
    assert (ids(step["approved"]), ids(step["missing"])) == (["gm0345"], ["gm0339"])
    assert step["recorded"] is False
    assert step["agreement"] == step["actHash"]
    assert isinstance(step["gasUsed"], int)
    assert set(step["asOf"]) == {"block", "time", "fingerprint"}

    signed = foodvalley("sign", step["actHash"][:12], "--dev", "renswoude", "--json").json
    assert (ids(signed["approved"]), signed["missing"]) == (["gm0339", "gm0345"], [])

    recorded = foodvalley("record", step["actHash"], "--dev", "carrier", "--json").json
    assert set(recorded) == STEP
    assert recorded["recorded"] is True
    assert recorded["asOf"]["fingerprint"] != step["asOf"]["fingerprint"]


def test_propose_sign_record_as_text(foodvalley: Callable[..., Any], source: Path, region: Region) -> None:
    proposed = foodvalley("propose", source, "--dev", "veenendaal")
    assert proposed.code == 0
    assert "Voorgesteld" in proposed.text
    assert "wacht op gemeente Renswoude" in proposed.text
    act_hash = next(word for word in proposed.out.split() if len(word) == 66)
    signed = foodvalley("sign", act_hash, "--dev", "renswoude")
    assert signed.code == 0
    assert "foodvalley record" in signed.text
    recorded = foodvalley("record", act_hash, "--dev", "stranger")
    assert recorded.code == 0
    assert "Vastgelegd" in recorded.text
    assert "totstandkoming" in recorded.text
    assert "0x" + region.register.fingerprint().hex() in recorded.text


def test_decisions_are_cited_by_file_and_by_digest(
    foodvalley: Callable[..., Any], source: Path, tmp_path: Path
) -> None:
    decision = tmp_path / "collegebesluit.pdf"
    decision.write_bytes(b"%PDF-1.7 besluit")
    digest = "0x" + sha256(b"%PDF-1.7 besluit").hexdigest()
    act = foodvalley("propose", source, "--dev", "veenendaal", "--decision", decision, "--json").json["actHash"]
    foodvalley("sign", act, "--dev", "renswoude", "--decision", "0x" + "ab" * 32, "--json")
    foodvalley("record", act, "--dev", "carrier", "--json")
    shown = foodvalley("show", act, "--json").json
    assert [one["citedDecision"] for one in shown["acts"][0]["approvals"]] == ["0x" + "ab" * 32, digest]


@pytest.mark.parametrize("verb", ["decline", "withdraw"])
def test_declined_act_is_gone_for_good(
    foodvalley: Callable[..., Any], source: Path, verb: str, tmp_path: Path, region: Region
) -> None:
    act = foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"]
    done = foodvalley(verb, act, "--reason", "andere plannen", "--dev", "renswoude", "--json").json
    assert set(done) == {"actHash", "reasonKept"} | SENT
    kept = json.loads(Path(done["reasonKept"]).read_text())
    digest = sha256(bytes.fromhex(kept["salt"]) + kept["reason"].encode()).digest()
    declined = region.register.events()[-1]
    assert declined.reason == digest  # type: ignore[union-attr]
    for command in ("sign", "record"):
        refused = foodvalley(command, act, "--dev", "renswoude")
        assert refused.code == 1
        assert "declined or withdrawn" in refused.text
    again = foodvalley(verb, act, "--reason", "nog eens", "--dev", "renswoude")
    assert again.code == 1
    assert json.loads(Path(done["reasonKept"]).read_text()) == kept


def test_decline_says_so_in_words(foodvalley: Callable[..., Any], source: Path) -> None:
    act = foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"]
    done = foodvalley("withdraw", act, "--dev", "veenendaal")
    assert done.code == 0
    assert "Ingetrokken" in done.text
    assert "kan nooit meer worden vastgelegd" in done.text


def concluded(foodvalley: Callable[..., Any], source: Path) -> str:
    act = str(foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"])
    assert foodvalley("sign", act, "--dev", "renswoude", "--json").code == 0
    assert foodvalley("record", act, "--dev", "carrier", "--json").code == 0
    return act


def test_leave_by_notice_needs_one_command(foodvalley: Callable[..., Any], source: Path, region: Region) -> None:
    act = concluded(foodvalley, source)
    early = foodvalley("leave", act, "--on", day_of(region.now(), later=20), "--dev", "renswoude")
    assert early.code == 1
    assert "notice is 30 days" in early.text
    left = foodvalley("leave", act, "--on", day_of(region.now(), later=32), "--dev", "renswoude", "--json").json
    assert set(left) == STEP
    assert left["recorded"] is True
    assert left["agreement"] == act
    shown = foodvalley("show", act, "--json").json
    assert [one["verb"] for one in shown["acts"]] == ["conclude", "leave"]
    assert shown["status"] == "in force"
    region.travel(33 * DAY)
    assert foodvalley("show", act, "--json").json["status"] == "ended"


def test_leave_as_text_and_by_nobodys_signatory(foodvalley: Callable[..., Any], source: Path, region: Region) -> None:
    act = concluded(foodvalley, source)
    stranger = foodvalley("leave", act, "--on", day_of(region.now(), later=32), "--dev", "stranger")
    assert stranger.code == 1
    assert "signatory of no organisation" in stranger.text
    left = foodvalley("leave", act, "--on", day_of(region.now(), later=32), "--dev", "veenendaal")
    assert left.code == 0
    assert "uittreding" in left.text


def test_amendment_follows_an_agreement(
    foodvalley: Callable[..., Any], source: Path, region: Region, tmp_path: Path
) -> None:
    act = concluded(foodvalley, source)
    since = day_of(region.now(), later=-1)
    amended = write_source(tmp_path / "wijziging", ("renswoude", "veenendaal"), since, title="Wijziging", text="nieuw")
    second = foodvalley("propose", amended, "--follows", act[:10], "--dev", "renswoude", "--json").json
    assert second["agreement"] == act
    foodvalley("sign", second["actHash"], "--dev", "veenendaal", "--json")
    foodvalley("record", second["actHash"], "--dev", "carrier", "--json")
    shown = foodvalley("show", act, "--json").json
    assert [one["verb"] for one in shown["acts"]] == ["conclude", "amend"]
    assert shown["title"] == "Wijziging"


def test_two_signatories_of_one_organisation_sign_together(
    foodvalley: Callable[..., Any], source: Path, region: Region
) -> None:
    region.appoint("veenendaal", "veenendaal", together=2)
    act = foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"]
    step = foodvalley("sign", act, "--dev", "renswoude", "--json").json
    assert ids(step["missing"]) == ["gm0345"]
    refused = foodvalley("record", act, "--dev", "carrier")
    assert refused.code == 1
    assert "gemeente Veenendaal (gm0345)" in refused.text
    step = foodvalley("sign", act, "--dev", "veenendaal:2", "--json").json
    assert step["missing"] == []
    assert foodvalley("record", act, "--dev", "carrier").code == 0


# Two municipalities that only have files in common


class Municipality:
    """A home of its own with a key file, its password in a file beside it."""

    def __init__(self, name: str, foodvalley: Callable[..., Any], folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.name, self.home, self._run, self._patch = name, folder / name, foodvalley, patch
        self.home.mkdir()
        self.password = self.home / "wachtwoord"
        self.password.write_text(f"het geheim van {name}\n")
        self.password.chmod(0o600)

    def __call__(self, *words: object) -> Any:
        self._patch.setenv("FOODVALLEY_HOME", str(self.home))
        return self._run(*words)

    def key(self, patch: pytest.MonkeyPatch) -> str:
        """Makes a key, with less work for the computer than in earnest."""
        from registry import keys

        keys.create(self.home / "keys", "tekenen", self.password.read_text().strip(), kdf="pbkdf2", iterations=2)
        listed = self("key", "list", "--json").json
        rows = listed["keys"] if isinstance(listed, dict) else listed
        return str(rows[0]["address"])

    @property
    def signs(self) -> tuple[object, ...]:
        return ("--key", "tekenen", "--password-file", self.password)


@pytest.fixture
def two(
    foodvalley: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, region: Region
) -> tuple[Municipality, Municipality]:
    both = tuple(Municipality(name, foodvalley, tmp_path, monkeypatch) for name in ("veenendaal", "renswoude"))
    for one in both:
        appointed = one("appoint", one.key(monkeypatch), "--for", one.name, "--dev", f"{one.name}:admin", "--json")
        assert appointed.code == 0, appointed.err
    return both  # type: ignore[return-value]


def test_two_municipalities_agree_through_files_with_keys_of_their_own(
    two: tuple[Municipality, Municipality],
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    region: Region,
) -> None:
    veenendaal, renswoude = two
    file = tmp_path / "voorstel.json"
    proposed = veenendaal("propose", source, "--offline", file, *veenendaal.signs, "--json")
    assert proposed.code == 0, proposed.err
    document = proposed.json
    assert set(document) == {"format", "chainId", "register", "actHash", "act", "approvals", "file"}
    assert region.register.events()[-1].__class__.__name__ == "SignatoryAppointed", "nothing went to the chain"

    unread = renswoude("sign", file, "--offline", file, "--yes", *renswoude.signs)
    assert unread.code == 1
    assert "nothing to read before signing" in unread.text
    dossier = veenendaal.home / "dossiers" / document["act"]["dossier"][2:]
    assert renswoude("dossier", "add", dossier).code == 0

    with monkeypatch.context() as patch:  # signing needs no connection
        patch.setenv("FOODVALLEY_NODE", "http://127.0.0.1:9")
        unasked = renswoude("sign", file, "--offline", file, *renswoude.signs)
        assert unasked.code == 2
        assert "nobody to ask" in unasked.text
        signed = renswoude("sign", file, "--offline", file, "--yes", *renswoude.signs)
    assert signed.code == 0, signed.err
    assert len(json.loads(file.read_text())["approvals"]) == 2
    recorded = veenendaal("record", file, "--dev", "carrier", "--json")
    assert recorded.code == 0, recorded.err
    for one in two:
        assert one("verify", source / "overeenkomst.pdf").code == 0


def test_signatures_in_two_copies_of_a_file_add_up(
    two: tuple[Municipality, Municipality], source: Path, tmp_path: Path
) -> None:
    veenendaal, renswoude = two
    one, other = tmp_path / "een.json", tmp_path / "ander.json"
    veenendaal("propose", source, "--offline", one, *veenendaal.signs)
    signed = renswoude("sign", one, "--offline", other, "--unseen", "--yes", *renswoude.signs, "--json").json
    assert len(signed["approvals"]) == 2
    assert renswoude("record", one, "--dev", "carrier").code == 1
    recorded = renswoude("record", one, other, "--dev", "carrier")
    assert recorded.code == 0
    assert "dossier niet bij de hand" in recorded.text


def test_key_without_ether_can_sign_what_another_carries(two: tuple[Municipality, Municipality], source: Path) -> None:
    veenendaal, _ = two
    refused = veenendaal("propose", source, *veenendaal.signs)
    assert refused.code == 1
    assert "no funds" in refused.text
    assert "--offline" in refused.text


def test_sign_on_chain_from_a_file_and_offline_from_the_chain(
    foodvalley: Callable[..., Any], source: Path, tmp_path: Path
) -> None:
    file = tmp_path / "voorstel.json"
    act = foodvalley("propose", source, "--offline", file, "--dev", "veenendaal", "--json").json["actHash"]
    step = foodvalley("sign", file, "--dev", "renswoude", "--json").json
    assert step["missing"] == []
    assert foodvalley("record", file, "--dev", "carrier").code == 0
    assert foodvalley("show", act, "--json").json["status"] == "in force"

    act = foodvalley("propose", rewritten(source), "--dev", "veenendaal", "--json").json["actHash"]
    carried = tmp_path / "akkoord.json"
    assert foodvalley("sign", act, "--offline", carried, "--dev", "renswoude").code == 0
    assert foodvalley("record", act, carried, "--dev", "carrier").code == 0


def test_different_acts_are_not_recorded_together(foodvalley: Callable[..., Any], source: Path) -> None:
    words = ("--dev", "veenendaal", "--json")
    acts = [foodvalley("propose", rewritten(source), *words).json["actHash"] for _ in range(2)]
    refused = foodvalley("record", *acts, "--dev", "carrier")
    assert refused.code == 2
    assert "different acts" in refused.text


def test_title_with_brackets_is_shown_to_the_letter(
    foodvalley: Callable[..., Any], region: Region, tmp_path: Path
) -> None:
    since = day_of(region.now(), later=-3)
    source = write_source(tmp_path / "haken", ("renswoude", "veenendaal"), since, title="Zorg [/] jeugd [red]")
    act = foodvalley("propose", source, "--dev", "veenendaal", "--json").json["actHash"]
    words: list[tuple[object, ...]] = [
        ("list",),
        ("show", act),
        ("sign", act, "--dev", "renswoude"),
        ("record", act, "--dev", "carrier"),
        ("list",),
        ("show", act),
        ("history", act),
        ("verify", source / "overeenkomst.pdf"),
    ]
    for one in words:
        done = foodvalley(*one)
        assert done.code == 0, (one, done.err)
        assert "Zorg [/] jeugd [red]" in done.text, one


def test_dev_accounts_are_refused_on_a_chain_that_is_not_local(
    foodvalley: Callable[..., Any], source: Path, region: Region
) -> None:
    from world import node

    def hook(call: Any, forward: Any) -> Any:
        answer = forward(call)
        if call["method"] == "web3_clientVersion":
            answer["result"] = "Geth/v1.14.0-stable/linux-amd64/go1.22"
        return answer

    with node(hook, region.url) as url:
        for words in (
            ("propose", source, "--dev", "veenendaal"),
            ("deploy", "--dev-council"),
            ("appoint", account("stranger"), "--for", "Ede", "--dev", "ede:admin"),
        ):
            refused = foodvalley(*words, "--node", url)
            assert refused.code == 1
            assert "development accounts are public knowledge" in refused.text
        assert foodvalley("status", "--node", url).code == 0
