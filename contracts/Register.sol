// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {Commitments} from "./Commitments.sol";
import {Council} from "./Council.sol";
import {IRegister} from "./interfaces/IRegister.sol";

/// @title Register: the contract that is deployed, with every subject on top of the one before
contract Register is IRegister, Commitments {
    constructor(Founder[] memory founders) Council(founders) {}
}
