// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {ICouncil} from "contracts/interfaces/ICouncil.sol";
import {IMandates} from "contracts/interfaces/IMandates.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title Whether a call makes an organisation sign
/// @dev `_some` is any organisation and `_key` any key. A call touches the organisation if it changes who administers it,
/// or any mandate of it: whom it binds, from when, until when, with how many. (That it is expelled, and where a key stands
/// on the list, gives nobody the right to sign.)
abstract contract Changes is Proof {
    using Logic for bool;

    /// @dev Where Mandates keeps the lists of signatories; _succession asserts that it is there.
    uint256 private constant SIGNATORIES_SLOT = 5;

    bytes32 internal _some;
    address internal _key;
    address internal _sender;

    IMandates.Member private _member;
    IMandates.Mandate private _mandate;

    function setUp() public override {
        super.setUp();
        _some = svm.createBytes32("organisation");
        _key = svm.createAddress("key");
        _sender = svm.createAddress("sender");
        vm.assume(_some != 0);
        // Nobody has the key of the address 0.
        vm.assume(_sender != address(0));
    }

    function _isOther(string memory action) internal pure returns (bool) {
        bytes32 hash = keccak256(bytes(action));
        bool aboutMembers = (hash == keccak256("admit")).or(hash == keccak256("expel"));
        return !aboutMembers.or(hash == keccak256("succeed")).or(hash == keccak256("recover"));
    }

    /// @dev Any motion that somebody takes the place of an organisation with so many on its list: all of them lose their
    /// mandates one by one, and a known number spares the prover the others.
    function _succession(uint256 listed) internal returns (ICouncil.Motion memory motion) {
        motion = _motion("succeed");
        vm.store(address(register), keccak256(abi.encode(motion.organisation, SIGNATORIES_SLOT)), bytes32(listed));
        assert(register.signatoriesOf(motion.organisation).length == listed);
    }

    /// @dev Of the states that can be reached: whoever stands on the list of an organisation has a mandate of it.
    /// For lists of at most two.
    function _assumeListed(bytes32 organisation) internal view {
        bytes32 list = keccak256(abi.encode(organisation, SIGNATORIES_SLOT));
        uint256 length = uint256(vm.load(address(register), list));
        vm.assume(length <= 2);
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 word = vm.load(address(register), bytes32(uint256(keccak256(abi.encode(list))) + i));
            address listed = address(uint160(uint256(word)));
            vm.assume((i < length).implies(register.mandateOf(listed).organisation == organisation));
        }
    }

    function _remember() internal {
        _member = register.memberOf(_some);
        _mandate = register.mandateOf(_key);
    }

    function _isTouched() internal view returns (bool) {
        IMandates.Mandate memory now_ = register.mandateOf(_key);
        IMandates.Mandate memory before = _mandate;
        bool same = (now_.organisation == before.organisation).and(now_.validFrom == before.validFrom)
            .and(now_.validUntil == before.validUntil).and(now_.together == before.together);
        bool itsOwn = (now_.organisation == _some).or(before.organisation == _some);
        bool sameKey = register.memberOf(_some).administrator == _member.administrator;
        return itsOwn.and(!same).or(!sameKey);
    }
}
