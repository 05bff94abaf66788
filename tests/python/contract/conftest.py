"""Clients for the tests, and what emulators do unlike AWS.

Where the tests run is said by `AWS_ENDPOINT_URL`. Every test has an account of its own, since an access key of twelve
digits stands for an account, so that none sees what another left behind.

With `--emulator NAME` the behaviours that `disagreements.toml` lists for it are expected to fail, and to show what the
reason says: the run fails when another one does, when one of them no longer does or in another way, and when one of them
isn't there any more. A test without the case in brackets stands for all its cases.
"""

import itertools
import os
import pathlib
import re
import tomllib

import boto3
import pytest
from botocore.config import Config

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]  # without it boto3 would call AWS itself
DISAGREEMENTS = pathlib.Path(__file__).with_name("disagreements.toml")
SHOWS = pytest.StashKey[str]()
ACCOUNTS = itertools.count(100_000_000_001)
# Parameters are for the server to judge, and a refusal is one at once.
CONFIG = Config(
    parameter_validation=False,
    connect_timeout=5,
    read_timeout=20,
    retries={"total_max_attempts": 1},
)


def pytest_addoption(parser):
    parser.addoption("--emulator", help="the emulator whose disagreements are expected")


def pytest_collection_modifyitems(config, items):
    emulator = config.getoption("emulator")
    if emulator is None:
        return
    known = disagreements(emulator)
    seen = set()
    for item in items:
        for name in {item.nodeid, item.nodeid.split("[")[0]} & known.keys():
            seen.add(name)
            item.add_marker(pytest.mark.xfail(reason=known[name]["reason"]))
            item.stash[SHOWS] = known[name]["shows"]
    if unknown := known.keys() - seen:
        raise pytest.UsageError(f"{emulator} is said to disagree on what isn't tested: {sorted(unknown)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    shows = item.stash.get(SHOWS, None)
    if shows and hasattr(report, "wasxfail") and call.excinfo and not re.search(shows, shown := call.excinfo.exconly()):
        report.outcome = "failed"
        report.longrepr = f"it fails in another way than said, which is {shows!r}: {shown}"
        del report.wasxfail
    return report


def disagreements(emulator):
    """Returns how an emulator is said to fail, by the names of tests."""
    found = tomllib.loads(DISAGREEMENTS.read_text())["disagreement"]
    return {name: one for one in found if one["emulator"] == emulator for name in one["behaviours"]}


@pytest.fixture(scope="session")
def session():
    return boto3.Session(region_name="us-east-1")


@pytest.fixture
def account():
    return str(next(ACCOUNTS))


@pytest.fixture
def client(session, account):
    """Makes clients of a service: the account's administrator's, or those of whoever has the credentials."""

    def make(service, key_id=account, secret="secret", token=None):
        return session.client(
            service, endpoint_url=ENDPOINT, aws_access_key_id=key_id, aws_secret_access_key=secret, aws_session_token=token, config=CONFIG)

    return make


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def sts(client):
    return client("sts")


@pytest.fixture
def cloudwatch(client):
    return client("cloudwatch")


@pytest.fixture
def cloudtrail(client):
    return client("cloudtrail")


@pytest.fixture
def logs(client):
    return client("logs")
