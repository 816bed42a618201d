"""What a lying partner can do: nothing but withhold. Real sockets; limits made small so that it takes seconds."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from world import write_source

from benchmarks.exchange import liars
from registry.client import Client
from registry.dossier import Dossier, Store, build, check
from registry.dossier.erasing import Wish, erase
from registry.dossier.leaves import LEAVES
from registry.errors import DossierError, RefusedError, RegistryError, ServiceError, StorageError, UnavailableError
from registry.exchange import Limits, fetch, partner
from registry.exchange.arrivals import MismatchError, arriving
from registry.exchange.fetching import IncompleteError
from registry.exchange.guard import ForbiddenAddressError, checked_url, is_open
from registry.keys import development_signer

QUICK = Limits(
    file_bytes=1 << 20,
    dossier_bytes=2 << 20,
    free_bytes=1 << 20,
    connect_seconds=1,
    read_seconds=1,
    answer_seconds=1.5,
    transfer_seconds=2,
)


@pytest.fixture
def dossier(tmp_path: Path) -> Dossier:
    from datetime import date

    source = write_source(tmp_path / "source", ("gm0345", "gm0339"), date(2026, 1, 1), text="een lange tekst " * 4000)
    return build(source, Store(tmp_path / "theirs"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "ours")


def take(url: str, store: Store, dossier: Dossier, **more: Any) -> Dossier:
    with partner(url, private=True, limits=QUICK) as client:
        return fetch(client, store, dossier.root, limits=QUICK, **more)


def test_from_an_honest_partner_it_comes_whole(dossier: Dossier, store: Store) -> None:
    with liars.listening(liars.honest(dossier)) as url:
        found = take(url, store, dossier)
    assert found.leaves == dossier.leaves
    assert [one.name for one in store.folder.iterdir() if one.is_dir()] == [dossier.root.hex()]


@pytest.mark.parametrize("lie", liars.ALL)
@pytest.mark.parametrize("on", ["/documents/1", pytest.param("/leaves", marks=pytest.mark.long)])
def test_a_lying_partner_leaves_nothing_and_keeps_nobody_waiting(
    dossier: Dossier, store: Store, lie: Any, on: str
) -> None:
    began = time.monotonic()
    with liars.listening(liars.lying(dossier, lie, on)) as url, pytest.raises((RefusedError, ServiceError)) as caught:
        take(url, store, dossier)
    assert time.monotonic() - began < 15
    assert dossier.root not in store.roots()
    assert caught.value.message.isprintable()
    assert sum(one.stat().st_size for one in store.folder.rglob("*") if one.is_file()) < 4 << 20
    # And the next one, who is honest, is not hindered by what the liar left behind.
    with liars.listening(liars.honest(dossier)) as url:
        assert check(take(url, store, dossier).folder, dossier.root)


@pytest.mark.parametrize(
    ("lie", "complaint"), [(liars.always_continue, "more than agreed"), (liars.crumbs, "crumbs of a few bytes")]
)
def test_what_is_cheap_to_send_and_dear_to_read_is_cut_short(
    dossier: Dossier, store: Store, lie: Any, complaint: str
) -> None:
    """With the limits of a service: it is not time that ends this, nor the size of a file."""
    with (
        liars.listening(liars.lying(dossier, lie)) as url,
        partner(url, private=True) as client,
        pytest.raises(ServiceError, match=complaint),
    ):
        fetch(client, store, dossier.root)


def test_a_broken_transfer_is_gone_on_with_from_where_it_broke(dossier: Dossier, store: Store) -> None:
    content = dossier.path(1).read_bytes()
    asked: list[str] = []

    def breaks(connection: Any, path: str) -> None:
        liars.respond(connection, content[:10_000], length=len(content))

    with liars.listening(liars.lying(dossier, breaks)) as url, pytest.raises(ServiceError):
        take(url, store, dossier)
    truth = liars.honest(dossier)

    def listen(connection: Any, path: str, ranged: str) -> None:
        asked.append(f"{path.rsplit('/', 1)[1]} {ranged}".strip())
        truth(connection, path, ranged)

    with liars.listening(listen) as url:
        assert check(take(url, store, dossier).folder, dossier.root)
    assert asked == ["leaves", "1 bytes=10000-", "2"]


def test_what_a_liar_began_is_begun_anew_by_an_honest_one(dossier: Dossier, store: Store) -> None:
    def half_a_lie(connection: Any, path: str) -> None:
        liars.respond(connection, b"z" * 5000, length=1_000_000)

    with liars.listening(liars.lying(dossier, half_a_lie)) as url, pytest.raises(ServiceError):
        take(url, store, dossier)
    with liars.listening(liars.honest(dossier)) as url:
        assert check(take(url, store, dossier).folder, dossier.root)


def _leaves(dossier: Dossier, change: Callable[[Any], None]) -> bytes:
    told = json.loads((dossier.folder / LEAVES).read_text())
    change(told)
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda told: told.update(root="00" * 32), "give the root"),
        (lambda told: told["leaves"][1].update(leaf="11" * 32), "give the root"),
        (lambda told: told["leaves"].pop(), "give the root"),
        (lambda told: told["leaves"].reverse(), "first leaf"),
        (lambda told: told["leaves"][1].update(path="../../../etc/cron.d/evil"), "leads outside"),
        (lambda told: told["leaves"][1].update(path="/etc/passwd"), "relative"),
        (lambda told: told["leaves"][1].update(path="a\\..\\..\\evil"), "backslash"),
        (lambda told: told["leaves"][1].update(path="x\u202efdp.exe\n"), "invisible"),
        (lambda told: told["leaves"][1].update(path="leaves.json"), "same place"),
        (lambda told: told["leaves"][1].update(path="manifest.json/x"), "same place"),
        (lambda told: told["leaves"][1].update(path="bijlage.txt/x"), "same place"),
        (lambda told: told["leaves"][1].update(path="BIJLAGE.TXT"), "same place"),
        (lambda told: told["leaves"][1].update(path="other.pdf"), "not the files of manifest.json"),
        (lambda told: told["leaves"][1].update(salt="11" * 32), "content differs"),
    ],
)
def test_no_leaves_but_those_of_the_root_and_no_name_that_leads_outside(
    dossier: Dossier, store: Store, change: Any, complaint: str
) -> None:
    def lie(connection: Any, path: str) -> None:
        liars.respond(connection, _leaves(dossier, change))

    with liars.listening(liars.lying(dossier, lie, "/leaves")) as url, pytest.raises(MismatchError, match=complaint):
        take(url, store, dossier)
    assert dossier.root not in store.roots()
    assert not list(store.folder.parent.rglob("*evil*"))


def test_a_manifest_of_another_dossier_with_paths_that_lead_outside_is_not_taken(tmp_path: Path, store: Store) -> None:
    """The paths are also in the manifest, which a liar may make to fit a root of its own."""
    from hashlib import sha256

    from registry.dossier.leaves import MANIFEST, new_leaf, write_leaves
    from registry.dossier.merkle import tree_root

    manifest = b'{"files": [{"path": "../../evil.pdf", "role": "overeenkomst"}], "manifest": 1}\n'
    leaves = (new_leaf(MANIFEST, sha256(manifest).digest()), new_leaf("evil.pdf", sha256(b"x").digest()))
    root = tree_root([one.leaf for one in leaves])

    def reply(connection: Any, path: str, ranged: str) -> None:
        liars.respond(connection, write_leaves(leaves) if path.endswith("/leaves") else manifest)

    with (
        liars.listening(reply) as url,
        partner(url, private=True, limits=QUICK) as client,
        pytest.raises(MismatchError, match="manifest cannot be used"),
    ):
        fetch(client, store, root, limits=QUICK)
    assert not list(tmp_path.rglob("evil.pdf"))


def test_an_archive_among_the_documents_is_bytes_like_others(tmp_path: Path, store: Store) -> None:
    """A zip bomb with a member that leads outside: nothing ever unpacks it."""
    import zipfile
    from datetime import date

    source = write_source(tmp_path / "zipped", ("gm0345", "gm0339"), date(2026, 1, 1))
    with zipfile.ZipFile(source / "bijlage.txt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../evil.txt", bytes(32 << 20))
    dossier = build(source, Store(tmp_path / "theirs"))
    with liars.listening(liars.honest(dossier)) as url:
        found = take(url, store, dossier)
    assert found.path(2).stat().st_size == (source / "bijlage.txt").stat().st_size < 1 << 20
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_partner_that_erased_something_has_only_a_part(dossier: Dossier, store: Store, tmp_path: Path) -> None:
    theirs = Store(tmp_path / "theirs")
    erase(theirs, dossier.root, 1, Wish("gm0345"))
    left = theirs.get(dossier.root)
    with liars.listening(liars.honest(left)) as url:
        with pytest.raises(IncompleteError, match=r"overeenkomst\.pdf"):
            take(url, store, dossier)
        found = take(url, store, dossier, incomplete=True)
    assert found.erased == ("overeenkomst.pdf",)
    assert check(found.folder, dossier.root)


def test_what_was_erased_here_does_not_come_back_from_a_partner(dossier: Dossier, store: Store, tmp_path: Path) -> None:
    with liars.listening(liars.honest(dossier)) as url:
        take(url, store, dossier)
        erase(store, dossier.root, 1, Wish("gm0339"))
        assert take(url, store, dossier).erased == ("overeenkomst.pdf",)
        # Also not when the rest was lost meanwhile, and is fetched anew, or added by hand.
        shutil.rmtree(store.place(dossier.root))
        assert take(url, store, dossier).erased == ("overeenkomst.pdf",)
        shutil.rmtree(store.place(dossier.root))
        assert store.add(dossier.folder).erased == ("overeenkomst.pdf",)
        erase(store, dossier.root, None, Wish("gm0339"))
        for again in (lambda: take(url, store, dossier), lambda: store.add(dossier.folder)):
            with pytest.raises(RefusedError, match="was erased here"):
                again()
    assert dossier.root not in store.roots()


def test_two_transfers_of_one_dossier_do_not_mix(dossier: Dossier, store: Store) -> None:
    with (
        arriving(store, dossier.root),
        pytest.raises(UnavailableError, match="arriving already"),
        arriving(store, dossier.root),
    ):
        pass


def test_a_disk_that_is_almost_full_is_left_alone(dossier: Dossier, store: Store) -> None:
    full = Limits(free_bytes=1 << 60)
    with (
        liars.listening(liars.honest(dossier)) as url,
        partner(url, private=True, limits=full) as client,
        pytest.raises(StorageError, match="too little is free"),
    ):
        fetch(client, store, dossier.root, limits=full)


@pytest.mark.parametrize(
    "announced",
    [
        "http://register.ede.nl",  # not https
        "ftp://register.ede.nl",
        "file:///etc/passwd",
        "https://user:secret@register.ede.nl",
        "https://register.ede.nl?to=x",
        "https://register.ede.nl#x",
        "https://register.ede.nl/../admin",
        "https://register.ede.nl\r\nX-Injected: 1",
        "https://register.ede.nl\x00",
        "https://register .ede.nl",
        "https://régister.ede.nl",
        "https://register.ede.nl:0",
        "https://register.ede.nl:99999",
        "https://",
        "javascript:alert(1)",
        "",
        "https://" + "a" * 300,
        "https://[::1",
        "https://0177.0.0.1",
    ],
)
def test_an_announced_address_that_is_none_is_not_tried(announced: str) -> None:
    with pytest.raises(ForbiddenAddressError) as caught:
        checked_url(announced, private=False)
    assert caught.value.message.isprintable()
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::1]", "[::ffff:127.0.0.1]",
        "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[::]", "[fe80::1]",
        "[fc00::1]", "224.0.0.1", "255.255.255.255", "192.0.2.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[ff02::1]",
    ],
)  # fmt: skip
def test_no_connection_goes_to_this_machine_or_a_private_network(host: str) -> None:
    client = partner(f"https://{host}:8443", private=False, limits=QUICK)
    with client, pytest.raises(ForbiddenAddressError, match="private network"):
        client.dossiers.leaves(bytes(32))


@pytest.mark.parametrize("host", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "[fe80::1]", "[::]"])
def test_also_with_private_partners_some_addresses_are_nobodys_service(host: str) -> None:
    with partner(f"http://{host}:8080", private=True, limits=QUICK) as client, pytest.raises(ForbiddenAddressError):
        client.dossiers.leaves(bytes(32))


@pytest.mark.parametrize("address", ["8.8.8.8", "145.45.0.1", "2a02:2770::1"])
def test_addresses_of_the_open_internet_are_open(address: str) -> None:
    assert is_open(address)


def test_a_name_that_leads_elsewhere_the_second_time_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: an open address when it is looked at, this machine when it is connected to."""
    import socket

    answers = [("93.184.215.14", 8443), ("127.0.0.1", 8443)]
    looked: list[str] = []
    connected: list[Any] = []
    genuine = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return genuine(host, port, *more, **options)
        looked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers[min(len(looked) - 1, 1)])]

    def connect(address: Any, *_: Any, **__: Any) -> Any:
        connected.append(address)
        raise OSError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with partner("https://rebinding.example:8443", private=False, limits=QUICK) as client:
        with pytest.raises(ServiceError):
            client.dossiers.leaves(bytes(32))
        assert (looked, connected) == (["rebinding.example"], [("93.184.215.14", 8443)])
        with pytest.raises(ForbiddenAddressError, match=r"127\.0\.0\.1"):
            client.dossiers.leaves(bytes(32))
    assert len(connected) == 1


