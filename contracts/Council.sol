// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Approvals} from "./Approvals.sol";
import {Words} from "./Words.sol";
import {ICouncil} from "./interfaces/ICouncil.sol";

/// @title Council: what the members decide together
abstract contract Council is ICouncil, Approvals {
    /// @dev What waits for an organisation. Overwritten when it has lapsed.
    struct Pending {
        bytes32 motionHash;
        uint40 effectFrom;
    }

    bytes32 private constant ADMIT = keccak256("admit");
    bytes32 private constant EXPEL = keccak256("expel");
    bytes32 private constant SUCCEED = keccak256("succeed");
    bytes32 private constant RECOVER = keccak256("recover");
    uint40 private constant VETO_PERIOD = 14 days;
    uint40 private constant ENACTMENT_PERIOD = 28 days;

    // Immutable, not constant: solc would hash strings this long anew at each use.
    bytes32 private immutable MOTION_TYPEHASH = keccak256(
        "Motion(string action,bytes32 organisation,address administrator,bytes32 successor,bool votes,"
        "bytes32 dossier,uint40 deadline)"
    );
    bytes32 private immutable VOTE_TYPEHASH = keccak256(
        "Vote(Motion motion,bytes32 decision)"
        "Motion(string action,bytes32 organisation,address administrator,bytes32 successor,bool votes,"
        "bytes32 dossier,uint40 deadline)"
    );

    /// @inheritdoc ICouncil
    uint256 public voters;
    /// @inheritdoc ICouncil
    mapping(bytes32 motionHash => bool) public isDecided;
    /// @inheritdoc ICouncil
    mapping(bytes32 organisation => Pending) public pendingOf;

    constructor(Founder[] memory founders) {
        bytes32 previous = 0;
        for (uint256 i = 0; i < founders.length; ++i) {
            Founder memory founder = founders[i];
            if (founder.organisation <= previous) revert OrganisationsNotAscending(founder.organisation);
            previous = founder.organisation;
            if (founder.votes) ++voters;
            _admit(founder.organisation, founder.administrator, founder.votes);
        }
        if (voters == 0) revert NoVoters();
    }

    /// @inheritdoc ICouncil
    function move(Motion calldata motion, bytes32 decision) external returns (bytes32 motionHash) {
        motionHash = hashMotion(motion);
        emit Moved(motionHash, motion.organisation, msg.sender, motion);
        vote(motionHash, decision);
    }

    /// @inheritdoc ICouncil
    function moveFor(address signatory, Motion calldata motion, bytes32 decision, bytes calldata signature)
        external
        returns (bytes32 motionHash)
    {
        motionHash = hashMotion(motion);
        emit Moved(motionHash, motion.organisation, signatory, motion);
        voteFor(signatory, motionHash, decision, signature);
    }

    /// @inheritdoc ICouncil
    function decide(
        Motion calldata motion,
        bytes32[] calldata organisations,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) external returns (bytes32 motionHash) {
        motionHash = hashMotion(motion);
        if (isDecided[motionHash]) revert AlreadyDecided(motionHash);
        if (motion.deadline < block.timestamp) revert MotionExpired(motion.deadline);
        bytes32 action = _requirePossible(motion, motionHash);
        bytes32[] memory inFavour = Words.copy(organisations);
        bool consents = _requireMajority(motion.organisation, inFavour);
        address[] memory signatories =
            _requireApproved(VOTE_TYPEHASH, motionHash, inFavour, inFavour, approvals, decisions);

        isDecided[motionHash] = true;
        bool waits = (action == SUCCEED || action == RECOVER) && !consents;
        uint40 effectFrom = uint40(block.timestamp);
        if (waits) {
            Pending memory other = pendingOf[motion.organisation];
            if (other.motionHash != 0 && block.timestamp < other.effectFrom + ENACTMENT_PERIOD) {
                revert AnotherPending(other.motionHash, other.effectFrom);
            }
            effectFrom += VETO_PERIOD;
            pendingOf[motion.organisation] = Pending(motionHash, effectFrom);
        }
        bytes32 selector = MotionDecided.selector;
        bytes32 hashes = Words.hash(signatories);
        _fold(
            abi.encode(
                selector, block.timestamp, motionHash, hashes, keccak256(abi.encodePacked(decisions)), effectFrom
            )
        );
        emit MotionDecided(motionHash, motion.organisation, motion, signatories, decisions, effectFrom);
        if (!waits) _enact(motion, motionHash, action);
    }

    /// @inheritdoc ICouncil
    function enact(Motion calldata motion) external {
        bytes32 motionHash = hashMotion(motion);
        Pending memory pending = pendingOf[motion.organisation];
        if (pending.motionHash != motionHash) revert NotPending(motionHash);
        if (block.timestamp < pending.effectFrom) revert VetoPeriod(pending.effectFrom);
        uint40 lapsesAt = pending.effectFrom + ENACTMENT_PERIOD;
        if (block.timestamp >= lapsesAt) revert MotionLapsed(lapsesAt);
        _enact(motion, motionHash, _requirePossible(motion, motionHash));
    }

    /// @inheritdoc ICouncil
    function veto(bytes32 organisation, bytes32 motionHash, bytes32 reason) external {
        if (motionHash == 0 || pendingOf[organisation].motionHash != motionHash) revert NotPending(motionHash);
        if (_members[organisation].administrator != msg.sender) {
            (bytes32 signsFor,,) = _mandateInForce(msg.sender);
            if (signsFor != organisation) revert NotConcerned(organisation, msg.sender);
        }
        delete pendingOf[organisation];
        _fold(abi.encode(MotionVetoed.selector, block.timestamp, motionHash, organisation, msg.sender, reason));
        emit MotionVetoed(motionHash, organisation, msg.sender, reason);
    }

    /// @inheritdoc ICouncil
    function vote(bytes32 motionHash, bytes32 decision) public {
        emit Voted(motionHash, _approve(VOTE_TYPEHASH, motionHash, decision), msg.sender, decision);
    }

    /// @inheritdoc ICouncil
    function voteFor(address signatory, bytes32 motionHash, bytes32 decision, bytes calldata signature) public {
        bytes32 organisation = _approveFor(signatory, VOTE_TYPEHASH, motionHash, decision, signature);
        emit Voted(motionHash, organisation, signatory, decision);
    }

    /// @inheritdoc ICouncil
    function hashVote(bytes32 motionHash, bytes32 decision) external view returns (bytes32) {
        return _hashTypedDataV4(_approvalHash(VOTE_TYPEHASH, motionHash, decision));
    }

    /// @inheritdoc ICouncil
    function hashMotion(Motion calldata motion) public view returns (bytes32) {
        return keccak256(
            abi.encode(
                MOTION_TYPEHASH,
                keccak256(bytes(motion.action)),
                motion.organisation,
                motion.administrator,
                motion.successor,
                motion.votes,
                motion.dossier,
                motion.deadline
            )
        );
    }

    /// @dev Carries out what _requirePossible found possible.
    function _enact(Motion calldata motion, bytes32 motionHash, bytes32 action) private {
        bytes32 organisation = motion.organisation;
        _fold(abi.encode(MotionEnacted.selector, block.timestamp, motionHash));
        emit MotionEnacted(motionHash, organisation);
        if (action == SUCCEED || action == RECOVER) delete pendingOf[organisation];
        if (action == RECOVER) {
            _replaceAdministrator(organisation, motion.administrator);
            return;
        }
        uint256 others = _members[organisation].votes ? voters - 1 : voters;
        voters = motion.votes ? others + 1 : others;
        if (voters == 0) revert NoVoters();
        if (action == ADMIT) {
            _admit(organisation, motion.administrator, motion.votes);
        } else if (action == EXPEL) {
            _members[organisation].votes = false;
            _mark(organisation, true);
            _fold(abi.encode(MemberExpelled.selector, block.timestamp, organisation));
            emit MemberExpelled(organisation);
        } else {
            _retire(organisation, motion.successor);
            _fold(abi.encode(MemberSucceeded.selector, block.timestamp, organisation, motion.successor));
            emit MemberSucceeded(organisation, motion.successor);
        }
    }

    /// @dev Reverts unless the motion could take effect now if a majority approved it.
    /// @return action hash of its name
    function _requirePossible(Motion calldata motion, bytes32 motionHash) private view returns (bytes32 action) {
        action = keccak256(bytes(motion.action));
        bytes32 organisation = motion.organisation;
        bytes32 successor = successorOf[organisation];
        if (successor != 0) revert AlreadySucceeded(organisation, successor);
        Member memory member = _members[organisation];
        bool namesKey = motion.administrator != address(0);
        bool namesSuccessor = motion.successor != 0;
        if (action == ADMIT) {
            if (namesSuccessor) revert InvalidMotion(motionHash);
            if (member.administrator == address(0)) return action;
            // A majority must not replace a key by admitting an organisation again.
            bool same = member.votes == motion.votes && !member.expelled;
            if (same || member.administrator != motion.administrator) revert AlreadyMember(organisation);
        } else {
            if (motion.votes) revert InvalidMotion(motionHash);
            if (member.administrator == address(0)) revert NotMember(organisation);
            if (action == EXPEL) {
                if (namesKey || namesSuccessor) revert InvalidMotion(motionHash);
                if (member.expelled) revert NotMember(organisation);
            } else if (action == SUCCEED) {
                if (namesKey || motion.successor == organisation) revert InvalidMotion(motionHash);
                Member memory heir = _members[motion.successor];
                if (heir.administrator == address(0) || heir.expelled) revert NotMember(motion.successor);
            } else if (action == RECOVER) {
                bool same = motion.administrator == member.administrator;
                if (!namesKey || namesSuccessor || same) revert InvalidMotion(motionHash);
            } else {
                revert UnknownAction(motion.action);
            }
        }
    }

    /// @dev Reverts unless those in favour are a majority of the voting members.
    /// @return consents whether the organisation concerned is among them
    function _requireMajority(bytes32 concerned, bytes32[] memory inFavour) private view returns (bool consents) {
        uint256 count = 0;
        bytes32 previous = 0;
        for (uint256 i = 0; i < inFavour.length; ++i) {
            bytes32 organisation = inFavour[i];
            if (organisation <= previous) revert OrganisationsNotAscending(organisation);
            previous = organisation;
            if (organisation == concerned) consents = true;
            if (_members[organisation].votes) ++count;
            else if (organisation != concerned) revert NotVoting(organisation);
        }
        if (count * 2 <= voters) revert NoMajority(count, voters);
    }
}
