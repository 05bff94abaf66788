"""Login profiles, passwords and access keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
"""

import re

import pytest

from aws import PASSWORD, credential_report, refused


@pytest.fixture
def alice(iam):
    iam.create_user(UserName="alice")
    return {"UserName": "alice"}


def test_a_user_has_no_password_at_first(iam, alice):
    with refused("NoSuchEntity"):
        iam.get_login_profile(**alice)


def test_a_login_profile_is_created_once(iam, alice):
    iam.create_login_profile(**alice, Password=PASSWORD)
    with refused("EntityAlreadyExists"):
        iam.create_login_profile(**alice, Password=PASSWORD)


@pytest.mark.parametrize("required", [True, False])
def test_a_reset_is_required_as_it_was_asked_for(iam, alice, required):
    iam.create_login_profile(**alice, Password=PASSWORD, PasswordResetRequired=required)
    assert iam.get_login_profile(**alice)["LoginProfile"]["PasswordResetRequired"] is required


def test_a_reset_is_not_required_unless_asked_for(iam, alice):
    iam.create_login_profile(**alice, Password=PASSWORD)
    assert iam.get_login_profile(**alice)["LoginProfile"]["PasswordResetRequired"] is False


def test_a_login_profile_without_a_new_password_stays(iam, alice):
    iam.create_login_profile(**alice, Password=PASSWORD)
    iam.update_login_profile(**alice, PasswordResetRequired=True)
    assert iam.get_login_profile(**alice)["LoginProfile"]["PasswordResetRequired"] is True


def test_a_login_profile_that_does_not_exist_is_not_updated_or_deleted(iam, alice):
    with refused("NoSuchEntity"):
        iam.update_login_profile(**alice, Password=PASSWORD)
    with refused("NoSuchEntity"):
        iam.delete_login_profile(**alice)


def test_a_deleted_login_profile_is_gone(iam, alice):
    iam.create_login_profile(**alice, Password=PASSWORD)
    iam.delete_login_profile(**alice)
    with refused("NoSuchEntity"):
        iam.get_login_profile(**alice)


@pytest.mark.parametrize("password", ["Short-1", "onlylowercase", "lower-and-symbols"],
                         ids=["7 characters", "1 kind", "2 kinds"])
def test_without_a_policy_a_password_has_eight_characters_of_three_kinds(iam, alice, password):
    with refused("PasswordPolicyViolation"):
        iam.create_login_profile(**alice, Password=password)


@pytest.mark.parametrize("rule, password", [
    ({"MinimumPasswordLength": 16}, "Fifteen-Chars-1"),
    ({"RequireSymbols": True}, "NoSymbols1"),
    ({"RequireNumbers": True}, "No-Numbers"),
    ({"RequireUppercaseCharacters": True}, "no-uppercase-1"),
    ({"RequireLowercaseCharacters": True}, "NO-LOWERCASE-1"),
])
def test_a_password_keeps_the_accounts_policy(iam, alice, rule, password):
    iam.update_account_password_policy(**rule)
    with refused("PasswordPolicyViolation"):
        iam.create_login_profile(**alice, Password=password)


def test_a_new_password_keeps_the_accounts_policy(iam, alice):
    iam.create_login_profile(**alice, Password=PASSWORD)
    with refused("PasswordPolicyViolation"):
        iam.update_login_profile(**alice, Password="short")


def test_a_user_changes_its_own_password(iam, client, alice):
    iam.create_login_profile(**alice, Password=PASSWORD, PasswordResetRequired=True)
    key = iam.create_access_key(**alice)["AccessKey"]
    own = client("iam", key["AccessKeyId"], key["SecretAccessKey"])
    own.change_password(OldPassword=PASSWORD, NewPassword="Another-Horse-9")
    assert iam.get_login_profile(**alice)["LoginProfile"]["PasswordResetRequired"] is False


def test_the_root_user_does_not_change_its_password_so(iam):
    with refused("InvalidUserType"):
        iam.change_password(OldPassword=PASSWORD, NewPassword="Another-Horse-9")


def test_an_access_key_tells_its_secret_once(iam, alice):
    key = iam.create_access_key(**alice)["AccessKey"]
    assert re.fullmatch("AKIA[A-Z0-9]{16}", key["AccessKeyId"])
    assert len(key["SecretAccessKey"]) == 40
    found = iam.list_access_keys(**alice)["AccessKeyMetadata"]
    assert [(item["AccessKeyId"], item["Status"]) for item in found] == [(key["AccessKeyId"], "Active")]
    assert "SecretAccessKey" not in found[0]


