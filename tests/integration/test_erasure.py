"""Erasing a document or a dossier: from the store, from the index to the last page, and asked of the partners."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from neighbours import Neighbour, until
from world import ROOT, Region, write_source

from registry.dossier import Store, build, check, tree_root
from registry.dossier.erasing import Wish, erase, finish, record_of
from registry.errors import NotFoundError, RefusedError, StorageError
from registry.exchange.requests import Request, signed_request
from registry.index.purging import purge

SECRET = "Mevrouw Jansen uit de Kerkstraat"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foodvalley: Callable[..., Any]) -> Path:
    monkeypatch.setenv("FOODVALLEY_ORGANISATION", "gm0345")
    monkeypatch.setenv("FOODVALLEY_PRIVATE_PARTNERS", "true")
    return tmp_path / "home"


def proposed(foodvalley: Callable[..., Any], region: Region, folder: Path, **extra: Any) -> bytes:
    from world import day_of

    source = write_source(folder / "source", ("gm0345", "gm0339"), day_of(region.now()), **extra)
    foodvalley("propose", source, "--dev", "veenendaal", "--json")
    (told,) = foodvalley("dossier", "list", "--json").json["dossiers"]
    return bytes.fromhex(told["root"][2:])


def test_a_document_goes_with_its_salt_and_the_rest_stays_provable(
    foodvalley: Any, region: Region, home: Path, tmp_path: Path
) -> None:
    root = proposed(foodvalley, region, tmp_path, text=SECRET)
    store = Store(home / "dossiers")
    salt = store.get(root).leaves[2].salt
    assert salt is not None
    ran = foodvalley("dossier", "erase", f"0x{root.hex()[:10]}", "bijlage.txt", "--reason", "verzoek van de familie",
                     "--asked-by", "functionaris gegevensbescherming", "--yes", "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    assert [(one["index"], one["reason"]) for one in ran.json["erased"]] == [(2, "verzoek van de familie")]
    found = check(store.place(root), root)
    assert found.erased == ("bijlage.txt",)
    assert tree_root([one.leaf for one in found.leaves]) == root
    everything = b"".join(one.read_bytes() for one in home.rglob("*") if one.is_file())
    assert SECRET.encode() in everything  # in the agreement itself, which stays
    assert f"kaart bij {SECRET}".encode() not in everything
    assert salt.hex().encode() not in everything
    assert salt not in everything
    checked = foodvalley("dossier", "check", f"0x{root.hex()[:10]}")
    assert checked.code == 0
    assert "bijlage.txt" in checked.text
    assert foodvalley("verify", store.place(root) / "overeenkomst.pdf", "--json").code in (0, 1)
    assert "verzoek van de familie" in foodvalley("dossier", "erasures").text


def test_a_whole_dossier_goes_from_the_index_to_the_last_page(
    foodvalley: Any, region: Region, home: Path, tmp_path: Path
) -> None:
    promise = {"id": "T1", "organisation": "gm0345", "text": f"belofte aan {SECRET}"}
    extra = {"summary": f"Over {SECRET}", "commitments": [promise]}
    root = proposed(foodvalley, region, tmp_path, title=f"Zaak {SECRET}", extra=extra)
    (proposal,) = foodvalley("list", "--json").json["proposals"]
    foodvalley("sign", proposal["actHash"], "--dev", "renswoude", "--yes")
    assert foodvalley("record", proposal["actHash"], "--dev", "carrier").code == 0
    assert SECRET in foodvalley("list").out
    files = [one for one in (home / "index").iterdir() if one.is_file()]
    assert SECRET.encode() in b"".join(one.read_bytes() for one in files)
    leaves = [one.leaf.hex() for one in Store(home / "dossiers").get(root).leaves]
    ran = foodvalley("dossier", "erase", f"0x{root.hex()}", "--yes", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["indexesPurged"] == 1
    everything = b"".join(one.read_bytes() for one in home.rglob("*") if one.is_file())
    for word in (SECRET, "jansen", "kerkstraat"):  # as it was written, and as it was cut up to be found by
        assert word.encode() not in everything
    kept = json.loads((home / "dossiers" / "erased" / f"{root.hex()}.json").read_text())
    assert kept["leaves"] == leaves
    assert tree_root([bytes.fromhex(one) for one in leaves]) == root
    assert SECRET not in foodvalley("list").out
    assert foodvalley("commitment", "list", "--json").json["commitments"] == []
    # It does not come back, by hand or by building anew from what is left.
    refused = foodvalley("dossier", "add", tmp_path / "home" / "dossiers" / root.hex())
    assert refused.code != 0


def test_erasing_needs_a_document_that_is_there_and_somebody_who_is_sure(
    foodvalley: Any, region: Region, home: Path, tmp_path: Path
) -> None:
    root = f"0x{proposed(foodvalley, region, tmp_path).hex()}"
    assert "ask" in foodvalley("dossier", "erase", root, "bijlage.txt").err
    assert "has: overeenkomst.pdf" in foodvalley("dossier", "erase", root, "nothing.pdf", "--yes").err
    assert "whole dossier" in foodvalley("dossier", "erase", root, "manifest.json", "--yes").err
    assert foodvalley("dossier", "erase", "0x" + 64 * "9", "--yes").code == 1
    assert foodvalley("dossier", "erase", root, "bijlage.txt", "--refuse").code == 1
    assert foodvalley("dossier", "check", root).code == 0
    assert foodvalley("dossier", "erasures").text == "Er is niets gewist, en niemand vraagt daarom."


def test_partners_are_asked_and_decide_themselves(
    foodvalley: Any, region: Region, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = proposed(foodvalley, region, tmp_path)
    name = f"0x{root.hex()}"
    veenendaal = Neighbour(region, "gm0345", tmp_path / "veenendaal", "veenendaal")
    Store(veenendaal.settings.dossiers).add(home / "dossiers" / root.hex())
    renswoude = Neighbour(region, "gm0339", tmp_path / "renswoude", "renswoude")
    veenendaal.announce()
    renswoude.announce()
    with veenendaal.serving(), renswoude.serving():
        until(renswoude.store.place(root).is_dir)
        ran = foodvalley("dossier", "erase", name, "bijlage.txt", "--dev", "veenendaal", "--yes", "--json")
        assert ran.code == 0, ran.err
        (erased,) = ran.json["erased"]
        assert [(one["organisation"]["id"], one["status"]) for one in erased["partners"]] == [("gm0339", "waits")]
        # Nothing was erased there by that; a person decides.
        assert check(renswoude.store.place(root), root).erased == ()
        monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(renswoude.settings.dossiers))
        monkeypatch.setenv("FOODVALLEY_ORGANISATION", "gm0339")
        asked = foodvalley("dossier", "erasures", "--json").json["erasures"]
        assert [(one["index"], one["organisation"]["id"]) for one in asked[0]["requests"]] == [(2, "gm0345")]
        assert "vraagt stuk 2 te wissen" in foodvalley("dossier", "erasures").text
        assert foodvalley("dossier", "erase", name, "2", "--yes").code == 0
        monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(home / "dossiers"))
        monkeypatch.setenv("FOODVALLEY_ORGANISATION", "gm0345")
        again = foodvalley("dossier", "erase", name, "2", "--dev", "veenendaal", "--yes", "--json").json
        assert [one["status"] for one in again["erased"][0]["partners"]] == ["erased"]
    assert check(renswoude.store.place(root), root).erased == ("bijlage.txt",)


def test_a_service_goes_on_asking_until_there_is_an_answer(region: Region, tmp_path: Path) -> None:
    veenendaal = Neighbour(region, "gm0345", tmp_path / "veenendaal", "veenendaal")
    renswoude = Neighbour(region, "gm0339", tmp_path / "renswoude", "renswoude")
    veenendaal.announce()
    renswoude.announce()
    act = veenendaal.desk.draft("gm0345", "gm0339")
    veenendaal.desk.service.propose(act, region.signer("veenendaal"))
    renswoude.store.add(veenendaal.store.place(act.dossier))
    from registry.dossier.erasing import Answer, change

    erase(veenendaal.store, act.dossier, 1, Wish("gm0345"))
    leaf = veenendaal.store.get(act.dossier).leaves[1].leaf
    request = signed_request(
        Request(act.dossier, leaf, region.now()), region.register.domain, region.signer("veenendaal")
    )

    def waiting(record: Any) -> Any:
        (one,) = record.erasures
        more = {"request": request, "answers": (Answer(organisation="gm0339"),)}
        return record.model_copy(update={"erasures": (one.model_copy(update=more),)})

    change(veenendaal.store, act.dossier, waiting)

    def answer() -> str:
        record = record_of(veenendaal.store, act.dossier)
        assert record is not None
        return record.erasures[0].answers[0].status

    with veenendaal.serving():
        until(lambda: answer() == "failed")  # nobody is at home there
        with renswoude.serving():
            renswoude.follow()
            told = renswoude.client().dossiers.ask_erasure(request)
            assert told == "waits"
            # A stranger to the dossier asks in vain, and so does who has no mandate or signs something else.
            for who in ("ede", "stranger"):
                theirs = signed_request(
                    Request(act.dossier, leaf, region.now()), region.register.domain, region.signer(who)
                )
                refused = httpx.post(f"{renswoude.url}/v1/erasures", json=theirs)
                assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
            other = httpx.post(f"{renswoude.url}/v1/erasures", json=request | {"leaf": "0x" + 64 * "0"})
            assert other.status_code == 403
            wrong = signed_request(
                Request(act.dossier, b"\x05" * 32, region.now()), region.register.domain, region.signer("veenendaal")
            )
            assert httpx.post(f"{renswoude.url}/v1/erasures", json=wrong).status_code == 400


@pytest.mark.long
def test_an_erasure_that_was_killed_is_finished(tmp_path: Path) -> None:
    """Killed at each of its writes in turn, by a process that dies there: nothing is ever half erased for good."""
    from datetime import date

    killer = """
