"""Merkle trees over SHA-256 as in RFC 9162, section 2.1: one root for many documents, provable one by one.

A leaf and a node are hashed with a different first byte, so that a node can never be passed off as a
document. All functions work on leaf hashes of 32 bytes, in the order of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over the leaf hashes; of none it is the hash of the empty string (RFC 9162 §2.1.1)."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes, from leaf to root, that lead from leaf ``index`` to the root (RFC 9162 §2.1.3.1).

    IndexError when there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    left, right = leaves[:split], leaves[split:]
    if index < split:
        return (*inclusion_proof(left, index), tree_root(right))
    return (*inclusion_proof(right, index - split), tree_root(left))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from this leaf, at this index of a tree of this size, to the root.

    RFC 9162 §2.1.3.2: ``position`` and ``last`` are the places of the node at hand and of the last node on
    its level; the last node has no right neighbour and moves up until it has a left one.
    """
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position % 2 == 1 or position == last:
            node = node_hash(sibling, node)
            while position % 2 == 0 and position != 0:
                position, last = position // 2, last // 2
        else:
            node = node_hash(node, sibling)
        position, last = position // 2, last // 2
    return last == 0 and node == root


def _split(size: int) -> int:
    """The largest power of two below the size, for a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
