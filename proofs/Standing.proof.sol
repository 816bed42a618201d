// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title What stands on chain as the approval of a key was given by that key
/// @dev By its transaction, or by its signature that somebody else carried. Of all functions, only these four write
/// approvals, and `propose`, `move` and their like, which call these; the static analysis sees to it that no other does.
contract StandingProof is Proof {
    using Logic for bool;

    bytes32 private _subject;
    address private _key;
    address private _sender;
    bytes32 private _before;

    function setUp() public override {
        super.setUp();
        _subject = svm.createBytes32("subject");
        _key = svm.createAddress("key");
        _sender = svm.createAddress("sender");
        _before = register.approvalOf(_subject, _key);
    }

    function check_approve(bytes32 actHash, bytes32 decision) external {
        vm.prank(_sender);
        register.approve(actHash, decision);
        assert(_isChanged().implies((_sender == _key).and(actHash == _subject)));
    }

    function check_vote(bytes32 motionHash, bytes32 decision) external {
        vm.prank(_sender);
        register.vote(motionHash, decision);
        assert(_isChanged().implies((_sender == _key).and(motionHash == _subject)));
    }

    function check_approveFor(address signatory, bytes32 actHash, bytes32 decision, bytes32 r, bytes32 s, uint8 v)
        external
    {
        bytes32 digest = register.hashApproval(actHash, decision);
        vm.prank(_sender);
        register.approveFor(signatory, actHash, decision, abi.encodePacked(r, s, v));
        assert(_isChanged().implies((actHash == _subject).and(_signed(digest, r, s, v))));
    }

    function check_voteFor(address signatory, bytes32 motionHash, bytes32 decision, bytes32 r, bytes32 s, uint8 v)
        external
    {
        bytes32 digest = register.hashVote(motionHash, decision);
        vm.prank(_sender);
        register.voteFor(signatory, motionHash, decision, abi.encodePacked(r, s, v));
        assert(_isChanged().implies((motionHash == _subject).and(_signed(digest, r, s, v))));
    }

    /// @dev And nothing stood there before, which it could not take back.
    function _signed(bytes32 digest, bytes32 r, bytes32 s, uint8 v) private view returns (bool) {
        return (ecrecover(digest, v, r, s) == _key).and(uint256(s) <= HALF_ORDER).and(_before == 0);
    }

    function _isChanged() private view returns (bool) {
        return register.approvalOf(_subject, _key) != _before;
    }
}
