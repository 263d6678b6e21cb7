"""Networks for tests. A fixture named `sim` is shared: who changes it takes one of its own."""

import contextlib
import shutil
import signal
import tempfile

import pytest

from network import BINARY, Network
from split_network import SplitNetwork


def pytest_report_header():
    return f"program under test: {BINARY.parent.name}/{BINARY.name}"


LONG_FILES = ("test_out_of_scope", "test_failover", "test_usage", "test_usage_kills",
              "test_reference_network", "test_opening")


def pytest_collection_modifyitems(items):
    """What takes long begins first, so that two test processes end together."""
    items.sort(key=lambda item: LONG_FILES.index(item.path.stem)
               if item.path.stem in LONG_FILES else len(LONG_FILES))


def pytest_configure():
    """SIGTERM ends the run as Ctrl-C does: every network that is up is taken down."""
    def end(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, end)
    # A shell that starts this in its background has them ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def run_recorded():
    home = tempfile.mkdtemp(prefix="portolan-e2e-")
    yield from run("--sim-args", f"--record {home}/record.jsonl", home=home)


def run(*flags, kind=Network, **options):
    network = kind(*flags, **options)
    try:
        yield network
    finally:
        network.stop()
        shutil.rmtree(network.home, ignore_errors=True)


@pytest.fixture(scope="session")
def sim():
    """Simulated engines, recorded. Nobody may stop parts of it, or leave faults ordered."""
    yield from run_recorded()


@pytest.fixture
def own_sim():
    """The same, for a test that ends or changes parts of it."""
    yield from run_recorded()


@pytest.fixture(scope="module")
def sim_for_usage():
    """The same, for a module whose tests order faults one after the other."""
    yield from run_recorded()


@pytest.fixture(scope="class")
def shared_own_sim():
    """The same, for a class of tests that tells one story."""
    yield from run_recorded()


@pytest.fixture
def split():
    """Simulated engines in a process for each zone: ones that can be killed."""
    yield from run(kind=SplitNetwork)


@pytest.fixture
def make_network():
    """Starts networks with flags of the test's choice."""
    with contextlib.ExitStack() as made:
        def make(*flags, **options):
            network = Network(*flags, **options)
            made.callback(shutil.rmtree, network.home, ignore_errors=True)
            made.callback(network.stop)
            return network

        yield make
