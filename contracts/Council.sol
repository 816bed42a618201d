// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {ICouncil} from "./interfaces/ICouncil.sol";

/// @title Council: the organisations that take part and the mandates they give
/// @dev No owner and no upgrade. Everything an auditor relies on goes through _fold.
abstract contract Council is ICouncil {
    /// @inheritdoc ICouncil
    bytes32 public fingerprint;

    mapping(bytes32 organisation => Member) private _members;
    mapping(address signatory => Mandate) private _mandates;

    constructor(Founder[] memory founders) {
        if (founders.length == 0) revert NoFounders();
        bytes32 previous;
        for (uint256 i = 0; i < founders.length; ++i) {
            Founder memory founder = founders[i];
            if (founder.organisation <= previous) revert OrganisationsNotAscending(founder.organisation);
            previous = founder.organisation;
            _admit(founder.organisation, founder.administrator, founder.votes);
        }
    }

    /// @inheritdoc ICouncil
    function appoint(
        bytes32 organisation,
        address signatory,
        uint40 validFrom,
        uint40 validUntil,
        uint16 together,
        bytes32 decision
    ) external {
        _requireAdministrator(organisation);
        bool everInForce = validUntil == 0 || (validFrom < validUntil && block.timestamp < validUntil);
        if (!everInForce || together == 0 || signatory == address(0)) revert InvalidMandate(signatory);
        // A key stays with its first organisation for good. Else a signature given for one organisation could be made to
        // count for the next one that appoints its holder.
        bytes32 first = _mandates[signatory].organisation;
        if (first != 0 && first != organisation) revert MandatedElsewhere(signatory, first);

        _mandates[signatory] = Mandate(bytes16(organisation), validFrom, validUntil, together);
        bytes32 selector = SignatoryAppointed.selector;
        _fold(abi.encode(selector, block.timestamp, organisation, signatory, validFrom, validUntil, together, decision));
        emit SignatoryAppointed(organisation, signatory, validFrom, validUntil, together, decision);
    }

    /// @inheritdoc ICouncil
    function dismiss(bytes32 organisation, address signatory, bytes32 decision) external {
        _requireAdministrator(organisation);
        Mandate storage mandate = _mandates[signatory];
        bool ended = mandate.validUntil != 0 && mandate.validUntil <= block.timestamp;
        if (mandate.organisation != organisation || ended) revert NotSignatory(organisation, signatory);

        mandate.validUntil = uint40(block.timestamp);
        _fold(abi.encode(SignatoryDismissed.selector, block.timestamp, organisation, signatory, decision));
        emit SignatoryDismissed(organisation, signatory, decision);
    }

    /// @inheritdoc ICouncil
    function memberOf(bytes32 organisation) external view returns (Member memory) {
        return _members[organisation];
    }

    /// @inheritdoc ICouncil
    function mandateOf(address signatory) public view returns (Mandate memory) {
        return _mandates[signatory];
    }

    /// @dev Decides alone on whether a mandate counts now.
    /// @return organisation whose mandate the key holds at this moment; 0 if none
    /// @return together as in Mandate
    function _mandateInForce(address signatory) internal view returns (bytes32 organisation, uint256 together) {
        Mandate storage mandate = _mandates[signatory];
        uint40 validUntil = mandate.validUntil;
        bool begun = mandate.validFrom <= block.timestamp;
        if (begun && (validUntil == 0 || block.timestamp < validUntil)) organisation = mandate.organisation;
        together = mandate.together;
    }

    /// @dev Adds what is recorded now to the fingerprint; `recorded` is what the event says it is folded as.
    function _fold(bytes memory recorded) internal {
        fingerprint = keccak256(abi.encode(fingerprint, keccak256(recorded)));
    }

    function _admit(bytes32 organisation, address administrator, bool votes) private {
        if (bytes16(organisation) != organisation) revert IdentifierTooLong(organisation);
        if (administrator == address(0)) revert NoAdministrator(organisation);

        _members[organisation] = Member(administrator, votes);
        _fold(abi.encode(MemberAdmitted.selector, block.timestamp, organisation, administrator, votes));
        emit MemberAdmitted(organisation, administrator, votes);
    }

    function _requireAdministrator(bytes32 organisation) private view {
        if (_members[organisation].administrator != msg.sender) revert NotAdministrator(organisation, msg.sender);
    }
}
