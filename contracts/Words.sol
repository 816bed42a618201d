// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "./interfaces/IAgreements.sol";

/// @title Words: all assembly of the register
/// @dev Each function does what the plain Solidity named in its comment does. What it saves was measured on an act that
/// eight parties sign.
library Words {
    /// @dev `copied = words`, without checking that each word is one: saves 700 gas.
    function copy(bytes32[] calldata words) internal pure returns (bytes32[] memory copied) {
        assembly ("memory-safe") {
            let size := mul(words.length, 32)
            // As Solidity does: an offset so large that it wraps around would else pass for an empty array.
            if gt(add(words.offset, size), calldatasize()) { revert(0, 0) }
            copied := mload(64)
            mstore(copied, words.length)
            calldatacopy(add(copied, 32), words.offset, size)
            mstore(64, add(add(copied, 32), size))
        }
    }

    /// @dev `words[index]`, unchecked: saves 900 gas. The caller sees to it that there is such an index.
    function at(bytes32[] memory words, uint256 index) internal pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := mload(add(words, mul(add(index, 1), 32)))
        }
    }

    /// @dev `words[index] = word`, unchecked: saves 800 gas. The caller sees to it that there is such an index.
    function put(address[] memory words, uint256 index, address word) internal pure {
        assembly ("memory-safe") {
            mstore(add(words, mul(add(index, 1), 32)), word)
        }
    }

    /// @dev Shortens an array in place, which Solidity cannot.
    function truncate(bytes32[] memory words, uint256 length) internal pure {
        assembly ("memory-safe") {
            mstore(words, length)
        }
    }

    /// @dev `keccak256(abi.encodePacked(words))`, without the copy: saves 900 gas.
    function hash(bytes32[] memory words) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            hash_ := keccak256(add(words, 32), mul(mload(words), 32))
        }
    }

    /// @dev The same for addresses, a word each.
    function hash(address[] memory words) internal pure returns (bytes32 hash_) {
        assembly ("memory-safe") {
            hash_ := keccak256(add(words, 32), mul(mload(words), 32))
        }
    }

    /// @dev `ECDSA.tryRecover(digest, r, vs)` of OpenZeppelin, without telling why there is no signer: saves 900 gas.
    /// @return signer 0 if the signature is malformed, or has the high s that EIP-2 forbids
    function recover(bytes32 digest, bytes32 r, bytes32 vs) internal view returns (address signer) {
        assembly ("memory-safe") {
            let s := shr(1, shl(1, vs))
            let input := mload(64)
            mstore(input, digest)
            mstore(add(input, 32), add(shr(255, vs), 27))
            mstore(add(input, 64), r)
            mstore(add(input, 96), s)
            // The precompile returns nothing at all for a malformed signature; then this 0 remains.
            mstore(0, 0)
            if iszero(staticcall(gas(), 1, input, 128, 0, 32)) { revert(0, 0) }
            signer := mul(mload(0), lt(s, 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A1))
        }
    }

    /// @dev `emit Recorded(agreement, actHash, act, signatories, decisions)`, copying whole arrays: saves 900 gas.
    /// @param act whose members were all read before: here nothing is checked
    /// @param parties those of the act
    function logRecorded(
        bytes32 agreement,
        bytes32 actHash,
        IAgreements.Act calldata act,
        bytes32[] memory parties,
        address[] memory signatories,
        bytes32[] calldata decisions
    ) internal {
        bytes32 topic = IAgreements.Recorded.selector;
        assembly ("memory-safe") {
            // Copies an array with its length; 4 is the identity precompile.
            function append(words, from) -> to {
                let size := mul(add(mload(words), 1), 32)
                if iszero(staticcall(gas(), 4, words, size, from, size)) { revert(0, 0) }
                to := add(from, size)
            }
            let data := mload(64)
            // Where each of the three begins: the act right after these three words, ...
            mstore(data, 96)
            calldatacopy(add(data, 96), act, 256)
            // ... its parties, counted from its own beginning, after its eight words.
            mstore(add(data, 192), 256)
            let end := append(parties, add(data, 352))
            mstore(add(data, 32), sub(end, data))
            end := append(signatories, end)
            mstore(add(data, 64), sub(end, data))
            mstore(end, decisions.length)
            calldatacopy(add(end, 32), decisions.offset, mul(decisions.length, 32))
            end := add(end, mul(add(decisions.length, 1), 32))
            log3(data, sub(end, data), topic, agreement, actHash)
        }
    }
}
