// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {ICommitments} from "contracts/interfaces/ICommitments.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IRegister} from "contracts/interfaces/IRegister.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title An approval counts for one subject, one decision, one register and one chain
/// @dev With keccak256 taken to be free of collisions.
contract DigestsProof is Proof {
    using Logic for bool;

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    string private constant ACT = "Act(bytes32 agreement,bytes32 previous,bytes32 dossier,bytes32[] parties,"
        "uint40 validFrom,uint40 validUntil,uint32 notice,uint40 deadline)";

    IRegister private _other;

    function setUp() public override {
        super.setUp();
        _other = _deploy("gm0002");
    }

    /// @notice The digest is that of EIP-712 for the chain as it is called now, also where that is not the chain on which
    /// the register was deployed: after a fork of the chain the two halves do not share signatures.
    function check_digest(bytes32 actHash, bytes32 decision, uint64 chain) external {
        vm.chainId(chain);
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("Food Valley Register"), keccak256("1"), chain, address(register))
        );
        bytes32 typehash = keccak256(abi.encodePacked("Approval(Act act,bytes32 decision)", ACT));
        bytes32 approvalHash = keccak256(abi.encode(typehash, actHash, decision));
        assert(register.hashApproval(actHash, decision) == keccak256(abi.encodePacked(hex"1901", domain, approvalHash)));
    }

    /// @notice If two digests are equal, so are act, decision, chain and register.
    function check_digestsDiffer(
        bytes32 actHash,
        bytes32 otherHash,
        bytes32 decision,
        bytes32 otherDecision,
        uint64 chain,
        uint64 otherChain,
        bool sameRegister
    ) external {
        vm.chainId(chain);
        bytes32 digest = register.hashApproval(actHash, decision);
        vm.chainId(otherChain);
        bytes32 otherDigest = (sameRegister ? register : _other).hashApproval(otherHash, otherDecision);
        bool same = (actHash == otherHash).and(decision == otherDecision).and(chain == otherChain).and(sameRegister);
        bool equal = digest == otherDigest;
        assert(equal.implies(same).and(same.implies(equal)));
    }

    /// @notice No approval of an act is one of a motion, a report or a confirmation, nor any of these another.
    function check_kindsDiffer(bytes32 a, bytes32 b, bytes32 c, bytes32 d, uint64 chain) external {
        vm.chainId(chain);
        ICommitments.Report memory progress;
        progress.agreement = a;
        progress.commitment = b;
        progress.organisation = c;
        progress.previous = d;
        progress.progress = string(svm.createBytes(7, "progress"));
        bytes32 approval = register.hashApproval(a, b);
        bytes32 vote = register.hashVote(c, d);
        bytes32 report = register.reportDigest(register.hashReport(progress));
        bytes32 confirmation = register.confirmationDigest(svm.createBytes32("report"), svm.createBytes32("confirming"));
        assert((approval != vote).and(approval != report).and(approval != confirmation));
        assert((vote != report).and(vote != confirmation).and(report != confirmation));
    }

    /// @notice The hash of an act is that of EIP-712, and two acts with the same hash are the same in every field.
    function check_actHash() external view {
        bool good = true;
        for (uint256 parties = 0; parties <= 3; ++parties) {
            IAgreements.Act memory act = _act(parties);
            bytes32 actHash = register.hashAct(act);
            good = good.and(actHash == _plainHash(act));
            for (uint256 others = 0; others <= 3; ++others) {
                IAgreements.Act memory other = _act(others);
                bool same = _same(act, other);
                bool equal = actHash == register.hashAct(other);
                good = good.and(equal.implies(same)).and(same.implies(equal));
            }
        }
        assert(good);
    }

    /// @notice Two motions with the same hash are the same in every field.
    function check_motionHash() external view {
        ICouncil.Motion memory motion = _motion();
        ICouncil.Motion memory other = _motion();
        bool same = (keccak256(bytes(motion.action)) == keccak256(bytes(other.action)));
        same = same.and(motion.organisation == other.organisation).and(motion.administrator == other.administrator);
        same = same.and(motion.successor == other.successor).and(motion.votes == other.votes);
        same = same.and(motion.dossier == other.dossier).and(motion.deadline == other.deadline);
        bool equal = register.hashMotion(motion) == register.hashMotion(other);
        assert(equal.implies(same).and(same.implies(equal)));
    }

    function _same(IAgreements.Act memory act, IAgreements.Act memory other) private pure returns (bool same) {
        same = act.parties.length == other.parties.length;
        for (uint256 i = 0; i < act.parties.length && i < other.parties.length; ++i) {
            same = same.and(act.parties[i] == other.parties[i]);
        }
        same = same.and(act.agreement == other.agreement).and(act.previous == other.previous);
        same = same.and(act.dossier == other.dossier).and(act.validFrom == other.validFrom);
        same = same.and(act.validUntil == other.validUntil).and(act.notice == other.notice);
        return same.and(act.deadline == other.deadline);
    }

    function _plainHash(IAgreements.Act memory act) private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256(bytes(ACT)),
                act.agreement,
                act.previous,
                act.dossier,
                keccak256(abi.encodePacked(act.parties)),
                act.validFrom,
                act.validUntil,
                act.notice,
                act.deadline
            )
        );
    }
}
