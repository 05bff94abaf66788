"""Users. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html has names and quotas,
https://docs.aws.amazon.com/IAM/latest/APIReference/ a page for each operation with its errors.
"""

import re

import pytest

from aws import ALLOW, PASSWORD, pages, refused


def test_a_user_has_an_id_a_path_and_both_in_its_answer(iam, account):
    user = iam.create_user(UserName="alice", Path="/people/eu/")["User"]
    assert re.fullmatch("AIDA[A-Z0-9]{16,}", user["UserId"])
    assert user["Arn"] == f"arn:aws:iam::{account}:user/people/eu/alice"
    assert user["Path"] == "/people/eu/"
    assert iam.get_user(UserName="alice")["User"] == user


def test_the_path_is_a_slash_unless_said(iam, account):
    user = iam.create_user(UserName="alice")["User"]
    assert (user["Path"], user["Arn"]) == ("/", f"arn:aws:iam::{account}:user/alice")


def test_user_names_are_unique_without_regard_to_case(iam):
    iam.create_user(UserName="alice")
    with refused("EntityAlreadyExists"):
        iam.create_user(UserName="Alice", Path="/other/")


def test_a_user_name_keeps_its_case(iam):
    iam.create_user(UserName="McAlice")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["McAlice"]


@pytest.mark.parametrize("name", ["a+b=c,d.e@f_g-h", "x" * 64], ids=["every sign", "64 characters"])
def test_a_user_may_be_named(iam, name):
    assert iam.create_user(UserName=name)["User"]["UserName"] == name


@pytest.mark.parametrize("name", ["", "a b", "a/b", "älice", "x" * 65],
                         ids=["empty", "space", "slash", "umlaut", "65 characters"])
def test_a_user_may_not_be_named(iam, name):
    with refused("ValidationError"):
        iam.create_user(UserName=name)


@pytest.mark.parametrize("path", ["people", "/people", "people/", "/" + "x" * 511 + "/"],
                         ids=["no slashes", "one at the start", "one at the end", "513 characters"])
def test_a_path_is_refused(iam, path):
    with refused("ValidationError"):
        iam.create_user(UserName="alice", Path=path)


@pytest.mark.parametrize("call, arguments", [
    ("get_user", {}), ("update_user", {"NewPath": "/x/"}), ("delete_user", {}), ("list_groups_for_user", {}),
    ("list_user_tags", {}), ("list_mfa_devices", {}), ("list_access_keys", {}), ("list_user_policies", {}),
    ("list_attached_user_policies", {}), ("create_access_key", {}), ("get_login_profile", {}),
    ("create_login_profile", {"Password": PASSWORD}), ("tag_user", {"Tags": [{"Key": "a", "Value": "b"}]}),
    ("put_user_policy", {"PolicyName": "p", "PolicyDocument": ALLOW}),
])
def test_of_a_user_that_does_not_exist(iam, call, arguments):
    with refused("NoSuchEntity"):
        getattr(iam, call)(UserName="nobody", **arguments)


def test_renaming_and_moving_a_user_changes_its_arn_and_not_its_id(iam, account):
    before = iam.create_user(UserName="alice", Path="/a/")["User"]
    iam.update_user(UserName="alice", NewUserName="alicia", NewPath="/b/")
    after = iam.get_user(UserName="alicia")["User"]
    assert after["Arn"] == f"arn:aws:iam::{account}:user/b/alicia"
    assert after["UserId"] == before["UserId"]
    with refused("NoSuchEntity"):
        iam.get_user(UserName="alice")


def test_a_user_is_not_renamed_to_a_name_that_is_taken_in_any_case(iam):
    iam.create_user(UserName="alice")
    iam.create_user(UserName="bob")
    with refused("EntityAlreadyExists"):
        iam.update_user(UserName="alice", NewUserName="BOB")


def test_a_user_may_be_renamed_to_another_case_of_its_name(iam):
    iam.create_user(UserName="alice")
    iam.update_user(UserName="alice", NewUserName="Alice")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["Alice"]


def test_a_renamed_user_keeps_groups_policies_and_tags(iam):
    iam.create_user(UserName="alice", Tags=[{"Key": "team", "Value": "core"}])
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="alice")
    policy = iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=policy)
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=ALLOW)
    iam.update_user(UserName="alice", NewUserName="alicia")
    assert [user["UserName"] for user in iam.get_group(GroupName="staff")["Users"]] == ["alicia"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="alicia")["Groups"]] == ["staff"]
    assert [item["PolicyArn"] for item in iam.list_attached_user_policies(UserName="alicia")["AttachedPolicies"]] == [policy]
    assert iam.list_user_policies(UserName="alicia")["PolicyNames"] == ["own"]
    assert iam.list_user_tags(UserName="alicia")["Tags"] == [{"Key": "team", "Value": "core"}]


def test_a_deleted_user_is_gone_and_its_name_free_for_another_id(iam):
    first = iam.create_user(UserName="alice")["User"]["UserId"]
    iam.delete_user(UserName="alice")
    with refused("NoSuchEntity"):
        iam.get_user(UserName="alice")
    assert iam.create_user(UserName="alice")["User"]["UserId"] != first


def test_users_are_listed_by_path(iam):
    for name, path in [("alice", "/people/"), ("bob", "/people/eu/"), ("robot", "/machines/")]:
        iam.create_user(UserName=name, Path=path)
    found = iam.list_users(PathPrefix="/people/")["Users"]
    assert sorted(user["UserName"] for user in found) == ["alice", "bob"]


def test_users_are_listed_in_pages_each_once(iam):
    names = [f"user-{number}" for number in range(5)]
    for name in names:
        iam.create_user(UserName=name)
    found = pages(iam.list_users, "Users", MaxItems=2)
    assert [len(page) for page in found] == [2, 2, 1]
    assert sorted(user["UserName"] for page in found for user in page) == names


def test_a_marker_that_was_not_given_is_refused(iam):
    with refused("ValidationError", "InvalidInput"):
        iam.list_users(Marker="*")


@pytest.mark.parametrize("number", [0, 1001])
def test_a_page_has_one_to_a_thousand_items(iam, number):
    with refused("ValidationError"):
        iam.list_users(MaxItems=number)


def test_the_list_of_users_has_neither_tags_nor_boundaries(iam):
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.create_user(UserName="alice", Tags=[{"Key": "a", "Value": "b"}], PermissionsBoundary=boundary)
    assert not {"Tags", "PermissionsBoundary"} & iam.list_users()["Users"][0].keys()


def test_a_user_is_created_with_a_boundary(iam):
    boundary = iam.create_policy(PolicyName="limit", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.create_user(UserName="alice", PermissionsBoundary=boundary)
    # The type isn't looked at: the guide shows `Policy`, and the model knows `PermissionsBoundaryPolicy` only.
    assert iam.get_user(UserName="alice")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary


def test_a_boundary_is_replaced_and_taken_away(iam):
    iam.create_user(UserName="alice")
    for name in ["first", "second"]:
        arn = iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)["Policy"]["Arn"]
        iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)
        assert iam.get_user(UserName="alice")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    iam.delete_user_permissions_boundary(UserName="alice")
    assert "PermissionsBoundary" not in iam.get_user(UserName="alice")["User"]


def test_a_boundary_must_exist(iam, account):
    iam.create_user(UserName="alice")
    with refused("NoSuchEntity"):
        iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=f"arn:aws:iam::{account}:policy/none")


def test_a_user_who_asks_without_a_name_learns_of_itself(iam, client):
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    own = client("iam", key["AccessKeyId"], key["SecretAccessKey"])
    assert own.get_user()["User"]["UserName"] == "alice"
