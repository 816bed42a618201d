// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IMandates} from "./IMandates.sol";

/// @title Approvals: how an organisation says yes, to an act or to a motion
/// @notice The signature is the authority: whoever carries it to the chain need not be trusted. It counts for one act or
/// motion, on one register, on one chain, and if the mandate is in force when it is used.
interface IApprovals is IMandates {
    /// @notice One signatory's approval, as it is carried to the chain.
    /// @dev A compact signature (EIP-2098) of the EIP-712 struct Approval(Act act,bytes32 decision), of
    /// Vote(Motion motion,bytes32 decision), and so on. For an approval that stands on chain already, r = 0 and vs = the
    /// signatory's address: no signature has r = 0.
    struct Signature {
        bytes32 r;
        bytes32 vs;
    }

    /// @notice Give no decisions, or one for each approval (0 where none is cited).
    error DecisionsMismatch(uint256 approvals, uint256 decisions);
    /// @notice Not a signature: malformed, or with the high s that EIP-2 forbids; or r = 0 and vs is no address.
    error InvalidSignature(bytes32 r, bytes32 vs);
    /// @notice The wallet does not accept the signature, or it is not this account's.
    error NotSignedBy(address signatory);
    /// @notice An approval of the signatory stands on chain; only the signatory itself can give another.
    error AlreadyApproved(address signatory);
    /// @notice The signatory has not approved on chain with this decision.
    error NotApproved(address signatory);
    /// @notice The signatory's organisation need not approve here, has enough approvals, or comes out of order.
    error ApprovalNotRequired(bytes32 organisation, address signatory);
    /// @notice Approvals of one organisation must be in strictly ascending order of signatory.
    error ApprovalsNotAscending(address signatory);
    /// @notice The organisation's approvals do not bind it.
    /// @param given how many of its signatories approved
    /// @param needed how many must, by the mandates of those who did; 1 if none did
    error ApprovalsMissing(bytes32 organisation, uint256 given, uint256 needed);
    /// @notice The organisation was expelled or succeeded: it enters nothing new. A successor enters under its own name.
    error EntersNothingNew(bytes32 organisation);

    /// @notice The struct hash of the approval that the signatory gave on chain to an act or a motion; 0 = none.
    function approvalOf(bytes32 subject, address signatory) external view returns (bytes32);
}
