// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title A contract wallet for the tests: answers EIP-1271 in every way a wallet can, and makes calls of its own
/// @dev Never deployed with the register and in no package.
contract Wallet {
    enum Answer {
        ACCEPT,
        REFUSE,
        REVERT,
        GARBAGE,
        NOTHING
    }

    error Unwilling();
    error CallFailed(bytes reason);

    /// @dev Only for this digest and signature does it accept.
    bytes32 public immutable DIGEST;
    bytes32 public immutable SIGNATURE_HASH;
    Answer public immutable ANSWER;

    constructor(Answer answer, bytes32 digest, bytes memory signature) {
        ANSWER = answer;
        DIGEST = digest;
        SIGNATURE_HASH = keccak256(signature);
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        if (ANSWER == Answer.REVERT) revert Unwilling();
        if (ANSWER == Answer.NOTHING) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        if (ANSWER == Answer.GARBAGE) {
            // The right four bytes, with dirt behind them: no valid ABI encoding of a bytes4.
            assembly ("memory-safe") {
                mstore(0, not(0))
                mstore(0, or(shl(224, 0x1626ba7e), shr(32, mload(0))))
                return(0, 32)
            }
        }
        bool known = digest == DIGEST && keccak256(signature) == SIGNATURE_HASH;
        return ANSWER == Answer.ACCEPT && known ? this.isValidSignature.selector : bytes4(0xffffffff);
    }

    /// @notice Makes a call as the wallet: what its owners decided together.
    function execute(address target, bytes calldata data) external {
        (bool done, bytes memory reason) = target.call(data);
        if (!done) revert CallFailed(reason);
    }
}