import os, sys
from pathlib import Path
from registry.dossier import Store
from registry.dossier.erasing import Wish, erase
left = int(sys.argv[4])
def count(event, arguments):
    global left
    if event in ("os.rename", "os.remove", "os.rmdir", "shutil.rmtree"):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
sys.addaudithook(count)
erase(Store(Path(sys.argv[1])), bytes.fromhex(sys.argv[2]), eval(sys.argv[3]), Wish("gm0345"))
print("done")
"""
    source = write_source(tmp_path / "source", ("gm0345", "gm0339"), date(2026, 1, 1))
    for index, secret in ((2, b"kaart bij"), (None, b"de tekst")):
        deaths = 0
        for step in range(12):
            store = Store(tmp_path / f"store-{index}-{step}")
            root = build(source, store).root
            arguments = [str(store.folder), root.hex(), repr(index), str(step)]
            ran = subprocess.run(
                [sys.executable, "-c", killer, *arguments], cwd=ROOT, capture_output=True, check=False,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            deaths += ran.returncode == -9
            if record_of(store, root) is None:  # it died before it was decided
                assert check(store.place(root), root).erased == ()
                continue
            finish(store)
            left = b"".join(one.read_bytes() for one in store.folder.rglob("*") if one.is_file())
            assert secret not in left
            if index is not None:
                assert check(store.place(root), root).erased == ("bijlage.txt",)
            if ran.returncode == 0:
                break
        assert deaths >= 2


def test_a_record_of_erasures_that_is_damaged_is_an_error_and_no_leave_to_come_back(tmp_path: Path) -> None:
    from datetime import date

    store = Store(tmp_path / "store")
    root = build(write_source(tmp_path / "source", ("gm0345", "gm0339"), date(2026, 1, 1)), store).root
    copy = tmp_path / "copy"
    shutil.copytree(store.place(root), copy)
    erase(store, root, None, Wish("gm0345"))
    with pytest.raises(RefusedError, match="was erased here"):
        store.add(copy)
    (store.folder / "erased" / f"{root.hex()}.json").write_text("{")
    with pytest.raises(StorageError, match="is damaged"):
        store.add(copy)
    with pytest.raises(NotFoundError):
        erase(store, b"\x01" * 32, None, Wish("gm0345"))


def test_where_there_is_no_index_there_is_nothing_to_purge(tmp_path: Path) -> None:
    assert not purge(f"sqlite:///{tmp_path / 'none.sqlite'}", bytes(32), Store(tmp_path / "store"))
    assert not (tmp_path / "none.sqlite").exists()


def test_a_service_that_runs_tells_no_more_of_what_was_erased(
    foodvalley: Any, region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not from an answer that it had ready, nor by the digest of the document."""
    with Neighbour(region, "gm0345", tmp_path / "veenendaal", "veenendaal").serving() as one:
        act = one.desk.concluded("gm0345", "gm0339", title=f"Zaak {SECRET}", extra={"visibility": "public"})
        one.follow()
        digest = sha256(one.desk.document(act).read_bytes()).hexdigest()
        addresses = [f"{one.url}/v1/{path}" for path in ("agreements", f"dossiers/0x{act.dossier.hex()}")]
        until(lambda: all(SECRET in httpx.get(each).text for each in addresses))
        assert httpx.get(f"{one.url}/v1/documents/{digest}").json()["accepted"] is True
        monkeypatch.setenv("FOODVALLEY_HOME", str(one.home))
        monkeypatch.setenv("FOODVALLEY_DOSSIERS", str(one.settings.dossiers))
        ran = foodvalley("dossier", "erase", f"0x{act.dossier.hex()}", "--yes", "--json")
        assert ran.code == 0, ran.err
        assert ran.json["indexesPurged"] == 1
        until(lambda: all(SECRET not in httpx.get(each).text for each in addresses), 30)
        # The service looks each second what changed; until then an answer may be as it was.
        until(lambda: httpx.get(f"{one.url}/v1/documents/{digest}").json()["outcome"] == "unknown", 30)
