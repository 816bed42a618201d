// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IApprovals} from "./IApprovals.sol";

/// @title The council: which organisations take part, decided by a majority of those that vote
/// @notice A motion admits an organisation, expels one, appoints a successor (herindeling) or recovers the key of an
/// administrator. It carries with more than half of all voting members, not of those who turn up, so that a few can never
/// decide while the rest are away, and nobody has to turn up for the rest to go on. The approvals are those of acts:
/// signed off-chain or given by transaction, each organisation bound by its own mandates.
///
/// What a majority can do is fair because of what it cannot:
/// - To expel takes the vote and new agreements away, never the say in what already binds. Else a majority could expel a
/// party first and rewrite its agreements next.
/// - A successor and a recovered key put somebody in another's place. They wait out a veto period in which the
/// administrator or any one signatory of that organisation can stop them. Else a majority could take over a member.
/// - With that organisation's own approval nothing is taken from it, so there is nothing to wait for.
/// - One such motion waits for an organisation at a time, and not for ever. Else a veto could be missed among many, or a
/// motion that everybody forgot could be used years later.
/// - A successor answers for the succeeded one; its signatories approve in the stead of those that are gone. Else an
/// organisation that no longer exists would block its agreements for good.
interface ICouncil is IApprovals {
    /// @notice What the council is asked to decide. The order of its members is part of its EIP-712 type.
    /// @param action "admit", "expel", "succeed" or "recover"
    /// @param organisation whom it is about
    /// @param administrator admit, recover: the key of its administrator; else 0
    /// @param successor succeed: the member that takes its place; else 0
    /// @param votes admit: whether it votes; else false
    /// @param dossier root of the dossier with the reasons; 0 = none
    /// @param deadline last second at which the motion can be decided. Tells motions apart that ask the same again.
    struct Motion {
        string action;
        bytes32 organisation;
        address administrator;
        bytes32 successor;
        bool votes;
        bytes32 dossier;
        uint40 deadline;
    }

    /// @notice A motion was put before the council.
    /// @dev Not a promise: it may be impossible to decide. Repeatable, by each signatory.
    event Moved(
        bytes32 indexed motionHash, bytes32 indexed organisation, address indexed signatory, Motion motion
    );

    /// @notice A signatory approved a motion on chain. It counts once the motion is decided, if the mandate holds then.
    /// @dev Repeatable by one signatory for one motion; the latest counts.
    /// @param decision digest of the organisation's own decision; 0 = none cited
    event Voted(
        bytes32 indexed motionHash, bytes32 indexed organisation, address indexed signatory, bytes32 decision
    );

    /// @notice The council carried a motion.
    /// @dev Once per motion. With `effectFrom` equal to the time of its block, MotionEnacted follows in the same
    /// transaction; else MotionEnacted may follow from then on, for 28 days, unless MotionVetoed does.
    /// Folded as abi.encode(selector, timestamp, motionHash, keccak256(signatories), keccak256(decisions), effectFrom),
    /// an array being hashed as its 32-byte words one after the other.
    /// @param signatories who approved, grouped by organisation in ascending order, ascending within each
    /// @param decisions digests of the decisions they cite, in the same order; empty if none cites one
    event MotionDecided(
        bytes32 indexed motionHash,
        bytes32 indexed organisation,
        Motion motion,
        address[] signatories,
        bytes32[] decisions,
        uint40 effectFrom
    );

    /// @notice The organisation that a decided motion is about stopped it, for good.
    /// @dev Follows the MotionDecided of the same motion, and excludes its MotionEnacted.
    /// Folded as abi.encode(selector, timestamp, motionHash, organisation, sender, reason).
    /// @param sender its administrator or one of its signatories
    /// @param reason digest of the reason; 0 = none given
    event MotionVetoed(
        bytes32 indexed motionHash, bytes32 indexed organisation, address indexed sender, bytes32 reason
    );

    /// @notice A decided motion took effect. What it changed is in the next event: MemberAdmitted, MemberExpelled,
    /// MemberSucceeded or AdministratorReplaced.
    /// @dev At most once per motion. After "succeed" and "recover" no other motion waits for the organisation any more;
    /// after "admit" and "expel" one may.
    /// Folded as abi.encode(selector, timestamp, motionHash).
    event MotionEnacted(bytes32 indexed motionHash, bytes32 indexed organisation);

    /// @notice An organisation lost its vote and enters no new agreement.
    /// @dev Follows its MemberAdmitted; another MemberAdmitted undoes it.
    /// Folded as abi.encode(selector, timestamp, organisation).
    event MemberExpelled(bytes32 indexed organisation);

