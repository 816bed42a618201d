// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title No act is recorded but by everybody it concerns
/// @dev Each function shows it for one shape: so many parties, acts of history and approvals. `_some` is any organisation,
/// so what holds of it holds of all. Who must approve is shown by requiredFor, which finds that as `record` does and needs
/// no approvals; that approvals bind everybody who must approve, in QuorumProof; and both at once, in `record` from end to
/// end, for the shapes that the prover can follow.
contract ActsProof is Proof {
    using Logic for bool;

    /// @notice Each party of a concluding act must approve it, and nobody else.
    function check_required_of_2() external {
        _isRequired(_act(2));
    }

    function check_required_of_3() external {
        _isRequired(_act(3));
    }

    /// @notice Each party of the act before it and of itself must approve an act that follows, and nobody else; where it is
    /// a notice, the one party that leaves.
    function check_required_from_2_to_2() external {
        _isRequired(_history(2), _act(2));
    }

    function check_required_from_2_to_3() external {
        _isRequired(_history(2), _act(3));
    }

    function check_required_from_3_to_2() external {
        _isRequired(_history(3), _act(2));
    }

    function check_required_from_2_to_1() external {
        _isRequired(_history(2), _act(1));
    }

    function check_required_from_2_to_0() external {
        _isRequired(_history(2), _act(0));
    }

    /// @notice Where the act before it has not begun yet, so must the parties of the act that holds till then.
    function check_required_from_2_after_2_to_2() external {
        IAgreements.Act[] memory history = new IAgreements.Act[](2);
        history[0] = _act(2);
        history[1] = _act(2);
        _isRequired(history, _act(2));
    }

    /// @notice A concluding act is recorded only if approvals bind each of its parties.
    function check_conclude_2_parties_2_signatures() external {
        _conclude(_endless(2), 2);
    }

    /// @notice A following act is recorded only if approvals bind each party of the act before it and of itself, or, where
    /// it is a notice, the one party that leaves. It takes the place of the act before it and of nothing else.
    function check_follow_2_to_2_parties_2_signatures() external {
        _follow(2, _endless(2), 2);
    }

    function check_follow_2_to_1_parties_1_signature() external {
        _follow(2, _endless(1), 1);
    }

    function check_follow_2_to_0_parties_2_signatures() external {
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

    function _history(uint256 parties) private pure returns (IAgreements.Act[] memory history) {
        history = new IAgreements.Act[](1);
        history[0] = _act(parties);
    }

    function _isRequired(IAgreements.Act memory act) private view {
        vm.assume(act.previous == 0);
        bytes32 some = svm.createBytes32("organisation");
        bytes32[] memory required = register.requiredFor(act, new IAgreements.Act[](0));
        _assertAscending(required);
        assert(_among(required, some) == _among(act.parties, some));
    }

    function _isRequired(IAgreements.Act[] memory history, IAgreements.Act memory act) private view {
        vm.assume(act.previous != 0);
        bytes32 some = svm.createBytes32("organisation");
        bool was = false;
        for (uint256 i = 0; i < history.length; ++i) {
            _assumeAscending(history[i].parties);
            was = was.or(_among(history[i].parties, some));
        }
        bytes32[] memory required = register.requiredFor(act, history);
        bool is_ = _among(act.parties, some);
        bool notice = (history.length == 1).and(_isNotice(act, history[0]));
        _assertAscending(required);
        assert(_among(required, some) == was.and(!is_).or(is_.and(!notice)).or(was.and(!notice)));
    }

    function _assertAscending(bytes32[] memory organisations) private pure {
        bytes32 previous = 0;
        bool ascending = true;
        for (uint256 i = 0; i < organisations.length; ++i) {
            ascending = ascending.and(previous < organisations[i]);
            previous = organisations[i];
        }
        assert(ascending);
    }

    function _conclude(IAgreements.Act memory act, uint256 count) private {
        act.previous = 0;
        bytes32 some = svm.createBytes32("organisation");
        bytes32 actHash = register.hashAct(act);
        bytes32 before = register.head(actHash);
        bool bound = _record(act, new IAgreements.Act[](0), count, some);
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
        bool bound = _record(act, history, count, some);
        bool was = _among(history[0].parties, some);
        bool is_ = _among(act.parties, some);
        bool notice = _isNotice(act, history[0]);
        // In a notice only who leaves is asked; else everybody.
        assert(was.or(is_).and(notice.implies(!is_)).implies(bound));
        assert((act.previous != 0).and(headOfAgreement == act.previous));
        assert((register.head(some) == headOfSome).or(some == act.agreement));
    }

    /// @dev Records with any signatures.
    /// @return bound whether the approvals bind `some`
    function _record(IAgreements.Act memory act, IAgreements.Act[] memory history, uint256 count, bytes32 some)
        private
        returns (bool bound)
    {
        IApprovals.Signature[] memory approvals = _approvals(count);
        // A bound: no party was succeeded.
        for (uint256 i = 0; i < act.parties.length; ++i) vm.assume(register.successorOf(act.parties[i]) == 0);
        _assumeNobody();
        bytes32 digest = register.hashApproval(register.hashAct(act), 0);
        _assumePlain(digest, approvals);
        bytes32 actHash = register.record(act, history, approvals, new bytes32[](0));
        return _binds(some, actHash, _each(_approvalHash(actHash, 0), count), _each(digest, count), approvals);
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