def test_a_user_has_two_access_keys_at_most(iam, alice):
    for _ in range(2):
        iam.create_access_key(**alice)
    with refused("LimitExceeded"):
        iam.create_access_key(**alice)


def test_an_access_key_is_made_inactive(iam, alice):
    key = iam.create_access_key(**alice)["AccessKey"]["AccessKeyId"]
    iam.update_access_key(**alice, AccessKeyId=key, Status="Inactive")
    assert iam.list_access_keys(**alice)["AccessKeyMetadata"][0]["Status"] == "Inactive"


def test_an_access_key_that_does_not_exist_is_not_changed_or_deleted(iam, alice):
    key = {**alice, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}
    with refused("NoSuchEntity"):
        iam.update_access_key(**key, Status="Inactive")
    with refused("NoSuchEntity"):
        iam.delete_access_key(**key)


def test_an_access_key_that_was_never_used_says_so(iam, alice):
    key = iam.create_access_key(**alice)["AccessKey"]["AccessKeyId"]
    found = iam.get_access_key_last_used(AccessKeyId=key)
    assert found["UserName"] == "alice"
    assert "LastUsedDate" not in found["AccessKeyLastUsed"]
    assert found["AccessKeyLastUsed"]["ServiceName"] == "N/A"


def test_the_use_of_an_access_key_is_kept(iam, client, alice):
    key = iam.create_access_key(**alice)["AccessKey"]
    client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == ("sts", "us-east-1")


@pytest.fixture
def root_key(iam):
    """Makes an access key of the root user's: one that is created without a name of a user."""
    return iam.create_access_key()["AccessKey"]


def test_an_access_key_without_a_users_name_is_the_callers(iam, client, account, root_key):
    assert client("sts", root_key["AccessKeyId"], root_key["SecretAccessKey"]).get_caller_identity()["Arn"] == (
        f"arn:aws:iam::{account}:root")
    assert [key["AccessKeyId"] for key in iam.list_access_keys()["AccessKeyMetadata"]] == [root_key["AccessKeyId"]]


def test_the_root_user_has_two_access_keys_at_most(iam, root_key):
    iam.create_access_key()
    with refused("LimitExceeded"):
        iam.create_access_key()


def test_summary_and_report_tell_the_access_keys_of_the_root_user(iam, root_key):
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
    assert credential_report(iam)["<root_account>"]["access_key_1_active"] == "true"


def test_the_root_user_deactivates_and_deletes_its_access_key(iam, client, root_key):
    own = {"AccessKeyId": root_key["AccessKeyId"]}
    iam.update_access_key(**own, Status="Inactive")
    with refused("InvalidClientTokenId"):
        client("sts", root_key["AccessKeyId"], root_key["SecretAccessKey"]).get_caller_identity()
    iam.delete_access_key(**own)
    assert iam.list_access_keys()["AccessKeyMetadata"] == []
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 0


@pytest.mark.parametrize("service", ["bedrock", "logs"])
def test_a_long_term_api_key_is_made_shown_once_and_reset(iam, alice, service):
    made = iam.create_service_specific_credential(**alice, ServiceName=f"{service}.amazonaws.com", CredentialAgeDays=30)
    made = made["ServiceSpecificCredential"]
    assert made["ServiceCredentialSecret"]
    assert "ExpirationDate" in made
    found, = iam.list_service_specific_credentials(**alice)["ServiceSpecificCredentials"]
    assert not {"ServiceCredentialSecret", "ServicePassword"} & found.keys()
    own = {**alice, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    reset = iam.reset_service_specific_credential(**own)["ServiceSpecificCredential"]
    assert reset["ServiceCredentialSecret"] != made["ServiceCredentialSecret"]


def test_a_user_has_two_credentials_of_a_service_at_most(iam, alice):
    for _ in range(2):
        iam.create_service_specific_credential(**alice, ServiceName="codecommit.amazonaws.com")
    with refused("LimitExceeded"):
        iam.create_service_specific_credential(**alice, ServiceName="codecommit.amazonaws.com")


def test_a_service_without_credentials_of_its_own_is_refused(iam, alice):
    with refused("NotSupportedService"):
        iam.create_service_specific_credential(**alice, ServiceName="s3.amazonaws.com")