def test_a_proxy_in_the_environment_does_not_count(
    dossier: Dossier, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with liars.listening(liars.honest(dossier)) as url:
        assert take(url, store, dossier)


@pytest.mark.parametrize("lie", [liars.nested, liars.bomb, liars.garbage, liars.elsewhere, liars.huge_header])
def test_a_client_takes_no_nonsense_for_an_answer(dossier: Dossier, lie: Any) -> None:
    with liars.listening(lambda connection, asked, _: lie(connection, asked)) as url, Client(url) as client:
        with pytest.raises(RegistryError) as caught:
            client.reading.fingerprint()
        assert caught.value.exit_code == 3


def test_what_a_service_says_cannot_steer_a_terminal_or_forge_a_line() -> None:
    told = json.dumps({"detail": "no\x1b[2J\r\nERROR forged line \u202e", "hint": "x" * 10_000}).encode()

    def reply(connection: Any, path: str, ranged: str) -> None:
        liars.respond(connection, told, status="409 Conflict")

    with liars.listening(reply) as url, Client(url) as client, pytest.raises(RefusedError) as caught:
        client.reading.fingerprint()
    assert caught.value.message.isprintable()
    assert len(caught.value.hint or "") < 1000


def answering(told: Any) -> Client:
    """A client of a service that gives everybody the same answer."""
    stream = httpx.ByteStream(json.dumps(told).encode())
    return Client("http://service.example", httpx.MockTransport(lambda _: httpx.Response(200, stream=stream)))


@pytest.mark.parametrize("told", [[], None, "0123456789", {}, {"nonce": 12345678}, {"nonce": "white space"}])
def test_what_is_no_nonce_is_not_signed(told: Any) -> None:
    with answering(told) as client, pytest.raises(ServiceError, match="gives no nonce"):
        client.sign_in(development_signer("ede", "anvil/1", "http://127.0.0.1:1", 31337), 31337, "0x" + 40 * "1")


@pytest.mark.parametrize("missing", [[99], [-1], ["0"], None])
def test_leaves_that_are_not_there_are_not_sent(dossier: Dossier, missing: Any) -> None:
    paths = [one.path for one in dossier.leaves]
    with answering({"missing": missing}) as client, pytest.raises(ServiceError, match="what is missing"):
        client.dossiers.send(dossier.folder, dossier.root, paths, lambda *_: None)


def test_why_something_was_refused_is_told_on_one_line() -> None:
    refusal = {"detail": "no\x1b[2J\r\nERROR forged line", "hint": "well\nERROR"}
    with answering({}) as client, pytest.raises(RefusedError) as caught:
        client.writing.settled({"state": "refused", "refusal": refusal}, 0)
    assert f"{caught.value.message}{caught.value.hint}".isprintable()
    with answering({}) as client, pytest.raises(ServiceError) as late:
        client.writing.settled({"state": "sent", "id": "0x\r\nERROR forged line"}, 0)
    assert str(late.value.hint).isprintable()


@pytest.mark.parametrize("address", ["http://me:secret@[::1]:8080/x/", "https://host", "https://me@host:1"])
def test_a_service_is_called_by_its_address_without_who_asks(address: str) -> None:
    with Client(address) as client:
        assert client.http.shown == address.replace("me:secret@", "").replace("me@", "").rstrip("/")


def test_a_dossier_error_names_who_to_ask(store: Store, dossier: Dossier) -> None:
    with arriving(store, dossier.root) as found:
        found.begin((dossier.folder / LEAVES).read_bytes())
        with pytest.raises(DossierError, match="have not arrived"):
            found.finish()
        with pytest.raises(DossierError, match="comes first"):
            found.write(1, 0, [b"x"])
        with pytest.raises(DossierError, match="no leaf 9"):
            found.write(9, 0, [b"x"])
