"""What stands in the report of an audit, as one JSON document for its template: Dutch texts, ready to be printed.

Whatever others wrote goes through :func:`registry.exports.text.printable`, and the template shows it as text only: none
of it can become markup.
"""

from __future__ import annotations

from collections.abc import Mapping

from registry import dutch
from registry.audit.report import AuditReport, Deviation
from registry.exports import words
from registry.exports.picture import Drawn, Picture, new_year
from registry.exports.signing import Signing
from registry.exports.source import Source
from registry.exports.text import printable
from registry.exports.verdict import Verdict, verdict_of
from registry.model import Status
from registry.organisations import Directory

Json = dict[str, object]

MOST_DEVIATIONS = 1_000
"""How many deviations are printed; the rest is counted. ``foodvalley audit --json`` has them all."""

_CONTENTS = {
    "organisations": "organisaties",
    "signatories": "ondertekenaars",
    "agreements": "overeenkomsten",
    "acts": "handelingen",
    "motions": "moties",
    "reports": "meldingen over toezeggingen",
}
_LONGEST_NAME = 36
_STATUSES = (Status.IN_FORCE, Status.PENDING, Status.EXPIRED, Status.ENDED)
_NO_TITLE = "(dossier niet bij de hand)"


def report_data(source: Source | None, audit: AuditReport, directory: Directory) -> Json:
    """The document of one audit, with the agreements and signatures as ``source`` has them at the same block."""
    picture, signing = Picture(audit.block_time), Signing()
    for entry in source.entries() if source else ():
        picture.add(entry)
        signing.add(entry)
    return {
        "verdict": _verdict(audit),
        "facts": _facts(audit),
        "development": _is_development(audit),
        "cards": _cards(audit.contents),
        "checks": _checks(audit),
        "deviations": [_deviation(one, directory) for one in audit.deviations[:MOST_DEVIATIONS]],
        "deviationsLeftOut": _left_out(len(audit.deviations) - MOST_DEVIATIONS),
        "unchecked": [
            {"check": one.check.dutch, "count": dutch.number(one.count), "reason": printable(one.reason)}
            for one in audit.unchecked
        ],
        "index": _index(audit),
        "indexName": printable(audit.index),
        "contents": _contents(audit.contents),
        "events": _events(audit.events),
        "drawn": source is not None,
        "picture": _picture(picture, directory),
        "bases": [[basis.dutch, dutch.number(count)] for basis, count in audit.bases.items()],
        "signing": _signing(signing, directory),
        "repeat": _repeat(audit),
        "short": {
            "block": dutch.number(audit.block),
            "day": dutch.day(audit.block_time),
            "made": dutch.day(audit.started_at),
            "register": audit.register,
            "fingerprint": _hex(audit.fingerprint),
        },
    }


def _verdict(audit: AuditReport) -> Json:
    found = verdict_of(audit)
    return {
        "kind": found.verdict.value,
        "title": found.title,
        "sentence": found.sentence,
        "meaning": _MEANINGS[found.verdict],
    }


_MEANINGS = {
    Verdict.SOUND: (
        "Wat in het register staat is volledig, ongewijzigd en bevoegd ondertekend, volgens de regels die het contract "
        "stelt, voor zover de keten zelf te vertrouwen is. Lees ook wat dit niet bewijst."
    ),
    Verdict.LIMITED: (
        "Wat is nagegaan, klopt. Een deel kon niet worden nagegaan; onder “Niet nagegaan” staat welk deel en waarom. "
        "Over dat deel geeft dit rapport geen oordeel."
    ),
    Verdict.DEVIATIONS: (
        "Het register, het knooppunt of de index zegt iets anders dan uit de keten volgt. Elke afwijking staat hierna, "
        "met blok en transactie. Gebruik wat zij raakt pas weer als zij is verklaard."
    ),
}


def _facts(audit: AuditReport) -> list[Json]:
    replayed = f"blok {dutch.number(audit.from_block)} (oprichting) tot en met blok {dutch.number(audit.block)}"
    return [
        _fact("Register", audit.register, mono=True),
        _fact("Keten", f"nummer {audit.chain_id}"),
        _fact("Gecontroleerd", replayed),
        _fact("Stand van", dutch.to_the_second(audit.block_time)),
        _fact("Hash van dat blok", _hex(audit.block_hash), mono=True),
        _fact("Vingerafdruk", _hex(audit.fingerprint), mono=True),
        _fact("Uitgevoerd op", dutch.moment(audit.started_at)),
        _fact("Knooppunt", printable(f"{audit.node} ({audit.client})")),
        _fact("Programma", f"foodvalley {printable(audit.version)}"),
    ]


def _is_development(audit: AuditReport) -> bool:
    """Whether whoever runs the chain can do it over at will."""
    engine = audit.client.partition("/")[0].casefold()
    return engine in ("anvil", "ganache", "hardhatnetwork", "ethereumjs testrpc") or audit.chain_id in (1337, 31337)


def _fact(label: str, value: str, *, mono: bool = False) -> Json:
    return {"label": label, "value": value, "mono": mono}


