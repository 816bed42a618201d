// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Agreements} from "./Agreements.sol";
import {Words} from "./Words.sol";
import {ICommitments} from "./interfaces/ICommitments.sol";

/// @title Commitments: progress on what was promised, in a chain of reports for each party
abstract contract Commitments is ICommitments, Agreements {
    // Immutable, not constant: solc would hash strings this long anew at each use.
    bytes32 private immutable REPORT_TYPEHASH = keccak256(
        "Report(bytes32 agreement,bytes32 commitment,bytes32 organisation,bytes32 previous,"
        "string progress,bytes32 evidence)"
    );
    bytes32 private immutable CONFIRMATION_TYPEHASH = keccak256(
        "Confirmation(Report report,bytes32 organisation)"
        "Report(bytes32 agreement,bytes32 commitment,bytes32 organisation,bytes32 previous,"
        "string progress,bytes32 evidence)"
    );

    /// @inheritdoc ICommitments
    mapping(bytes32 agreement => mapping(bytes32 commitment => mapping(bytes32 organisation => bytes32))) public
        latestReport;
    /// @inheritdoc ICommitments
    mapping(bytes32 reportHash => mapping(bytes32 organisation => bool)) public isConfirmed;

    /// @inheritdoc ICommitments
    function report(Report calldata statement, Act[] calldata history, Signature calldata signature)
        external
        returns (bytes32 reportHash)
    {
        bytes32 named = keccak256(bytes(statement.progress));
        bool known = named == keccak256("started") || named == keccak256("fulfilled")
            || named == keccak256("blocked") || named == keccak256("cancelled");
        if (!known) revert UnknownProgress(statement.progress);
        reportHash = hashReport(statement);
        _requireParty(statement.organisation, _partiesAt(statement.agreement, history, block.timestamp));
        (address signatory,) = _requireSigned(statement.organisation, reportDigest(reportHash), signature);
        bytes32 latest = latestReport[statement.agreement][statement.commitment][statement.organisation];
        if (statement.previous != latest) revert WrongReport(latest, statement.previous);

        latestReport[statement.agreement][statement.commitment][statement.organisation] = reportHash;
        _fold(abi.encode(ProgressReported.selector, block.timestamp, reportHash, signatory));
        emit ProgressReported(statement.agreement, statement.commitment, reportHash, signatory, statement);
    }

    /// @inheritdoc ICommitments
    function confirm(
        Report calldata statement,
        bytes32 organisation,
        Act[] calldata history,
        Signature calldata signature
    ) external {
        bytes32 reportHash = hashReport(statement);
        bytes32 latest = latestReport[statement.agreement][statement.commitment][statement.organisation];
        if (reportHash != latest) revert WrongReport(latest, reportHash);
        _requireParty(organisation, _partiesAt(statement.agreement, history, block.timestamp));
        (address signatory, bytes32 signsFor) =
            _requireSigned(organisation, confirmationDigest(reportHash, organisation), signature);
        if (signsFor == _heirOf(statement.organisation)) revert OwnReport(organisation);
        if (isConfirmed[reportHash][organisation]) revert AlreadyConfirmed(reportHash, organisation);

        isConfirmed[reportHash][organisation] = true;
        _fold(abi.encode(ProgressConfirmed.selector, block.timestamp, reportHash, organisation, signatory));
        emit ProgressConfirmed(reportHash, organisation, signatory);
    }

    /// @inheritdoc ICommitments
    function hashReport(Report calldata statement) public view returns (bytes32) {
        return keccak256(
            abi.encode(
                REPORT_TYPEHASH,
                statement.agreement,
                statement.commitment,
                statement.organisation,
                statement.previous,
                keccak256(bytes(statement.progress)),
                statement.evidence
            )
        );
    }

    /// @inheritdoc ICommitments
    function reportDigest(bytes32 reportHash) public view returns (bytes32) {
        return _hashTypedDataV4(reportHash);
    }

    /// @inheritdoc ICommitments
    function confirmationDigest(bytes32 reportHash, bytes32 organisation) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CONFIRMATION_TYPEHASH, reportHash, organisation)));
    }

    function _requireParty(bytes32 organisation, bytes32[] memory parties) private pure {
        if (!_contains(parties, organisation)) revert NotParty(organisation);
    }

    /// @dev Reverts unless the signature, or the sender, is of one who may sign for the organisation or its successor.
    /// @return signatory who signed
    /// @return signsFor the organisation that appointed the signatory
    function _requireSigned(bytes32 organisation, bytes32 digest, Signature calldata signature)
        private
        view
        returns (address signatory, bytes32 signsFor)
    {
        if (signature.r == 0) {
            if (uint256(signature.vs) != uint160(msg.sender)) revert InvalidSignature(0, signature.vs);
            signatory = msg.sender;
        } else {
            signatory = Words.recover(digest, signature.r, signature.vs);
            if (signatory == address(0)) revert InvalidSignature(signature.r, signature.vs);
        }
        signsFor = _requireMandate(signatory);
        if (_heirOf(organisation) != signsFor) revert NotSignatory(organisation, signatory);
    }
}
