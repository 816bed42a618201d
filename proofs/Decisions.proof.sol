// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {Changes} from "./Changes.sol";
import {Apart} from "./Apart.sol";
import {Logic} from "./Logic.sol";

/// @title No majority makes an organisation sign before that organisation could stop it
/// @dev With the check of approvals replaced by what TurnProof shows of it, see Apart.sol; so for any number of
/// approvals. `_some` is any organisation, so what holds of it holds of all.
contract DecisionsProof is Changes {
    using Logic for bool;

    bytes32 private constant VOTE_TYPEHASH = keccak256(
        "Vote(Motion motion,bytes32 decision)"
        "Motion(string action,bytes32 organisation,address administrator,bytes32 successor,bool votes,"
        "bytes32 dossier,uint40 deadline)"
    );

    function check_admit_by_1() external {
        _decide(_motion("admit"), 1);
    }

    function check_admit_by_2() external {
        _decide(_motion("admit"), 2);
    }

    function check_expel_by_1() external {
        _decide(_motion("expel"), 1);
    }

    function check_expel_by_2() external {
        _decide(_motion("expel"), 2);
    }

    function check_expel_by_3() external {
        _decide(_motion("expel"), 3);
    }

    function check_succeed_by_1() external {
        _decide(_succession(2), 1);
    }

    function check_succeed_by_2() external {
        _decide(_succession(2), 2);
    }

    function check_succeed_by_3() external {
        _decide(_succession(2), 3);
    }

    function check_recover_by_1() external {
        _decide(_motion("recover"), 1);
    }

    function check_recover_by_2() external {
        _decide(_motion("recover"), 2);
    }

    function check_recover_by_3() external {
        _decide(_motion("recover"), 3);
    }

    /// @notice Nothing but these four can be decided.
    function check_anythingElse() external {
        ICouncil.Motion memory motion = _motion();
        vm.assume(_isOther(motion.action));
        bytes32[] memory inFavour = _inFavour(2);
        vm.prank(_sender);
        try register.decide(motion, inFavour, _approvals(1), new bytes32[](0)) {
            assert(false);
        } catch {}
    }

    /// @dev decide touches an organisation only if that organisation's own approvals bind it, or if it had no
    /// administrator, so that nobody could sign for it. Else it at most sets a motion waiting, and for 14 days. It takes
    /// the approvals of each organisation in favour, and more than half of the votes.
    function _decide(ICouncil.Motion memory motion, uint256 number) private {
        vm.assume(_isSound(_some));
        _assumeListed(motion.organisation);
        bytes32[] memory inFavour = _inFavour(number);
        bytes32 motionHash = register.hashMotion(motion);
        bool isNew = register.memberOf(_some).administrator == address(0);
        bool among = false;
        uint256 votes = 0;
        uint256 voters = register.voters();
        for (uint256 i = 0; i < number; ++i) {
            among = among.or(inFavour[i] == _some);
            bool counts = register.memberOf(inFavour[i]).votes;
            for (uint256 j = 0; j < i; ++j) counts = counts.and(inFavour[i] != inFavour[j]);
            votes += counts.one();
        }
        bool consents = among.and(Apart(address(register)).binds(VOTE_TYPEHASH, motionHash, _some, true)).and(register.successorOf(_some) == 0);
        (bytes32 pending,) = register.pendingOf(_some);
        _remember();
        vm.prank(_sender);
        register.decide(motion, inFavour, _approvals(1), new bytes32[](0));
        assert(_isTouched().implies((motion.organisation == _some).and(consents.or(isNew))));
        assert(among.implies(Apart(address(register)).binds(VOTE_TYPEHASH, motionHash, _some, true)));
        assert((votes > voters / 2).and(register.isDecided(motionHash)));
        (bytes32 left, uint40 effectFrom) = register.pendingOf(_some);
        bool waits = (left == motionHash).and(effectFrom == block.timestamp + 14 days).and(motion.organisation == _some);
        assert((left == pending).or(left == 0).or(waits).and(_isSound(_some)));
    }

    function _inFavour(uint256 number) private pure returns (bytes32[] memory organisations) {
        organisations = new bytes32[](number);
        for (uint256 i = 0; i < number; ++i) organisations[i] = svm.createBytes32("inFavour");
    }
}
