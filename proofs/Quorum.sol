// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Approvals} from "contracts/Approvals.sol";

/// @title The check of approvals by itself
/// @dev Everything that needs approvals calls `_requireApproved`, which is taken here from the contracts as it is. Proven
/// apart, it has a tenth of the paths that it has within `record` or `decide`.
contract Quorum is Approvals {
    function requireApproved(
        bytes32 typehash,
        bytes32 subject,
        bytes32[] calldata required,
        bytes32[] calldata bound,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) external view returns (address[] memory signatories) {
        return _requireApproved(typehash, subject, required, bound, approvals, decisions);
    }

    function approvalHash(bytes32 typehash, bytes32 subject, bytes32 decision) external pure returns (bytes32) {
        return _approvalHash(typehash, subject, decision);
    }

    function digest(bytes32 hash) external view returns (bytes32) {
        return _hashTypedDataV4(hash);
    }
}
