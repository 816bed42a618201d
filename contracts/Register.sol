// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {Council} from "./Council.sol";
import {IRegister} from "./interfaces/IRegister.sol";

/// @title Register: agreements as chains of acts, each approved by everybody it concerns
/// @dev State is one word per agreement. Acts live in calldata and events; a later act brings its predecessors along as
/// witnesses, whose hashes are checked: `history`, from the latest backwards.
contract Register is IRegister, Council, EIP712 {
    /// @dev What one signatory signs, hashed once for all who cite the same decision.
    struct Statement {
        bytes32 actHash;
        bytes32 approvalHash;
        bytes32 digest;
    }

    /// @dev Stands in `head` under the hash of a declined act, where the act itself would have to go.
    bytes32 private constant DECLINED = bytes32(uint256(1));

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

    /// @inheritdoc IRegister
    mapping(bytes32 agreement => bytes32 actHash) public head;
    /// @inheritdoc IRegister
    mapping(bytes32 actHash => mapping(address signatory => bytes32 approvalHash)) public approvalOf;

    constructor(Founder[] memory founders) Council(founders) EIP712("Food Valley Register", "1") {}

    /// @inheritdoc IRegister
    function propose(Act calldata act, bytes32 decision) external returns (bytes32 actHash) {
        actHash = hashAct(act);
        emit Proposed(act.previous == 0 ? actHash : act.agreement, actHash, msg.sender, act);
        _approve(msg.sender, _requireMandate(msg.sender), actHash, decision);
    }

    /// @inheritdoc IRegister
    function approve(bytes32 actHash, bytes32 decision) external {
        _approve(msg.sender, _requireMandate(msg.sender), actHash, decision);
    }

    /// @inheritdoc IRegister
    function approveFor(address signatory, bytes32 actHash, bytes32 decision, bytes calldata signature) external {
        bytes32 organisation = _requireMandate(signatory);
        bytes32 digest = hashApproval(actHash, decision);
        if (!SignatureChecker.isValidSignatureNow(signatory, digest, signature)) revert NotSignedBy(signatory);
        _approve(signatory, organisation, actHash, decision);
    }

    /// @inheritdoc IRegister
    function record(
        Act calldata act,
        Act[] calldata history,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) external returns (bytes32 actHash) {
        actHash = hashAct(act);
        bytes32 agreement = _requirePossible(act, actHash, history);
        address[] memory signatories = _requireApproved(actHash, _required(act, history), approvals, decisions);

        head[agreement] = actHash;
        bytes32 hashes = _hashWords(signatories);
        bytes32 selector = Recorded.selector;
        _fold(abi.encode(selector, block.timestamp, agreement, actHash, hashes, keccak256(abi.encodePacked(decisions))));
        emit Recorded(agreement, actHash, act, signatories, decisions);
    }

    /// @inheritdoc IRegister
    function decline(Act calldata act, Act[] calldata history, bytes32 reason) external {
        bytes32 actHash = hashAct(act);
        _requirePossible(act, actHash, history);
        bytes32 organisation = _requireMandate(msg.sender);
        if (!_contains(_required(act, history), organisation)) revert ApprovalNotRequired(organisation, msg.sender);

        head[actHash] = DECLINED;
        _fold(abi.encode(Declined.selector, block.timestamp, actHash, organisation, msg.sender, reason));
        emit Declined(actHash, organisation, msg.sender, reason);
    }

    /// @inheritdoc IRegister
    function requiredFor(Act calldata act, Act[] calldata history) external view returns (bytes32[] memory) {
        _requirePossible(act, hashAct(act), history);
        return _required(act, history);
    }

    /// @inheritdoc IRegister
    function isInForce(bytes32 agreement, Act[] calldata history, uint40 at) external view returns (bool) {
        _requireLinked(head[agreement], history);
        for (uint256 i = 0; i < history.length; ++i) {
            Act calldata act = history[i];
            if (act.validFrom <= at) return act.parties.length > 1 && (act.validUntil == 0 || at < act.validUntil);
        }
        Act calldata oldest = history[history.length - 1];
        if (oldest.previous != 0) revert HistoryTooShort(oldest.validFrom);
        return false;
    }

    /// @inheritdoc IRegister
    function hashAct(Act calldata act) public view returns (bytes32) {
        return keccak256(
            abi.encode(
                ACT_TYPEHASH,
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

    /// @inheritdoc IRegister
    function hashApproval(bytes32 actHash, bytes32 decision) public view returns (bytes32) {
        return _statement(actHash, decision).digest;
    }

    function _approve(address signatory, bytes32 organisation, bytes32 actHash, bytes32 decision) private {
        approvalOf[actHash][signatory] = _approvalHash(actHash, decision);
        emit Approved(actHash, organisation, signatory, decision);
    }

    /// @dev Reverts unless the act could be recorded now if everybody concerned approved it.
    /// @return agreement whose head it would become
    function _requirePossible(Act calldata act, bytes32 actHash, Act[] calldata history)
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
            if (act.parties.length < 2) revert TooFewParties(act.parties.length);
        } else {
            agreement = act.agreement;
            _requireFollows(act, actHash, history);
        }
        _requireSound(act);
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
    function _requireSound(Act calldata act) private view {
        if (act.parties.length != 0 && act.dossier == 0) revert NoDossier();
        bytes32 previous;
        for (uint256 i = 0; i < act.parties.length; ++i) {
            bytes32 party = act.parties[i];
            if (party <= previous) revert PartiesNotAscending(party);
            previous = party;
        }
        if (act.validUntil != 0 && act.validUntil <= act.validFrom) revert InvalidPeriod(act.validFrom, act.validUntil);
        if (act.deadline != 0 && act.deadline < block.timestamp) revert DeadlinePassed(act.deadline);
    }

    /// @dev Who must approve: everybody bound from `act.validFrom` on, before or after it. Acts that were recorded to
    /// take effect later still are overruled too, so those they bind have a say. A party that leaves by notice needs
    /// nobody else.
    function _required(Act calldata act, Act[] calldata history) private view returns (bytes32[] memory required) {
        required = act.parties;
        if (history.length == 1 && _givesNotice(act, history[0])) return _except(history[0].parties, required);
        for (uint256 i = 0; i < history.length; ++i) {
            required = _union(required, history[i].parties);
        }
    }

    /// @dev Whether the act takes one party out, in time, and leaves the others exactly what they had.
    function _givesNotice(Act calldata act, Act calldata current) private view returns (bool) {
        if (current.notice == 0 || act.parties.length + 1 != current.parties.length) return false;
        if (act.validFrom < block.timestamp + current.notice || act.validFrom < current.validFrom) return false;
        return act.dossier == current.dossier && act.notice == current.notice && act.validUntil == current.validUntil
            && _except(current.parties, act.parties).length == 1;
    }

    /// @dev Reverts unless the approvals bind each required organisation, with none to spare.
    function _requireApproved(
        bytes32 actHash,
        bytes32[] memory required,
        Signature[] calldata approvals,
        bytes32[] calldata decisions
    ) private view returns (address[] memory signatories) {
        if (decisions.length != 0 && decisions.length != approvals.length) {
            revert DecisionsMismatch(approvals.length, decisions.length);
        }
        signatories = new address[](approvals.length);
        Statement memory statement = _statement(actHash, 0);
        uint256 next = 0;
        for (uint256 i = 0; i < required.length; ++i) {
            bytes32 organisation = required[i];
            uint256 given = 0;
            uint256 needed = 1;
            while (given < needed) {
                if (next == approvals.length) revert ApprovalsMissing(organisation, given, needed);
                if (decisions.length != 0) statement = _statement(actHash, decisions[next]);
                address signatory = _signatoryOf(statement, approvals[next]);
                Mandate memory mandate = _requireMandateInForce(signatory);
                if (mandate.organisation < organisation) revert ApprovalNotRequired(mandate.organisation, signatory);
                if (mandate.organisation > organisation) revert ApprovalsMissing(organisation, given, needed);
                if (given != 0 && signatory <= signatories[next - 1]) revert ApprovalsNotAscending(signatory);
                if (given == 0 || mandate.together < needed) needed = mandate.together;
                signatories[next] = signatory;
                ++given;
                ++next;
            }
        }
        if (next != approvals.length) {
            if (decisions.length != 0) statement = _statement(actHash, decisions[next]);
            address signatory = _signatoryOf(statement, approvals[next]);
            revert ApprovalNotRequired(_requireMandate(signatory), signatory);
        }
    }

    /// @dev Who gave this approval: by signature, or on chain.
    function _signatoryOf(Statement memory statement, Signature calldata approval)
        private
        view
        returns (address signatory)
    {
        if (approval.r == 0) {
            signatory = address(uint160(uint256(approval.vs)));
            if (approvalOf[statement.actHash][signatory] != statement.approvalHash) revert NotApproved(signatory);
        } else {
            (signatory,,) = ECDSA.tryRecover(statement.digest, approval.r, approval.vs);
            if (signatory == address(0)) revert InvalidSignature(approval.r, approval.vs);
        }
    }

    /// @dev The organisation whose mandate the key holds at this moment.
    function _requireMandate(address signatory) private view returns (bytes32 organisation) {
        return _requireMandateInForce(signatory).organisation;
    }

    function _requireMandateInForce(address signatory) private view returns (Mandate memory mandate) {
        mandate = mandateOf(signatory);
        if (mandate.organisation == 0) revert NoMandate(signatory);
        bool ended = mandate.validUntil != 0 && mandate.validUntil <= block.timestamp;
        if (ended || block.timestamp < mandate.validFrom) {
            revert MandateNotInForce(signatory, mandate.validFrom, mandate.validUntil);
        }
    }

    function _statement(bytes32 actHash, bytes32 decision) private view returns (Statement memory) {
        bytes32 approvalHash = _approvalHash(actHash, decision);
        return Statement(actHash, approvalHash, _hashTypedDataV4(approvalHash));
    }

    function _approvalHash(bytes32 actHash, bytes32 decision) private view returns (bytes32) {
        return keccak256(abi.encode(APPROVAL_TYPEHASH, actHash, decision));
    }

    function _contains(bytes32[] memory organisations, bytes32 organisation) private pure returns (bool) {
        for (uint256 i = 0; i < organisations.length; ++i) {
            if (organisations[i] == organisation) return true;
        }
        return false;
    }

    /// @dev What is in `all` and not in `some`; both strictly ascending.
    function _except(bytes32[] calldata all, bytes32[] memory some) private pure returns (bytes32[] memory rest) {
        rest = new bytes32[](all.length);
        uint256 j = 0;
        uint256 count = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            while (j < some.length && some[j] < all[i]) ++j;
            if (j == some.length || some[j] != all[i]) rest[count++] = all[i];
        }
        _truncate(rest, count);
    }

    /// @dev Merges two strictly ascending lists into one.
    function _union(bytes32[] memory a, bytes32[] calldata b) private pure returns (bytes32[] memory merged) {
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
        _truncate(merged, count);
    }

    /// @dev Shortens an array in place.
    function _truncate(bytes32[] memory words, uint256 length) private pure {
        assembly ("memory-safe") {
            mstore(words, length)
        }
    }

    /// @dev Hash of the words of an array, without its length: what abi.encodePacked gives, without the copy.
    function _hashWords(address[] memory words) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(add(words, 32), mul(mload(words), 32))
        }
    }
}
