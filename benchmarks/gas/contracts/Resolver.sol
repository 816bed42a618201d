// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Attestation} from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";
import {ISchemaResolver} from "@ethereum-attestation-service/eas-contracts/contracts/resolver/ISchemaResolver.sol";

/// @title Resolver: what every resolver of this benchmark has in common
/// @dev EAS asks the resolver of a schema about each attestation, and reverts if the answer is no.
abstract contract Resolver is ISchemaResolver {
    address internal immutable EAS;

    error NotEAS(address sender);

    constructor(address eas) {
        EAS = eas;
    }

    function attest(Attestation calldata attestation) external payable returns (bool) {
        if (msg.sender != EAS) revert NotEAS(msg.sender);
        return _accepts(attestation);
    }

    /// @dev Each attestation has an attester of its own here, so EAS never asks about many at once.
    function multiAttest(Attestation[] calldata, uint256[] calldata) external payable returns (bool) {
        return false;
    }

    function revoke(Attestation calldata) external payable returns (bool) {
        return false;
    }

    function multiRevoke(Attestation[] calldata, uint256[] calldata) external payable returns (bool) {
        return false;
    }

    function isPayable() external pure returns (bool) {
        return false;
    }

    function version() external pure returns (string memory) {
        return "1";
    }

    function _accepts(Attestation calldata attestation) internal virtual returns (bool);
}
