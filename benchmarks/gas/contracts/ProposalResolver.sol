// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Attestation} from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";

import {Resolver} from "./Resolver.sol";

/// @title ProposalResolver: a proposal, and an approval of each of its parties that refers to it
/// @dev The obvious way: the proposal says in full what is agreed and names the parties, each approves it.
contract ProposalResolver is Resolver {
    event Concluded(bytes32 proposal);

    /// @dev So many of the parties have not approved yet, plus one: 0 = no proposal, 1 = concluded.
    mapping(bytes32 proposal => uint256) private _open;
    mapping(bytes32 proposal => mapping(address party => bool)) private _mustApprove;

    error NotParty(bytes32 proposal, address attester);

    constructor(address eas) Resolver(eas) {}

    function isConcluded(bytes32 proposal) external view returns (bool) {
        return _open[proposal] == 1;
    }

    function _accepts(Attestation calldata attestation) internal override returns (bool) {
        return attestation.refUID == 0 ? _propose(attestation) : _approve(attestation.refUID, attestation.attester);
    }

    function _propose(Attestation calldata attestation) private returns (bool) {
        (, address[] memory parties,,) = abi.decode(attestation.data, (bytes32, address[], uint40, uint32));
        for (uint256 i = 0; i < parties.length; ++i) {
            _mustApprove[attestation.uid][parties[i]] = true;
        }
        _open[attestation.uid] = parties.length + 1;
        return parties.length > 1;
    }

    function _approve(bytes32 proposal, address attester) private returns (bool) {
        if (!_mustApprove[proposal][attester]) revert NotParty(proposal, attester);
        delete _mustApprove[proposal][attester];
        if (--_open[proposal] == 1) emit Concluded(proposal);
        return true;
    }
}
