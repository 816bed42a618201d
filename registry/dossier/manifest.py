"""The manifest: what an act is about, in the words of the people who agree, and which files belong to it.

Written by a person as YAML or TOML, kept as canonical JSON. The order of ``files`` is the order of the
leaves in the Merkle tree, so a path is bound to a leaf. Digests of files never stand here: an unsalted digest
of a guessable document would still point to it after erasure (EDPB guidelines 02/2025).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from registry.dossier.explain import explain
from registry.dossier.fields import (
    LONGEST_NOTICE,
    Day,
    Label,
    Language,
    Line,
    OrganisationId,
    RelativePath,
    Text,
    directory_of,
)
from registry.dossier.rules import faults
from registry.dossier.terms import (
    SECONDS_PER_DAY,
    Terms,
    last_second_of_day,
    start_of_day,
    start_of_next_day,
)

MAX_FILES = 1000
FORMAT = 1


class Kind(StrEnum):
    """What sort of agreement or decision the act concerns."""

    CONVENANT = "convenant"
    SAMENWERKINGSOVEREENKOMST = "samenwerkingsovereenkomst"
    DIENSTVERLENINGSOVEREENKOMST = "dienstverleningsovereenkomst"
    GEMEENSCHAPPELIJKE_REGELING = "gemeenschappelijke-regeling"
    INTENTIEVERKLARING = "intentieverklaring"
    BESLUIT = "besluit"
    OVERIG = "overig"


class Organ(StrEnum):
    """The organ that decides for a party: of a municipality, a province, or a water board or joint body."""

    RAAD = "raad"
    COLLEGE = "college"
    BURGEMEESTER = "burgemeester"
    PROVINCIALE_STATEN = "provinciale-staten"
    GEDEPUTEERDE_STATEN = "gedeputeerde-staten"
    COMMISSARIS_VAN_DE_KONING = "commissaris-van-de-koning"
    ALGEMEEN_BESTUUR = "algemeen-bestuur"
    DAGELIJKS_BESTUUR = "dagelijks-bestuur"
    COLLEGE_VAN_DIJKGRAAF_EN_HEEMRADEN = "college-van-dijkgraaf-en-heemraden"
    DIJKGRAAF = "dijkgraaf"


class Role(StrEnum):
    """What a file is to the agreement."""

    OVEREENKOMST = "overeenkomst"
    BIJLAGE = "bijlage"
    BESLUIT = "besluit"
    TOELICHTING = "toelichting"


class Visibility(StrEnum):
    """Who may read the dossier at the services of the parties."""

    PARTIES = "parties"
    PUBLIC = "public"


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class Party(_Part):
    """An organisation that is bound, and the organ that decides for it."""

    organisation: OrganisationId = Field(description="identifier such as gm0345, or name such as Veenendaal")
    organ: Organ = Field(description="the organ that decides for this party, such as college")


class Commitment(_Part):
    """Something that one party promises to do."""

    id: Label = Field(description="short and unique, such as T1")
    organisation: OrganisationId = Field(description="the party that promises this")
    text: Text = Field(description="what is promised, in plain language")
    due: Day | None = Field(default=None, description="the last day to fulfil it, as 2026-12-31")


class ListedFile(_Part):
    """A document of the dossier."""

    path: RelativePath = Field(description="where the file is, seen from the manifest")
    role: Role = Field(description="overeenkomst, bijlage, besluit or toelichting")
    title: Line | None = Field(default=None, description="what people call the document")
    organisation: OrganisationId | None = Field(default=None, description="of a besluit: the organisation that took it")


class Manifest(_Part):
    """All that a person says about an act; validation context ``{"directory": Directory}`` allows names."""

    manifest: Literal[1] = Field(description="version of this format: 1")
    title: Line = Field(description="what people call the agreement")
    summary: Text = Field(description="what it comes down to, in plain language")
    kind: Kind = Field(description="the kind of agreement, such as convenant")
    policy_area: Line = Field(description="the policy area, such as mobiliteit")
    language: Language = Field(
        default="nl", description="language of the documents as a code (BCP 47), such as nl or fy"
    )
    visibility: Visibility = Field(default=Visibility.PARTIES, description="parties or public")
    example: StrictBool = Field(default=False, description="true marks an example (voorbeeld) without effect")
    parties: tuple[Party, ...] = Field(
        description="who is bound: two or more, or an empty list when the agreement ends"
    )
    valid_from: Day = Field(description="the first day on which it holds, as 2026-01-01")
    valid_until: Day | None = Field(
        default=None, description="the last day on which it holds (tot en met); absent means open-ended"
    )
    notice_days: Annotated[StrictInt, Field(ge=0, le=LONGEST_NOTICE)] = Field(
        default=0, description="days after which one party may leave alone; 0 means only together"
    )
    deadline: Day | None = Field(default=None, description="the last day on which approvals count")
    commitments: tuple[Commitment, ...] = Field(default=(), description="what the parties promise")
    files: tuple[ListedFile, ...] = Field(
        min_length=1, max_length=MAX_FILES, description="the documents, in the order in which they are proven"
    )

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        data = _without_nulls(data)
        found: list[InitErrorDetails] = []
        manifest: Self | None = None
        try:
            manifest = handler(data)
        except ValidationError as error:
            found += [_detail(fault["loc"], explain(fault, Manifest)) for fault in _own_faults(error)]
        if isinstance(data, Mapping):
            found += [_detail(place, message) for place, message in faults(data, directory_of(info))]
        if manifest is None or found:
            raise ValidationError.from_exception_data("Manifest", found)
        return manifest

    def canonical(self) -> bytes:
        """The bytes of manifest.json: UTF-8, keys sorted, two spaces of indent, a newline at the end.

        Defaults are written out and absent values left out, so that the bytes keep their meaning when a
        later version has other defaults.
        """
        data = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()

    def terms(self) -> Terms:
        """The parties and times of the act, in the units of the chain."""
        return Terms(
            parties=tuple(sorted(party.organisation for party in self.parties)),
            valid_from=start_of_day(self.valid_from),
            valid_until=start_of_next_day(self.valid_until) if self.valid_until else 0,
            notice=self.notice_days * SECONDS_PER_DAY,
            deadline=last_second_of_day(self.deadline) if self.deadline else 0,
        )


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a manifest, as published; rules between fields are in docs/dossier.md."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:foodvalley:manifest:{FORMAT}",
        **Manifest.model_json_schema(by_alias=True),
    }


def _own_faults(error: ValidationError) -> list[ErrorDetails]:
    """The faults without "too short" of a list that is so only because its items are faulty themselves."""
    found = error.errors()
    inside = {fault["loc"][:1] for fault in found if len(fault["loc"]) > 1}
    return [fault for fault in found if fault["type"] != "too_short" or fault["loc"] not in inside]


def _without_nulls(data: Any) -> Any:
    """A key without a value counts as not written: ``validUntil:`` in a template means "none"."""
    if isinstance(data, Mapping):
        return {key: _without_nulls(value) for key, value in data.items() if value is not None}
    if isinstance(data, list):
        return [_without_nulls(item) for item in data]
    return data


def _detail(place: tuple[str | int, ...], message: str) -> InitErrorDetails:
    fault = PydanticCustomError("refused", "{reason}", {"reason": message})
    return InitErrorDetails(type=fault, loc=place, input=None)
