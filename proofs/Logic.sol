// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title And and or without branches
/// @dev Each branch of a specification would double the number of paths that the prover has to follow.
library Logic {
    function and(bool a, bool b) internal pure returns (bool c) {
        assembly ("memory-safe") {
            c := and(a, b)
        }
    }

    function or(bool a, bool b) internal pure returns (bool c) {
        assembly ("memory-safe") {
            c := or(a, b)
        }
    }

    /// @dev Whether b holds if a does.
    function implies(bool a, bool b) internal pure returns (bool c) {
        assembly ("memory-safe") {
            c := or(iszero(a), b)
        }
    }

    /// @dev 1 if it holds, else 0.
    function one(bool a) internal pure returns (uint256 bit) {
        assembly ("memory-safe") {
            bit := a
        }
    }
}
