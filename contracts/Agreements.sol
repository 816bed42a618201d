// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Council} from "./Council.sol";
import {Words} from "./Words.sol";
import {IAgreements} from "./interfaces/IAgreements.sol";

/// @title Agreements: chains of acts, each approved by everybody it concerns
/// @dev State is one word per agreement. Acts live in calldata and events; a later act brings its predecessors along as
/// witnesses, whose hashes are checked: `history`, from the latest backwards.
abstract contract Agreements is IAgreements, Council {
    /// @dev Stands in `head` under the hash of a declined act, where the act itself would have to go.
    bytes32 private constant DECLINED = bytes32(uint256(1));

    /// @dev How much longer than the notice a party may wait before it leaves by itself.
    uint256 private constant LONGEST_AHEAD = 366 days;

    // Immutable, not constant: solc would hash strings this long anew at each use.
    bytes32 private immutable ACT_TYPEHASH = keccak256(
        "Act(bytes32 agreement,bytes32 previous,bytes32 dossier,bytes32[] parties,"
        "uint40 validFrom,uint40 validUntil,uint32 notice,uint40 deadline)"
    );
    bytes32 private immutable APPROVAL_TYPEHASH = keccak256(
        "Approval(Act act,bytes32 decision)"
        "Act(bytes32 agreement,bytes32 previous,bytes32 dossier,bytes32[] parties,"
        "uint40 validFrom,uint40 validUntil,uint32 notice,uint40 deadline)"
    );

    /// @inheritdoc IAgreements
    mapping(bytes32 agreement => bytes32 actHash) public head;

    /// @inheritdoc IAgreements
    function propose(Act calldata act, bytes32 decision) external returns (bytes32 actHash) {
        actHash = hashAct(act);
        emit Proposed(act.previous == 0 ? actHash : act.agreement, actHash, msg.sender, act);
        approve(actHash, decision);
    }

    /// @inheritdoc IAgreements
    function proposeFor(address signatory, Act calldata act, bytes32 decision, bytes calldata signature)
        external
        returns (bytes32 actHash)
    {
        actHash = hashAct(act);
        emit Proposed(act.previous == 0 ? actHash : act.agreement, actHash, signatory, act);
        approveFor(signatory, actHash, decision, signature);
    }

    /// @inheritdoc IAgreements
    function record(
        Act calldata act,
        Act[] calldata history,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) external returns (bytes32 actHash) {
        bytes32[] memory parties = Words.copy(act.parties);
        actHash = _hashAct(act, Words.hash(parties));
        bytes32 agreement = _requirePossible(act, parties, actHash, history);
        (bytes32[] memory required, bytes32[] memory bound) = _required(act, parties, history);
        address[] memory signatories =
            _requireApproved(APPROVAL_TYPEHASH, actHash, required, bound, approvals, decisions);

        head[agreement] = actHash;
        bytes32 selector = Recorded.selector;
        bytes32 hashes = Words.hash(signatories);
        _fold(abi.encode(selector, block.timestamp, agreement, actHash, hashes, keccak256(abi.encodePacked(decisions))));
        Words.logRecorded(agreement, actHash, act, parties, signatories, decisions);
    }

    /// @inheritdoc IAgreements
    function decline(Act calldata act, Act[] calldata history, bytes32 reason) external {
        bytes32[] memory parties = Words.copy(act.parties);
        bytes32 actHash = _hashAct(act, Words.hash(parties));
        _requirePossible(act, parties, actHash, history);
        bytes32 organisation = _requireMandate(msg.sender);
        (bytes32[] memory required,) = _required(act, parties, history);
        if (!_answersFor(organisation, required)) revert ApprovalNotRequired(organisation, msg.sender);

        head[actHash] = DECLINED;
        _fold(abi.encode(Declined.selector, block.timestamp, actHash, organisation, msg.sender, reason));
        emit Declined(actHash, organisation, msg.sender, reason);
    }

    /// @inheritdoc IAgreements
    function requiredFor(Act calldata act, Act[] calldata history) external view returns (bytes32[] memory required) {
        bytes32[] memory parties = Words.copy(act.parties);
        _requirePossible(act, parties, _hashAct(act, Words.hash(parties)), history);
        (required,) = _required(act, parties, history);
    }

    /// @inheritdoc IAgreements
    function isInForce(bytes32 agreement, Act[] calldata history, uint40 at) external view returns (bool) {
        return _partiesAt(agreement, history, at).length > 1;
    }

    /// @inheritdoc IAgreements
    function approve(bytes32 actHash, bytes32 decision) public {
        emit Approved(actHash, _approve(APPROVAL_TYPEHASH, actHash, decision), msg.sender, decision);
    }

    /// @inheritdoc IAgreements
    function approveFor(address signatory, bytes32 actHash, bytes32 decision, bytes calldata signature) public {
        bytes32 organisation = _approveFor(signatory, APPROVAL_TYPEHASH, actHash, decision, signature);
        emit Approved(actHash, organisation, signatory, decision);
    }

    /// @inheritdoc IAgreements
    function hashAct(Act calldata act) public view returns (bytes32) {
        return _hashAct(act, keccak256(abi.encodePacked(act.parties)));
    }

    /// @inheritdoc IAgreements
    function hashApproval(bytes32 actHash, bytes32 decision) external view returns (bytes32) {
        return _hashTypedDataV4(_approvalHash(APPROVAL_TYPEHASH, actHash, decision));
    }

    function _hashAct(Act calldata act, bytes32 partiesHash) private view returns (bytes32) {
        return keccak256(
            abi.encode(
                ACT_TYPEHASH,
                act.agreement,
                act.previous,
                act.dossier,
                partiesHash,
                act.validFrom,
                act.validUntil,
                act.notice,
                act.deadline
            )
        );
    }

    /// @dev Who is bound at a moment, as the register knows it now; nobody if the agreement does not hold then.
    function _partiesAt(bytes32 agreement, Act[] calldata history, uint256 at)
        internal
        view
        returns (bytes32[] memory parties)
    {
        _requireLinked(head[agreement], history);
        for (uint256 i = 0; i < history.length; ++i) {
            Act calldata act = history[i];
            if (act.validFrom > at) continue;
            bool holds = act.parties.length > 1 && (act.validUntil == 0 || at < act.validUntil);
            return holds ? Words.copy(act.parties) : parties;
        }
        Act calldata oldest = history[history.length - 1];
        if (oldest.previous != 0) revert HistoryTooShort(oldest.validFrom);
    }

    /// @dev Whether it is one of these organisations, or took the place of one.
    function _answersFor(bytes32 organisation, bytes32[] memory organisations) internal view returns (bool) {
        if (_contains(organisations, organisation)) return true;
        for (uint256 i = 0; i < organisations.length; ++i) {
            if (_heirOf(organisations[i]) == organisation) return true;
        }
        return false;
    }

    /// @dev Reverts unless the act could be recorded now if everybody concerned approved it.
    /// @param parties those of the act
    /// @return agreement whose head it would become
    function _requirePossible(Act calldata act, bytes32[] memory parties, bytes32 actHash, Act[] calldata history)
        private
        view
        returns (bytes32 agreement)
    {
        bytes32 own = head[actHash];
        if (own == DECLINED) revert ActDeclined(actHash);
        if (act.previous == 0) {
            agreement = actHash;
            if (own != 0) revert AlreadyRecorded(actHash);
            if (act.agreement != 0 || history.length != 0) revert NotConcluding();
            if (parties.length < 2) revert TooFewParties(parties.length);
        } else {
            agreement = act.agreement;
            _requireFollows(act, actHash, history);
        }
        _requireSound(act, parties);
    }

    /// @dev Reverts unless the act follows the head, and the history reaches back to the act that holds at its start
    /// and no further: each act more would give its parties a say in what does not concern them.
    function _requireFollows(Act calldata act, bytes32 actHash, Act[] calldata history) private view {
        bytes32 current = head[act.agreement];
        if (current == actHash) revert AlreadyRecorded(actHash);
        if (current == 0 || act.previous != current) revert WrongPredecessor(current, act.previous);
        _requireLinked(current, history);
        if (history[0].parties.length < 2) revert AgreementEnded(act.agreement);
        uint256 last = history.length - 1;
        for (uint256 i = 0; i < last; ++i) {
            if (history[i].validFrom <= act.validFrom) revert HistoryTooLong(history[i].validFrom);
        }
        Act calldata oldest = history[last];
        if (oldest.previous != 0 && oldest.validFrom > act.validFrom) revert HistoryTooShort(oldest.validFrom);
    }

    /// @dev Reverts unless the first act of the history is `current` and each next one its predecessor.
    function _requireLinked(bytes32 current, Act[] calldata history) private view {
        if (history.length == 0) revert WrongPredecessor(current, 0);
        for (uint256 i = 0; i < history.length; ++i) {
            bytes32 found = hashAct(history[i]);
            if (found != current) revert WrongPredecessor(current, found);
            current = history[i].previous;
        }
    }

    /// @dev Reverts unless what the act says makes sense by itself, now.
    function _requireSound(Act calldata act, bytes32[] memory parties) private view {
        if (parties.length != 0 && act.dossier == 0) revert NoDossier();
        bytes32 previous = 0;
        for (uint256 i = 0; i < parties.length; ++i) {
            bytes32 party = Words.at(parties, i);
            if (party <= previous) revert PartiesNotAscending(party);
            previous = party;
        }
        if (act.validUntil != 0 && act.validUntil <= act.validFrom) revert InvalidPeriod(act.validFrom, act.validUntil);
        if (act.deadline != 0 && act.deadline < block.timestamp) revert DeadlinePassed(act.deadline);
    }

    /// @dev Who must approve: everybody bound from `act.validFrom` on, before or after it. Acts that were recorded to
    /// take effect later still are overruled too, so those they bind have a say. A party that leaves by notice needs
    /// nobody else.
    /// @return required strictly ascending
    /// @return bound who was so before this act
    function _required(Act calldata act, bytes32[] memory parties, Act[] calldata history)
        private
        view
        returns (bytes32[] memory required, bytes32[] memory bound)
    {
        if (history.length == 0) return (parties, bound);
        bound = Words.copy(history[0].parties);
        if (history.length == 1 && _givesNotice(act, parties, bound, history[0])) {
            return (_except(bound, parties), bound);
        }
        for (uint256 i = 1; i < history.length; ++i) {
            bound = _union(bound, Words.copy(history[i].parties));
        }
        required = _union(bound, parties);
    }

    /// @dev Whether the act takes one party out, in time, and leaves the others exactly what they had.
    function _givesNotice(
        Act calldata act,
        bytes32[] memory parties,
        bytes32[] memory bound,
        Act calldata current
    ) private view returns (bool) {
        if (current.notice == 0 || parties.length + 1 != bound.length) return false;
        uint256 earliest = block.timestamp + current.notice;
        if (act.validFrom < earliest || act.validFrom < current.validFrom) return false;
        // Until it takes effect nobody else can leave by notice, so it may not lie in the year 9999.
        if (act.validFrom > earliest + LONGEST_AHEAD) return false;
        return act.dossier == current.dossier && act.notice == current.notice && act.validUntil == current.validUntil
            && _except(bound, parties).length == 1;
    }

    /// @dev What is in `all` and not in `some`; both strictly ascending.
    function _except(bytes32[] memory all, bytes32[] memory some) private pure returns (bytes32[] memory rest) {
        rest = new bytes32[](all.length);
        uint256 j = 0;
        uint256 count = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            while (j < some.length && some[j] < all[i]) ++j;
            if (j == some.length || some[j] != all[i]) rest[count++] = all[i];
        }
        Words.truncate(rest, count);
    }

    /// @dev Merges two strictly ascending lists into one.
    function _union(bytes32[] memory a, bytes32[] memory b) private pure returns (bytes32[] memory merged) {
        merged = new bytes32[](a.length + b.length);
        uint256 i = 0;
        uint256 j = 0;
        uint256 count = 0;
        while (i < a.length || j < b.length) {
            bool fromA = j == b.length || (i < a.length && a[i] <= b[j]);
            bytes32 organisation = fromA ? a[i] : b[j];
            if (j < b.length && b[j] == organisation) ++j;
            if (fromA) ++i;
            merged[count++] = organisation;
        }
        Words.truncate(merged, count);
    }
}
