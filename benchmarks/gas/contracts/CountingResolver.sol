// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Attestation} from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";

import {Members} from "./Members.sol";
import {Resolver} from "./Resolver.sol";

/// @title CountingResolver: each party attests to the agreement itself, and the resolver counts
/// @dev Cheaper than a proposal with approvals: there is none, and who has approved takes one slot for all.
contract CountingResolver is Resolver, Members {
    event Concluded(bytes32 agreement);

    mapping(bytes32 agreement => uint256 bits) private _approved;

    error AlreadyApproved(bytes32 agreement, address attester);

    constructor(address eas, address[] memory members) Resolver(eas) Members(members) {}

    function isConcluded(bytes32 agreement) external view returns (bool) {
        return _required(agreement) != 0 && _approved[agreement] == _required(agreement);
    }

    function _accepts(Attestation calldata attestation) internal override returns (bool) {
        bytes32 agreement = abi.decode(attestation.data, (bytes32));
        uint256 bit = _bit(agreement, attestation.attester);
        uint256 approved = _approved[agreement];
        if (approved & bit != 0) revert AlreadyApproved(agreement, attestation.attester);
        _approved[agreement] = approved | bit;
        if (approved | bit == _required(agreement)) emit Concluded(agreement);
        return true;
    }
}
