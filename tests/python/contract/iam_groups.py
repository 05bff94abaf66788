"""Groups and their members.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html and the pages of the operations.
"""

import re

import pytest

from aws import ALLOW, pages, refused


@pytest.fixture
def staff(iam):
    """Makes the group and the user that most of these tests are about."""
    iam.create_group(GroupName="staff")
    iam.create_user(UserName="alice")
    return "staff"


def test_a_group_has_an_id_and_its_path_in_the_arn(iam, account):
    group = iam.create_group(GroupName="staff", Path="/teams/")["Group"]
    assert re.fullmatch("AGPA[A-Z0-9]{16,}", group["GroupId"])
    assert group["Arn"] == f"arn:aws:iam::{account}:group/teams/staff"
    assert iam.get_group(GroupName="staff")["Group"] == group


def test_group_names_are_unique_without_regard_to_case(iam, staff):
    with refused("EntityAlreadyExists"):
        iam.create_group(GroupName="STAFF")


def test_a_group_and_a_user_may_have_the_same_name(iam, staff):
    iam.create_group(GroupName="alice")


def test_a_group_name_has_at_most_128_characters(iam):
    iam.create_group(GroupName="x" * 128)
    with refused("ValidationError"):
        iam.create_group(GroupName="y" * 129)


@pytest.mark.parametrize("call, arguments", [
    ("get_group", {}), ("delete_group", {}), ("update_group", {"NewPath": "/x/"}), ("list_group_policies", {}),
    ("list_attached_group_policies", {}), ("add_user_to_group", {"UserName": "alice"}),
    ("remove_user_from_group", {"UserName": "alice"}),
    ("put_group_policy", {"PolicyName": "p", "PolicyDocument": ALLOW}),
])
def test_of_a_group_that_does_not_exist(iam, staff, call, arguments):
    with refused("NoSuchEntity"):
        getattr(iam, call)(GroupName="nothing", **arguments)


def test_a_user_that_does_not_exist_is_not_made_a_member(iam, staff):
    with refused("NoSuchEntity"):
        iam.add_user_to_group(GroupName=staff, UserName="nobody")


def test_making_somebody_a_member_again_changes_nothing(iam, staff):
    for _ in range(2):
        iam.add_user_to_group(GroupName=staff, UserName="alice")
    assert [user["UserName"] for user in iam.get_group(GroupName=staff)["Users"]] == ["alice"]
    iam.remove_user_from_group(GroupName=staff, UserName="alice")
    assert iam.get_group(GroupName=staff)["Users"] == []


def test_a_user_is_in_ten_groups_at_most(iam, staff):
    for number in range(10):
        iam.create_group(GroupName=f"group-{number}")
        iam.add_user_to_group(GroupName=f"group-{number}", UserName="alice")
    with refused("LimitExceeded"):
        iam.add_user_to_group(GroupName=staff, UserName="alice")


def test_a_group_with_a_member_is_not_deleted(iam, staff):
    iam.add_user_to_group(GroupName=staff, UserName="alice")
    with refused("DeleteConflict"):
        iam.delete_group(GroupName=staff)
    iam.remove_user_from_group(GroupName=staff, UserName="alice")
    iam.delete_group(GroupName=staff)


def test_a_group_with_an_inline_policy_is_not_deleted(iam, staff):
    iam.put_group_policy(GroupName=staff, PolicyName="own", PolicyDocument=ALLOW)
    with refused("DeleteConflict"):
        iam.delete_group(GroupName=staff)
    iam.delete_group_policy(GroupName=staff, PolicyName="own")
    iam.delete_group(GroupName=staff)


def test_a_group_with_an_attached_policy_is_not_deleted(iam, staff):
    arn = iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_group_policy(GroupName=staff, PolicyArn=arn)
    with refused("DeleteConflict"):
        iam.delete_group(GroupName=staff)
    iam.detach_group_policy(GroupName=staff, PolicyArn=arn)
    iam.delete_group(GroupName=staff)


def test_a_renamed_group_keeps_id_members_and_policies(iam, account, staff):
    before = iam.get_group(GroupName=staff)["Group"]["GroupId"]
    iam.add_user_to_group(GroupName=staff, UserName="alice")
    iam.put_group_policy(GroupName=staff, PolicyName="own", PolicyDocument=ALLOW)
    iam.update_group(GroupName=staff, NewGroupName="crew", NewPath="/b/")
    after = iam.get_group(GroupName="crew")
    assert after["Group"]["GroupId"] == before
    assert after["Group"]["Arn"] == f"arn:aws:iam::{account}:group/b/crew"
    assert [user["UserName"] for user in after["Users"]] == ["alice"]
    assert iam.list_group_policies(GroupName="crew")["PolicyNames"] == ["own"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="alice")["Groups"]] == ["crew"]


def test_a_group_is_not_renamed_to_a_name_that_is_taken(iam, staff):
    iam.create_group(GroupName="crew")
    with refused("EntityAlreadyExists"):
        iam.update_group(GroupName=staff, NewGroupName="Crew")


def test_groups_are_listed_by_path_and_in_pages(iam):
    for number in range(3):
        iam.create_group(GroupName=f"team-{number}", Path="/teams/")
    iam.create_group(GroupName="other")
    found = pages(iam.list_groups, "Groups", PathPrefix="/teams/", MaxItems=2)
    assert [len(page) for page in found] == [2, 1]


def test_members_are_listed_in_pages(iam, staff):
    for number in range(3):
        iam.create_user(UserName=f"user-{number}")
        iam.add_user_to_group(GroupName=staff, UserName=f"user-{number}")
    found = pages(iam.get_group, "Users", GroupName=staff, MaxItems=2)
    assert [len(page) for page in found] == [2, 1]


def test_an_account_has_three_hundred_groups_at_most(iam):
    for number in range(300):
        iam.create_group(GroupName=f"group-{number}")
    with refused("LimitExceeded"):
        iam.create_group(GroupName="one-more")
