// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title Organisations, who administers them and who may sign for them
/// @notice An organisation is a public body, named by its TOOI identifier: at most 16 ASCII characters, padded with
/// zeros on the right ("gm0345" is Veenendaal). It runs itself: its administrator appoints and dismisses its signatories,
/// hands its own task over, and announces where its service is. Nobody else can, the council included: that closes the
/// attack of a majority that signs for somebody else. What the council can do is in ICouncil.
/// @dev Times are unix seconds. A period runs from `validFrom` up to, not including, `validUntil`; 0 = open-ended.
interface IMandates {
    /// @notice An organisation as the council is founded with it.
    /// @param organisation TOOI identifier
    /// @param administrator key that appoints its signatories
    /// @param votes whether it counts in the council's majority; a guest signs agreements and does not vote
    struct Founder {
        bytes32 organisation;
        address administrator;
        bool votes;
    }

    /// @notice An organisation as the council knows it now. Fits one slot.
    /// @param administrator 0 = it never took part, or was succeeded
    /// @param expelled keeps its say in what binds it, enters nothing new
    struct Member {
        address administrator;
        bool votes;
        bool expelled;
    }

    /// @notice The right to sign for an organisation (mandaat). Fits one slot, so that checking it is one read.
    /// @param organisation whom it binds; 0 = no mandate
    /// @param validFrom first second at which it counts
    /// @param validUntil first second at which it no longer counts; 0 = open-ended
    /// @param together how many signatories of the organisation, this one included, must approve for this
    /// mandate to bind it: 1 = alone (zelfstandig bevoegd), 2 = four eyes (gezamenlijk bevoegd), and so on
    /// @param place where the key stands among the signatories of the organisation, from 1; 0 = dismissed
    /// @param expelled as in Member, kept here too so that checking it needs no second read
    struct Mandate {
        bytes16 organisation;
        uint40 validFrom;
        uint40 validUntil;
        uint16 together;
        uint16 place;
        bool expelled;
    }

    /// @notice An organisation takes part from now on, or takes part again, or has its vote given or taken.
    /// @dev The founders' come first of all events, in ascending order of organisation. Repeatable for one
    /// organisation, the latest counts; always with the administrator it has. It is no longer expelled, if it was.
    /// Folded into the fingerprint as abi.encode(selector, timestamp, organisation, administrator, votes).
    event MemberAdmitted(bytes32 indexed organisation, address administrator, bool votes);

    /// @notice The key of an organisation's administrator was replaced: handed over, or recovered by the council.
    /// @dev Follows an AdministratorNominated of the same key, or a MotionEnacted in the same transaction.
    /// Folded as abi.encode(selector, timestamp, organisation, administrator).
    event AdministratorReplaced(bytes32 indexed organisation, address administrator);

    /// @notice The administrator put a key forward that may take over; 0 takes an earlier one back.
    /// @dev Repeatable, the latest counts, until an AdministratorReplaced or MemberSucceeded of the organisation.
    /// Folded as abi.encode(selector, timestamp, organisation, nominee).
    event AdministratorNominated(bytes32 indexed organisation, address nominee);

    /// @notice A key may sign for an organisation. Replaces the earlier mandate of the same key, if it had one.
    /// @dev Repeatable for one key, the latest counts; always with the same organisation or one that succeeded it.
    /// Folded as abi.encode(selector, timestamp, organisation, signatory, validFrom, validUntil, together, decision).
    /// @param decision digest of the decision the mandate rests on; 0 = none cited
    event SignatoryAppointed(
        bytes32 indexed organisation,
        address indexed signatory,
        uint40 validFrom,
        uint40 validUntil,
        uint16 together,
        bytes32 decision
    );

    /// @notice A key may no longer sign for an organisation, from this block on.
    /// @dev Follows a SignatoryAppointed of the same key and organisation; at most once for each of those. If the mandate
    /// had ended by itself before, it still ended then.
    /// Folded as abi.encode(selector, timestamp, organisation, signatory, decision).
    event SignatoryDismissed(bytes32 indexed organisation, address indexed signatory, bytes32 decision);

