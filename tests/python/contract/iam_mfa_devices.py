"""Virtual MFA devices.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html
"""

import base64
import re
import time

import pytest

from aws import pages, refused
from mfa import create, enrol, seed_of, two_codes


@pytest.fixture
def alice(iam):
    iam.create_user(UserName="alice")
    return "alice"


def serials(iam, **filters):
    return [device["SerialNumber"] for device in iam.list_virtual_mfa_devices(**filters)["VirtualMFADevices"]]


def test_a_new_device_tells_its_seed_and_a_qr_code(iam, account):
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/people/")["VirtualMFADevice"]
    assert device["SerialNumber"] == f"arn:aws:iam::{account}:mfa/people/phone"
    assert re.fullmatch("[A-Z2-7]{32,}", seed_of(device))
    assert len(base64.b32decode(seed_of(device))) >= 20
    assert device["QRCodePNG"].startswith(b"\x89PNG\r\n")


def test_seeds_differ(iam):
    assert create(iam, "one")[1] != create(iam, "two")[1]


def test_the_names_of_devices_are_unique(iam):
    create(iam, "phone")
    with refused("EntityAlreadyExists"):
        create(iam, "phone")


@pytest.mark.parametrize("name", ["", "a b"], ids=["empty", "space"])
def test_a_device_may_not_be_named(iam, name):
    with refused("ValidationError"):
        iam.create_virtual_mfa_device(VirtualMFADeviceName=name)


def test_a_device_is_enabled_by_two_consecutive_codes(iam, alice):
    serial, _ = enrol(iam, alice)
    found = iam.list_mfa_devices(UserName=alice)["MFADevices"]
    assert [(device["SerialNumber"], device["UserName"]) for device in found] == [(serial, alice)]


@pytest.mark.parametrize("codes", [
    pytest.param(lambda seed: {"AuthenticationCode1": "000000", "AuthenticationCode2": "000001"}, id="made up"),
    pytest.param(lambda seed: dict.fromkeys(
        ["AuthenticationCode1", "AuthenticationCode2"], two_codes(seed)["AuthenticationCode2"]), id="the same twice"),
    pytest.param(lambda seed: dict(zip(two_codes(seed), reversed(two_codes(seed).values()))), id="in reverse order"),
    pytest.param(lambda seed: two_codes(seed) | {
        "AuthenticationCode1": two_codes(seed, time.time() - 60)["AuthenticationCode1"]}, id="not consecutive"),
    pytest.param(lambda seed: two_codes("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), id="another seed's"),
])
def test_a_device_is_not_enabled_by_codes_that_are(iam, alice, codes):
    serial, seed = create(iam)
    with refused("InvalidAuthenticationCode"):
        iam.enable_mfa_device(UserName=alice, SerialNumber=serial, **codes(seed))
    assert iam.list_mfa_devices(UserName=alice)["MFADevices"] == []


def test_a_code_has_six_digits(iam, alice):
    serial, seed = create(iam)
    with refused("ValidationError"):
        iam.enable_mfa_device(
            UserName=alice, SerialNumber=serial, AuthenticationCode1="12345", AuthenticationCode2="123456")


def test_a_device_that_does_not_exist_is_not_enabled(iam, account, alice):
    with refused("NoSuchEntity"):
        iam.enable_mfa_device(
            UserName=alice, SerialNumber=f"arn:aws:iam::{account}:mfa/none",
            AuthenticationCode1="123456", AuthenticationCode2="654321")


def test_an_enabled_device_is_not_enabled_for_another(iam, alice):
    serial, seed = enrol(iam, alice)
    iam.create_user(UserName="bob")
    with refused("EntityAlreadyExists"):
        iam.enable_mfa_device(UserName="bob", SerialNumber=serial, **two_codes(seed))


def test_a_user_has_eight_devices_at_most(iam, alice):
    for number in range(8):
        enrol(iam, alice, f"phone-{number}")
    with refused("LimitExceeded"):
        enrol(iam, alice, "one-more")


def test_devices_are_listed_by_assignment(iam, alice):
    assigned, _ = enrol(iam, alice, "assigned")
    unassigned, _ = create(iam, "unassigned")
    assert serials(iam, AssignmentStatus="Assigned") == [assigned]
    assert serials(iam, AssignmentStatus="Unassigned") == [unassigned]
    assert sorted(serials(iam, AssignmentStatus="Any")) == [assigned, unassigned]


def test_any_device_is_listed_unless_said(iam, alice):
    assigned, _ = enrol(iam, alice, "assigned")
    unassigned, _ = create(iam, "unassigned")
    assert sorted(serials(iam)) == [assigned, unassigned]


def test_the_list_of_devices_names_the_user_and_never_tells_seeds(iam, alice):
    enrol(iam, alice)
    device, = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    assert device["User"]["UserName"] == alice
    assert "EnableDate" in device
    assert not {"Base32StringSeed", "QRCodePNG"} & device.keys()


def test_devices_are_listed_in_pages(iam):
    for number in range(3):
        create(iam, f"phone-{number}")
    found = pages(iam.list_virtual_mfa_devices, "VirtualMFADevices", MaxItems=2)
    assert [len(page) for page in found] == [2, 1]


def test_an_enabled_device_is_not_deleted(iam, alice):
    serial, _ = enrol(iam, alice)
    with refused("DeleteConflict"):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.deactivate_mfa_device(UserName=alice, SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert serials(iam) == []


def test_a_deactivated_device_is_unassigned(iam, alice):
    serial, _ = enrol(iam, alice)
    iam.deactivate_mfa_device(UserName=alice, SerialNumber=serial)
    assert iam.list_mfa_devices(UserName=alice)["MFADevices"] == []
    assert serials(iam, AssignmentStatus="Unassigned") == [serial]


def test_a_device_is_not_deactivated_for_somebody_else(iam, alice):
    serial, _ = enrol(iam, alice)
    iam.create_user(UserName="bob")
    with refused("NoSuchEntity"):
        iam.deactivate_mfa_device(UserName="bob", SerialNumber=serial)


def test_a_device_that_does_not_exist_is_not_deleted(iam, account):
    with refused("NoSuchEntity"):
        iam.delete_virtual_mfa_device(SerialNumber=f"arn:aws:iam::{account}:mfa/none")


def test_a_device_is_brought_in_step_by_two_consecutive_codes(iam, alice):
    serial, seed = enrol(iam, alice)
    later = two_codes(seed, time.time() + 30)
    iam.resync_mfa_device(UserName=alice, SerialNumber=serial, **later)
    with refused("InvalidAuthenticationCode"):
        iam.resync_mfa_device(
            UserName=alice, SerialNumber=serial, AuthenticationCode1="000000", AuthenticationCode2="000001")
