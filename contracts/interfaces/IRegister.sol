// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.30;

import {ICommitments} from "./ICommitments.sol";

/// @title The register: organisations, their council, their agreements and what comes of them
/// @notice Nobody owns it and nobody can change it; the members together decide who takes part.
/// @dev Each interface adds a subject to the one before: IMandates, IApprovals, ICouncil, IAgreements, ICommitments.
interface IRegister is ICommitments {}
