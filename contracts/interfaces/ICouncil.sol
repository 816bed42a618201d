// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title The council: which organisations take part, and who may sign for them
/// @notice An organisation is a public body, named by its TOOI identifier: at most 16 ASCII characters, padded with
/// zeros on the right ("gm0345" is Veenendaal). Its administrator appoints and dismisses its signatories; nobody else can.
/// @dev Times are unix seconds. A period runs from `validFrom` up to, not including, `validUntil`; 0 = open-ended.
interface ICouncil {
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
    struct Member {
        address administrator;
        bool votes;
    }

    /// @notice The right to sign for an organisation (mandaat). Fits one slot, so that checking it is one read.
    /// @param organisation whom it binds; 0 = no mandate
    /// @param validFrom first second at which it counts
    /// @param validUntil first second at which it no longer counts; 0 = open-ended
    /// @param together how many signatories of the organisation, this one included, must approve for this
    /// mandate to bind it: 1 = alone (zelfstandig bevoegd), 2 = four eyes (gezamenlijk bevoegd), and so on
    struct Mandate {
        bytes16 organisation;
        uint40 validFrom;
        uint40 validUntil;
        uint16 together;
    }

    /// @notice An organisation takes part from now on.
    /// @dev Once per organisation. The founders' come first of all events, in ascending order of organisation.
    /// Folded into the fingerprint as abi.encode(selector, timestamp, organisation, administrator, votes).
    event MemberAdmitted(bytes32 indexed organisation, address administrator, bool votes);

    /// @notice A key may sign for an organisation. Replaces the earlier mandate of the same key, if it had one.
    /// @dev Repeatable for one key, the latest counts; always with the same organisation.
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
    /// @dev Follows a SignatoryAppointed of the same key and organisation; at most once for each of those.
    /// Folded as abi.encode(selector, timestamp, organisation, signatory, decision).
    event SignatoryDismissed(bytes32 indexed organisation, address indexed signatory, bytes32 decision);

    /// @notice Without founders nobody could ever do anything here.
    error NoFounders();
    /// @notice A founder or administrator cannot be the zero address.
    error NoAdministrator(bytes32 organisation);
    /// @notice An identifier has at most 16 characters.
    error IdentifierTooLong(bytes32 organisation);
    /// @notice Organisations must be listed in strictly ascending order, without 0: mend the order or the duplicate.
    error OrganisationsNotAscending(bytes32 organisation);
    /// @notice Only the administrator of the organisation may do this.
    error NotAdministrator(bytes32 organisation, address sender);
    /// @notice The mandate can never count: it ends before it begins or has ended, asks for no signatory, or names no key.
    error InvalidMandate(address signatory);
    /// @notice The key belongs to another organisation; a person who serves two needs a key for each.
    error MandatedElsewhere(address signatory, bytes32 organisation);
    /// @notice The key has no mandate of the organisation, or none that has not ended.
    error NotSignatory(bytes32 organisation, address signatory);

    /// @notice Appoints a signatory, or changes the mandate of one.
    /// @param validFrom may lie in the past: a mandate counts at the moment an act is recorded, never before it
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

    /// @notice The organisation's administrator and vote; all zero if it does not take part.
    function memberOf(bytes32 organisation) external view returns (Member memory);

    /// @notice The key's mandate, in force or not; all zero if it never had one.
    function mandateOf(address signatory) external view returns (Mandate memory);

    /// @notice One hash over everything the register ever recorded, in order.
    /// @dev Starts at 0. Each recorded event turns it into keccak256(abi.encode(fingerprint, keccak256(e))), e being what
    /// the event says it is folded as; `selector` is topic 0 of the event, `timestamp` that of its block. Proposed and
    /// Approved are no recorded facts yet and are left out: what comes of them is in Recorded.
    function fingerprint() external view returns (bytes32);
}
