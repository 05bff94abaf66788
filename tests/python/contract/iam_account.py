"""The account: alias, password policy, summary, credential report, and everything at once.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

import pytest

from aws import ALLOW, PASSWORD, TRUST, credential_report, pages, refused
from mfa import enrol


def test_there_is_no_password_policy_at_first(iam):
    with refused("NoSuchEntity"):
        iam.get_account_password_policy()
    with refused("NoSuchEntity"):
        iam.delete_account_password_policy()


def test_a_password_policy_is_replaced_whole(iam):
    iam.update_account_password_policy(
        MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90,
        PasswordReusePrevention=24, HardExpiry=True)
    iam.update_account_password_policy(RequireNumbers=True)
    # No value for HardExpiry, in its model an object, means false.
    assert {"HardExpiry": False} | iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 6, "RequireSymbols": False, "RequireNumbers": True,
        "RequireUppercaseCharacters": False, "RequireLowercaseCharacters": False,
        "AllowUsersToChangePassword": False, "ExpirePasswords": False, "HardExpiry": False}


def test_passwords_expire_with_an_age(iam):
    iam.update_account_password_policy(MaxPasswordAge=90, PasswordReusePrevention=24)
    found = iam.get_account_password_policy()["PasswordPolicy"]
    assert (found["ExpirePasswords"], found["MaxPasswordAge"], found["PasswordReusePrevention"]) == (True, 90, 24)


def test_a_deleted_password_policy_is_gone(iam):
    iam.update_account_password_policy(MinimumPasswordLength=14)
    iam.delete_account_password_policy()
    with refused("NoSuchEntity"):
        iam.get_account_password_policy()


@pytest.mark.parametrize("rule", [
    {"MinimumPasswordLength": 5}, {"MinimumPasswordLength": 129}, {"MaxPasswordAge": 0}, {"MaxPasswordAge": 1096},
    {"PasswordReusePrevention": 0}, {"PasswordReusePrevention": 25},
], ids=lambda rule: "{} {}".format(*next(iter(rule.items()))))
def test_a_password_policy_has_no(iam, rule):
    with refused("ValidationError"):
        iam.update_account_password_policy(**rule)


def test_an_account_has_one_alias(iam):
    for alias in ("first-company", "second-company"):
        iam.create_account_alias(AccountAlias=alias)
        assert iam.list_account_aliases()["AccountAliases"] == [alias]
    iam.delete_account_alias(AccountAlias="second-company")
    assert iam.list_account_aliases()["AccountAliases"] == []


@pytest.mark.parametrize("alias", ["ab", "Company", "-company", "a--b"])
def test_an_alias_is_refused(iam, alias):
    with refused("ValidationError"):
        iam.create_account_alias(AccountAlias=alias)


def test_an_alias_that_is_not_there_is_not_deleted(iam):
    with refused("NoSuchEntity"):
        iam.delete_account_alias(AccountAlias="company")


def test_the_summary_counts(iam):
    iam.create_user(UserName="alice")
    enrol(iam, "alice")
    iam.create_group(GroupName="staff")
    iam.create_policy(PolicyName="read", PolicyDocument=ALLOW)
    found = iam.get_account_summary()["SummaryMap"]
    assert {key: found[key] for key in ("Users", "Groups", "Policies", "Roles", "MFADevices", "MFADevicesInUse")} == {
        "Users": 1, "Groups": 1, "Policies": 1, "Roles": 0, "MFADevices": 1, "MFADevicesInUse": 1}


def test_the_summary_tells_the_quotas(iam):
    found = iam.get_account_summary()["SummaryMap"]
    expected = {
        "UsersQuota": 5000, "GroupsQuota": 300, "PoliciesQuota": 1500, "GroupsPerUserQuota": 10,
        "AccessKeysPerUserQuota": 2, "AttachedPoliciesPerUserQuota": 10, "AttachedPoliciesPerGroupQuota": 10,
        "VersionsPerPolicyQuota": 5, "PolicySizeQuota": 6144, "UserPolicySizeQuota": 2048,
        "GroupPolicySizeQuota": 5120}
    assert {key: found.get(key) for key in expected} == expected


def test_there_is_no_credential_report_before_one_is_generated(iam):
    with refused("ReportNotPresent"):
        iam.get_credential_report()


def test_the_credential_report_has_a_row_for_the_root_user(iam, account):
    assert credential_report(iam)["<root_account>"]["arn"] == f"arn:aws:iam::{account}:root"


def test_the_credential_report_tells_passwords_devices_and_keys(iam):
    for name in ("alice", "bob"):
        iam.create_user(UserName=name)
    iam.create_login_profile(UserName="alice", Password=PASSWORD)
    iam.create_access_key(UserName="alice")
    enrol(iam, "alice")
    rows = credential_report(iam)
    columns = ("password_enabled", "mfa_active", "access_key_1_active", "access_key_2_active")
    assert [rows["alice"][column] for column in columns] == ["true", "true", "true", "false"]
    assert [rows["bob"][column] for column in columns] == ["false", "false", "false", "false"]


def test_a_credential_report_is_at_most_four_hours_old_and_may_be_stale(iam):
    credential_report(iam)
    iam.create_user(UserName="alice")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    found = iam.get_credential_report()["Content"].decode()
    assert "alice" not in found


@pytest.fixture
def company(iam):
    """Makes one of everything that is told with the account's details."""
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=ALLOW, Tags=[{"Key": "a", "Value": "b"}])["Policy"]["Arn"]
    iam.create_user(UserName="alice", Tags=[{"Key": "team", "Value": "core"}], PermissionsBoundary=limit)
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=ALLOW)
    iam.attach_group_policy(GroupName="staff", PolicyArn=limit)
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)
    return limit


