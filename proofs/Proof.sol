// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {IApprovals} from "contracts/interfaces/IApprovals.sol";
import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IMandates} from "contracts/interfaces/IMandates.sol";
import {IRegister} from "contracts/interfaces/IRegister.sol";
import {Logic} from "./Logic.sol";

/// @dev What the prover can do to the machine that it runs the contracts on.
interface Vm {
    function assume(bool condition) external pure;
    function warp(uint256 timestamp) external;
    function chainId(uint256 chain) external;
    function prank(address sender) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function store(address account, bytes32 slot, bytes32 word) external;
    function getCode(string calldata artifact) external view returns (bytes memory);

    /// @dev a if the condition holds, else b; without a branch.
    function pick(bool condition, uint256 a, uint256 b) external pure returns (uint256);

    /// @dev How many events were logged so far.
    function logCount() external view returns (uint256);

    /// @dev The last event that was logged: its topics, then its data.
    function lastLog() external view returns (bytes memory);
}

/// @dev Makes values that stand for every value of their type.
interface Svm {
    function createUint(uint256 bits, string calldata name) external pure returns (uint256);
    function createBytes32(string calldata name) external pure returns (bytes32);
    function createAddress(string calldata name) external pure returns (address);
    function createBool(string calldata name) external pure returns (bool);
    function createBytes(uint256 size, string calldata name) external pure returns (bytes memory);
    function enableSymbolicStorage(address account) external;
}

