from pathlib import Path

import pytest

from tests.local.checkouts import Checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout")  # the space is meant: paths have them
