// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {IAgreements} from "contracts/interfaces/IAgreements.sol";
import {Logic} from "./Logic.sol";
import {Proof} from "./Proof.sol";

/// @title Whom an act concerns
abstract contract Acts is Proof {
    using Logic for bool;

    /// @dev Any act without a deadline, which could only make the register refuse it: half of the paths.
    function _lasting(uint256 parties) internal pure returns (IAgreements.Act memory act) {
        act = _act(parties);
        act.deadline = 0;
    }

    /// @dev Any such act that is open-ended too.
    function _endless(uint256 parties) internal pure returns (IAgreements.Act memory act) {
        act = _lasting(parties);
        act.validUntil = 0;
    }

    function _history(uint256 parties) internal pure returns (IAgreements.Act[] memory history) {
        history = new IAgreements.Act[](1);
        history[0] = _act(parties);
    }

    /// @dev What was recorded has its parties in order, because what is recorded has.
    function _assumeAscending(bytes32[] memory parties) internal pure {
        bytes32 previous = 0;
        for (uint256 i = 0; i < parties.length; ++i) {
            vm.assume(previous < parties[i]);
            previous = parties[i];
        }
    }

    function _among(bytes32[] memory organisations, bytes32 some) internal pure returns (bool found) {
        for (uint256 i = 0; i < organisations.length; ++i) found = found.or(organisations[i] == some);
    }

    /// @dev Whether the act takes one party out, in time, and leaves the others what they had; said otherwise than the
    /// contract does.
    function _isNotice(IAgreements.Act memory act, IAgreements.Act memory current) internal view returns (bool) {
        if (act.parties.length + 1 != current.parties.length) return false;
        bool subset = true;
        for (uint256 i = 0; i < act.parties.length; ++i) subset = subset.and(_among(current.parties, act.parties[i]));
        uint256 earliest = block.timestamp + current.notice;
        bool inTime = (act.validFrom >= earliest).and(act.validFrom <= earliest + 366 days);
        bool same = (act.dossier == current.dossier).and(act.notice == current.notice);
        same = same.and(act.validUntil == current.validUntil).and(act.validFrom >= current.validFrom);
        return subset.and(inTime).and(same).and(current.notice != 0);
    }
}
