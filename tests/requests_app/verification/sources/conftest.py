"""Real catalogue servers, started once for the tests of this folder."""

import pytest

from tests.conftest import SAMPLES
from tests.peers import yaz, zebra
from tests.peers.records import CATALOGUE


@pytest.fixture(scope="session")
def ztest(tmp_path_factory):
    with yaz.ztest(tmp_path_factory.mktemp("ztest")) as at:
        yield at


@pytest.fixture(scope="session")
def zebra_catalogue(tmp_path_factory):
    """Our own records, and where the samples are those of MARC too."""
    files = [path for name in ("marc.dat", "test.dat") if (path := SAMPLES / "marc" / name).is_file()]
    with zebra.catalogue(tmp_path_factory.mktemp("zebra"), CATALOGUE, *files) as at:
        yield at
