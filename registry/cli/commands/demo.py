"""The demonstration: the whole job on a chain of its own, told step by step."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from registry import dutch, localnet
from registry.carried import CarriedProposal, read_proposal, write_carried
from registry.chain import Sent, deploy
from registry.cli import options, output
from registry.cli.commands import council, verify
from registry.cli.session import Session
from registry.dossier import Dossier, build
from registry.errors import RegistryError, UsageError
from registry.keys import Signer
from registry.model import Act
from registry.service import Service, sign_approval
from registry.settings import load_settings
from registry.statements import hash_act
from registry.timeline import Agreement
from registry.verification import Outcome

_SERVICE = "dienstverlening-veenendaal-renswoude"
_AMENDED = f"{_SERVICE}-wijziging-1"
_ENDED = f"{_SERVICE}-opheffing"
_BLOCKCHAIN = "samenwerking-blockchain"
_MOBILITY = "mobiliteitsconvenant"


def add_to(app: typer.Typer) -> None:
    """Hangs the command under the root."""
    app.command(rich_help_panel="Start here")(demo)


def demo(
    samples: Annotated[
        Path | None,
        typer.Option("--samples", metavar="FOLDER", help="The sample dossiers; default: those of the project."),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="ganache or anvil.")] = "ganache",
    as_json: options.Json = False,
) -> None:
    """Show the register doing its whole job, on a local chain that exists only for this.

    The council of the eight Food Valley municipalities is founded, agreements are proposed, signed, recorded,
    amended and ended, and PDFs are checked against the chain: one that is what was agreed, one with a single
    byte changed, one that was superseded. Nothing is left behind.

    Example: foodvalley demo
    """
    folder = _samples(samples)
    with tempfile.TemporaryDirectory(prefix="foodvalley-demo-") as scratch:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("FOODVALLEY_")}
        settings = load_settings(environ | {"FOODVALLEY_HOME": scratch}, Path(scratch))
        with localnet.running(engine, environ=os.environ, start=folder) as chain:
            session = Session(chain.url)
            session.settings = replace(settings, organisations={})
            _Story(session, folder, Path(scratch), as_json).tell()


@dataclass
class _Story:
    """The story, one method a chapter; every step prints who did what, the gas, and the fingerprint after it."""

    session: Session
    samples: Path
    scratch: Path
    as_json: bool
    steps: list[dict[str, object]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def tell(self) -> None:
        """All chapters, in order."""
        self._found()
        service = self._conclude_by_transactions()
        covenant = self._conclude_by_carried_signatures()
        self._conclude_with_guests()
        self._amend(service)
        self._verify(service)
        self._end(service)
        self._close(covenant)

    def _found(self) -> None:
        self._chapter("De raad van deelnemers")
        session = self.session
        founders = council.development_founders(session)
        deployment, _ = deploy(session.chain, founders, self._as("carrier"), session.settings.deployments)
        members = [session.directory.name(one.organisation) for one in founders if one.votes]
        guests = [session.directory.name(one.organisation) for one in founders if not one.votes]
        receipt = session.chain.receipt(bytes.fromhex(deployment.transaction[2:]))
        did = f"richten de raad en zijn register op; te gast, zonder stem: {dutch.listed(guests)}"
        self._step(dutch.listed(members), did, receipt["gasUsed"])
        gas = council.appoint_development_signatories(session)
        self._step(
            "De tien beheerders",
            "benoemen elk twee ondertekenaars: één zelfstandig bevoegd, één samen met de ander",
            gas,
        )

    def _conclude_by_transactions(self) -> Agreement:
        self._chapter("Een dienstverleningsovereenkomst van twee partijen, ondertekend op de keten")
        act = self._propose(_SERVICE, "veenendaal")
        self._approve(act, "renswoude")
        return self._record(act)

    def _conclude_by_carried_signatures(self) -> Agreement:
        self._chapter("Acht partijen ondertekenen één bestand, één transactie legt vast")
        service = self.service
        act = service.draft(service.view(), self._build(_BLOCKCHAIN))
        path = self.scratch / "voorstel.json"
        proposal = CarriedProposal(service.register.domain, act)
        for organisation in act.parties:
            proposal = write_carried(path, proposal.with_approval(sign_approval(proposal, self._as(organisation))))
            self._step(self._name(organisation), f"ondertekent {path.name}, zonder transactie", None)
        carried = read_proposal(path)
        sent, _ = service.record(service.view(), act, self._as("carrier"), carried.approvals)
        return self._recorded(act, sent, "met acht akkoorden in één transactie")

    def _conclude_with_guests(self) -> None:
        self._chapter("Een mobiliteitsconvenant met twee provincies als gast")
        service = self.service
        act = service.draft(service.view(), self._build(_MOBILITY))
        proposal = CarriedProposal(service.register.domain, act)
        approvals = [sign_approval(proposal, self._as(organisation)) for organisation in act.parties]
        sent, _ = service.record(service.view(), act, self._as("carrier"), approvals)
        self._recorded(act, sent, "met tien akkoorden in één transactie")

    def _amend(self, agreement: Agreement) -> None:
        self._chapter("De dienstverleningsovereenkomst wordt gewijzigd")
        act = self._propose(_AMENDED, "renswoude", agreement)
        self._approve(act, "veenendaal")
        self._record(act)

    def _verify(self, agreement: Agreement) -> None:
        self._chapter("Klopt dit bestand?")
        old, new = self.samples / _SERVICE, self.samples / _AMENDED
        document = new / "overeenkomst.pdf"
        self._check("Het onaangeroerde PDF", document, Outcome.IN_FORCE)
        changed = self.scratch / "overeenkomst.pdf"
        shutil.copyfile(document, changed)
        with changed.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            last = file.read(1)
            file.seek(-1, os.SEEK_END)
            file.write(bytes([last[0] ^ 1]))
        self._check("Een kopie waarvan één byte is veranderd", changed, Outcome.UNKNOWN)
        self._check("De versie van vóór de wijziging", old / "overeenkomst.pdf", Outcome.SUPERSEDED)

    def _end(self, agreement: Agreement) -> None:
        self._chapter("De dienstverleningsovereenkomst eindigt")
        act = self._propose(_ENDED, "veenendaal", agreement)
        self._approve(act, "renswoude")
        self._record(act)
        self._check(
            "De gewijzigde versie, na de beëindiging", self.samples / _AMENDED / "overeenkomst.pdf", Outcome.SUPERSEDED
        )

    def _close(self, covenant: Agreement) -> None:
        view = self.service.view()
        acts = sum(len(one.acts) for one in view.ledger.agreements.values())
        if self.as_json:
            output.print_json({"steps": self.steps, "fingerprint": "0x" + view.ledger.fingerprint.hex(), "acts": acts})
            return
        seconds = time.monotonic() - self.started
        self._console.print()
        self._console.print(Rule(style="dim"))
        self._console.print(
            f"{len(view.ledger.agreements)} overeenkomsten en {acts} handelingen in {view.block} blokken, in "
            f"{seconds:.0f} seconden. De vingerafdruk, uit alle gebeurtenissen nagerekend, is die van het contract:"
        )
        self._console.print(f"0x{view.ledger.fingerprint.hex()}", soft_wrap=True)
        self._console.print("Nu zelf: foodvalley chain up, en dan de eerste stappen in README.md.")

    @property
    def service(self) -> Service:
        """The register of this story."""
        return self.session.service

    @property
    def _console(self) -> Console:
        return output.console()

    def _as(self, role: str) -> Signer:
        return self.session.signer(None, role, None)

    def _name(self, organisation: str) -> str:
        return self.session.directory.name(organisation)

    def _build(self, name: str) -> Dossier:
        return build(self.samples / name, self.session.store, self.session.directory)

    def _propose(self, name: str, role: str, follows: Agreement | None = None) -> Act:
        service = self.service
        view = service.view()
        current = view.ledger.agreements[follows.id] if follows else None
        dossier = self._build(name)
        act = service.draft(view, dossier, current)
        sent = service.propose(act, self._as(role))
        self._step(self._role(role), f"stelt voor en ondertekent: “{dutch.title(dossier.manifest)}”", sent.gas_used)
        return act

    def _approve(self, act: Act, role: str) -> None:
        sent = self.service.approve(hash_act(act), self._as(role))
        self._step(self._role(role), "ondertekent op de keten", sent.gas_used)

    def _record(self, act: Act) -> Agreement:
        sent, _ = self.service.record(self.service.view(), act, self._as("carrier"))
        return self._recorded(act, sent, "met de akkoorden die al op de keten staan")

    def _recorded(self, act: Act, sent: Sent, how: str) -> Agreement:
        view = self.service.view()
        agreement = self.service.agreement(view, hash_act(act).hex())
        manifest = self.service.store.manifest(act.dossier)
        title = f"“{dutch.title(manifest)}”" if manifest else "de handeling"
        did = f"legt {title} vast ({dutch.verb(agreement.head.verb)}, {dutch.period(act)}) {how}"
        self._step("Een willekeurige drager", did, sent.gas_used)
        return agreement

    def _role(self, role: str) -> str:
        return self.session.directory.find(role).name

    def _check(self, what: str, file: Path, expected: Outcome) -> None:
        answer = self.service.verify(file)
        if answer.outcome is not expected:
            raise RegistryError(f"{file.name} came out as {answer.outcome}, expected {expected}")
        code = 0 if answer.outcome.accepted else 1
        sentence = dutch.verification(answer, self.session.directory)
        self.steps.append({"verify": what, "outcome": answer.outcome.value, "exitCode": code,
                           "sentence": sentence})  # fmt: skip
        if not self.as_json:
            self._console.print(f"\n[bold]{what}[/]: foodvalley verify {file.name} [dim](exit {code})[/]")
            verify.show(answer, self.session)

    def _chapter(self, title: str) -> None:
        if not self.as_json:
            self._console.print()
            self._console.print(Rule(f"[bold]{title}[/]", align="left", style="dim"))

    def _step(self, who: str, did: str, gas: int | None) -> None:
        """One step: who did what, the gas it took (None: no transaction), the fingerprint after it."""
        fingerprint = "0x" + self.service.register.fingerprint().hex()
        self.steps.append({"who": who, "did": did, "gasUsed": gas, "fingerprint": fingerprint})
        if self.as_json:
            return
        body = Text.assemble((who[0].upper() + who[1:], "bold"), " ", did)
        number = sum("who" in step for step in self.steps)
        self._print(f"{number:2}", body)
        if gas is not None:
            cost = "gas " + dutch.number(gas).ljust(11)
            self._print("  ", Text(f"{cost} vingerafdruk {fingerprint[:18]}…{fingerprint[-8:]}", "dim"))

    def _print(self, mark: str, body: Text) -> None:
        row = Table.grid(padding=(0, 2))
        row.add_row(Text(mark, "dim"), body)
        self._console.print(row)


def _samples(told: Path | None) -> Path:
    """The folder with the sample dossiers; UsageError if it is not there."""
    places = [told] if told else [Path.cwd() / "samples", Path(__file__).resolve().parents[3] / "samples"]
    for place in places:
        if (place / _SERVICE).is_dir():
            return place
    raise UsageError(
        f"there are no sample dossiers in {places[0]}",
        hint="run this in a checkout of the project, or name --samples FOLDER",
    )
