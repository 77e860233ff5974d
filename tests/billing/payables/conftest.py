import pytest

from tests.billing.payables.cast import Cast


@pytest.fixture
def cast(db):
    return Cast()