/// @title What all proofs start from: the register in any state whatsoever
/// @dev After setUp every word of the register's storage is arbitrary, as are the time and the chain. That is more than
/// can ever be reached. Where a proof needs what only holds of states that can be reached, it assumes so by name, and
/// another proof shows that every call keeps it.
abstract contract Proof {
    using Logic for bool;

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    Svm internal constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));

    /// @dev Half of the order of the curve: a valid signature has an s up to here (EIP-2).
    uint256 internal constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    IRegister internal register;

    function setUp() public virtual {
        register = _deploy("gm0001");
        svm.enableSymbolicStorage(address(register));
        uint256 time = svm.createUint(40, "timestamp");
        vm.warp(time);
    }

    /// @dev The very code that forge built from contracts/Register.sol.
    function _deploy(bytes32 founder) internal returns (IRegister deployed) {
        IMandates.Founder[] memory founders = new IMandates.Founder[](1);
        founders[0] = IMandates.Founder(founder, address(0xA1), true);
        bytes memory code = abi.encodePacked(vm.getCode("Register.sol:Register"), abi.encode(founders));
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
        require(address(deployed) != address(0));
    }

    /// @dev Any act at all with so many parties.
    function _act(uint256 parties) internal pure returns (IAgreements.Act memory act) {
        act.agreement = svm.createBytes32("agreement");
        act.previous = svm.createBytes32("previous");
        act.dossier = svm.createBytes32("dossier");
        act.parties = new bytes32[](parties);
        for (uint256 i = 0; i < parties; ++i) act.parties[i] = svm.createBytes32("party");
        act.validFrom = uint40(svm.createUint(40, "validFrom"));
        act.validUntil = uint40(svm.createUint(40, "validUntil"));
        act.notice = uint32(svm.createUint(32, "notice"));
        act.deadline = uint40(svm.createUint(40, "deadline"));
    }

    /// @dev Word by word, so that the prover needs no hash to compare them.
    function _assertSame(bytes memory a, bytes memory b) internal pure {
        assert(a.length == b.length);
        bool same = true;
        for (uint256 i = 0; i < a.length; i += 32) {
            bytes32 wordOfA;
            bytes32 wordOfB;
            assembly ("memory-safe") {
                wordOfA := mload(add(add(a, 32), i))
                wordOfB := mload(add(add(b, 32), i))
            }
            same = same.and(wordOfA == wordOfB);
        }
        assert(same);
    }

    /// @dev Any motion at all that asks for this.
    function _motion(string memory action) internal pure returns (ICouncil.Motion memory motion) {
        motion.action = action;
        motion.organisation = svm.createBytes32("concerned");
        motion.administrator = svm.createAddress("administrator");
        motion.successor = svm.createBytes32("successor");
        motion.votes = svm.createBool("votes");
        motion.dossier = svm.createBytes32("dossier");
        motion.deadline = uint40(svm.createUint(40, "deadline"));
    }

    /// @dev Any motion at all. The hash of its action is unknown to the prover, so it stands for each of the four.
    function _motion() internal pure returns (ICouncil.Motion memory) {
        return _motion(string(svm.createBytes(7, "action")));
    }

    /// @dev Any approvals at all, signed and carried or given on chain.
    function _approvals(uint256 count) internal pure returns (IApprovals.Signature[] memory approvals) {
        approvals = new IApprovals.Signature[](count);
        for (uint256 i = 0; i < count; ++i) {
            approvals[i] = IApprovals.Signature(svm.createBytes32("r"), svm.createBytes32("vs"));
        }
    }

    /// @dev Who approved, if that was a signature of this digest or an approval that stands on chain.
    function _approver(bytes32 digest, IApprovals.Signature memory approval) internal pure returns (address) {
        uint256 s = uint256(approval.vs) & (type(uint256).max >> 1);
        uint8 v = uint8(27 + (uint256(approval.vs) >> 255));
        uint256 signer = vm.pick(s <= HALF_ORDER, uint160(ecrecover(digest, v, approval.r, bytes32(s))), 0);
        return address(uint160(vm.pick(approval.r == 0, uint256(approval.vs), signer)));
    }

    /// @dev A bound: each approval is a signature, carried, and the mandate of who gave it is open-ended. It spares the prover
    /// three of four paths for each approval.
    function _assumePlain(bytes32 digest, IApprovals.Signature[] memory approvals) internal view {
        for (uint256 i = 0; i < approvals.length; ++i) {
            vm.assume(approvals[i].r != 0);
            vm.assume(register.mandateOf(_approver(digest, approvals[i])).validUntil == 0);
        }
    }

    /// @dev What it means that approvals bind an organisation, said otherwise than the contract does: among distinct
    /// keys, each with a mandate of it that is in force now, there are as many as
    /// the least demanding of those mandates asks for. Where an approval is said to stand on chain, it stands there.
    function _binds(
        bytes32 organisation,
        bytes32 subject,
        bytes32 approvalHash,
        bytes32 digest,
        IApprovals.Signature[] memory approvals
    ) internal view returns (bool) {
        uint256 given = 0;
        uint256 needed = type(uint256).max;
        address[] memory seen = new address[](approvals.length);
        unchecked {
            for (uint256 i = 0; i < approvals.length; ++i) {
                address key = _approver(digest, approvals[i]);
                bool counts = _mayNowSignFor(key, organisation);
                bool stands = register.approvalOf(subject, key) == approvalHash;
                counts = counts.and((approvals[i].r != 0).or(stands));
                for (uint256 j = 0; j < i; ++j) counts = counts.and(seen[j] != key);
                seen[i] = address(uint160(vm.pick(counts, uint160(key), 0)));
                uint256 together = register.mandateOf(key).together;
                given += vm.pick(counts, 1, 0);
                needed = vm.pick(counts.and(together < needed), together, needed);
            }
        }
        return (given != 0).and(given >= needed);
    }

    function _mayNowSignFor(address key, bytes32 organisation) internal view returns (bool) {
        IMandates.Mandate memory mandate = register.mandateOf(key);
        bool begun = mandate.validFrom <= block.timestamp;
        bool unended = (mandate.validUntil == 0).or(block.timestamp < mandate.validUntil);
        return (key != address(0)).and(mandate.organisation == organisation).and(begun).and(unended);
    }

    /// @dev What holds of an organisation in every state that can be reached: whoever takes part has an identifier of at
    /// most 16 characters, and only who takes part puts a key forward. OrganisationsProof shows that each call keeps it.
    function _isSound(bytes32 organisation) internal view returns (bool) {
        bool takesPart = register.memberOf(organisation).administrator != address(0);
        bool nominates = register.nomineeOf(organisation) != address(0);
        return takesPart.implies(bytes16(organisation) == organisation).and(nominates.implies(takesPart));
    }

    /// @dev What holds in every state that can be reached: the key 0 has no mandate (check_appoint), and neither nobody nor
    /// what stands behind the last organisation has a successor (only who takes part can have one).
    function _assumeNobody() internal view {
        vm.assume(register.mandateOf(address(0)).organisation == 0);
        vm.assume(register.successorOf(0) == 0);
        vm.assume(register.successorOf(bytes32(type(uint256).max)) == 0);
    }
}
