// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IMandates} from "./interfaces/IMandates.sol";

/// @title Mandates: organisations, their administrators and their signatories
/// @dev No owner and no upgrade. Everything an auditor relies on goes through _fold.
abstract contract Mandates is IMandates {
    /// @dev So many that no municipality needs more, so few that an expulsion or succession always fits in a block.
    uint256 private constant MOST_SIGNATORIES = 64;
    uint256 private constant LONGEST_SERVICE = 255;

    /// @inheritdoc IMandates
    bytes32 public fingerprint;
    /// @inheritdoc IMandates
    mapping(bytes32 organisation => address) public nomineeOf;
    /// @inheritdoc IMandates
    mapping(bytes32 organisation => bytes32) public successorOf;

    mapping(bytes32 organisation => Member) internal _members;
    mapping(address signatory => Mandate) private _mandates;
    mapping(bytes32 organisation => address[]) private _signatories;

    /// @inheritdoc IMandates
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
        Mandate memory mandate = _mandates[signatory];
        // A key stays with its first organisation for good, or goes over to the successor. Else a signature given for one
        // organisation could be made to count for the next one that appoints its holder.
        if (mandate.organisation != 0 && _heirOf(mandate.organisation) != organisation) {
            revert MandatedElsewhere(signatory, mandate.organisation);
        }
        uint16 place = mandate.place == 0 ? _enlist(organisation, signatory) : mandate.place;
        bool expelled = _members[organisation].expelled;
        _mandates[signatory] = Mandate(bytes16(organisation), validFrom, validUntil, together, place, expelled);

        bytes32 selector = SignatoryAppointed.selector;
        _fold(abi.encode(selector, block.timestamp, organisation, signatory, validFrom, validUntil, together, decision));
        emit SignatoryAppointed(organisation, signatory, validFrom, validUntil, together, decision);
    }

    /// @inheritdoc IMandates
    function dismiss(bytes32 organisation, address signatory, bytes32 decision) external {
        _requireAdministrator(organisation);
        uint256 place = _mandates[signatory].place;
        if (_mandates[signatory].organisation != organisation || place == 0) {
            revert NotSignatory(organisation, signatory);
        }
        address[] storage signatories = _signatories[organisation];
        address last = signatories[signatories.length - 1];
        signatories[place - 1] = last;
        _mandates[last].place = uint16(place);
        signatories.pop();
        _end(_mandates[signatory]);

        _fold(abi.encode(SignatoryDismissed.selector, block.timestamp, organisation, signatory, decision));
        emit SignatoryDismissed(organisation, signatory, decision);
    }

    /// @inheritdoc IMandates
    function handOver(bytes32 organisation, address nominee) external {
        _requireAdministrator(organisation);
        nomineeOf[organisation] = nominee;
        _fold(abi.encode(AdministratorNominated.selector, block.timestamp, organisation, nominee));
        emit AdministratorNominated(organisation, nominee);
    }

    /// @inheritdoc IMandates
    function takeOver(bytes32 organisation) external {
        if (nomineeOf[organisation] != msg.sender) revert NotNominated(organisation, msg.sender);
        _replaceAdministrator(organisation, msg.sender);
    }

    /// @inheritdoc IMandates
    function announce(bytes32 organisation, string calldata service) external {
        _requireAdministrator(organisation);
        if (bytes(service).length > LONGEST_SERVICE) revert ServiceTooLong(bytes(service).length);
        _fold(abi.encode(ServiceAnnounced.selector, block.timestamp, organisation, keccak256(bytes(service))));
        emit ServiceAnnounced(organisation, service);
    }

    /// @inheritdoc IMandates
    function memberOf(bytes32 organisation) external view returns (Member memory) {
        return _members[organisation];
    }

    /// @inheritdoc IMandates
    function signatoriesOf(bytes32 organisation) external view returns (address[] memory) {
        return _signatories[organisation];
    }

    /// @inheritdoc IMandates
    function mandateOf(address signatory) public view returns (Mandate memory) {
        return _mandates[signatory];
    }

    /// @dev Decides alone on whether a mandate counts now.
    /// @return organisation whose mandate the key holds at this moment; 0 if none
    /// @return together as in Mandate
    /// @return expelled as in Mandate
    function _mandateInForce(address signatory)
        internal
        view
        returns (bytes32 organisation, uint256 together, bool expelled)
    {
        Mandate storage mandate = _mandates[signatory];
        uint40 validUntil = mandate.validUntil;
        bool begun = mandate.validFrom <= block.timestamp;
        if (begun && (validUntil == 0 || block.timestamp < validUntil)) organisation = mandate.organisation;
        together = mandate.together;
        expelled = mandate.expelled;
    }

    /// @dev The organisation whose mandate the key holds at this moment.
    function _requireMandate(address signatory) internal view returns (bytes32 organisation) {
        (organisation,,) = _mandateInForce(signatory);
        if (organisation != 0) return organisation;
        Mandate memory mandate = _mandates[signatory];
        if (mandate.organisation == 0) revert NoMandate(signatory);
        revert MandateNotInForce(signatory, mandate.validFrom, mandate.validUntil);
    }

    /// @dev Who answers for an organisation now: itself, or the last of its successors. Ends, because a successor takes
    /// part when it succeeds, and whoever was succeeded never takes part again.
    function _heirOf(bytes32 organisation) internal view returns (bytes32 heir) {
        heir = organisation;
        bytes32 next = successorOf[heir];
        while (next != 0) {
            heir = next;
            next = successorOf[heir];
        }
    }

    function _admit(bytes32 organisation, address administrator, bool votes) internal {
        if (organisation == 0 || bytes16(organisation) != organisation) revert InvalidIdentifier(organisation);
        if (administrator == address(0)) revert NoAdministrator(organisation);
        if (_members[organisation].expelled) _mark(organisation, false);
        _members[organisation] = Member(administrator, votes, false);
        _fold(abi.encode(MemberAdmitted.selector, block.timestamp, organisation, administrator, votes));
        emit MemberAdmitted(organisation, administrator, votes);
    }

    /// @dev Says of an organisation, and in each of its mandates, whether it is expelled.
    function _mark(bytes32 organisation, bool expelled) internal {
        _members[organisation].expelled = expelled;
        address[] storage signatories = _signatories[organisation];
        for (uint256 i = 0; i < signatories.length; ++i) {
            _mandates[signatories[i]].expelled = expelled;
        }
    }

    /// @dev Leaves nothing of an organisation but the name of who takes its place.
    function _retire(bytes32 organisation, bytes32 successor) internal {
        address[] storage signatories = _signatories[organisation];
        for (uint256 i = 0; i < signatories.length; ++i) {
            _end(_mandates[signatories[i]]);
        }
        delete _signatories[organisation];
        delete _members[organisation];
        delete nomineeOf[organisation];
        successorOf[organisation] = successor;
    }

    function _replaceAdministrator(bytes32 organisation, address administrator) internal {
        _members[organisation].administrator = administrator;
        delete nomineeOf[organisation];
        _fold(abi.encode(AdministratorReplaced.selector, block.timestamp, organisation, administrator));
        emit AdministratorReplaced(organisation, administrator);
    }

    /// @dev Adds what is recorded now to the fingerprint; `recorded` is what the event says it is folded as.
    function _fold(bytes memory recorded) internal {
        fingerprint = keccak256(abi.encode(fingerprint, keccak256(recorded)));
    }

    /// @dev Puts a key on the list of an organisation.
    /// @return place where, from 1
    function _enlist(bytes32 organisation, address signatory) private returns (uint16 place) {
        address[] storage signatories = _signatories[organisation];
        if (signatories.length == MOST_SIGNATORIES) revert TooManySignatories(organisation);
        signatories.push(signatory);
        return uint16(signatories.length);
    }

    function _end(Mandate storage mandate) private {
        mandate.place = 0;
        bool ended = mandate.validUntil != 0 && mandate.validUntil < block.timestamp;
        if (!ended) mandate.validUntil = uint40(block.timestamp);
    }

    function _requireAdministrator(bytes32 organisation) private view {
        if (_members[organisation].administrator != msg.sender) revert NotAdministrator(organisation, msg.sender);
    }
}
