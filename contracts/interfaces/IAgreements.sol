// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {ICouncil} from "./ICouncil.sol";

/// @title Agreements: what the organisations agree, step by step
/// @notice An agreement is a chain of acts. The EIP-712 struct hash of an act is its identity; that of the concluding
/// act is the identity of the agreement. The verb (conclude, amend, accede, leave, end) follows from the data.
///
/// Why each rule is fair, and which attack it closes:
/// - Everybody bound from `validFrom` on, before or after the act, must approve. Else the rest could change what binds a
/// party, or reach back in time to before it left.
/// - A party leaves by itself only by notice, of one party at a time, that changes nothing else. Else leaving would be a
/// way to rewrite; without it, the others could hold a party for good.
/// - An organisation that was expelled keeps its say in what binds it and enters nothing new. Else a majority could expel
/// first and rewrite next.
/// - A successor approves in the stead of the organisation whose place it took, by the same signature in each of their
/// turns. Else an organisation that is gone would block the others for good; its own old keys count no more.
/// - Who is away for good is not passed over: the council recovers its key or names its successor, after the veto period.
/// Else being slow would be taken for being gone.
/// - One signatory declines for good. Else a signature given off-chain could not be taken back in time.
interface IAgreements is ICouncil {
    /// @notice One step in the life of an agreement. The order of its members is part of its EIP-712 type.
    /// @param agreement hash of the concluding act; 0 in the concluding act itself
    /// @param previous hash of the act this one follows; 0 in the concluding act
    /// @param dossier root of the dossier: what was agreed
    /// @param parties who is bound from validFrom on, strictly ascending; fewer than two = the agreement ends
    /// @param validFrom from when it holds; may lie in the past or the future
    /// @param validUntil from when it no longer holds; 0 = open-ended
    /// @param notice seconds after which one party may leave by itself, within 366 days more; 0 = only together
    /// @param deadline last second at which the act can be recorded; 0 = no deadline
    struct Act {
        bytes32 agreement;
        bytes32 previous;
        bytes32 dossier;
        bytes32[] parties;
        uint40 validFrom;
        uint40 validUntil;
        uint32 notice;
        uint40 deadline;
    }

    /// @notice An act was put before its parties.
    /// @dev Not a promise: the act may be impossible to record. Repeatable, by each signatory.
    event Proposed(bytes32 indexed agreement, bytes32 indexed actHash, address indexed signatory, Act act);

    /// @notice A signatory approved an act on chain. It counts once the act is recorded, if the mandate holds then.
    /// @dev Repeatable by one signatory for one act; the latest counts.
    /// @param decision digest of the organisation's own decision (besluit); 0 = none cited
    event Approved(
        bytes32 indexed actHash, bytes32 indexed organisation, address indexed signatory, bytes32 decision
    );

    /// @notice An act was recorded. It is the head of its agreement from now on.
    /// @dev Once per act. `act.previous` is the actHash of the preceding Recorded of the same agreement. Folded as
    /// abi.encode(selector, timestamp, agreement, actHash, keccak256(signatories), keccak256(decisions)), an array
    /// being hashed as its 32-byte words one after the other.
    /// @param agreement equal to actHash for a concluding act
    /// @param signatories who approved, grouped by the organisation they were required for, in ascending order, ascending
    /// within each. A successor's signatories stand in the group of each organisation whose place it took.
    /// @param decisions digests of the decisions they cite, in the same order; empty if none cites one
    event Recorded(
        bytes32 indexed agreement, bytes32 indexed actHash, Act act, address[] signatories, bytes32[] decisions
    );

    /// @notice An act was declined or withdrawn: it can never be recorded.
    /// @dev At most once per act, and never for one that was recorded. Folded as
    /// abi.encode(selector, timestamp, actHash, organisation, signatory, reason).
    /// @param reason digest of the reason; 0 = none given
    event Declined(bytes32 indexed actHash, bytes32 indexed organisation, address indexed signatory, bytes32 reason);

