// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {Acts} from "./Acts.sol";
import {Logic} from "./Logic.sol";

/// @title Everybody whom an act concerns must approve it, and nobody else; some acts are refused whoever approves
/// @dev Each function shows it for one shape: so many parties and acts of history. `some` is any organisation, so what
/// holds of it holds of all. Who must approve is shown by requiredFor, which finds that as `record` does and needs no
/// approvals. That `record` heeds it is in RecordsProof.
contract ActsProof is Acts {
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
        _isRequired(_history(3), _lasting(2));
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
        _isRequired(history, _endless(2));
    }

    /// @notice A concluding act is recorded only if approvals bind each of its parties: from end to end, with nothing taken
    /// apart.
    function check_conclude_2_parties_2_signatures() external {
        _conclude(_endless(2), 2);
    }

    /// @notice An act that was declined is never recorded, whatever approvals there are.
    function check_declined() external {
        IAgreements.Act memory act = _act(2);
        vm.assume(register.head(register.hashAct(act)) == bytes32(uint256(1)));
        _isRefused(act, _act(2));
    }

    /// @notice Nothing follows the end of an agreement.
    function check_ended() external {
        IAgreements.Act memory act = _act(2);
        vm.assume(act.previous != 0);
        _isRefused(act, _act(1));
    }

    function _isRefused(IAgreements.Act memory act, IAgreements.Act memory current) private {
        IAgreements.Act[] memory history = new IAgreements.Act[](1);
        history[0] = current;
        try register.record(act, history, _approvals(2), new bytes32[](0)) {
            assert(false);
        } catch {}
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
        bool bound = _record(act, count, some);
        assert(_among(act.parties, some).implies(bound));
        assert((before == 0).and(register.head(actHash) == actHash));
    }

    /// @dev Records with any signatures.
    /// @return bound whether the approvals bind `some`
    function _record(IAgreements.Act memory act, uint256 count, bytes32 some)
        private
        returns (bool bound)
    {
        IApprovals.Signature[] memory approvals = _approvals(count);
        // A bound: no party was succeeded.
        for (uint256 i = 0; i < act.parties.length; ++i) vm.assume(register.successorOf(act.parties[i]) == 0);
        _assumeNobody();
        bytes32 digest = register.hashApproval(register.hashAct(act), 0);
        _assumePlain(digest, approvals);
        bytes32 actHash = register.record(act, new IAgreements.Act[](0), approvals, new bytes32[](0));
        return _binds(some, actHash, _approvalHash(actHash, 0), digest, approvals);
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
