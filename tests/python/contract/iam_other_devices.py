"""MFA devices that are not virtual, and the root user's.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html

AWS registers hardware tokens that it knows, and FIDO keys and the root user's device in its console only. The sandbox has
them as `docs/sandbox.md` says: what these tests do to get them is the sandbox's, what they look at afterwards is AWS's.
"""

import base64

import pytest

from aws import credential_report, refused
from mfa import create, enrol, next_code, two_codes

TOKEN = "GAHT1234567890"  # pyotp takes seeds of 112 bits and more
ANY_CODES = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}


@pytest.fixture
def alice(iam):
    iam.create_user(UserName="alice")
    return {"UserName": "alice"}


def seed_of(token):
    """Returns the seed of the sandbox's hardware token."""
    return base64.b32encode(token.encode()).decode().rstrip("=")


@pytest.fixture
def hardware(iam, alice):
    iam.enable_mfa_device(**alice, SerialNumber=TOKEN, **two_codes(seed_of(TOKEN)))
    return TOKEN


@pytest.fixture
def fido(iam, account, alice):
    serial = f"arn:aws:iam::{account}:u2f/user/alice/key"
    iam.enable_mfa_device(**alice, SerialNumber=serial, **ANY_CODES)
    return serial


@pytest.fixture
def root_device(iam, account):
    """Gives the root user a virtual device, and returns its serial number and seed."""
    serial, seed = create(iam, "root-account-mfa-device")
    iam.enable_mfa_device(UserName=account, SerialNumber=serial, **two_codes(seed))
    return serial, seed


def serials(found):
    return [device["SerialNumber"] for device in found]


@pytest.mark.parametrize("kind", ["hardware", "fido"])
def test_a_device_is_listed_with_its_user_only(iam, alice, kind, request):
    serial = request.getfixturevalue(kind)
    assert serials(iam.list_mfa_devices(**alice)["MFADevices"]) == [serial]
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


@pytest.mark.parametrize("kind", ["hardware", "fido"])
def test_a_user_with_a_device_is_not_deleted(iam, alice, kind, request):
    serial = request.getfixturevalue(kind)
    with refused("DeleteConflict"):
        iam.delete_user(**alice)
    iam.deactivate_mfa_device(**alice, SerialNumber=serial)
    iam.delete_user(**alice)


@pytest.mark.parametrize("kind", ["hardware", "fido"])
def test_a_device_counts_as_mfa(iam, alice, kind, request):
    request.getfixturevalue(kind)
    assert credential_report(iam)["alice"]["mfa_active"] == "true"
    assert iam.get_account_summary()["SummaryMap"]["MFADevicesInUse"] == 1


def test_devices_of_all_kinds_are_eight_at_most_together(iam, alice, hardware, fido):
    for number in range(6):
        enrol(iam, "alice", f"phone-{number}")
    with refused("LimitExceeded"):
        enrol(iam, "alice", "one-more")


def test_a_fido_key_is_got_by_its_arn(iam, alice, fido):
    found = iam.get_mfa_device(SerialNumber=fido, **alice)
    assert (found["UserName"], found["SerialNumber"]) == ("alice", fido)
    assert "EnableDate" in found


def test_only_a_fido_key_is_got(iam, alice, hardware):
    phone, _ = enrol(iam, "alice")
    for serial in (hardware, phone):
        with refused("NoSuchEntity", "ValidationError", "InvalidInput"):
            iam.get_mfa_device(SerialNumber=serial, **alice)


def test_neither_is_deleted_as_a_virtual_device(iam, hardware, fido):
    for serial in (hardware, fido):
        with refused("NoSuchEntity", "DeleteConflict", "ValidationError"):
            iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_neither_is_tagged(iam, hardware, fido):
    for serial in (hardware, fido):
        with refused("NoSuchEntity", "ValidationError", "InvalidInput"):
            iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "a", "Value": "b"}])


def test_a_session_begins_with_a_code_of_a_hardware_token(iam, alice, hardware, client):
    key = iam.create_access_key(**alice)["AccessKey"]
    sts = client("sts", key["AccessKeyId"], key["SecretAccessKey"])
    sts.get_session_token(SerialNumber=hardware, TokenCode=next_code(seed_of(hardware)))


def test_the_root_user_has_a_password_and_neither_device_nor_keys_at_first(iam):
    found = iam.get_account_summary()["SummaryMap"]
    names = ("AccountPasswordPresent", "AccountMFAEnabled", "AccountAccessKeysPresent")
    assert [found[name] for name in names] == [1, 0, 0]
    row = credential_report(iam)["<root_account>"]
    assert (row["password_enabled"], row["mfa_active"], row["access_key_1_active"]) == ("not_supported", "false", "false")


def test_the_device_of_the_root_user_is_told_by_summary_and_report(iam, root_device):
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1
    assert credential_report(iam)["<root_account>"]["mfa_active"] == "true"


def test_the_device_of_the_root_user_is_listed_as_virtual_and_assigned(iam, account, root_device):
    serial, _ = root_device
    assert serial == f"arn:aws:iam::{account}:mfa/root-account-mfa-device"
    found, = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert found["SerialNumber"] == serial
    assert (found["User"]["Arn"], found["User"]["UserId"]) == (f"arn:aws:iam::{account}:root", account)
    with refused("DeleteConflict"):
        iam.delete_virtual_mfa_device(SerialNumber=serial)


def test_the_root_user_lists_its_own_device(iam, root_device):
    assert serials(iam.list_mfa_devices()["MFADevices"]) == [root_device[0]]


def test_the_root_user_without_its_device_has_no_mfa(iam, account, root_device):
    serial, _ = root_device
    iam.deactivate_mfa_device(UserName=account, SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0


def test_a_session_of_the_root_user_begins_with_a_code(sts, root_device):
    serial, seed = root_device
    with refused("AccessDenied"):
        sts.get_session_token(SerialNumber=serial, TokenCode="000000")
    sts.get_session_token(SerialNumber=serial, TokenCode=next_code(seed))
