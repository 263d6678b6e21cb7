"""Networks for tests. A fixture named `sim` is shared: who changes it takes one of its own."""

import shutil
import time

import pytest

from network import BINARY, Network


def pytest_report_header():
    return f"program under test: {BINARY.parent.name}/{BINARY.name}"


def run(*flags, **options):
    network = Network(*flags, **options)
    try:
        yield network
    finally:
        network.stop()
        shutil.rmtree(network.home, ignore_errors=True)


@pytest.fixture(scope="session")
def sim():
    """Simulated engines; nobody may stop anything of it, or leave faults ordered."""
    yield from run()


@pytest.fixture
def own_sim():
    """The same, for a test that ends or changes parts of it."""
    yield from run()


@pytest.fixture
def make_network():
    """Starts networks with flags of the test's choice."""
    made = []

    def make(*flags, **options):
        network = Network(*flags, **options)
        made.append(network)
        return network

    yield make
    for network in made:
        network.stop()
        shutil.rmtree(network.home, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    began = time.monotonic()
    try:
        return (yield)
    finally:
        item.user_properties.append(("seconds", time.monotonic() - began))
