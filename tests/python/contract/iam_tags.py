"""Tags of users, roles, policies and virtual MFA devices.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
"""

import pytest

import mfa
from aws import ALLOW, TRUST, pages, refused


def tag(key, value="x"):
    return {"Key": key, "Value": value}


class User:
    """The tags of a user."""

    def __init__(self, iam):
        iam.create_user(UserName="alice")
        self.tag = lambda *tags: iam.tag_user(UserName="alice", Tags=list(tags))
        self.untag = lambda *keys: iam.untag_user(UserName="alice", TagKeys=list(keys))
        self.list = lambda: iam.list_user_tags(UserName="alice")["Tags"]


class Role:
    """The tags of a role."""

    def __init__(self, iam):
        iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
        self.tag = lambda *tags: iam.tag_role(RoleName="deploy", Tags=list(tags))
        self.untag = lambda *keys: iam.untag_role(RoleName="deploy", TagKeys=list(keys))
        self.list = lambda: iam.list_role_tags(RoleName="deploy")["Tags"]


class Policy:
    """The tags of a policy."""

    def __init__(self, iam):
        arn = iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)["Policy"]["Arn"]
        self.tag = lambda *tags: iam.tag_policy(PolicyArn=arn, Tags=list(tags))
        self.untag = lambda *keys: iam.untag_policy(PolicyArn=arn, TagKeys=list(keys))
        self.list = lambda: iam.list_policy_tags(PolicyArn=arn)["Tags"]


class Device:
    """The tags of a virtual MFA device."""

    def __init__(self, iam):
        serial, _ = mfa.create(iam)
        self.tag = lambda *tags: iam.tag_mfa_device(SerialNumber=serial, Tags=list(tags))
        self.untag = lambda *keys: iam.untag_mfa_device(SerialNumber=serial, TagKeys=list(keys))
        self.list = lambda: iam.list_mfa_device_tags(SerialNumber=serial)["Tags"]


EVERYTHING = pytest.mark.parametrize("kind", [User, Role, Policy, Device])


@EVERYTHING
def test_tags_are_added_replaced_and_taken_away(iam, kind):
    tagged = kind(iam)
    tagged.tag(tag("team", "core"), tag("cost", ""))
    tagged.tag(tag("team", "edge"))
    assert sorted((item["Key"], item["Value"]) for item in tagged.list()) == [("cost", ""), ("team", "edge")]
    tagged.untag("team", "unknown")
    assert tagged.list() == [tag("cost", "")]


@pytest.mark.parametrize("kind", [User, Role])
def test_keys_are_the_same_without_regard_to_case_for_a(iam, kind):
    tagged = kind(iam)
    tagged.tag(tag("Team", "core"))
    tagged.tag(tag("team", "edge"))
    assert [item["Value"] for item in tagged.list()] == ["edge"]


@pytest.mark.parametrize("kind", [Policy, Device])
def test_keys_differ_by_case_for_a(iam, kind):
    tagged = kind(iam)
    tagged.tag(tag("Team", "core"))
    tagged.tag(tag("team", "edge"))
    assert sorted(item["Key"] for item in tagged.list()) == ["Team", "team"]


@EVERYTHING
def test_a_key_that_begins_with_aws_is_refused(iam, kind):
    with refused("InvalidInput", "ValidationError"):
        kind(iam).tag(tag("aws:team"))


def test_a_key_twice_in_one_request_is_refused(iam):
    with refused("InvalidInput"):
        User(iam).tag(tag("team", "core"), tag("team", "edge"))


def test_there_are_fifty_tags_at_most(iam):
    tagged = User(iam)
    tagged.tag(*(tag(f"key-{number}") for number in range(50)))
    tagged.tag(tag("key-0", "changed"))
    with refused("LimitExceeded"):
        tagged.tag(tag("one-more"))


@pytest.mark.parametrize("key, value", [("", "x"), ("k" * 129, "x"), ("k", "v" * 257), ("semi;colon", "x")],
                         ids=["empty key", "key of 129", "value of 257", "semicolon"])
def test_a_tag_is_refused(iam, key, value):
    with refused("ValidationError", "InvalidInput"):
        User(iam).tag(tag(key, value))


def test_tags_are_listed_in_pages(iam):
    User(iam).tag(*(tag(f"key-{number}") for number in range(3)))
    found = pages(iam.list_user_tags, "Tags", UserName="alice", MaxItems=2)
    assert [len(page) for page in found] == [2, 1]


def test_a_user_is_shown_with_its_tags(iam):
    iam.create_user(UserName="alice", Tags=[tag("team", "core")])
    assert iam.get_user(UserName="alice")["User"]["Tags"] == [tag("team", "core")]


def test_a_policy_is_shown_with_its_tags(iam):
    made = iam.create_policy(PolicyName="read", PolicyDocument=ALLOW, Tags=[tag("team", "core")])["Policy"]
    assert iam.get_policy(PolicyArn=made["Arn"])["Policy"]["Tags"] == [tag("team", "core")]


def test_a_value_that_begins_with_aws_is_refused(iam):
    with refused("InvalidInput", "ValidationError"):
        User(iam).tag(tag("team", "aws:core"))
