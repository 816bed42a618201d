// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IMandates} from "contracts/interfaces/IMandates.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title Nobody makes an organisation sign but that organisation itself
/// @dev `_some` is any organisation and `_key` any key. A call touches the organisation if it changes who administers it,
/// or any mandate of it: whom it binds, from when, until when, with how many. (That it is expelled, and where a key stands
/// on the list, gives nobody the right to sign.) Of all functions, only these five write members or mandates; the static
/// analysis sees to it that no other does.
contract OrganisationsProof is Proof {
    using Logic for bool;

    /// @dev Where Mandates keeps the lists of signatories; setUp proves that it is there.
    uint256 private constant SIGNATORIES_SLOT = 5;

    bytes32 private _some;
    address private _key;
    address private _sender;

    IMandates.Member private _member;
    IMandates.Mandate private _mandate;

    function setUp() public override {
        super.setUp();
        _some = svm.createBytes32("organisation");
        _key = svm.createAddress("key");
        _sender = svm.createAddress("sender");
        vm.assume(_some != 0);
        // Nobody has the key of the address 0.
        vm.assume(_sender != address(0));
    }

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

    function check_decide_admit_1_1() external {
        _decide(_motion("admit"), 1, 1);
    }

    function check_decide_expel_1_1() external {
        _decide(_motion("expel"), 1, 1);
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

    /// @notice Nothing but these four can be decided.
    function check_decide_anythingElse_1_1() external {
        ICouncil.Motion memory motion = _motion();
        vm.assume(_isOther(motion.action));
        bytes32[] memory organisations = new bytes32[](1);
        organisations[0] = svm.createBytes32("inFavour");
        IApprovals.Signature[] memory approvals = _approvals(1);
        vm.prank(_sender);
        try register.decide(motion, organisations, approvals, new bytes32[](0)) {
            assert(false);
        } catch {}
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
        bool consents = among.and(_binds(_some, motionHash, _each(_voteHash(motionHash), count), _each(digest, count), approvals));
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

    function _isOther(string memory action) private pure returns (bool) {
        bytes32 hash = keccak256(bytes(action));
        bool aboutMembers = (hash == keccak256("admit")).or(hash == keccak256("expel"));
        return !aboutMembers.or(hash == keccak256("succeed")).or(hash == keccak256("recover"));
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

    /// @dev Any motion that somebody takes the place of an organisation with so many on its list: all of them lose their
    /// mandates one by one, and a known number spares the prover the others.
    function _succession(uint256 listed) private returns (ICouncil.Motion memory motion) {
        motion = _motion("succeed");
        vm.store(address(register), keccak256(abi.encode(motion.organisation, SIGNATORIES_SLOT)), bytes32(listed));
    }

    /// @dev Of the states that can be reached: whoever stands on the list of an organisation has a mandate of it.
    /// For lists of at most two.
    function _assumeListed(bytes32 organisation) private view {
        bytes32 list = keccak256(abi.encode(organisation, SIGNATORIES_SLOT));
        uint256 length = uint256(vm.load(address(register), list));
        vm.assume(length <= 2);
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 word = vm.load(address(register), bytes32(uint256(keccak256(abi.encode(list))) + i));
            address listed = address(uint160(uint256(word)));
            vm.assume((i < length).implies(register.mandateOf(listed).organisation == organisation));
        }
    }

    function _remember() private {
        _member = register.memberOf(_some);
        _mandate = register.mandateOf(_key);
    }

    function _isTouched() private view returns (bool) {
        IMandates.Mandate memory now_ = register.mandateOf(_key);
        IMandates.Mandate memory before = _mandate;
        bool same = (now_.organisation == before.organisation).and(now_.validFrom == before.validFrom)
            .and(now_.validUntil == before.validUntil).and(now_.together == before.together);
        bool itsOwn = (now_.organisation == _some).or(before.organisation == _some);
        bool sameKey = register.memberOf(_some).administrator == _member.administrator;
        return itsOwn.and(!same).or(!sameKey);
    }
}