def _cards(contents: Mapping[str, int]) -> list[list[str]]:
    wanted = ("organisations", "agreements", "acts", "signatories")
    return [[dutch.number(contents[one]), _CONTENTS[one]] for one in wanted if one in contents]


def _checks(audit: AuditReport) -> list[Json]:
    return [
        {
            "name": one.check.dutch,
            "explained": one.check.explained,
            "checked": dutch.number(one.checked),
            "deviations": dutch.number(one.deviations),
            "state": "bad" if one.deviations else "good" if one.checked else "none",
        }
        for one in audit.tallies
    ]


def _deviation(one: Deviation, directory: Directory) -> Json:
    where = [
        ("blok", dutch.number(one.block) if one.block is not None else ""),
        ("nummer in blok", dutch.number(one.log_index) if one.log_index is not None else ""),
        (
            "organisatie",
            printable(f"{directory.name(one.organisation)} ({one.organisation})") if one.organisation else "",
        ),
    ]
    hashes = [("transactie", one.transaction), ("betreft", one.subject), ("overeenkomst", one.agreement)]
    return {
        "check": one.check.dutch,
        "rule": printable(one.rule),
        "message": printable(one.message),
        "where": ", ".join(f"{label} {value}" for label, value in where if value),
        "hashes": [[label, _hex(value)] for label, value in hashes if value is not None],
    }


def _left_out(count: int) -> str:
    return dutch.number(count) if count > 0 else ""


def _index(audit: AuditReport) -> str:
    if not audit.index:
        return "Er is geen index vergeleken. Dat raakt het oordeel niet: een index is nooit bewijs."
    rows = dutch.counted(sum(audit.index_rows.values()), "rij", "rijen")
    return f"Vergeleken is een index van {rows}:"


def _contents(contents: Mapping[str, int]) -> list[list[str]]:
    return [[_CONTENTS.get(name, name), dutch.number(count)] for name, count in contents.items()]


def _events(events: Mapping[str, int]) -> list[list[str]]:
    known = [[one, name, dutch.number(events[one])] for one, name in words.NAMES.items() if events.get(one)]
    other = [[one, "", dutch.number(count)] for one, count in events.items() if one not in words.NAMES]
    return known + other


def _picture(picture: Picture, directory: Directory) -> Json:
    drawn = [_bar(one, picture, directory) for one in picture.drawn]
    return {
        "total": dutch.number(sum(picture.statuses.values())),
        "statuses": [[one.dutch, dutch.number(picture.statuses[one])] for one in _STATUSES if picture.statuses[one]],
        "ticks": [{"at": at, "label": label} for at, label in picture.ticks],
        "now": picture.at(picture.now),
        "today": dutch.day(picture.now),
        "years": [
            {
                "from": picture.at(new_year(year)),
                "to": picture.at(new_year(year + 1)),
                "year": str(year),
                "count": count,
                "shown": dutch.number(count),
                "ahead": new_year(year + 1) > picture.now,
            }
            for year, count in picture.per_year
        ],
        "bars": drawn,
        "leftOut": _left_out(sum(picture.left_out.values())),
        "leftOutBy": [
            f"{dutch.number(picture.left_out[one])} {one.dutch}" for one in _STATUSES if picture.left_out[one]
        ],
    }


def _bar(one: Drawn, picture: Picture, directory: Directory) -> Json:
    names = [directory.name(party).removeprefix("gemeente ") for party in one.parties]
    shown = dutch.listed(names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} andere"])
    title = printable(one.title) or _NO_TITLE
    return {
        "number": dutch.number(one.number),
        "title": title,
        "name": title if len(title) <= _LONGEST_NAME else title[: _LONGEST_NAME - 1].rstrip() + "…",
        "parties": printable(shown),
        "status": one.status.dutch,
        "since": dutch.day(one.since),
        "hash": dutch.short(one.id),
        "stretches": [
            {
                "from": picture.at(each.since),
                "to": picture.at(each.until),
                "cutLeft": not picture.within(each.since),
                "cutRight": not picture.within(each.until),
            }
            for each in one.stretches
            if picture.at(each.since) < picture.at(each.until)
        ],
        "changes": [picture.at(moment) for moment in one.changes if picture.within(moment)],
    }


def _signing(signing: Signing, directory: Directory) -> list[list[str]]:
    return [
        [
            printable(directory.name(one.organisation)) + f" ({one.organisation})",
            dutch.number(one.acts),
            dutch.number(one.approvals),
            dutch.number(len(one.signatories)),
            dutch.number(one.jointly),
            dutch.number(one.with_decision),
            f"{dutch.brief_day(one.first)} – {dutch.brief_day(one.last)}",
        ]
        for one in signing
    ]


def _repeat(audit: AuditReport) -> list[list[str]]:
    """The commands that do it again, each as the lines that it is printed on."""
    since = [f"--from-block {audit.signed_from}"] if audit.signed_from > audit.from_block else []
    blocks = " ".join([f"--at-block {audit.block}", *since])
    where = [f"--register {audit.register}", "--node ADRES-VAN-UW-KNOOPPUNT"]
    return [[f"foodvalley {one} {blocks}", *where] for one in ("audit", "export pdf --output controle.pdf")]


def _hex(value: bytes) -> str:
    return "0x" + value.hex()
