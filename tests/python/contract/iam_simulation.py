"""What the policy simulator says.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

import pytest

from aws import TRUST, allow, document, refused

MFA = "aws:MultiFactorAuthPresent"
WITH_MFA = allow("iam:ListUsers", Condition={"Bool": {MFA: "true"}})


@pytest.fixture
def alice(iam):
    return iam.create_user(UserName="alice")["User"]["Arn"]


def simulated(iam, arn, action, resource="*", **parameters):
    found, = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource], **parameters)["EvaluationResults"]
    return found


def decision(iam, arn, action, resource="*", **parameters):
    return simulated(iam, arn, action, resource, **parameters)["EvalDecision"]


def key(name, value, kind="string"):
    return {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": kind}


def test_a_user_may_what_a_policy_allows_and_none_denies(iam, alice):
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(
        allow("s3:*"), {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}))
    assert decision(iam, alice, "s3:GetObject") == "allowed"
    assert decision(iam, alice, "s3:DeleteBucket") == "explicitDeny"
    assert decision(iam, alice, "iam:ListUsers") == "implicitDeny"


def test_policies_of_groups_count(iam, alice):
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="alice")
    iam.put_group_policy(GroupName="staff", PolicyName="own", PolicyDocument=document(allow("s3:GetObject")))
    assert decision(iam, alice, "s3:GetObject") == "allowed"


def test_a_boundary_limits(iam, alice):
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=limit)
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(allow("*")))
    found = simulated(iam, alice, "iam:ListUsers")
    assert found["EvalDecision"] == "implicitDeny"
    assert found["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_mfa_is_not_filled_in(iam, alice):
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(WITH_MFA))
    found = simulated(iam, alice, "iam:ListUsers")
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("implicitDeny", [MFA])


@pytest.mark.parametrize("value, expected", [("true", "allowed"), ("false", "implicitDeny")])
def test_keys_are_taken_from_the_call(iam, alice, value, expected):
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(WITH_MFA))
    assert decision(iam, alice, "iam:ListUsers", ContextEntries=[key(MFA, value, "boolean")]) == expected


def test_a_policy_that_names_a_user_as_resource_does_not_follow_a_new_name_and_tells_case_apart(iam, account, alice):
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(
        allow("iam:GetUser", f"arn:aws:iam::{account}:user/alice")))
    assert decision(iam, alice, "iam:GetUser", alice) == "allowed"
    assert decision(iam, alice, "iam:GetUser", f"arn:aws:iam::{account}:user/Alice") == "implicitDeny"
    iam.update_user(UserName="alice", NewUserName="alicia")
    renamed = iam.get_user(UserName="alicia")["User"]["Arn"]
    assert decision(iam, renamed, "iam:GetUser", renamed) == "implicitDeny"


def test_the_trust_policy_of_a_role_is_not_asked(iam):
    role = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="deploy", PolicyName="own", PolicyDocument=document(allow("s3:GetObject")))
    assert decision(iam, role, "s3:GetObject") == "allowed"
    assert decision(iam, role, "sts:AssumeRole") == "implicitDeny"


def test_policies_that_are_not_attached_are_simulated(iam):
    def decision(action):
        found, = iam.simulate_custom_policy(
            PolicyInputList=[document(allow("s3:GetObject"))], ActionNames=[action])["EvaluationResults"]
        return found["EvalDecision"]

    assert (decision("s3:GetObject"), decision("s3:PutObject")) == ("allowed", "implicitDeny")


def test_the_keys_that_policies_ask_for_are_told(iam, alice):
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(WITH_MFA))
    assert iam.get_context_keys_for_principal_policy(PolicySourceArn=alice)["ContextKeyNames"] == [MFA]
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[document(WITH_MFA)])["ContextKeyNames"] == [MFA]


def test_a_principal_that_does_not_exist_is_not_simulated(iam, account):
    with refused("NoSuchEntity"):
        decision(iam, f"arn:aws:iam::{account}:user/nobody", "s3:GetObject")
