import pytest

from tests.billing.batches import bills


@pytest.fixture(autouse=True)
def bills_can_be_paid():
    bills.register()
    yield
    bills.unregister()
