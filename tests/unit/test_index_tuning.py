"""What is set for batches is put back, whoever ends last."""

from __future__ import annotations

import gc
import sys

import pytest

from registry.index.tuning import for_batches


def setting() -> tuple[tuple[int, int, int], float]:
    return gc.get_threshold(), sys.getswitchinterval()


def test_set_while_one_of_several_works_and_put_back_after_the_last() -> None:
    before = setting()
    with for_batches:
        inside = setting()
        assert inside != before
        with for_batches:
            assert setting() == inside
        assert setting() == inside
    assert setting() == before


def test_put_back_after_an_error() -> None:
    before = setting()
    with pytest.raises(ZeroDivisionError), for_batches:
        assert 1 / 0
    assert setting() == before
