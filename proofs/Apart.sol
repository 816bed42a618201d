// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IApprovals} from "contracts/interfaces/IApprovals.sol";

/// @title The register and its check of approvals, taken apart
/// @dev `_requireApproved` turns a loop, once for each approval, and calls that decide much else come after it: too many
/// paths to follow at once. scripts/prove.py builds a copy of the contracts that differs in that function alone:
/// - its loop has become a function, `turn`, which is the text of the contract, so that one turn is proven by itself;
/// - where it was, it looks up whether approvals bind an organisation. What it finds is arbitrary, as all storage is:
/// whatever is shown with that holds for any number of approvals. What it means that they do, TurnProof shows.
interface Apart {
    /// @param known whether an expulsion or succession does not keep the organisation out
    /// @return whether the approvals that the call brings bind the organisation
    function binds(bytes32 typehash, bytes32 subject, bytes32 organisation, bool known) external view returns (bool);

    /// @notice What the loop does with the last of the approvals.
    /// @param last who gave the approval before it
    /// @return met, given and needed after it, and who gave it
    function turn(
        bytes32 typehash,
        bytes32 subject,
        bytes32[] calldata required,
        bytes32[] calldata bound,
        IApprovals.Signature[] calldata approvals,
        bytes32[] calldata decisions,
        uint256 met,
        uint256 given,
        uint256 needed,
        address last
    ) external view returns (uint256, uint256, uint256, address);
}
