// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title No act is recorded but by everybody it concerns
/// @dev Each function shows it for one shape: so many parties, acts of history and approvals. `_some` is any organisation,
/// so what holds of it holds of all.
contract ActsProof is Proof {
    using Logic for bool;

    /// @notice A concluding act is recorded only if approvals bind each of its parties.
    function check_conclude_2_parties_2_approvals() external {
        _conclude(_act(2), 2, false);
    }

    function check_conclude_2_parties_2_approvals_citing() external {
        _conclude(_endless(2), 2, true);
    }

    function check_conclude_2_parties_3_approvals() external {
        _conclude(_endless(2), 3, false);
    }

    function check_conclude_3_parties_3_approvals() external {
        _conclude(_endless(3), 3, false);
    }

    /// @notice A following act is recorded only if approvals bind each party of the act before it and of itself, or, where
    /// it is a notice, the one party that leaves. It takes the place of the act before it and of nothing else.
    function check_follow_2_to_2_parties_2_approvals() external {
        _follow(2, _endless(2), 2);
    }

    function check_follow_2_to_1_parties_1_approval() external {
        _follow(2, _endless(1), 1);
    }

    function check_follow_2_to_0_parties_2_approvals() external {
        _follow(2, _endless(0), 2);
    }

    /// @notice An act that was declined is never recorded, whatever approvals there are.
    function check_declined() external {
        IAgreements.Act memory act = _endless(2);
        vm.assume(register.head(register.hashAct(act)) == bytes32(uint256(1)));
        _isRefused(act, _act(2));
    }

    /// @notice Nothing follows the end of an agreement.
    function check_ended() external {
        IAgreements.Act memory act = _endless(2);
        vm.assume(act.previous != 0);
        _isRefused(act, _act(1));
    }

    function _isRefused(IAgreements.Act memory act, IAgreements.Act memory current) private {
        IAgreements.Act[] memory history = new IAgreements.Act[](1);
        history[0] = current;
        for (uint256 i = 0; i < act.parties.length; ++i) vm.assume(register.successorOf(act.parties[i]) == 0);
        try register.record(act, history, _approvals(2), new bytes32[](0)) {
            assert(false);
        } catch {}
    }

    /// @dev Any act without a deadline and open-ended, which halves the paths to follow twice.
    function _endless(uint256 parties) private pure returns (IAgreements.Act memory act) {
        act = _act(parties);
        act.deadline = 0;
        act.validUntil = 0;
    }

    function _conclude(IAgreements.Act memory act, uint256 count, bool citing) private {
        act.previous = 0;
        bytes32 some = svm.createBytes32("organisation");
        bytes32 actHash = register.hashAct(act);
        bytes32 before = register.head(actHash);
        bool bound = _record(act, new IAgreements.Act[](0), count, citing, some);
        assert(_among(act.parties, some).implies(bound));
        assert((before == 0).and(register.head(actHash) == actHash));
    }

    function _follow(uint256 before, IAgreements.Act memory act, uint256 count) private {
        IAgreements.Act[] memory history = new IAgreements.Act[](1);
        history[0] = _act(before);
        _assumeAscending(history[0].parties);
        for (uint256 i = 0; i < before; ++i) vm.assume(register.successorOf(history[0].parties[i]) == 0);
        bytes32 some = svm.createBytes32("organisation");
        bytes32 headOfAgreement = register.head(act.agreement);
        bytes32 headOfSome = register.head(some);
        bool bound = _record(act, history, count, false, some);
        bool was = _among(history[0].parties, some);
        bool is_ = _among(act.parties, some);
        bool notice = _isNotice(act, history[0]);
        // In a notice only who leaves is asked; else everybody.
        assert(was.or(is_).and(notice.implies(!is_)).implies(bound));
        assert((act.previous != 0).and(headOfAgreement == act.previous));
        assert((register.head(some) == headOfSome).or(some == act.agreement));
    }

    /// @dev Records with any approvals.
    /// @return bound whether the approvals bind `some`
    function _record(
        IAgreements.Act memory act,
        IAgreements.Act[] memory history,
        uint256 count,
        bool citing,
        bytes32 some
    ) private returns (bool bound) {
        IApprovals.Signature[] memory approvals = _approvals(count);
        bytes32[] memory decisions = new bytes32[](citing ? count : 0);
        for (uint256 i = 0; i < decisions.length; ++i) decisions[i] = svm.createBytes32("decision");
        // A bound: no party was succeeded.
        for (uint256 i = 0; i < act.parties.length; ++i) vm.assume(register.successorOf(act.parties[i]) == 0);
        _assumeNobody();
        bytes32 actHash = register.record(act, history, approvals, decisions);
        bytes32[] memory approvalHashes = new bytes32[](count);
        bytes32[] memory digests = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes32 decision = citing ? decisions[i] : bytes32(0);
            approvalHashes[i] = _approvalHash(actHash, decision);
            digests[i] = register.hashApproval(actHash, decision);
        }
        bound = _binds(some, actHash, approvalHashes, digests, approvals);
    }

    /// @dev What was recorded has its parties in order, because what is recorded has.
    function _assumeAscending(bytes32[] memory parties) private pure {
        bytes32 previous = 0;
        for (uint256 i = 0; i < parties.length; ++i) {
            vm.assume(previous < parties[i]);
            previous = parties[i];
        }
    }

    function _among(bytes32[] memory organisations, bytes32 some) private pure returns (bool found) {
        for (uint256 i = 0; i < organisations.length; ++i) found = found.or(organisations[i] == some);
    }

    /// @dev Whether the act takes one party out, in time, and leaves the others what they had; said otherwise than the
    /// contract does.
    function _isNotice(IAgreements.Act memory act, IAgreements.Act memory current) private view returns (bool) {
        if (act.parties.length + 1 != current.parties.length) return false;
        bool subset = true;
        for (uint256 i = 0; i < act.parties.length; ++i) subset = subset.and(_among(current.parties, act.parties[i]));
        uint256 earliest = block.timestamp + current.notice;
        bool inTime = (act.validFrom >= earliest).and(act.validFrom <= earliest + 366 days);
        bool same = (act.dossier == current.dossier).and(act.notice == current.notice);
        same = same.and(act.validUntil == current.validUntil).and(act.validFrom >= current.validFrom);
        return subset.and(inTime).and(same).and(current.notice != 0);
    }

    function _approvalHash(bytes32 actHash, bytes32 decision) private pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Approval(Act act,bytes32 decision)"
            "Act(bytes32 agreement,bytes32 previous,bytes32 dossier,bytes32[] parties,"
            "uint40 validFrom,uint40 validUntil,uint32 notice,uint40 deadline)"
        );
        return keccak256(abi.encode(typehash, actHash, decision));
    }
}
