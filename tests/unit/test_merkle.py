"""RFC 9162 §2.1 against published vectors and an independent, naive reading of its recursion."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.dossier.leaves import document_leaf
from registry.dossier.merkle import inclusion_proof, leaf_hash, node_hash, tree_root, verify_inclusion

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "merkle.json").read_text("utf-8"))
LEAVES = [leaf_hash(bytes.fromhex(one)) for one in VECTORS["inputs"]]


def naive_root(data):
    """MTH of the RFC, on the data itself, with the split found by counting."""
    if not data:
        return sha256().digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    split = max(2**power for power in range(20) if 2**power < len(data))
    return sha256(b"\x01" + naive_root(data[:split]) + naive_root(data[split:])).digest()


def test_leaf_hashes_equal_the_vectors():
    assert [one.hex() for one in LEAVES] == VECTORS["leaves"]


@pytest.mark.parametrize("size", range(9))
def test_roots_equal_the_published_vectors_and_the_naive_recursion(size):
    data = [bytes.fromhex(one) for one in VECTORS["inputs"][:size]]
    assert tree_root(LEAVES[:size]).hex() == VECTORS["roots"][size]
    assert naive_root(data).hex() == VECTORS["roots"][size]


@pytest.mark.parametrize("proof", VECTORS["proofs"], ids=lambda one: f"{one['index']}of{one['size']}")
def test_proofs_equal_the_vectors(proof):
    index, size = proof["index"], proof["size"]
    path = [bytes.fromhex(one) for one in proof["path"]]
    assert list(inclusion_proof(LEAVES[:size], index)) == path
    assert verify_inclusion(LEAVES[index], index, size, path, bytes.fromhex(VECTORS["roots"][size]))


def test_the_leaf_of_a_document_equals_the_vector():
    vector = VECTORS["document"]
    digest = sha256(vector["content"].encode()).digest()
    assert digest.hex() == vector["sha256"]
    assert document_leaf(bytes.fromhex(vector["salt"]), digest).hex() == vector["leaf"]


def test_a_node_can_never_be_passed_off_as_a_leaf():
    assert node_hash(LEAVES[0], LEAVES[1]) != leaf_hash(LEAVES[0] + LEAVES[1])


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index):
    with pytest.raises(IndexError, match=f"no leaf {index} in a tree of 3"):
        inclusion_proof(LEAVES[:3], index)


def test_a_proof_is_refused_when_its_index_or_size_is_impossible():
    assert not verify_inclusion(LEAVES[0], 0, 0, [], LEAVES[0])
    assert not verify_inclusion(LEAVES[0], 1, 1, [], LEAVES[0])
    assert not verify_inclusion(LEAVES[0], -1, 1, [], LEAVES[0])


def test_a_proof_is_as_long_as_the_size_of_the_tree_asks_also_when_its_hashes_fit():
    left, right = LEAVES[:2]
    root = node_hash(left, right)
    assert verify_inclusion(left, 0, 2, [right], root)
    assert not verify_inclusion(left, 0, 4, [right], root)
    assert not verify_inclusion(right, 0, 1, [left], root)


trees = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@settings(max_examples=60, deadline=None)
@given(trees, st.data())
def test_every_leaf_of_every_tree_is_provable(data, draw):
    leaves = [leaf_hash(one) for one in data]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    root = tree_root(leaves)
    assert root == naive_root(data)
    assert verify_inclusion(leaves[index], index, len(leaves), inclusion_proof(leaves, index), root)


@settings(max_examples=60, deadline=None)
@given(trees, st.data())
def test_a_proof_with_anything_changed_is_refused(data, draw):
    leaves = [leaf_hash(bytes([number]) + one) for number, one in enumerate(data)]
    size, root = len(leaves), tree_root(leaves)
    index = draw.draw(st.integers(0, size - 1))
    path = list(inclusion_proof(leaves, index))
    assert not verify_inclusion(leaf_hash(b"another document"), index, size, path, root)
    assert not verify_inclusion(leaves[index], index, size, [*path, root], root)
    assert not verify_inclusion(leaves[index], index, size, path, leaf_hash(b"another root"))
    if path:
        assert not verify_inclusion(leaves[index], index, size, path[:-1], root)
        step = draw.draw(st.integers(0, len(path) - 1))
        path[step] = leaf_hash(b"another neighbour")
        assert not verify_inclusion(leaves[index], index, size, path, root)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 70), st.data())
def test_a_proof_holds_at_its_own_index_only(size, draw):
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(size)]
    index, other = draw.draw(st.integers(0, size - 1)), draw.draw(st.integers(0, size - 1))
    proof = inclusion_proof(leaves, index)
    assert verify_inclusion(leaves[index], other, size, proof, tree_root(leaves)) == (index == other)