def test_the_details_of_a_user_have_groups_policies_tags_and_boundary(iam, company):
    user, = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"]
    assert user["GroupList"] == ["staff"]
    assert [policy["PolicyName"] for policy in user["UserPolicyList"]] == ["own"]
    assert user["AttachedManagedPolicies"] == []
    assert user["Tags"] == [{"Key": "team", "Value": "core"}]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == company


def test_the_details_of_a_group_have_its_policies(iam, company):
    group, = iam.get_account_authorization_details(Filter=["Group"])["GroupDetailList"]
    assert group["AttachedManagedPolicies"] == [{"PolicyName": "limit", "PolicyArn": company}]
    assert group["GroupPolicyList"] == []


def test_the_details_of_a_policy_have_its_versions_and_not_its_tags(iam, company):
    policy, = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])["Policies"]
    version, = policy["PolicyVersionList"]
    assert version["Document"]["Statement"][0]["Action"] == "s3:GetObject"
    assert "Tags" not in policy


@pytest.mark.parametrize("kind, key", [
    ("User", "UserDetailList"), ("Group", "GroupDetailList"), ("Role", "RoleDetailList"),
    ("LocalManagedPolicy", "Policies"),
])
def test_the_details_are_only_of(iam, company, kind, key):
    found = iam.get_account_authorization_details(Filter=[kind])
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    assert [name for name in lists if found.get(name)] == [key]


def test_the_details_come_in_pages(iam, company):
    def page(**parameters):
        answer = iam.get_account_authorization_details(**parameters)
        lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        return answer | {"Items": [item["Arn"] for name in lists for item in answer.get(name, [])]}

    local = ["User", "Group", "Role", "LocalManagedPolicy"]
    found = pages(page, "Items", Filter=local, MaxItems=1)
    assert all(len(items) <= 1 for items in found)
    assert len({arn for items in found for arn in items}) == 4


def test_a_page_of_details_has_one_to_a_thousand_items(iam):
    for number in (0, 1001):
        with refused("ValidationError"):
            iam.get_account_authorization_details(MaxItems=number)


def test_the_details_have_the_policies_of_aws_that_are_in_use(iam):
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn=arn)
    found = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"])
    assert [policy["Arn"] for policy in found["Policies"]] == [arn]
