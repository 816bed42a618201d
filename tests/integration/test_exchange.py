"""Dossiers between the services of two municipalities, over HTTP on a loopback port."""

from __future__ import annotations

import http.client
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from neighbours import Neighbour, until
from world import ROOT, Region

from registry.access import Audience, write_message
from registry.dossier import check
from registry.errors import NotAllowedError, NotFoundError, NotSignedInError, RefusedError, UsageError
from registry.localnet import running


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with running("anvil", start=ROOT, environ=os.environ) as local:
        yield Region.founded(local, tmp_path_factory.mktemp("valley"))


@pytest.fixture(scope="module")
def street(valley: Region, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Neighbour, Neighbour]]:
    """The services of Veenendaal and Renswoude, each announced on the chain."""
    with ExitStack() as stack:
        made = []
        for organisation, key in (("gm0345", "veenendaal"), ("gm0339", "renswoude")):
            one = Neighbour(valley, organisation, tmp_path_factory.mktemp(organisation), key)
            stack.enter_context(one.serving())
            one.announce()
            made.append(one)
        yield made[0], made[1]


def test_a_proposals_dossier_comes_to_the_other_party_by_itself(street: tuple[Neighbour, Neighbour]) -> None:
    veenendaal, renswoude = street
    act = veenendaal.desk.draft("gm0345", "gm0339")
    veenendaal.desk.service.propose(act, veenendaal.region.signer("veenendaal"))
    place = renswoude.store.place(act.dossier)
    until(place.is_dir)
    assert check(place, act.dossier).manifest == veenendaal.store.get(act.dossier).manifest
    assert renswoude.desk.service.seen(act) is not None
    renswoude.follow()
    # Renswoude has not approved yet; from its service the two of them read, and nobody else.
    assert renswoude.client("veenendaal").dossiers.describe(act.dossier)["title"] == "Convenant Fietsroutes"
    for who in ("ede", None):
        with pytest.raises(NotFoundError, match="that you may read"):
            renswoude.client(who).dossiers.describe(act.dossier)


def test_of_a_dossier_that_is_not_there_and_one_that_is_not_yours_the_answers_are_equal(
    street: tuple[Neighbour, Neighbour],
) -> None:
    veenendaal, _ = street
    act = veenendaal.desk.concluded("gm0345", "gm0339")
    veenendaal.follow()
    with veenendaal.client("ede") as client:
        told = []
        for root in (act.dossier, b"\x07" * 32):
            for rest in ("", "/leaves", "/documents/1", "/documents/0"):
                path = f"{veenendaal.url}/v1/dossiers/0x{root.hex()}{rest}"
                answer = httpx.get(path, headers={"Authorization": f"Bearer {client.http.token}"})
                told.append((answer.status_code, answer.text.replace(root.hex(), "").replace(rest, "")))
    assert len(set(told)) == 1
    assert told[0][0] == 404


def test_a_session_reads_for_its_own_organisation_only(street: tuple[Neighbour, Neighbour]) -> None:
    veenendaal, _ = street
    act = veenendaal.desk.concluded("gm0345", "gm0339")
    veenendaal.follow()
    ede, renswoude = veenendaal.client("ede"), veenendaal.client("renswoude")
    assert renswoude.dossiers.leaves(act.dossier)
    with pytest.raises(NotFoundError):
        ede.dossiers.leaves(act.dossier)
    ede.http.token = renswoude.http.token  # a stolen token is that of whom it was stolen from, and of nobody more
    who = ede.http.get("sessions/current")
    assert who["organisation"]["id"] == "gm0339"
    renswoude.sign_out()
    with pytest.raises(NotSignedInError, match="over"):
        ede.dossiers.leaves(act.dossier)