    /// @notice A member took the place of an organisation, which has no vote, administrator or signatories any more.
    /// @dev At most once per organisation; after it no event changes the organisation any more, and its name comes back only
    /// where others speak of it or its successor speaks for it. All its mandates end now, if they had not yet.
    /// Folded as abi.encode(selector, timestamp, organisation, successor).
    event MemberSucceeded(bytes32 indexed organisation, bytes32 indexed successor);

    /// @notice Somebody must vote: without founders that do, or without the last one, nothing could be decided again.
    error NoVoters();
    /// @notice There is no such action; there are "admit", "expel", "succeed" and "recover".
    error UnknownAction(string action);
    /// @notice The motion says more than its action needs, or something that cannot be: leave the rest empty.
    error InvalidMotion(bytes32 motionHash);
    /// @notice The organisation takes part already, with this vote; or with another administrator, to be recovered instead.
    error AlreadyMember(bytes32 organisation);
    /// @notice The organisation does not take part: it was never admitted, is expelled, or was succeeded.
    error NotMember(bytes32 organisation);
    /// @notice The organisation has a successor already.
    error AlreadySucceeded(bytes32 organisation, bytes32 successor);
    /// @notice Too late to decide; move anew with a later deadline.
    error MotionExpired(uint40 deadline);
    /// @notice The motion was decided already.
    error AlreadyDecided(bytes32 motionHash);
    /// @notice The organisation has no vote here.
    error NotVoting(bytes32 organisation);
    /// @notice More than half of all voting members must approve.
    error NoMajority(uint256 inFavour, uint256 voters);
    /// @notice A motion waits for this organisation; it must be enacted, vetoed, or lapse first.
    error AnotherPending(bytes32 motionHash, uint40 effectFrom);
    /// @notice This motion does not wait: it was not decided, took effect, was vetoed, or another took its place.
    error NotPending(bytes32 motionHash);
    /// @notice The organisation can still veto the motion.
    error VetoPeriod(uint40 effectFrom);
    /// @notice Nobody enacted the motion within 28 days; decide anew.
    error MotionLapsed(uint40 lapsedAt);
    /// @notice Only the administrator or a signatory with a mandate in force may veto.
    error NotConcerned(bytes32 organisation, address sender);

    /// @notice Puts a motion before the council and approves it at once.
    function move(Motion calldata motion, bytes32 decision) external returns (bytes32 motionHash);

    /// @notice The same, by the signature of a signatory that somebody else carries.
    function moveFor(address signatory, Motion calldata motion, bytes32 decision, bytes calldata signature)
        external
        returns (bytes32 motionHash);

    /// @notice Approves a motion as its signatory, in a transaction of its own.
    function vote(bytes32 motionHash, bytes32 decision) external;

    /// @notice Carries an approval of a motion to the chain ahead of the decision: for contract wallets (EIP-1271), and
    /// for signatures that are collected one by one. Once for each signatory and motion.
    function voteFor(address signatory, bytes32 motionHash, bytes32 decision, bytes calldata signature) external;

    /// @notice Decides a motion that a majority approved. Anyone may carry it to the chain.
    /// @dev To admit and to expel takes effect at once. To succeed and to recover does so if the organisation concerned is
    /// among `organisations`; a vote is not needed for that.
    /// @param organisations who approve, in strictly ascending order: voting members, and the organisation concerned
    /// @param approvals as many as bind each of them and no more, grouped in the same order, ascending by signatory
    /// within each
    /// @param decisions digest of the decision that each approval cites, in the same order; empty if none cites one
    function decide(
        Motion calldata motion,
        bytes32[] calldata organisations,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) external returns (bytes32 motionHash);

    /// @notice Carries out a decided motion after the veto period. Anyone may.
    function enact(Motion calldata motion) external;

    /// @notice Stops a motion that waits for the organisation, as its administrator or any one of its signatories.
    /// @param reason digest of the reason; 0 = none given
    function veto(bytes32 organisation, bytes32 motionHash, bytes32 reason) external;

    /// @notice The identity of a motion: its EIP-712 struct hash.
    function hashMotion(Motion calldata motion) external view returns (bytes32);

    /// @notice What a signatory signs: the EIP-712 digest of its vote, for this register on this chain.
    function hashVote(bytes32 motionHash, bytes32 decision) external view returns (bytes32);

    /// @notice How many members vote.
    function voters() external view returns (uint256);

    /// @notice Whether the motion was decided, whatever came of it.
    function isDecided(bytes32 motionHash) external view returns (bool);

    /// @notice The motion that waits for an organisation, and from when it can be enacted; 0 = none. It may have lapsed.
    function pendingOf(bytes32 organisation) external view returns (bytes32 motionHash, uint40 effectFrom);
}
