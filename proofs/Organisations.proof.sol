// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {Changes} from "./Changes.sol";
import {Logic} from "./Logic.sol";

/// @title Nobody makes an organisation sign but that organisation itself
/// @dev `_some` is any organisation, so what holds of it holds of all. Of all functions, only these and `decide`, which
/// DecisionsProof is about, write members, mandates, nominees, successors or what waits; the static analysis sees to it
/// that no other does.
contract OrganisationsProof is Changes {
    using Logic for bool;

    /// @notice appoint touches an organisation only by its administrator's hand, or, once it was succeeded, by that of who
    /// took its place. It never gives nobody a mandate.
    function check_appoint(bytes32 organisation, address signatory, uint40 from, uint40 until, uint16 together, bytes32 d)
        external
    {
        vm.assume(_isSound(organisation));
        _assumeOneSuccession(_some);
        bytes32 heir = register.successorOf(_some);
        bool byHeir = (heir != 0).and(register.memberOf(heir).administrator == _sender);
        bool bySelf = register.memberOf(_some).administrator == _sender;
        _assumeOneSuccession(register.mandateOf(signatory).organisation);
        _remember();
        vm.prank(_sender);
        register.appoint(organisation, signatory, from, until, together, d);
        assert(_isTouched().implies(bySelf.or(byHeir)));
        assert(signatory != address(0));
    }

    /// @notice dismiss touches an organisation only by its administrator's hand.
    function check_dismiss(bytes32 organisation, address signatory, bytes32 decision) external {
        bool bySelf = register.memberOf(_some).administrator == _sender;
        _remember();
        vm.prank(_sender);
        register.dismiss(organisation, signatory, decision);
        assert(_isTouched().implies(bySelf));
    }

    /// @notice takeOver touches an organisation only by the hand of the key that its administrator put forward.
    function check_takeOver(bytes32 organisation) external {
        vm.assume(_isSound(_some));
        bool byNominee = register.nomineeOf(_some) == _sender;
        _remember();
        vm.prank(_sender);
        register.takeOver(organisation);
        assert(_isTouched().implies(byNominee));
        assert(_isSound(_some));
    }

    /// @notice handOver puts a key forward only by the administrator's hand.
    function check_handOver(bytes32 organisation, address nominee) external {
        vm.assume(_isSound(_some));
        address before = register.nomineeOf(_some);
        bool bySelf = register.memberOf(_some).administrator == _sender;
        _remember();
        vm.prank(_sender);
        register.handOver(organisation, nominee);
        assert((register.nomineeOf(_some) != before).implies(bySelf).and(!_isTouched()));
        assert(_isSound(_some));
    }

    function check_enact_admit() external {
        _enact(_motion("admit"));
    }

    function check_enact_expel() external {
        _enact(_motion("expel"));
    }

    function check_enact_recover() external {
        _enact(_motion("recover"));
    }

    function check_enact_succeed_0_listed() external {
        _enact(_succession(0));
    }

    function check_enact_succeed_1_listed() external {
        _enact(_succession(1));
    }

    function check_enact_succeed_2_listed() external {
        _enact(_succession(2));
    }

    /// @notice Nothing but these four can be enacted.
    function check_enact_anythingElse() external {
        ICouncil.Motion memory motion = _motion();
        vm.assume(_isOther(motion.action));
        vm.prank(_sender);
        try register.enact(motion) {
            assert(false);
        } catch {}
    }

    /// @notice veto stops what waits for an organisation, only by the hand of that organisation, and sets nothing going.
    function check_veto(bytes32 organisation, bytes32 motionHash, bytes32 reason) external {
        bool bySelf = (register.memberOf(_some).administrator == _sender).or(_mayNowSignFor(_sender, _some));
        (bytes32 pending,) = register.pendingOf(_some);
        _remember();
        vm.prank(_sender);
        register.veto(organisation, motionHash, reason);
        (bytes32 left,) = register.pendingOf(_some);
        assert((left == pending).or(bySelf.and(left == 0)));
        assert(!_isTouched());
    }

    /// @notice The administrator, and each signatory with a mandate in force, can always veto what waits.
    function check_vetoWorks(bytes32 reason) external {
        (bytes32 pending,) = register.pendingOf(_some);
        vm.assume(pending != 0);
        vm.assume((register.memberOf(_some).administrator == _sender).or(_mayNowSignFor(_sender, _some)));
        vm.prank(_sender);
        try register.veto(_some, pending, reason) {
            (bytes32 left,) = register.pendingOf(_some);
            assert(left == 0);
        } catch {
            assert(false);
        }
    }

    function check_decide_succeed_1_1() external {
        _decide(_succession(1), 1, 1);
    }

    function check_decide_recover_1_1() external {
        _decide(_motion("recover"), 1, 1);
    }

    function check_decide_recover_1_2() external {
        _decide(_motion("recover"), 1, 2);
    }

    function check_decide_recover_2_2() external {
        _decide(_motion("recover"), 2, 2);
    }

    /// @dev enact touches an organisation only if a motion about it waited, and its veto period is over.
    function _enact(ICouncil.Motion memory motion) private {
        vm.assume(_isSound(_some));
        _assumeListed(motion.organisation);
        (bytes32 pending, uint40 effectFrom) = register.pendingOf(_some);
        _remember();
        vm.prank(_sender);
        register.enact(motion);
        bool waited = (pending != 0).and(pending == register.hashMotion(motion)).and(motion.organisation == _some);
        assert(_isTouched().implies(waited.and(effectFrom <= block.timestamp)));
        (bytes32 left,) = register.pendingOf(_some);
        assert((left == pending).or(left == 0).and(_isSound(_some)));
    }

    /// @dev decide touches an organisation only if that organisation's own approvals bind it, or if it had no
    /// administrator, so that nobody could sign for it. Else it at most sets a motion waiting, and for 14 days.
    function _decide(ICouncil.Motion memory motion, uint256 number, uint256 count) private {
        vm.assume(_isSound(_some));
        _assumeListed(motion.organisation);
        _assumeNobody();
        bytes32[] memory organisations = new bytes32[](number);
        for (uint256 i = 0; i < number; ++i) {
            organisations[i] = svm.createBytes32("inFavour");
            // Who votes has no successor: check_enact and check_decide leave nothing of who was succeeded.
            vm.assume(register.successorOf(organisations[i]) == 0);
        }
        IApprovals.Signature[] memory approvals = _approvals(count);
        bytes32 motionHash = register.hashMotion(motion);
        bool isNew = register.memberOf(_some).administrator == address(0);
        bool among = false;
        for (uint256 i = 0; i < number; ++i) among = among.or(organisations[i] == _some);
        bytes32 digest = register.hashVote(motionHash, 0);
        _assumePlain(digest, approvals);
        bool consents = among.and(_binds(_some, motionHash, _voteHash(motionHash), digest, approvals));
        (bytes32 pending,) = register.pendingOf(_some);
        _remember();
        vm.prank(_sender);
        register.decide(motion, organisations, approvals, new bytes32[](0));
        assert(_isTouched().implies((motion.organisation == _some).and(consents.or(isNew))));
        assert(among.implies(consents));
        (bytes32 left, uint40 effectFrom) = register.pendingOf(_some);
        bool waits = (left == motionHash).and(effectFrom == block.timestamp + 14 days).and(motion.organisation == _some);
        assert((left == pending).or(left == 0).or(waits).and(_isSound(_some)));
    }

    /// @dev A bound, not a fact: whoever took an organisation's place was not succeeded in turn.
    function _assumeOneSuccession(bytes32 organisation) private view {
        vm.assume(register.successorOf(register.successorOf(organisation)) == 0);
    }

    function _voteHash(bytes32 motionHash) private pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Vote(Motion motion,bytes32 decision)"
            "Motion(string action,bytes32 organisation,address administrator,bytes32 successor,bool votes,"
            "bytes32 dossier,uint40 deadline)"
        );
        return keccak256(abi.encode(typehash, motionHash, bytes32(0)));
    }
}
