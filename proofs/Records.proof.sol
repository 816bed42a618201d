// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {Acts} from "./Acts.sol";
import {Apart} from "./Apart.sol";
import {Logic} from "./Logic.sol";

/// @title No act is recorded but by everybody it concerns
/// @dev With the check of approvals replaced by what TurnProof shows of it, see Apart.sol; so for any number of
/// approvals. Each function shows it for one shape: so many parties and acts of history.
contract RecordsProof is Acts {
    using Logic for bool;

    bytes32 private constant APPROVAL_TYPEHASH = keccak256(
        "Approval(Act act,bytes32 decision)"
        "Act(bytes32 agreement,bytes32 previous,bytes32 dossier,bytes32[] parties,"
        "uint40 validFrom,uint40 validUntil,uint32 notice,uint40 deadline)"
    );

    /// @notice A concluding act is recorded only if approvals bind each of its parties.
    function check_of_2() external {
        _concludes(_act(2));
    }

    function check_of_3() external {
        _concludes(_act(3));
    }

    /// @notice A following act is recorded only if approvals bind each party of the act before it and of itself, or, where
    /// it is a notice, the one party that leaves.
    function check_from_2_to_2() external {
        _follows(_history(2), _endless(2));
    }

    function check_from_2_to_3() external {
        _follows(_history(2), _endless(3));
    }

    function check_from_3_to_2() external {
        _follows(_history(3), _lasting(2));
    }

    function check_from_2_to_1() external {
        _follows(_history(2), _lasting(1));
    }

    function check_from_2_to_0() external {
        _follows(_history(2), _lasting(0));
    }

    /// @notice Where the act before it has not begun yet, the approvals bind the parties of the act that holds till then
    /// too.
    function check_from_2_after_2_to_2() external {
        IAgreements.Act[] memory history = new IAgreements.Act[](2);
        history[0] = _act(2);
        history[1] = _act(2);
        _follows(history, _endless(2));
    }

    function _concludes(IAgreements.Act memory act) private {
        vm.assume(act.previous == 0);
        bytes32 some = svm.createBytes32("organisation");
        bytes32 actHash = register.hashAct(act);
        bytes32 before = register.head(actHash);
        bytes32 headOfSome = register.head(some);
        register.record(act, new IAgreements.Act[](0), _approvals(1), new bytes32[](0));
        assert(_among(act.parties, some).implies(Apart(address(register)).binds(APPROVAL_TYPEHASH, actHash, some, false)));
        assert((before == 0).and(register.head(actHash) == actHash));
        assert((register.head(some) == headOfSome).or(some == actHash));
    }

    function _follows(IAgreements.Act[] memory history, IAgreements.Act memory act) private {
        vm.assume(act.previous != 0);
        bytes32 some = svm.createBytes32("organisation");
        bool was = false;
        for (uint256 i = 0; i < history.length; ++i) {
            _assumeAscending(history[i].parties);
            was = was.or(_among(history[i].parties, some));
        }
        bytes32 actHash = register.hashAct(act);
        bytes32 headOfAgreement = register.head(act.agreement);
        bytes32 headOfSome = register.head(some);
        register.record(act, history, _approvals(1), new bytes32[](0));
        bool is_ = _among(act.parties, some);
        bool notice = (history.length == 1).and(_isNotice(act, history[0]));
        // In a notice only who leaves is asked; else everybody.
        bool asked = was.or(is_).and(notice.implies(!is_));
        assert(asked.implies(Apart(address(register)).binds(APPROVAL_TYPEHASH, actHash, some, was)));
        assert((headOfAgreement == act.previous).and(register.head(act.agreement) == actHash));
        assert((register.head(some) == headOfSome).or(some == act.agreement));
    }
}