    /// @notice Parties must be in strictly ascending order, without 0: mend the order or the duplicate.
    error PartiesNotAscending(bytes32 party);
    /// @notice A concluding act binds two parties or more.
    error TooFewParties(uint256 parties);
    /// @notice An act that binds must say to what: the dossier is 0.
    error NoDossier();
    /// @notice The act ends before it begins.
    error InvalidPeriod(uint40 validFrom, uint40 validUntil);
    /// @notice A concluding act follows nothing: it names no agreement and comes without history.
    error NotConcluding();
    /// @notice The act does not follow the latest act of its agreement, or the history does not link up.
    /// @param expected hash of the act that must come there; 0 = no such agreement
    error WrongPredecessor(bytes32 expected, bytes32 found);
    /// @notice The act takes effect before the oldest act of the history does: give the acts before it too.
    error HistoryTooShort(uint40 validFrom);
    /// @notice The history goes back further than the act that holds when this one takes effect: leave the rest out.
    error HistoryTooLong(uint40 validFrom);
    /// @notice The agreement was ended; conclude a new one.
    error AgreementEnded(bytes32 agreement);
    /// @notice The act is recorded already.
    error AlreadyRecorded(bytes32 actHash);
    /// @notice The act was declined or withdrawn; propose anew, with another dossier or deadline.
    error ActDeclined(bytes32 actHash);
    /// @notice Too late; propose anew with a later deadline.
    error DeadlinePassed(uint40 deadline);

    /// @notice Puts an act before its parties and approves it at once.
    function propose(Act calldata act, bytes32 decision) external returns (bytes32 actHash);

    /// @notice The same, by the signature of a signatory that somebody else carries.
    function proposeFor(address signatory, Act calldata act, bytes32 decision, bytes calldata signature)
        external
        returns (bytes32 actHash);

    /// @notice Approves an act as its signatory, in a transaction of its own.
    function approve(bytes32 actHash, bytes32 decision) external;

    /// @notice Carries an approval to the chain ahead of the act: for contract wallets (EIP-1271), and for
    /// signatures that are collected one by one. Once for each signatory and act.
    /// @param signature 65 bytes (r, s, v) of an account, or whatever the contract wallet accepts
    function approveFor(address signatory, bytes32 actHash, bytes32 decision, bytes calldata signature) external;

    /// @notice Records an act that everybody concerned approved. Anyone may carry it to the chain.
    /// @param history the acts of the agreement, latest first, back to the one that holds at `act.validFrom`, or else to
    /// the concluding act; empty for a concluding act
    /// @param approvals as many as bind each required organisation and no more, grouped by organisation in ascending
    /// order, ascending by signatory within each
    /// @param decisions digest of the decision that each approval cites, in the same order; empty if none cites one
    function record(
        Act calldata act,
        Act[] calldata history,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) external returns (bytes32 actHash);

    /// @notice Declines or withdraws an act for good, also against signatures given before.
    /// @dev By any signatory of an organisation that the act needs, or of its successor. One is enough, else somebody who
    /// takes back a signature would depend on colleagues.
    /// @param reason digest of the reason; 0 = none given
    function decline(Act calldata act, Act[] calldata history, bytes32 reason) external;

    /// @notice The identity of an act: its EIP-712 struct hash.
    function hashAct(Act calldata act) external view returns (bytes32);

    /// @notice What a signatory signs: the EIP-712 digest of its approval, for this register on this chain.
    function hashApproval(bytes32 actHash, bytes32 decision) external view returns (bytes32);

    /// @notice The organisations that must approve if the act were recorded now, ascending.
    /// @dev Reverts as `record` would if the act could not be recorded now, whoever approves it. It does not look at who
    /// is expelled or succeeded: `record` says EntersNothingNew once it sees the approvals.
    function requiredFor(Act calldata act, Act[] calldata history) external view returns (bytes32[] memory);

    /// @notice Hash of the latest act of an agreement; 0 = none. Under the hash of a declined act: 1.
    function head(bytes32 agreement) external view returns (bytes32);

    /// @notice Whether an agreement holds at a moment, as the register knows it now.
    /// @param history its acts, latest first, back to the one that holds at that moment, or else to the concluding act
    function isInForce(bytes32 agreement, Act[] calldata history, uint40 at) external view returns (bool);
}
