// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title Floor: the least a contract can do that keeps something and tells it
/// @dev One slot that was empty, one event of four words; no rule, no check. Nothing that records can cost less.
contract Floor {
    event Noted(bytes32 agreement, bytes32 dossier, bytes32 parties, bytes32 terms);

    mapping(bytes32 agreement => bytes32 dossier) public noted;

    function note(bytes32 agreement, bytes32 dossier, bytes32 parties, bytes32 terms) external {
        noted[agreement] = dossier;
        emit Noted(agreement, dossier, parties, terms);
    }
}
