"""Managed policies attached to users, groups and roles, and inline policies in them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html has the quotas.
"""

import pytest

from aws import ALLOW, TRUST, airy, allow, document, pages, refused, sized


class Principal:
    """Calls the operations of one kind of principal, which differ in their names only."""

    def __init__(self, iam, kind):
        self.iam, self.kind = iam, kind
        self.name = {f"{kind.title()}Name": "one"}
        self.call("create", **({"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}))

    def call(self, verb, noun="", **parameters):
        operation = "_".join(filter(None, (verb, self.kind, noun)))
        return getattr(self.iam, operation)(**self.name, **parameters)

    def attached(self):
        operation = getattr(self.iam, f"list_attached_{self.kind}_policies")
        return [item["PolicyArn"] for item in operation(**self.name)["AttachedPolicies"]]


@pytest.fixture(params=["user", "group", "role"])
def principal(iam, request):
    return Principal(iam, request.param)


def policy(iam, name="read"):
    return iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)["Policy"]["Arn"]


def test_a_policy_is_attached_and_detached(iam, principal):
    arn = policy(iam)
    principal.call("attach", "policy", PolicyArn=arn)
    assert principal.attached() == [arn]
    principal.call("detach", "policy", PolicyArn=arn)
    assert principal.attached() == []


def test_attaching_a_policy_again_changes_nothing(iam, principal):
    arn = policy(iam)
    for _ in range(2):
        principal.call("attach", "policy", PolicyArn=arn)
    assert principal.attached() == [arn]


def test_a_policy_that_is_not_attached_is_not_detached(iam, principal):
    with refused("NoSuchEntity"):
        principal.call("detach", "policy", PolicyArn=policy(iam))


def test_a_policy_that_does_not_exist_is_not_attached(account, principal):
    with refused("NoSuchEntity"):
        principal.call("attach", "policy", PolicyArn=f"arn:aws:iam::{account}:policy/none")


def test_more_policies_than_the_quota_are_not_attached(iam, principal):
    quota = {"user": 10, "group": 10, "role": 20}[principal.kind]
    for number in range(quota):
        principal.call("attach", "policy", PolicyArn=policy(iam, f"policy-{number}"))
    with refused("LimitExceeded"):
        principal.call("attach", "policy", PolicyArn=policy(iam, "one-more"))


def test_a_policy_of_aws_is_attached(principal):
    principal.call("attach", "policy", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert principal.attached() == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]


def test_an_inline_policy_is_put_replaced_and_deleted(principal):
    for action in ("s3:GetObject", "s3:PutObject"):
        principal.call("put", "policy", PolicyName="own", PolicyDocument=document(allow(action)))
        found = principal.call("get", "policy", PolicyName="own")["PolicyDocument"]
        assert found["Statement"][0]["Action"] == action
    assert principal.call("list", "policies")["PolicyNames"] == ["own"]
    principal.call("delete", "policy", PolicyName="own")
    with refused("NoSuchEntity"):
        principal.call("get", "policy", PolicyName="own")


def test_an_inline_policy_that_does_not_exist_is_not_deleted(principal):
    with refused("NoSuchEntity"):
        principal.call("delete", "policy", PolicyName="own")


def test_a_malformed_inline_policy_is_refused(principal):
    with refused("MalformedPolicyDocument"):
        principal.call("put", "policy", PolicyName="own", PolicyDocument=document({"Effect": "Allow"}))


def test_inline_policies_have_so_many_characters_together(principal):
    quota = {"user": 2048, "group": 5120, "role": 10240}[principal.kind]
    principal.call("put", "policy", PolicyName="first", PolicyDocument=sized(quota - 200))
    principal.call("put", "policy", PolicyName="second", PolicyDocument=airy(sized(200)))
    with refused("LimitExceeded"):
        principal.call("put", "policy", PolicyName="second", PolicyDocument=sized(201))


def test_inline_policies_are_listed_in_pages(iam):
    principal = Principal(iam, "user")
    for number in range(3):
        principal.call("put", "policy", PolicyName=f"own-{number}", PolicyDocument=ALLOW)
    found = pages(iam.list_user_policies, "PolicyNames", UserName="one", MaxItems=2)
    assert [len(page) for page in found] == [2, 1]


def test_attached_policies_are_listed_in_pages(iam):
    principal = Principal(iam, "user")
    for number in range(3):
        principal.call("attach", "policy", PolicyArn=policy(iam, f"policy-{number}"))
    found = pages(iam.list_attached_user_policies, "AttachedPolicies", UserName="one", MaxItems=2)
    assert [len(page) for page in found] == [2, 1]
