// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Members} from "./Members.sol";

/// @title Signatures: whether everybody signed an agreement
/// @dev EIP-712 signatures in the compact form of EIP-2098, in the order of the members' bits.
abstract contract Signatures is Members {
    bytes32 private constant TYPEHASH = keccak256("Agreement(bytes32 agreement)");
    bytes32 private immutable DOMAIN = keccak256(
        abi.encode(
            keccak256("EIP712Domain(uint256 chainId,address verifyingContract)"), block.chainid, address(this)
        )
    );

    error Incomplete(bytes32 agreement, uint256 signed);

    constructor(address[] memory members) Members(members) {}

    /// @dev Reverts unless exactly the parties signed, each once.
    function _requireSigned(bytes32 agreement, bytes32[2][] memory signatures) internal view {
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", DOMAIN, keccak256(abi.encode(TYPEHASH, agreement))));
        uint256 signed;
        for (uint256 i = 0; i < signatures.length; ++i) {
            uint256 vs = uint256(signatures[i][1]);
            address signer = ecrecover(digest, uint8((vs >> 255) + 27), signatures[i][0], bytes32((vs << 1) >> 1));
            uint256 bit = _bit(agreement, signer);
            if (bit <= signed) revert Incomplete(agreement, signed);
            signed |= bit;
        }
        if (signed == 0 || signed != _required(agreement)) revert Incomplete(agreement, signed);
    }
}