    /// @notice Where the service of an organisation is found from now on; empty = nowhere.
    /// @dev Repeatable, the latest counts. Not checked to be a URL: treat it as hostile.
    /// Folded as abi.encode(selector, timestamp, organisation, keccak256(service)).
    event ServiceAnnounced(bytes32 indexed organisation, string service);

    /// @notice A founder or administrator cannot be the zero address.
    error NoAdministrator(bytes32 organisation);
    /// @notice An identifier has at most 16 characters, and at least one.
    error InvalidIdentifier(bytes32 organisation);
    /// @notice Organisations must be listed in strictly ascending order, without 0: mend the order or the duplicate.
    error OrganisationsNotAscending(bytes32 organisation);
    /// @notice Only the administrator of the organisation may do this.
    error NotAdministrator(bytes32 organisation, address sender);
    /// @notice Only the key that the administrator put forward can take over.
    error NotNominated(bytes32 organisation, address sender);
    /// @notice The mandate can never count: it ends before it begins or has ended, asks for no signatory, or names no key.
    error InvalidMandate(address signatory);
    /// @notice The key belongs to another organisation; a person who serves two needs a key for each.
    error MandatedElsewhere(address signatory, bytes32 organisation);
    /// @notice An organisation has at most 64 signatories at a time; dismiss those who no longer sign.
    error TooManySignatories(bytes32 organisation);
    /// @notice The key is no signatory of the organisation.
    error NotSignatory(bytes32 organisation, address signatory);
    /// @notice Nobody ever appointed this key; or, if it was recovered from a signature, that signature is for something
    /// else, for another register or for another chain.
    error NoMandate(address signatory);
    /// @notice The mandate has not begun or has ended.
    error MandateNotInForce(address signatory, uint40 validFrom, uint40 validUntil);
    /// @notice An address has at most 255 bytes.
    error ServiceTooLong(uint256 length);

    /// @notice Appoints a signatory, or changes the mandate of one.
    /// @param validFrom may lie in the past: a mandate counts at the moment something is recorded, never before it
    /// stood here
    /// @param decision digest of the decision the mandate rests on; 0 = none cited
    function appoint(
        bytes32 organisation,
        address signatory,
        uint40 validFrom,
        uint40 validUntil,
        uint16 together,
        bytes32 decision
    ) external;

    /// @notice Ends a signatory's mandate at once, also for what was approved and is not recorded yet.
    /// @dev If the same key is appointed anew, what it approved before counts again: decline what shall not be recorded.
    function dismiss(bytes32 organisation, address signatory, bytes32 decision) external;

    /// @notice Puts a key forward as the next administrator. Nothing changes until that key takes over itself, which
    /// closes the mistake of handing an organisation to a key that nobody has. 0 takes the nomination back.
    function handOver(bytes32 organisation, address nominee) external;

    /// @notice Takes over as administrator, by the key that was put forward.
    function takeOver(bytes32 organisation) external;

    /// @notice Says where the organisation's service is; empty = it has none.
    function announce(bytes32 organisation, string calldata service) external;

    /// @notice The organisation's administrator and vote; all zero if it does not take part.
    function memberOf(bytes32 organisation) external view returns (Member memory);

    /// @notice The key's mandate, in force or not; all zero if it never had one.
    function mandateOf(address signatory) external view returns (Mandate memory);

    /// @notice The keys that are appointed and not dismissed, in no order, whether or not their mandate has begun or ended.
    function signatoriesOf(bytes32 organisation) external view returns (address[] memory);

    /// @notice The key that may take over as administrator; 0 = none.
    function nomineeOf(bytes32 organisation) external view returns (address);

    /// @notice The organisation that took this one's place; 0 = none.
    function successorOf(bytes32 organisation) external view returns (bytes32);

    /// @notice One hash over everything the register ever recorded, in order.
    /// @dev Starts at 0. Each recorded event turns it into keccak256(abi.encode(fingerprint, keccak256(e))), e being what
    /// the event says it is folded as; `selector` is topic 0 of the event, `timestamp` that of its block. Events that put
    /// something forward or approve it (Proposed, Approved, Moved, Voted) record no facts yet and are left out: what
    /// comes of them is in Recorded and MotionDecided.
    function fingerprint() external view returns (bytes32);
}
