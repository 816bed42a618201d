// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {IRegister} from "contracts/interfaces/IRegister.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";
import {Quorum} from "./Quorum.sol";

/// @title Approvals are enough only if they bind each organisation that is required
/// @dev For any act, motion or other subject, and any kind of approval. `some` is any organisation, so what holds of it
/// holds of all.
contract QuorumProof is Proof {
    using Logic for bool;

    Quorum private _quorum;

    function setUp() public override {
        _quorum = new Quorum();
        // _binds asks it for mandates and for approvals that stand on chain; both have those.
        register = IRegister(address(_quorum));
        svm.enableSymbolicStorage(address(_quorum));
        vm.warp(svm.createUint(40, "timestamp"));
    }

    function check_of_1_by_1() external {
        _isBinding(1, 1, false);
    }

    function check_of_1_by_2() external {
        _isBinding(1, 2, false);
    }

    function check_of_2_by_2() external {
        _isBinding(2, 2, false);
    }

    function check_of_1_by_3_signatures() external {
        _isBinding(1, 3, true);
    }

    /// @param number of organisations required
    /// @param count of approvals
    /// @param plain whether as _assumePlain says
    function _isBinding(uint256 number, uint256 count, bool plain) private {
        bytes32 typehash = svm.createBytes32("typehash");
        bytes32 subject = svm.createBytes32("subject");
        bytes32[] memory required = new bytes32[](number);
        bytes32 previous = 0;
        for (uint256 i = 0; i < number; ++i) {
            required[i] = svm.createBytes32("required");
            vm.assume(previous < required[i]);
            previous = required[i];
            // A bound: none of them was succeeded.
            vm.assume(register.successorOf(required[i]) == 0);
        }
        _assumeNobody();
        IApprovals.Signature[] memory approvals = _approvals(count);
        bytes32 hash = _quorum.approvalHash(typehash, subject, 0);
        bytes32 digest = _quorum.digest(hash);
        if (plain) _assumePlain(digest, approvals);
        _quorum.requireApproved(typehash, subject, required, required, approvals, new bytes32[](0));

        bytes32 some = svm.createBytes32("organisation");
        bool isRequired = false;
        for (uint256 i = 0; i < number; ++i) isRequired = isRequired.or(required[i] == some);
        assert(isRequired.implies(_binds(some, subject, hash, digest, approvals)));
    }
}
