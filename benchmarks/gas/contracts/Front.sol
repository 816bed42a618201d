// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Attestation} from "@ethereum-attestation-service/eas-contracts/contracts/Common.sol";
import {
    AttestationRequest,
    AttestationRequestData,
    IEAS
} from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";

import {Resolver} from "./Resolver.sol";
import {Signatures} from "./Signatures.sol";

/// @title Front: checks all signatures before EAS, and attests once to the result
/// @dev Also the resolver of its schema, which takes attestations of this contract only: none is there without a quorum.
/// The signatures stay in calldata. Of the parties, EAS knows only the bits in the word.
contract Front is Resolver, Signatures {
    bytes32 public immutable SCHEMA = keccak256(abi.encodePacked("bytes32 agreement", address(this), false));

    constructor(address eas, address[] memory members) Resolver(eas) Signatures(members) {}

    function conclude(bytes32 agreement, bytes32[2][] calldata signatures) external returns (bytes32 uid) {
        _requireSigned(agreement, signatures);
        AttestationRequestData memory data = AttestationRequestData({
            recipient: address(0),
            expirationTime: 0,
            revocable: false,
            refUID: 0,
            data: abi.encode(agreement),
            value: 0
        });
        return IEAS(EAS).attest(AttestationRequest({schema: SCHEMA, data: data}));
    }

    function _accepts(Attestation calldata attestation) internal view override returns (bool) {
        return attestation.attester == address(this);
    }
}
