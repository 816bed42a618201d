// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

/// @title Tutorial: a registry of agreements as tutorials write it
/// @dev Everything is kept in storage, as text and arrays, because that is easy to read back from a web page.
contract Tutorial {
    struct Agreement {
        uint256 id;
        string title;
        string documentHash;
        address proposer;
        address[] parties;
        address[] signers;
        uint256 createdAt;
        bool concluded;
    }

    event AgreementProposed(uint256 indexed id, address indexed proposer, string title);
    event AgreementSigned(uint256 indexed id, address indexed signer);
    event AgreementConcluded(uint256 indexed id);

    uint256 public agreementCount;
    mapping(uint256 => Agreement) private agreements;
    mapping(uint256 => mapping(address => bool)) public hasSigned;

    function propose(string memory title, string memory documentHash, address[] memory parties) public {
        require(parties.length > 1, "Not enough parties");
        agreementCount++;
        Agreement storage agreement = agreements[agreementCount];
        agreement.id = agreementCount;
        agreement.title = title;
        agreement.documentHash = documentHash;
        agreement.proposer = msg.sender;
        agreement.parties = parties;
        agreement.createdAt = block.timestamp;
        emit AgreementProposed(agreementCount, msg.sender, title);
    }

    function sign(uint256 id) public {
        Agreement storage agreement = agreements[id];
        require(isParty(id, msg.sender), "Not a party");
        require(!hasSigned[id][msg.sender], "Already signed");
        hasSigned[id][msg.sender] = true;
        agreement.signers.push(msg.sender);
        emit AgreementSigned(id, msg.sender);
        if (agreement.signers.length == agreement.parties.length) {
            agreement.concluded = true;
            emit AgreementConcluded(id);
        }
    }

    function isParty(uint256 id, address account) public view returns (bool) {
        Agreement storage agreement = agreements[id];
        for (uint256 i = 0; i < agreement.parties.length; i++) {
            if (agreement.parties[i] == account) return true;
        }
        return false;
    }

    function getAgreement(uint256 id) public view returns (Agreement memory) {
        return agreements[id];
    }
}
