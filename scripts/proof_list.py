"""The proofs of proofs/*.proof.sol, each with its bounds and a fault that must make it fail; prove.py runs them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proof:
    """One function of proofs/*.proof.sol."""

    contract: str
    function: str
    bounds: str
    # A fault that makes it fail: the file, what stands there, what stands there instead.
    fault: tuple[str, str, str]

    @property
    def name(self) -> str:
        """As it is printed."""
        return f"{self.contract.removesuffix('Proof').lower()}: {self.function.replace('_', ' ')}"


MANDATES, APPROVALS = "contracts/Mandates.sol", "contracts/Approvals.sol"
COUNCIL, AGREEMENTS, WORDS = "contracts/Council.sol", "contracts/Agreements.sol", "contracts/Words.sol"
ANY = "any state, time, sender and arguments"
LISTED = f"{ANY}, up to 2 signatories on the list of the organisation concerned"
ENDLESS = "any state and time, acts without deadline or end"
ONE = "1 organisation in favour, 1 approval"
UNSUCCEEDED = "any state, time, subject and kind of approval, none succeeded"
PLAIN = "signatures under open-ended mandates"
ACT = "any state, time and act of that many parties"
FOLLOWING = "any state, time and act that follows an act of that many parties"
APART = "the check of approvals taken apart"
TURN = "any state, time, subject, kind of approval, and approvals before this one"
SOONER = f"{FOLLOWING}, without deadline"
WITHOUT = f"{FOLLOWING}, without deadline or end"
CODELESS = ", signatures of 65 bytes by keys that are no wallets"
HASHED = "abi.encode(typehash, subject, decision)"

ALL = (
    Proof("WordsProof", "copy", "0 to 4 words", (WORDS, "mstore(copied, words.length)", "mstore(copied, 1)")),
    Proof(
        "WordsProof", "at", "1 to 4 words", (WORDS, "word := mload(add(words, mul(add(index, 1), 32)))", "word := 0")
    ),
    Proof(
        "WordsProof",
        "put",
        "1 to 4 words",
        (
            WORDS,
            "mstore(add(words, mul(add(index, 1), 32)), word)",
            "mstore(add(words, mul(add(index, 2), 32)), word)",
        ),
    ),
    Proof("WordsProof", "truncate", "0 to 4 words", (WORDS, "mstore(words, length)", "mstore(words, add(length, 1))")),
    Proof(
        "WordsProof",
        "hash",
        "0 to 4 words",
        (
            WORDS,
            "function hash(address[] memory words) internal pure returns (bytes32 hash_) {\n"
            '        assembly ("memory-safe") {\n'
            "            hash_ := keccak256(add(words, 32), mul(mload(words), 32))",
            "function hash(address[] memory words) internal pure returns (bytes32 hash_) {\n"
            '        assembly ("memory-safe") {\n'
            "            hash_ := keccak256(add(words, 32), mload(words))",
        ),
    ),
    Proof(
        "WordsProof", "recover", "any digest and signature", (WORDS, "add(shr(255, vs), 27)", "add(shr(254, vs), 27)")
    ),
    Proof(
        "WordsProof",
        "logRecorded",
        "0 to 3 parties, 0 to 4 signatories, with and without decisions",
        (
            WORDS,
            "log3(data, sub(end, data), topic, agreement, actHash)",
            "log3(data, sub(end, data), topic, actHash, agreement)",
        ),
    ),
    Proof(
        "DigestsProof",
        "digest",
        "any act, decision and chain",
        (APPROVALS, 'EIP712("Food Valley Register", "1")', 'EIP712("Food Valley Register", "2")'),
    ),
    Proof(
        "DigestsProof",
        "digestsDiffer",
        "any two acts, decisions and chains, two registers",
        (APPROVALS, HASHED, "abi.encode(typehash, subject, subject)"),
    ),
    Proof(
        "DigestsProof",
        "kindsDiffer",
        "any act, motion, report and confirmation",
        (APPROVALS, HASHED, "abi.encode(subject, decision)"),
    ),
    Proof(
        "DigestsProof",
        "actHash",
        "any two acts of 0 to 3 parties",
        (AGREEMENTS, "act.notice,\n                act.deadline\n", "act.deadline,\n                act.deadline\n"),
    ),
    Proof(
        "DigestsProof",
        "motionHash",
        "any two motions with actions of 7 bytes",
        (
            COUNCIL,
            "motion.dossier,\n                motion.deadline\n",
            "motion.deadline,\n                motion.deadline\n",
        ),
    ),
    Proof(
        "OrganisationsProof",
        "appoint",
        f"{ANY}, one succession in a row",
        (
            MANDATES,
            "if (mandate.organisation != 0 && _heirOf(mandate.organisation) != organisation) {",
            "if (mandate.organisation == bytes16(uint128(1))) {",
        ),
    ),
    Proof(
        "OrganisationsProof",
        "dismiss",
        ANY,
        (MANDATES, "if (_mandates[signatory].organisation != organisation || place == 0) {", "if (place == 0) {"),
    ),
    Proof(
        "OrganisationsProof",
        "takeOver",
        ANY,
        (MANDATES, "if (nomineeOf[organisation] != msg.sender)", "if (nomineeOf[organisation] == address(0))"),
    ),
    Proof(
        "OrganisationsProof",
        "handOver",
        ANY,
        (
            MANDATES,
            "function handOver(bytes32 organisation, address nominee) external {\n"
            "        _requireAdministrator(organisation);\n",
            "function handOver(bytes32 organisation, address nominee) external {\n",
        ),
    ),
    *(
        Proof("OrganisationsProof", f"enact_{name}", LISTED, (COUNCIL, *fault))
        for name, fault in (
            ("admit", ("        if (pending.motionHash != motionHash) revert NotPending(motionHash);\n", "")),
            ("expel", ("_mark(organisation, true);", "_retire(motion.dossier, 0);")),
            ("recover", ("if (block.timestamp < pending.effectFrom) revert VetoPeriod(pending.effectFrom);", "")),
            ("anythingElse", ("revert UnknownAction(motion.action);", "")),
        )
    ),
    *(
        Proof(
            "OrganisationsProof",
            f"enact_succeed_{listed}_listed",
            f"{ANY}, {listed} signatories on the list of the organisation concerned",
            (COUNCIL, "_retire(organisation, motion.successor);", "_retire(motion.successor, organisation);"),
        )
        for listed in (0, 1, 2)
    ),
    Proof(
        "OrganisationsProof",
        "veto",
        ANY,
        (COUNCIL, "if (signsFor != organisation) revert NotConcerned", "if (signsFor == 0) revert NotConcerned"),
    ),
    Proof(
        "OrganisationsProof",
        "vetoWorks",
        "any state, time and reason",
        (COUNCIL, "if (_members[organisation].administrator != msg.sender) {", "if (msg.sender != address(this)) {"),
    ),
    *(
        Proof("OrganisationsProof", f"decide_{name}", f"{LISTED}, {bounds}, {PLAIN}", (COUNCIL, *fault))
        for name, bounds, fault in (
            ("succeed_1_1", ONE, ("(action == SUCCEED || action == RECOVER) &&", "(action == RECOVER) &&")),
            ("recover_1_1", ONE, ("            effectFrom += VETO_PERIOD;\n", "")),
            (
                "recover_1_2",
                "1 organisation in favour, 2 approvals",
                ("(action == SUCCEED || action == RECOVER) && !consents", "action == SUCCEED && !consents"),
            ),
            (
                "recover_2_2",
                "2 organisations in favour, 2 approvals",
                ("if (organisation == concerned) consents = true;", "consents = true;"),
            ),
        )
    ),
    *(
        Proof("StandingProof", name, f"{ANY}{bounds}", fault)
        for name, bounds, fault in (
            (
                "approve",
                "",
                (
                    APPROVALS,
                    "approvalOf[subject][msg.sender] = _approvalHash(typehash",
                    "approvalOf[subject][tx.origin] = _approvalHash(typehash",
                ),
            ),
            (
                "vote",
                "",
                (
                    COUNCIL,
                    "emit Voted(motionHash, _approve(VOTE_TYPEHASH, motionHash, decision), msg.sender, decision);",
                    "emit Voted(motionHash, _approve(VOTE_TYPEHASH, decision, motionHash), msg.sender, decision);",
                ),
            ),
            (
                "approveFor",
                CODELESS,
                (
                    APPROVALS,
                    "if (approvalOf[subject][signatory] != 0) revert AlreadyApproved(signatory);",
                    "",
                ),
            ),
            (
                "voteFor",
                CODELESS,
                (
                    APPROVALS,
                    "if (!SignatureChecker.isValidSignatureNow(signatory, ",
                    "if (!SignatureChecker.isValidSignatureNow(msg.sender, ",
                ),
            ),
        )
    ),
    *(
        Proof("DecisionsProof", f"{name}_by_{number}", f"{LISTED}, {number} in favour, {APART}", (COUNCIL, *fault))
        for name, fault in (
            ("admit", ("if (same || member.administrator != motion.administrator)", "if (same)")),
            ("expel", ("_mark(organisation, true);", "_retire(motion.dossier, 0);")),
            ("succeed", ("(action == SUCCEED || action == RECOVER) && !consents", "action == RECOVER && !consents")),
            ("recover", ("if (organisation == concerned) consents = true;", "consents = true;")),
        )
        for number in (1, 2, 3)
        if (name, number) != ("admit", 3)
    ),
    Proof(
        "DecisionsProof",
        "anythingElse",
        f"{ANY}, actions of 7 bytes, 2 in favour, {APART}",
        (COUNCIL, "revert UnknownAction(motion.action);", ""),
    ),
    *(
        Proof("QuorumProof", name, bounds, (APPROVALS, *fault))
        for name, bounds, fault in (
            ("of_1_by_1", UNSUCCEEDED, ("if (organisation != expected || expelled) {", "if (organisation == 0) {")),
            ("of_1_by_2", UNSUCCEEDED, ("if (++given >= needed) {", "if (++given >= 1) {")),
            ("of_2_by_2", UNSUCCEEDED, ("(met != required.length)", "(met == 0)")),
            (
                "of_1_by_3_signatures",
                f"{UNSUCCEEDED}, {PLAIN}",
                ("if (together < needed) needed = together;", "needed = 2;"),
            ),
        )
    ),
    *(
        Proof("TurnProof", name, bounds, (APPROVALS, *fault))
        for name, bounds, fault in (
            ("counts", f"{TURN}, none succeeded", ("if (++given >= needed) {", "if (++given >= 1) {")),
            (
                "counts_citing",
                f"{TURN}, none succeeded, a decision with each approval",
                ("approvalHash = _approvalHash(typehash, subject, decisions[i]);", ""),
            ),
            (
                "counts_of_succeeded",
                f"{TURN}, one succession",
                ("if (!_contains(bound, expected)) revert EntersNothingNew(expected);", ""),
            ),
            (
                "counts_of_twice_succeeded",
                f"{TURN}, two successions in a row",
                ("if (signatory <= signatories[i - 1]) revert ApprovalsNotAscending(signatory);", ""),
            ),
            ("none_to_spare", TURN, ("met == required.length ? NONE :", "met == required.length ? bytes32(0) :")),
        )
    ),
    *(
        Proof("ActsProof", name, bounds, (AGREEMENTS, *fault))
        for name, bounds, fault in (
            ("required_of_2", ACT, ("if (party <= previous) revert PartiesNotAscending(party);", "")),
            ("required_of_3", ACT, ("if (party <= previous) revert PartiesNotAscending(party);", "")),
            ("required_from_2_to_2", FOLLOWING, ("required = _union(bound, parties);", "required = parties;")),
            ("required_from_2_to_3", FOLLOWING, ("required = _union(bound, parties);", "required = bound;")),
            ("required_from_3_to_2", SOONER, ("\n            && _except(bound, parties).length == 1;", ";")),
            ("required_from_2_to_1", FOLLOWING, ("if (act.validFrom < earliest || act.validFrom", "if (act.validFrom")),
            ("required_from_2_to_0", FOLLOWING, ("required = _union(bound, parties);", "required = parties;")),
            (
                "required_from_2_after_2_to_2",
                f"{WITHOUT}, that has not begun, after another",
                ("bound = _union(bound, Words.copy(history[i].parties));", ""),
            ),
        )
    ),
    Proof(
        "ActsProof",
        "conclude_2_parties_2_signatures",
        f"{ENDLESS}, no party succeeded, {PLAIN}",
        (APPROVALS, "if (++given >= needed) {", "if (++given >= 1) {"),
    ),
    Proof(
        "ActsProof",
        "declined",
        f"{FOLLOWING}, 2 parties before and after, 2 approvals",
        (AGREEMENTS, "        if (own == DECLINED) revert ActDeclined(actHash);\n", ""),
    ),
    Proof(
        "ActsProof",
        "ended",
        f"{FOLLOWING}, 1 party before and 2 after, 2 approvals",
        (AGREEMENTS, "        if (history[0].parties.length < 2) revert AgreementEnded(act.agreement);\n", ""),
    ),
    *(
        Proof("RecordsProof", name, f"{bounds}, {APART}", (AGREEMENTS, *fault))
        for name, bounds, fault in (
            ("of_2", ACT, ("            if (own != 0) revert AlreadyRecorded(actHash);\n", "")),
            ("of_3", ACT, ("if (history.length == 0) return (parties,", "if (history.length == 0) return (bound,")),
            ("from_2_to_2", WITHOUT, ("required = _union(bound, parties);", "required = parties;")),
            ("from_2_to_3", WITHOUT, ("required = _union(bound, parties);", "required = bound;")),
            ("from_3_to_2", SOONER, ("\n            && _except(bound, parties).length == 1;", ";")),
            ("from_2_to_1", SOONER, ("if (act.validFrom < earliest || act.validFrom", "if (act.validFrom")),
            ("from_2_to_0", SOONER, ("(current == 0 || act.previous != current)", "(current == 0)")),
            (
                "from_2_after_2_to_2",
                f"{WITHOUT}, that has not begun, after another",
                ("bound = _union(bound, Words.copy(history[i].parties));", ""),
            ),
        )
    ),
)

# These were not brought to their end yet: they have the most paths.
OPEN = {
    "decide_recover_1_2",
    "decide_recover_2_2",
    "required_from_3_to_2",
    "required_from_2_after_2_to_2",
    "from_3_to_2",
    "from_2_after_2_to_2",
}

# The proofs of these run on the copy that `taken_apart` makes.
