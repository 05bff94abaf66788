"""Roles. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

import re

import pytest

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


def trusting(arn):
    return document({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"})


def trusted(iam):
    return iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]


def test_a_deleted_user_is_shown_in_trust_policies_by_its_id(iam):
    user = iam.create_user(UserName="alice")["User"]
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trusting(user["Arn"]))
    iam.delete_user(UserName="alice")
    assert trusted(iam) == user["UserId"]
    # One that is created anew under the name is not the trusted one.
    iam.create_user(UserName="alice")
    assert trusted(iam) == user["UserId"]


def test_a_deleted_role_is_shown_in_trust_policies_by_its_id(iam):
    role = iam.create_role(RoleName="first", AssumeRolePolicyDocument=TRUST)["Role"]
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trusting(role["Arn"]))
    iam.delete_role(RoleName="first")
    assert trusted(iam) == role["RoleId"]


def test_trust_policies_follow_a_renamed_user(iam):
    user = iam.create_user(UserName="alice")["User"]
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trusting(user["Arn"]))
    iam.update_user(UserName="alice", NewUserName="alicia", NewPath="/people/")
    assert trusted(iam) == iam.get_user(UserName="alicia")["User"]["Arn"]


def test_a_role_has_a_boundary_that_is_replaced_and_taken_away(iam):
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    for name in ("first", "second"):
        arn = iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="deploy", PermissionsBoundary=arn)
        found = iam.get_role(RoleName="deploy")["Role"]["PermissionsBoundary"]
        assert found == {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}
    iam.delete_role_permissions_boundary(RoleName="deploy")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="deploy")["Role"]


def test_a_trust_policy_has_2048_characters_at_most(iam):
    def trust(sid):
        return document({"Sid": sid, "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})

    shortest = len(trust("").replace(" ", ""))
    iam.create_role(RoleName="full", AssumeRolePolicyDocument=trust("x" * (2048 - shortest)))
    with refused("LimitExceeded"):
        iam.create_role(RoleName="over", AssumeRolePolicyDocument=trust("x" * (2049 - shortest)))


@pytest.mark.parametrize("change", [
    pytest.param({"Resource": "*"}, id="a resource"),
    pytest.param({"Principal": {"AWS": "alice"}}, id="a name"),
    pytest.param({"Principal": {"AWS": "12345"}}, id="a short number"),
    pytest.param({"Principal": {}}, id="no principal in it"),
    pytest.param({"Principal": {"Person": "alice"}}, id="an unknown kind"),
    pytest.param({"Principal": "alice"}, id="a principal of no kind"),
    pytest.param({"Action": "s3:GetObject"}, id="an action that assumes no role"),
])
def test_a_trust_policy_is_refused_for(iam, change):
    trusted = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=document(trusted | change))


@pytest.mark.parametrize("principal", [
    "*", {"AWS": "*"}, {"AWS": "111122223333"}, {"AWS": ["arn:aws:iam::111122223333:root"]},
    {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
], ids=str)
def test_a_trust_policy_may_trust(iam, principal):
    text = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=text)
