"""Roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

import re

from aws import ALLOW, TRUST, allow, document, refused


def test_a_role_has_an_id_an_arn_and_a_trust_policy(iam, account):
    role = iam.create_role(RoleName="deploy", Path="/ci/", AssumeRolePolicyDocument=TRUST)["Role"]
    assert re.fullmatch("AROA[A-Z0-9]{16,}", role["RoleId"])
    assert role["Arn"] == f"arn:aws:iam::{account}:role/ci/deploy"
    found = iam.get_role(RoleName="deploy")["Role"]
    assert document(*found["AssumeRolePolicyDocument"]["Statement"]) == TRUST
    assert found["MaxSessionDuration"] == 3600


def test_role_names_are_unique_without_regard_to_case(iam):
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    with refused("EntityAlreadyExists"):
        iam.create_role(RoleName="Deploy", AssumeRolePolicyDocument=TRUST)


def test_a_trust_policy_without_a_principal_is_malformed(iam):
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=ALLOW)


def test_a_trust_policy_is_replaced(iam):
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    other = TRUST.replace("ec2", "lambda")
    iam.update_assume_role_policy(RoleName="deploy", PolicyDocument=other)
    found = iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    assert document(*found["Statement"]) == other


def test_a_role_with_an_inline_policy_is_not_deleted(iam):
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=ALLOW)
    with refused("DeleteConflict"):
        iam.delete_role(RoleName="deploy")


def test_a_role_with_an_attached_policy_is_not_deleted(iam):
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="deploy", PolicyArn=arn)
    with refused("DeleteConflict"):
        iam.delete_role(RoleName="deploy")
    iam.detach_role_policy(RoleName="deploy", PolicyArn=arn)
    iam.delete_role(RoleName="deploy")
    with refused("NoSuchEntity"):
        iam.get_role(RoleName="deploy")


def test_a_session_of_a_role_lasts_from_one_to_twelve_hours(iam):
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=43200)
    for seconds in (3599, 43201):
        with refused("ValidationError"):
            iam.update_role(RoleName="deploy", MaxSessionDuration=seconds)


def test_a_trusted_user_must_exist(iam, account):
    trust = document(allow("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{account}:user/nobody"}))
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust.replace(', "Resource": "*"', ""))
