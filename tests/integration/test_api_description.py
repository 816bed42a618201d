"""The description of the API: held against the official rules by the official linter, and what that misses."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from world import ROOT

from registry.api.app import described
from registry.api.edges.headers import API_VERSION
from registry.settings import load_settings

PAGE = ROOT / "docs" / "api.md"
RULESET = Path(os.environ.get("ADR_RULESET", ROOT.parent / "shared" / "reference" / "adr-linter.yaml"))
LINTER = ROOT / "openapi" / "node_modules" / ".bin" / "spectral"
METHODS = ("get", "post", "put", "patch", "delete")
SINGULAR = {"fingerprint", "statistics", "current", "typed-data"}


@cache
def description() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(described(load_settings({}, Path("/"))))
    return told


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in description()["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def schemas(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every member of every object in the description, by name."""
    if isinstance(found, dict):
        members = found.get("properties")
        if isinstance(members, dict):
            yield from ((name, one) for name, one in members.items() if isinstance(one, dict))
        for one in found.values():
            yield from schemas(one)
    elif isinstance(found, list):
        for one in found:
            yield from schemas(one)


def linted(folder: Path, document: dict[str, Any]) -> list[dict[str, Any]]:
    if not RULESET.is_file():
        pytest.skip(f"the ruleset of Logius is not at {RULESET}; ADR_RULESET names another place")
    if not LINTER.is_file():
        pytest.skip("the linter is not installed: make test does that")
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    command = [str(LINTER), "lint", "-r", str(RULESET), "-F", "hint", "-f", "json", "--quiet", str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.stdout.lstrip().startswith("["), ran.stdout + ran.stderr
    found: list[dict[str, Any]] = json.JSONDecoder().raw_decode(ran.stdout.lstrip())[0]
    return found


def test_the_official_linter_finds_nothing(tmp_path: Path) -> None:
    assert [f"{one['code']} {'.'.join(map(str, one['path']))}" for one in linted(tmp_path, description())] == []


def test_the_official_linter_would_find_something(tmp_path: Path) -> None:
    broken = json.loads(json.dumps(description()))
    del broken["info"]["contact"]
    del broken["paths"]["/agreements"]["get"]["responses"]["200"]["headers"]
    broken["servers"][0]["url"] = "http://register.example.nl"
    codes = {one["code"] for one in linted(tmp_path, broken)}
    expected = {"info-contact", "nlgov:missing-header", "nlgov:include-major-version-in-uri"}
    assert codes >= expected | {"nlgov:servers-use-https"}


def test_every_operation_says_how_it_can_fail() -> None:
    for path, method, operation in operations():
        where = f"{method} {path}"
        assert {"429", "500", "503"} <= set(operation["responses"]), where
        if "{" in path:
            assert "404" in operation["responses"], where
        for status, response in operation["responses"].items():
            assert "API-Version" in response["headers"], where
            if int(status) >= 400:
                (media,) = response["content"]
                assert media == "application/problem+json", where
                assert response["content"][media]["example"]["status"] == int(status)


def test_every_operation_has_a_name_words_and_examples() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    for path, method, operation in operations():
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        for status, response in operation["responses"].items():
            for media, told in response.get("content", {}).items():
                assert "json" not in media or "example" in told, f"{where} {status}"
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), f"{where} {parameter['name']}"


def test_resources_are_plural_nouns_in_kebab_case() -> None:
    for path, _, _ in operations():
        for part in path.strip("/").split("/"):
            if not part.startswith("{"):
                assert re.fullmatch(r"[a-z]+(-[a-z]+)*", part), path
                assert part.endswith("s") or part in SINGULAR, path


def test_each_resource_has_its_dutch_word_in_the_glossary() -> None:
    glossary = (ROOT / "docs" / "words.md").read_text("utf-8").lower()
    told = {
        "organisation",
        "signatory",
        "mandate",
        "agreement",
        "act",
        "approval",
        "dossier",
        "commitment",
        "fingerprint",
    }
    for word in told:
        assert re.search(rf"\b{word}\b", glossary), word


def test_moments_are_date_times_in_utc_and_days_are_dates() -> None:
    """All but in the structs that are signed, whose numbers are hashed."""
    signed = {"ActData", "MotionData", "ReportData", "ErasureRequest"}
    told = {name: one for name, one in description()["components"]["schemas"].items() if name not in signed}
    found = [
        (name, one)
        for name, one in schemas(told)
        if re.search(r"(Until|From|At|On)$|^(time|due)$", name) and "type" in one
    ]
    assert len(found) > 5
    for name, one in found:
        assert one["type"] == "string", name
        assert one["format"] == ("date" if name == "due" else "date-time"), name


def test_contact_and_server_are_those_of_the_settings() -> None:
    environ = {
        "FOODVALLEY_CONTACT": "register@veenendaal.nl",
        "FOODVALLEY_PUBLIC_URL": "https://register.veenendaal.nl/",
    }
    told = json.loads(described(load_settings(environ, Path("/"))))
    assert told["info"]["contact"]["email"] == "register@veenendaal.nl"
    assert told["servers"] == [{"url": "https://register.veenendaal.nl/v1"}]


def test_the_version_is_one_everywhere() -> None:
    told = description()
    assert told["info"]["version"] == API_VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", API_VERSION)
    major = API_VERSION.split(".")[0]
    assert all(one["url"].endswith(f"/v{major}") for one in told["servers"])


def test_the_changelog_names_the_api() -> None:
    assert "`/v1`" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_no_secret_goes_in_an_address() -> None:
    for path, _, operation in operations():
        for one in operation.get("parameters", []):
            if one["in"] in ("query", "path"):
                assert not re.search(r"token|password|secret|key$|bsn|mail", one["name"], re.IGNORECASE), path
    for scheme in description()["components"].get("securitySchemes", {}).values():
        assert scheme.get("in", "header") == "header"


def test_there_is_nothing_geographic() -> None:
    assert not re.search(r"geojson|coordinates|bbox|latitude", json.dumps(description()), re.IGNORECASE)


# The table of the rules


def rows() -> list[tuple[str, list[str]]]:
    """The rules of the table with the tests that each names."""
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith("| `/core/"):
            rules, _, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append((rules, re.findall(r"`([\w/.]+::\w+)`", tests)))
    return found


def test_each_row_of_the_table_names_tests_that_exist() -> None:
    assert len(rows()) >= 25
    for rules, tests in rows():
        assert tests, rules
        for one in tests:
            file, _, name = one.partition("::")
            tree = ast.parse((ROOT / "tests" / "integration" / file).read_text("utf-8"))
            assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, one


def test_every_rule_that_the_linter_names_has_a_row() -> None:
    if not RULESET.is_file():
        pytest.skip(f"the ruleset of Logius is not at {RULESET}; ADR_RULESET names another place")
    named = set(re.findall(r"#(/core/[\w/-]+)", RULESET.read_text("utf-8")))
    told = " ".join(rules for rules, _ in rows())
    assert sorted(one for one in named if f"`{one}`" not in told) == []
