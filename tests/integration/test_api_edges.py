"""What stands around every endpoint: headers, problems, limits, logs, health, the description, a graceful stop."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from services import Served, served, settings_of
from world import ROOT, Region

from registry import journal
from registry.api import logs
from registry.api.app import described
from registry.api.edges import protocol

ALWAYS = {
    "api-version": "1.0.0",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "access-control-allow-origin": "*",
}


@pytest.fixture(scope="module")
def service(anvil_region: Region, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(settings_of(anvil_region, tmp_path_factory.mktemp("service") / "home")) as found:
        yield found


def is_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    told: dict[str, object] = answer.json()
    assert told["status"] == status
    assert set(told) >= {"type", "title", "status", "detail", "instance"}
    assert "Traceback" not in answer.text
    return told


def test_every_answer_has_version_and_security_headers(service: Served) -> None:
    for path in ("/v1/fingerprint", "/v1/openapi.json", "/health/live", "/v1/nothing"):
        answer = service.client.get(service.url + path)
        for name, value in ALWAYS.items():
            assert answer.headers[name] == value, path


def test_nothing_there_and_a_slash_too_many_are_problems(service: Served) -> None:
    for path in ("/nothing", "/v1", "/v1/", "/v1/fingerprint/", "/v1/%00", "/v1/" + "x" * 5000):
        is_problem(service.client.get(service.url + path), 404)


def test_another_method_says_which_there_are(service: Served) -> None:
    for method in ("DELETE", "PUT", "PATCH", "POST", "TRACE", "OPTIONS"):
        answer = service.client.request(method, service.url + "/v1/fingerprint")
        is_problem(answer, 405)
        assert answer.headers["allow"] == "GET"


def test_a_browser_may_ask(service: Served) -> None:
    asked = {"Origin": "https://example.nl", "Access-Control-Request-Method": "POST"}
    answer = service.client.options(service.url + "/v1/fingerprint", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "credentials" not in str(answer.headers)


def test_what_nobody_foresaw_is_a_problem_and_is_written_down(
    service: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """A defect: what the lifespan opened is gone while a question comes."""
    kept = service.context
    service.app.state.context = None
    try:
        answer = service.client.get(service.url + "/v1/fingerprint", params={})
    finally:
        service.app.state.context = kept
    told = is_problem(answer, 500)
    assert "NoneType" not in answer.text
    assert told["type"] == "urn:foodvalley:problem:internal-server-error"
    assert any(one.exc_info for one in caplog.records if one.name == "foodvalley")


def test_the_fingerprint_is_the_contracts(service: Served, anvil_region: Region) -> None:
    told = service.ask("/fingerprint")
    assert told["fingerprint"] == "0x" + anvil_region.register.fingerprint().hex()
    assert told["asOf"]["block"] == anvil_region.chain.latest()[0]
    assert told["register"] == anvil_region.register.address


def test_ready_says_how_far_the_index_is(service: Served) -> None:
    service.context.follower.catch_up()
    told = service.client.get(service.url + "/health/ready").json()
    assert told["status"] == "ready"
    assert told["lagBlocks"] == 0
    assert service.client.get(service.url + "/health/live").json() == {"status": "live"}


def test_metrics_count_by_route_and_never_by_what_was_asked(service: Served) -> None:
    service.ask("/fingerprint")
    service.client.get(service.url + "/v1/made-up-by-a-reader")
    service.client.request("BREW", service.url + "/v1/fingerprint")
    told = service.client.get(service.url + "/metrics").text
    assert 'foodvalley_requests_total{method="GET",route="/fingerprint",status="200"}' in told
    assert "foodvalley_index_lag_blocks 0.0" in told
    assert "made-up" not in told
    assert "BREW" not in told


def test_too_many_requests_wait(anvil_region: Region, tmp_path: Path) -> None:
    with served(settings_of(anvil_region, tmp_path / "home", requests_per_minute=3)) as service:
        answers = [service.client.get(service.url + "/v1/fingerprint") for _ in range(4)]
        assert [one.status_code for one in answers[:3]] == [200] * 3
        is_problem(answers[3], 429)
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        assert service.client.get(service.url + "/health/live").status_code == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(service: Served) -> None:
    is_problem(service.client.post(service.url + "/v1/fingerprint", content=b"x" * (2 << 20)), 413)


def test_description_needs_no_chain_and_is_what_is_served(service: Served) -> None:
    served_one = service.client.get(service.url + "/v1/openapi.json")
    assert served_one.content == described(service.context.settings)
    assert json.loads(served_one.content)["openapi"].startswith("3.1")


def test_a_line_of_the_log_is_one_line_of_json_whatever_is_in_it() -> None:
    stream = io.StringIO()
    with logs.shown(stream):
        evil = 'x\n{"action": "forged"}\r\u2028\x1b[31m"'
        journal.note("accept", evil, "done", origin=evil, actor=evil, why=evil)
    journal.note("accept", "afterwards", "done")
    (line,) = stream.getvalue().splitlines()
    assert line.isascii()
    told = json.loads(line)
    assert set(told) >= {"action", "object", "result", "origin", "actor", "time"}
    assert told["action"] == "accept"
    assert told["object"] == evil


def test_what_nobody_foresaw_is_told_with_its_trace_and_without_the_values_of_variables() -> None:
    stream = io.StringIO()

    def fails(token: str) -> None:
        raise ValueError(f"{len(token)} characters")

    with logs.shown(stream):
        try:
            fails("kept-to-itself")
        except ValueError:
            journal.LOGGER.exception("unforeseen")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    (trace,) = told["exception"]
    assert (told["level"], told["action"], trace["exc_value"]) == ("error", "unforeseen", "14 characters")
    assert [one["name"] for one in trace["frames"]][-1] == "fails"
    assert "kept-to-itself" not in line


def test_the_process_serves_and_stops_gracefully(anvil_region: Region, tmp_path: Path) -> None:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FOODVALLEY_")},
        "FOODVALLEY_HOME": str(tmp_path / "home"),
        "FOODVALLEY_NODE": anvil_region.url,
        "FOODVALLEY_DEPLOYMENTS": str(anvil_region.folder),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", "from registry.cli import main; main()", "serve", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, env=environ, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = process.stderr.readline().strip()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if httpx.get(address.removesuffix("/v1") + "/health/ready", trust_env=False).status_code == 200:
                break
            time.sleep(0.1)
        assert httpx.get(f"{address}/fingerprint", trust_env=False).status_code == 200
        process.send_signal(signal.SIGTERM)
        rest = process.stderr.read()
        assert process.wait(timeout=20) == 0, rest
    lines = [json.loads(line) for line in rest.splitlines()]
    assert [one["result"] for one in lines if one["action"] == "serve"] == ["begun", "done"]
    assert not [one for one in lines if one["level"] == "error"]


def test_a_service_without_a_chain_says_so(command: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOODVALLEY_NODE", "http://127.0.0.1:9")
    ran = command("serve", "--listen", "127.0.0.1:0")  # type: ignore[operator]
    assert ran.code == 3
    assert "127.0.0.1:9" in ran.text


def test_an_address_that_is_taken_is_named(foodvalley: object, service: Served) -> None:
    ran = foodvalley("serve", "--listen", service.url.removeprefix("http://"))  # type: ignore[operator]
    assert ran.code == 3
    assert "cannot listen at 127.0.0.1" in ran.text


def test_head_is_get_without_its_body(service: Served) -> None:
    for path, status in (("/v1/fingerprint", 200), ("/v1/nothing", 404)):
        answer = service.client.head(service.url + path)
        assert (answer.status_code, answer.content) == (status, b"")
        assert answer.headers["api-version"] == "1.0.0"
        assert int(answer.headers["content-length"]) == len(service.client.get(service.url + path).content)


def test_nothing_tells_what_the_service_is_made_of(service: Served) -> None:
    for path in ("/v1/fingerprint", "/v1/agreements?limit=x", "/v1/agreements?after=" + "A" * 40):
        answer = service.client.get(service.url + path)
        told = (str(answer.headers) + answer.text).lower()
        for name in ("uvicorn", "python", "fastapi", "pydantic", "sqlite", "select ", "traceback"):
            assert name not in told, path
        assert "server" not in answer.headers


def test_no_cookie_is_ever_set(service: Served) -> None:
    for path in ("/v1/fingerprint", "/v1/nothing", "/health/ready"):
        assert "set-cookie" not in service.client.get(service.url + path).headers


def raw(service: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=10)


def test_a_head_without_end_is_cut_off(service: Served) -> None:
    with raw(service) as connection:
        connection.sendall(b"GET /v1/fingerprint HTTP/1.1\r\nHost: x\r\nX-Long: ")
        with contextlib.suppress(OSError):
            for _ in range(64):
                connection.sendall(b"x" * 4096)
        told = connection.recv(100)
    assert told.startswith(b"HTTP/1.1 431 ")
    assert service.client.get(service.url + "/health/live").status_code == 200


def test_who_says_nothing_is_hung_up_on(service: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with raw(service) as silent, raw(service) as slow:
        slow.sendall(b"GET /v1/fing")
        assert silent.recv(10) == b""
        assert slow.recv(10) == b""


def test_a_connection_is_used_again_for_longer_than_a_head_may_take(
    service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    with httpx.Client(trust_env=False) as client:
        for _ in range(4):
            assert client.get(service.url + "/health/live").status_code == 200
            time.sleep(0.2)
