// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Words} from "contracts/Words.sol";
import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title The assembly does what the plain Solidity named in its comments does
/// @dev For arrays of up to MOST words, with every content.
contract WordsProof is Proof {
    using Logic for bool;

    uint256 private constant MOST = 4;

    function setUp() public override {}

    /// @notice Words.copy gives the array that Solidity's own copy gives, and leaves no memory after it unprotected.
    function check_copy() external view {
        for (uint256 n = 0; n <= MOST; ++n) this.copies(_words(n));
    }

    /// @notice Words.at gives what an index gives.
    function check_at() external view {
        for (uint256 n = 1; n <= MOST; ++n) {
            bytes32[] memory words = _words(n);
            for (uint256 i = 0; i < n; ++i) assert(Words.at(words, i) == words[i]);
        }
    }

    /// @notice Words.put changes the word it is told to change, and nothing around it.
    function check_put() external view {
        for (uint256 n = 1; n <= MOST; ++n) {
            for (uint256 i = 0; i < n; ++i) {
                address[] memory put = new address[](n);
                address[] memory plain = new address[](n);
                bytes32[] memory after_ = _words(1);
                for (uint256 j = 0; j < n; ++j) put[j] = plain[j] = svm.createAddress("word");
                bytes32 next = after_[0];
                address word = svm.createAddress("put");
                Words.put(put, i, word);
                plain[i] = word;
                bool same = (put.length == n).and(after_[0] == next).and(after_.length == 1);
                for (uint256 j = 0; j < n; ++j) same = same.and(put[j] == plain[j]);
                assert(same);
            }
        }
    }

    /// @notice Words.truncate keeps the first words.
    function check_truncate() external view {
        for (uint256 n = 0; n <= MOST; ++n) {
            for (uint256 to = 0; to <= n; ++to) {
                bytes32[] memory words = _words(n);
                bytes32[] memory plain = new bytes32[](to);
                for (uint256 i = 0; i < to; ++i) plain[i] = words[i];
                Words.truncate(words, to);
                bool same = words.length == to;
                for (uint256 i = 0; i < to; ++i) same = same.and(words[i] == plain[i]);
                assert(same);
            }
        }
    }

    /// @notice Words.hash gives keccak256(abi.encodePacked(words)).
    function check_hash() external view {
        for (uint256 n = 0; n <= MOST; ++n) {
            bytes32[] memory words = _words(n);
            assert(Words.hash(words) == keccak256(abi.encodePacked(words)));
            address[] memory addresses = new address[](n);
            for (uint256 i = 0; i < n; ++i) addresses[i] = svm.createAddress("word");
            assert(Words.hash(addresses) == keccak256(abi.encodePacked(addresses)));
        }
    }

    /// @notice Words.recover gives what Solidity's own ecrecover gives, and nobody for a high s.
    function check_recover(bytes32 digest, bytes32 r, bytes32 vs) external view {
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        address recovered = ecrecover(digest, uint8(27 + (uint256(vs) >> 255)), r, bytes32(s));
        assert(uint160(Words.recover(digest, r, vs)) == vm.pick(s <= HALF_ORDER, uint160(recovered), 0));
    }

    /// @notice Words.logRecorded logs what `emit Recorded` logs: topics and data, byte for byte.
    function check_logRecorded() external {
        for (uint256 parties = 0; parties <= 3; ++parties) {
            for (uint256 count = 0; count <= MOST; ++count) {
                address[] memory signatories = new address[](count);
                for (uint256 i = 0; i < count; ++i) signatories[i] = svm.createAddress("signatory");
                this.logsBoth(_act(parties), signatories, new bytes32[](0));
                this.logsBoth(_act(parties), signatories, _words(count));
            }
        }
    }

    function copies(bytes32[] calldata words) external pure {
        bytes32[] memory copied = Words.copy(words);
        bytes32[] memory next = new bytes32[](1);
        next[0] = bytes32(type(uint256).max);
        bytes32[] memory plain = words;
        bool same = copied.length == plain.length;
        for (uint256 i = 0; i < plain.length; ++i) same = same.and(copied[i] == plain[i]);
        assert(same);
    }

    function logsBoth(IAgreements.Act calldata act, address[] calldata signatories, bytes32[] calldata decisions)
        external
    {
        bytes32 agreement = svm.createBytes32("agreement");
        bytes32 actHash = svm.createBytes32("actHash");
        emit IAgreements.Recorded(agreement, actHash, act, signatories, decisions);
        bytes memory plain = vm.lastLog();
        uint256 count = vm.logCount();
        Words.logRecorded(agreement, actHash, act, Words.copy(act.parties), signatories, decisions);
        assert(vm.logCount() == count + 1);
        _assertSame(vm.lastLog(), plain);
    }

    function _words(uint256 length) private pure returns (bytes32[] memory words) {
        words = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) words[i] = svm.createBytes32("word");
    }
}
