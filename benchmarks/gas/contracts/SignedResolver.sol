// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Attestation} from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";

import {Resolver} from "./Resolver.sol";
import {Signatures} from "./Signatures.sol";

/// @title SignedResolver: one attestation of whoever carries it, with all signatures in its data
/// @dev EAS keeps the data, so each signature is stored for good. The resolver keeps nothing.
contract SignedResolver is Resolver, Signatures {
    constructor(address eas, address[] memory members) Resolver(eas) Signatures(members) {}

    /// @dev Data of the schema "bytes32 agreement,bytes32[2][N] signatures": fixed arrays, so no offset and no length.
    function _accepts(Attestation calldata attestation) internal view override returns (bool) {
        bytes calldata data = attestation.data;
        bytes32 agreement = bytes32(data[:32]);
        bytes32[2][] memory signatures = new bytes32[2][]((data.length - 32) / 64);
        for (uint256 i = 0; i < signatures.length; ++i) {
            signatures[i] = abi.decode(data[32 + 64 * i:], (bytes32[2]));
        }
        _requireSigned(agreement, signatures);
        return true;
    }
}
