// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {IMandates} from "contracts/interfaces/IMandates.sol";
import {IRegister} from "contracts/interfaces/IRegister.sol";
import {Apart} from "./Apart.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";
import {Quorum} from "./Quorum.sol";

/// @title Each approval counts for the next organisation, once, and only as its giver's mandate says
/// @dev That is one turn of the loop in `_requireApproved`, see Apart.sol, from any state that the loop can be in: so it
/// holds of each turn, however many there are. Of the organisations required a turn sees only which is next, and of those
/// bound before only whether that is among them; so one of each stands for any number. By induction over the turns: `given` keys have approved for the
/// organisation that is next, all of them distinct since ascending, each with a mandate that counts; `needed` is what the
/// least demanding of them asks; and `met` grows where `given` has reached that. The loop begins with none given and none
/// met, and passes if all are met (QuorumProof shows both ends for small numbers): so it passes only if approvals bind
/// each organisation, for any number of approvals and organisations.
contract TurnProof is Proof {
    using Logic for bool;

    Quorum private _quorum;

    function setUp() public override {
        _quorum = new Quorum();
        register = IRegister(address(_quorum));
        svm.enableSymbolicStorage(address(_quorum));
        vm.warp(svm.createUint(40, "timestamp"));
    }

    function check_counts() external view {
        _counts(0, 0);
    }

    function check_counts_citing() external view {
        _counts(2, 0);
    }

    function check_counts_of_succeeded() external view {
        _counts(0, 1);
    }

    function check_counts_of_twice_succeeded() external view {
        _counts(0, 2);
    }

    /// @notice Once approvals bind all organisations, no other passes.
    function check_none_to_spare() external view {
        _assumeNobody();
        Turn memory turn = _turn();
        bytes32[] memory none = new bytes32[](0);
        try Apart(address(_quorum)).turn(
            turn.typehash, turn.subject, none, none, turn.approvals, none, 0, turn.given, turn.needed, turn.last
        ) {
            assert(false);
        } catch {}
    }

    struct Turn {
        bytes32 typehash;
        bytes32 subject;
        IApprovals.Signature[] approvals;
        uint256 given;
        uint256 needed;
        address last;
    }

    /// @dev Any state of the loop before any turn but the first, in which nothing else can be: there, none was given.
    function _turn() private pure returns (Turn memory turn) {
        turn.typehash = svm.createBytes32("typehash");
        turn.subject = svm.createBytes32("subject");
        turn.approvals = _approvals(2);
        turn.given = svm.createUint(64, "given");
        turn.needed = svm.createUint(16, "needed");
        turn.last = svm.createAddress("last");
    }

    /// @param cited how many decisions come with the approvals
    /// @param successions how often the place of the organisation that is next was taken
    function _counts(uint256 cited, uint256 successions) private view {
        _assumeNobody();
        Turn memory turn = _turn();
        bytes32[] memory decisions = new bytes32[](cited);
        for (uint256 i = 0; i < cited; ++i) decisions[i] = svm.createBytes32("decision");
        bytes32 next = svm.createBytes32("required");
        vm.assume((next != 0).and(next != bytes32(type(uint256).max)));
        bytes32 heir = next;
        for (uint256 i = 0; i < successions; ++i) {
            heir = register.successorOf(heir);
            vm.assume(heir != 0);
        }
        vm.assume(register.successorOf(heir) == 0);
        bytes32[] memory required = new bytes32[](1);
        required[0] = next;
        bytes32[] memory bound = new bytes32[](1);
        bound[0] = svm.createBytes32("bound");

        (uint256 met, uint256 given, uint256 needed, address signatory) = Apart(address(_quorum)).turn(
            turn.typehash, turn.subject, required, bound, turn.approvals, decisions, 0, turn.given, turn.needed, turn.last
        );

        bytes32 hash = _quorum.approvalHash(turn.typehash, turn.subject, cited == 0 ? bytes32(0) : decisions[1]);
        address key = _approver(_quorum.digest(hash), turn.approvals[1]);
        IMandates.Mandate memory mandate = register.mandateOf(key);
        bool ownSay = (!mandate.expelled).and(_mayNowSignFor(key, next));
        bool kept = (bound[0] == next).and(_mayNowSignFor(key, heir));
        bool stands = register.approvalOf(turn.subject, key) == hash;
        assert((signatory == key).and(ownSay.or(kept)).and((turn.approvals[1].r != 0).or(stands)));
        assert((turn.given == 0).or(turn.last < key));

        bool least = (turn.given == 0).or(mandate.together < turn.needed);
        uint256 asked = vm.pick(least, mandate.together, turn.needed);
        bool enough = turn.given + 1 >= asked;
        assert(enough.implies((met == 1).and(given == 0)));
        assert(enough.or((met == 0).and(given == turn.given + 1).and(needed == asked)));
    }
}
