// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "./IAgreements.sol";

/// @title Commitments: what came of what was promised
/// @notice What was promised, and by whom, stands in the dossier. Here a party of an agreement in force says how far it
/// is, and another party confirms it. Each report follows the party's previous one, like an act follows an act: so a
/// signed report counts once, and an old one cannot be brought back over a new one.
interface ICommitments is IAgreements {
    /// @notice How far a party is. The order of its members is part of its EIP-712 type.
    /// @param agreement hash of the concluding act
    /// @param commitment SHA-256 of the agreement's 32 bytes and the commitment's id in the manifest ("T1") after them
    /// @param organisation the party that reports
    /// @param previous hash of its previous report on this commitment; 0 = none
    /// @param progress "started", "fulfilled", "blocked" or "cancelled"
    /// @param evidence digest of what shows it; 0 = none
    struct Report {
        bytes32 agreement;
        bytes32 commitment;
        bytes32 organisation;
        bytes32 previous;
        string progress;
        bytes32 evidence;
    }

    /// @notice A party reported progress.
    /// @dev Once per report. `report.previous` is the reportHash of the preceding ProgressReported of the same agreement,
    /// commitment and organisation. Folded as abi.encode(selector, timestamp, reportHash, signatory).
    /// @param signatory of the organisation that reports, or of its successor
    event ProgressReported(
        bytes32 indexed agreement,
        bytes32 indexed commitment,
        bytes32 indexed reportHash,
        address signatory,
        Report report
    );

    /// @notice Another party confirmed the latest report of a party.
    /// @dev At most once per report and organisation, and before the next report of the same party.
    /// Folded as abi.encode(selector, timestamp, reportHash, organisation, signatory).
    /// @param signatory of the organisation that confirms, or of its successor
    event ProgressConfirmed(bytes32 indexed reportHash, bytes32 indexed organisation, address indexed signatory);

    /// @notice There is no such progress; there are "started", "fulfilled", "blocked" and "cancelled".
    error UnknownProgress(string progress);
    /// @notice At this moment the organisation is no party of the agreement, or the agreement does not hold.
    error NotParty(bytes32 organisation);
    /// @notice The report does not follow the latest one, or is not the latest one.
    /// @param expected hash of the latest report; 0 = none
    error WrongReport(bytes32 expected, bytes32 found);
    /// @notice A party cannot confirm its own report, nor that of an organisation whose place it took.
    error OwnReport(bytes32 organisation);
    /// @notice The organisation confirmed this report already.
    error AlreadyConfirmed(bytes32 reportHash, bytes32 organisation);

    /// @notice Records how far a party is with a commitment. Anyone may carry it to the chain.
    /// @dev One signatory is enough, whatever its mandate says of others: a report binds nobody.
    /// @param history the acts of the agreement, latest first, back to the one that holds now
    /// @param signature of the EIP-712 struct Report; or r = 0 and vs = the sender's address, for the sender's own
    function report(Report calldata statement, Act[] calldata history, Signature calldata signature)
        external
        returns (bytes32 reportHash);

    /// @notice Confirms the latest report of another party. Anyone may carry it to the chain.
    /// @param organisation the party that confirms
    /// @param signature of the EIP-712 struct Confirmation(Report report,bytes32 organisation); or as in `report`
    function confirm(
        Report calldata statement,
        bytes32 organisation,
        Act[] calldata history,
        Signature calldata signature
    ) external;

    /// @notice The identity of a report: its EIP-712 struct hash.
    function hashReport(Report calldata statement) external view returns (bytes32);

    /// @notice What a signatory signs: the EIP-712 digest of its report, for this register on this chain.
    function reportDigest(bytes32 reportHash) external view returns (bytes32);

    /// @notice What a signatory signs to confirm a report.
    function confirmationDigest(bytes32 reportHash, bytes32 organisation) external view returns (bytes32);

    /// @notice Hash of the organisation's latest report on a commitment of an agreement; 0 = none.
    function latestReport(bytes32 agreement, bytes32 commitment, bytes32 organisation) external view returns (bytes32);

    /// @notice Whether the organisation confirmed the report.
    function isConfirmed(bytes32 reportHash, bytes32 organisation) external view returns (bool);
}