def test_a_message_signed_for_one_service_opens_no_other(street: tuple[Neighbour, Neighbour]) -> None:
    veenendaal, renswoude = street
    region = veenendaal.region

    nonce = httpx.post(f"{renswoude.url}/v1/nonces").json()["nonce"]
    lied_to = Audience.of(veenendaal.url, region.chain.chain_id, region.register.address)
    message = write_message(lied_to, region.signer("ede").address, nonce, region.now())
    signature = "0x" + region.signer("ede").sign_text(message).hex()
    answer = httpx.post(f"{renswoude.url}/v1/sessions", json={"message": message, "signature": signature})
    assert answer.status_code == 401
    assert "another service" in answer.json()["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_document_comes_in_parts_with_a_tag_and_as_a_download(street: tuple[Neighbour, Neighbour]) -> None:
    veenendaal, _ = street
    act = veenendaal.desk.concluded("gm0345", "gm0339", extra={"visibility": "public"})
    veenendaal.follow()
    whole = veenendaal.desk.document(act).read_bytes()
    url = f"{veenendaal.url}/v1/dossiers/0x{act.dossier.hex()}/documents/1"
    answer = httpx.get(url)
    assert (answer.status_code, answer.content) == (200, whole)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''overeenkomst.pdf"
    assert answer.headers["content-type"] == "application/octet-stream"
    part = httpx.get(url, headers={"Range": "bytes=5-"})
    assert (part.status_code, part.content) == (206, whole[5:])
    assert part.headers["content-range"] == f"bytes 5-{len(whole) - 1}/{len(whole)}"
    assert httpx.get(url, headers={"Range": "bytes=0-3"}).content == whole[:4]
    beyond = httpx.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond.headers["content-type"]) == (416, "application/problem+json")
    assert httpx.get(url, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert httpx.get(url, headers={"Range": "bytes=0-1,3-4"}).status_code == 200


@pytest.mark.parametrize("rest", ["/documents/99", "/documents/-1", "/documents/1e3", "/documents/..%2f..%2fkeys"])
def test_there_are_documents_by_number_and_no_others(street: tuple[Neighbour, Neighbour], rest: str) -> None:
    veenendaal, _ = street
    act = veenendaal.desk.concluded("gm0345", "gm0339", extra={"visibility": "public"})
    veenendaal.follow()
    answer = httpx.get(f"{veenendaal.url}/v1/dossiers/0x{act.dossier.hex()}{rest}")
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_dossier_is_sent_to_a_partner_and_to_ones_own_service(
    street: tuple[Neighbour, Neighbour], tmp_path: Path
) -> None:
    veenendaal, renswoude = street
    drawer = Neighbour(veenendaal.region, "gm0345", tmp_path)  # a drawer of Veenendaal's that no service sees
    act = drawer.desk.draft("gm0345", "gm0339")
    folder = drawer.store.place(act.dossier)
    paths = [one.path for one in drawer.store.get(act.dossier).leaves]
    with pytest.raises(NotAllowedError, match="no act or open proposal"):
        renswoude.client("veenendaal").dossiers.send(folder, act.dossier, paths, lambda *_: None)
    own = veenendaal.client("veenendaal:2")
    own.dossiers.send(folder, act.dossier, paths, lambda *_: None)
    assert check(veenendaal.store.place(act.dossier), act.dossier)
    own.dossiers.send(folder, act.dossier, paths, lambda *_: None)  # again: it is there
    with pytest.raises(NotSignedInError, match="nobody signed in"):
        veenendaal.client().dossiers.send(folder, act.dossier, paths, lambda *_: None)


def test_what_is_sent_and_does_not_match_is_not_kept(street: tuple[Neighbour, Neighbour], tmp_path: Path) -> None:
    veenendaal, _ = street
    drawer = Neighbour(veenendaal.region, "gm0345", tmp_path)
    act = drawer.desk.draft("gm0345", "gm0339")
    folder = tmp_path / "copy"
    shutil.copytree(drawer.store.place(act.dossier), folder)
    (folder / "overeenkomst.pdf").write_bytes(b"%PDF-1.7 something else")
    paths = [one.path for one in drawer.store.get(act.dossier).leaves]
    own = veenendaal.client("veenendaal")
    with pytest.raises(RefusedError, match="content differs"):
        own.dossiers.send(folder, act.dossier, paths, lambda *_: None)
    assert act.dossier not in veenendaal.store.roots()
    other = drawer.desk.draft("gm0345", "gm0339")
    with pytest.raises(RefusedError, match="give the root"):
        own.dossiers.send(folder, other.dossier, paths, lambda *_: None)
    # With the true document the rest needs not be sent again.
    shutil.copy(drawer.store.place(act.dossier) / "overeenkomst.pdf", folder)
    sent: list[tuple[int, int]] = []
    own.dossiers.send(folder, act.dossier, paths, lambda done, total: sent.append((done, total)))
    assert sent[-1] == (1, 2)
    assert check(veenendaal.store.place(act.dossier), act.dossier)


def test_bodies_that_are_too_large_or_packed_are_refused(street: tuple[Neighbour, Neighbour]) -> None:
    veenendaal, _ = street
    act = veenendaal.desk.draft("gm0345", "gm0339")
    with veenendaal.client("veenendaal") as own:
        signed = {"Authorization": f"Bearer {own.http.token}"}
        base = f"{veenendaal.url}/v1/dossiers/0x{'5a' * 32}"
        packed = httpx.put(f"{base}/leaves", content=b"{}", headers=signed | {"Content-Encoding": "gzip"})
        assert packed.status_code == 415
        large = httpx.put(f"{base}/leaves", content=b" " * (5 << 20), headers=signed)
        assert large.status_code == 413
        stated = http.client.HTTPConnection("127.0.0.1", veenendaal.port, timeout=10)
        stated.request("PUT", f"/v1/dossiers/0x{'5a' * 32}/documents/1", headers=signed | {"Content-Length": "1" * 13})
        assert stated.getresponse().status == 413
        stated.close()
        with pytest.raises(UsageError, match="at most"):
            own.http.ask("POST", "sessions", body={"message": "x" * (2 << 20), "signature": ""})
    assert act.dossier in veenendaal.store.roots()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"message": 1, "signature": 2}', b'{"message": "\xff"}', b"[" * 100_000]
)
def test_a_malformed_login_is_a_bad_request(street: tuple[Neighbour, Neighbour], body: bytes) -> None:
    url = f"{street[0].url}/v1/sessions"
    answer = httpx.post(url, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
