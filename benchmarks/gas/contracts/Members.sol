// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title Members: who can be a party, one bit each
/// @dev An agreement is one word: 28 bytes of the hash of what is agreed, then 32 bits that say whose approval it needs.
/// So nothing has to be looked up to know that, and nothing but the word has to be kept. No mandates, no roles.
abstract contract Members {
    mapping(address member => uint256) private _bitOf;

    error NotParty(bytes32 agreement, address account);

    constructor(address[] memory members) {
        for (uint256 i = 0; i < members.length; ++i) {
            _bitOf[members[i]] = 1 << i;
        }
    }

    function _required(bytes32 agreement) internal pure returns (uint256) {
        return uint32(uint256(agreement));
    }

    function _bit(bytes32 agreement, address account) internal view returns (uint256 bit) {
        bit = _bitOf[account];
        if (bit & _required(agreement) == 0) revert NotParty(agreement, account);
    }
}
