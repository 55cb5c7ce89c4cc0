"""Fixtures, shards, evidence and logs for the tests of real processes.

--claims DIR lets several pytest processes share one list of tests: each takes the next that no other has taken.
`@pytest.mark.proves("R3", ...)` ties a test to requirements; `evidence(...)` says what was seen. Both end up in the
JUnit file, where tools/proofs.py finds them. `@pytest.mark.long` tests run with --long only.
"""
import hashlib
import os
import pathlib
import sys

import pytest
from _pytest.runner import runtestprotocol

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from world import World  # noqa: E402 (after the path is set)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="the full counts")
    parser.addoption("--claims", help="a folder in which pytest processes that share the work claim tests")


def pytest_configure(config):
    config.addinivalue_line("markers", "long: full counts, only with --long")
    config.addinivalue_line("markers", "proves(requirement, ...): which requirements this test proves")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--long"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("long")])
        items[:] = [item for item in items if not item.get_closest_marker("long")]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """Pass over a test, without a word, that another process has claimed; tear each one down wholly, as the next is not known."""
    claims = item.config.getoption("--claims")
    if not claims:
        return None
    try:
        name = hashlib.sha256(item.nodeid.encode()).hexdigest()
        os.close(os.open(pathlib.Path(claims) / name, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return True
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    runtestprotocol(item, nextitem=None)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    setattr(item, f"report_{report.when}", report)


@pytest.fixture(autouse=True)
def _proves(request, record_property):
    for mark in request.node.iter_markers("proves"):
        for requirement in mark.args:
            record_property("proves", requirement)


@pytest.fixture
def evidence(record_property):
    """evidence("bytes", 4711): a fact that this test saw."""
    def tell(name, value):
        record_property("evidence", f"{name}: {value}")
    return tell


@pytest.fixture
def world(tmp_path, request):
    """A World of its own for each test; where the test fails, the programs' logs are shown."""
    made = World(tmp_path)
    try:
        yield made
    finally:
        made.close()
        report = getattr(request.node, "report_call", None) or getattr(request.node, "report_setup", None)
        if report is None or report.failed:
            for name, text in made.logs():
                print(f"---- the end of {name}\n{text[-4000:]}")
        assert made.leaks() == [], "a log tells a secret"
