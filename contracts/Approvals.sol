// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {Mandates} from "./Mandates.sol";
import {Words} from "./Words.sol";
import {IApprovals} from "./interfaces/IApprovals.sol";

/// @title Approvals: whether signatures bind the organisations they are given for
/// @dev A `subject` is the struct hash of an act or a motion. What is signed is a struct of that and a decision, whose
/// typehash says which of the two it is; the hash of a struct holds its type, so no subject is both.
abstract contract Approvals is IApprovals, Mandates, EIP712 {
    /// @dev Is expected once every required organisation has approved. Any organisation comes before it.
    bytes32 private constant NONE = bytes32(type(uint256).max);

    /// @inheritdoc IApprovals
    mapping(bytes32 subject => mapping(address signatory => bytes32 approvalHash)) public approvalOf;

    constructor() EIP712("Food Valley Register", "1") {}

    /// @return organisation for which the sender approved
    function _approve(bytes32 typehash, bytes32 subject, bytes32 decision) internal returns (bytes32 organisation) {
        organisation = _requireMandate(msg.sender);
        approvalOf[subject][msg.sender] = _approvalHash(typehash, subject, decision);
    }

    /// @return organisation for which the signatory approved
    function _approveFor(
        address signatory,
        bytes32 typehash,
        bytes32 subject,
        bytes32 decision,
        bytes calldata signature
    ) internal returns (bytes32 organisation) {
        organisation = _requireMandate(signatory);
        // Else whoever kept an earlier signature could take back the decision that its giver cites by now.
        if (approvalOf[subject][signatory] != 0) revert AlreadyApproved(signatory);
        bytes32 approvalHash = _approvalHash(typehash, subject, decision);
        if (!SignatureChecker.isValidSignatureNow(signatory, _hashTypedDataV4(approvalHash), signature)) {
            revert NotSignedBy(signatory);
        }
        approvalOf[subject][signatory] = approvalHash;
    }

    /// @dev Reverts unless the approvals bind each required organisation, with none to spare.
    /// @param required strictly ascending
    /// @param bound those of them that an expulsion or succession does not keep out
    function _requireApproved(
        bytes32 typehash,
        bytes32 subject,
        bytes32[] memory required,
        bytes32[] memory bound,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) internal view returns (address[] memory signatories) {
        if (decisions.length != 0 && decisions.length != approvals.length) {
            revert DecisionsMismatch(approvals.length, decisions.length);
        }
        signatories = new address[](approvals.length);
        bytes32 approvalHash = _approvalHash(typehash, subject, 0);
        bytes32 digest = _hashTypedDataV4(approvalHash);
        // So many of the required organisations have approved; so many signatories of the next one have, and must.
        uint256 met = 0;
        uint256 given = 0;
        uint256 needed = 1;
        for (uint256 i = 0; i < approvals.length; ++i) {
            if (decisions.length != 0) {
                approvalHash = _approvalHash(typehash, subject, decisions[i]);
                digest = _hashTypedDataV4(approvalHash);
            }
            Signature calldata approval = approvals[i];
            address signatory = approval.r == 0
                ? _approver(subject, approvalHash, approval.vs)
                : Words.recover(digest, approval.r, approval.vs);
            (bytes32 organisation, uint256 together, bool expelled) = _mandateInForce(signatory);
            bytes32 expected = met == required.length ? NONE : Words.at(required, met);
            // Without a mandate in force the organisation is 0, which is never expected: no party is 0.
            if (organisation != expected || expelled) {
                if (signatory == address(0)) revert InvalidSignature(approval.r, approval.vs);
                organisation = _requireMandate(signatory);
                // A successor signs for the organisations whose place it took, each in its own turn.
                if (_heirOf(expected) != organisation) {
                    if (organisation < expected) revert ApprovalNotRequired(organisation, signatory);
                    revert ApprovalsMissing(expected, given, needed);
                }
                if (!_contains(bound, expected)) revert EntersNothingNew(expected);
            }
            if (given == 0) {
                needed = together;
            } else {
                if (signatory <= signatories[i - 1]) revert ApprovalsNotAscending(signatory);
                if (together < needed) needed = together;
            }
            Words.put(signatories, i, signatory);
            unchecked {
                if (++given >= needed) {
                    ++met;
                    given = 0;
                    needed = 1;
                }
            }
        }
        if (met != required.length) revert ApprovalsMissing(required[met], given, needed);
    }

    function _approvalHash(bytes32 typehash, bytes32 subject, bytes32 decision) internal pure returns (bytes32) {
        return keccak256(abi.encode(typehash, subject, decision));
    }

    function _contains(bytes32[] memory organisations, bytes32 organisation) internal pure returns (bool) {
        for (uint256 i = 0; i < organisations.length; ++i) {
            if (organisations[i] == organisation) return true;
        }
        return false;
    }

    /// @dev Who stands in `vs` as having approved on chain.
    function _approver(bytes32 subject, bytes32 approvalHash, bytes32 vs) private view returns (address signatory) {
        signatory = address(uint160(uint256(vs)));
        if (uint256(vs) != uint160(signatory)) revert InvalidSignature(0, vs);
        if (approvalOf[subject][signatory] != approvalHash) revert NotApproved(signatory);
    }
}
