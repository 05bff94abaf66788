"""What must be gone before a user is.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
"""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from aws import ALLOW, PASSWORD, refused
from mfa import enrol


def login_profile(iam):
    iam.create_login_profile(UserName="alice", Password=PASSWORD)
    return lambda: iam.delete_login_profile(UserName="alice")


def access_key(iam):
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    return lambda: iam.delete_access_key(UserName="alice", AccessKeyId=key)


def inactive_access_key(iam):
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    return lambda: iam.delete_access_key(UserName="alice", AccessKeyId=key)


def mfa_device(iam):
    serial, _ = enrol(iam, "alice")
    return lambda: iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)


def inline_policy(iam):
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=ALLOW)
    return lambda: iam.delete_user_policy(UserName="alice", PolicyName="own")


def attached_policy(iam):
    arn = iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    return lambda: iam.detach_user_policy(UserName="alice", PolicyArn=arn)


def membership(iam):
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="alice")
    return lambda: iam.remove_user_from_group(GroupName="staff", UserName="alice")


def ssh_public_key(iam):
    public = rsa.generate_private_key(65537, 2048).public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    key = iam.upload_ssh_public_key(UserName="alice", SSHPublicKeyBody=public)["SSHPublicKey"]["SSHPublicKeyId"]
    return lambda: iam.delete_ssh_public_key(UserName="alice", SSHPublicKeyId=key)


def signing_certificate(iam):
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "alice")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    body = made.public_bytes(serialization.Encoding.PEM).decode()
    identifier = iam.upload_signing_certificate(UserName="alice", CertificateBody=body)["Certificate"]["CertificateId"]
    return lambda: iam.delete_signing_certificate(UserName="alice", CertificateId=identifier)


def service_specific_credential(iam):
    made = iam.create_service_specific_credential(UserName="alice", ServiceName="codecommit.amazonaws.com")
    identifier = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
    return lambda: iam.delete_service_specific_credential(
        UserName="alice", ServiceSpecificCredentialId=identifier)


@pytest.mark.parametrize("give", [
    login_profile, access_key, inactive_access_key, mfa_device, inline_policy, attached_policy, membership,
    ssh_public_key, signing_certificate, service_specific_credential,
])
def test_a_user_is_not_deleted_while_it_has(iam, give):
    iam.create_user(UserName="alice")
    take_away = give(iam)
    with refused("DeleteConflict"):
        iam.delete_user(UserName="alice")
    iam.get_user(UserName="alice")
    take_away()
    iam.delete_user(UserName="alice")
    with refused("NoSuchEntity"):
        iam.get_user(UserName="alice")


def test_a_boundary_goes_with_its_user(iam):
    arn = iam.create_policy(PolicyName="limit", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.create_user(UserName="alice", PermissionsBoundary=arn, Tags=[{"Key": "a", "Value": "b"}])
    iam.delete_user(UserName="alice")
    iam.delete_policy(PolicyArn=arn)
