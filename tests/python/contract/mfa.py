"""An authenticator app."""

import time

import pyotp


def two_codes(seed, at=None):
    """Returns two consecutive codes, the second the current one."""
    app, now = pyotp.TOTP(seed), int(at or time.time())
    return {"AuthenticationCode1": app.at(now - 30), "AuthenticationCode2": app.at(now)}


def seed_of(device):
    """Returns the seed as an app takes it: boto3 has taken off the Base64 that AWS wraps it in."""
    return device["Base32StringSeed"].decode()


def create(iam, name="phone", **parameters):
    """Returns the serial number of a new virtual device and its seed."""
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **parameters)["VirtualMFADevice"]
    return device["SerialNumber"], seed_of(device)


def enrol(iam, user, name="phone"):
    """Returns the same, of a device that the user has enabled."""
    serial, seed = create(iam, name)
    iam.enable_mfa_device(UserName=user, SerialNumber=serial, **two_codes(seed))
    return serial, seed


def next_code(seed):
    """Returns the code that comes next: those that enabled the device are spent, and AWS takes the next one early."""
    return pyotp.TOTP(seed).at(int(time.time()) + 30)
