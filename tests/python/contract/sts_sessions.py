"""Temporary credentials: those that a user gets for itself, and those of roles.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html,
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

import datetime
import re

import pytest

from aws import ALLOW, document, refused
from mfa import create, enrol, next_code

ROLE = {"RoleSessionName": "work"}


@pytest.fixture
def alice(iam, client):
    """Makes a user, who makes clients with its own access key."""
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    return lambda service: client(service, key["AccessKeyId"], key["SecretAccessKey"])


@pytest.fixture
def role(iam, account):
    """Makes a role that the account trusts, under a condition or not, and returns its ARN."""

    def make(*actions, condition=None, **parameters):
        statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": ["sts:AssumeRole", *actions]}
        trust = document(statement | ({"Condition": condition} if condition else {}))
        return iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust, **parameters)["Role"]["Arn"]

    return make


@pytest.fixture
def using(client):
    """Makes clients that use temporary credentials."""
    return lambda answer, service: client(
        service, *(answer["Credentials"][part] for part in ("AccessKeyId", "SecretAccessKey", "SessionToken")))


def seconds_left(answer):
    now = datetime.datetime.now(datetime.UTC)
    return (answer["Credentials"]["Expiration"] - now).total_seconds()


def assume(sts, arn, **parameters):
    return sts.assume_role(RoleArn=arn, **ROLE | parameters)


def test_a_session_of_a_user_is_the_user(iam, alice, using):
    answer = alice("sts").get_session_token()
    assert re.fullmatch("ASIA[A-Z0-9]{16}", answer["Credentials"]["AccessKeyId"])
    assert using(answer, "sts").get_caller_identity()["Arn"] == iam.get_user(UserName="alice")["User"]["Arn"]


def test_a_session_of_a_user_lasts_twelve_hours_unless_said(alice):
    assert 43_100 < seconds_left(alice("sts").get_session_token()) <= 43_200
    assert 800 < seconds_left(alice("sts").get_session_token(DurationSeconds=900)) <= 900


@pytest.mark.parametrize("seconds", [899, 129_601])
def test_a_session_of_a_user_does_not_last(alice, seconds):
    with refused("ValidationError"):
        alice("sts").get_session_token(DurationSeconds=seconds)


def test_a_session_of_the_root_user_lasts_an_hour_at_most(sts):
    assert seconds_left(sts.get_session_token(DurationSeconds=129_600)) <= 3_600


def test_a_session_without_mfa_calls_nothing_in_iam(alice, using):
    iam = using(alice("sts").get_session_token(), "iam")
    with refused("InvalidClientTokenId", "AccessDenied"):
        iam.list_users()


def test_a_session_with_mfa_calls_iam(iam, alice, using):
    serial, seed = enrol(iam, "alice")
    answer = alice("sts").get_session_token(SerialNumber=serial, TokenCode=next_code(seed))
    assert using(answer, "iam").get_user()["User"]["UserName"] == "alice"


def test_a_session_of_a_user_gets_no_other(alice, using):
    session = using(alice("sts").get_session_token(), "sts")
    with refused("AccessDenied"):
        session.get_session_token()


def test_a_session_needs_its_token(alice, client):
    found = alice("sts").get_session_token()["Credentials"]
    without = client("sts", found["AccessKeyId"], found["SecretAccessKey"])
    with refused("InvalidClientTokenId"):
        without.get_caller_identity()


@pytest.mark.parametrize("wrong", ["code", "device", "no code", "no device", "unassigned device"])
def test_a_session_with_mfa_is_refused_for_a_wrong(iam, alice, account, wrong):
    serial, seed = enrol(iam, "alice")
    shown = {"SerialNumber": serial, "TokenCode": next_code(seed)}
    match wrong:
        case "code":
            shown["TokenCode"] = f"{(int(shown['TokenCode']) + 1) % 1_000_000:06}"
        case "device":
            shown["SerialNumber"] = f"arn:aws:iam::{account}:mfa/none"
        case "no code":
            del shown["TokenCode"]
        case "no device":
            del shown["SerialNumber"]
        case "unassigned device":
            serial, seed = create(iam, "other")
            shown = {"SerialNumber": serial, "TokenCode": next_code(seed)}
    with refused("AccessDenied"):
        alice("sts").get_session_token(**shown)


def test_a_code_has_six_digits(iam, alice):
    serial, _ = enrol(iam, "alice")
    with refused("ValidationError"):
        alice("sts").get_session_token(SerialNumber=serial, TokenCode="12345")


def test_a_code_is_good_once(iam, alice):
    # Not in the API reference; RFC 6238 asks for it, and AWS is known to do so.
    serial, seed = enrol(iam, "alice")
    shown = {"SerialNumber": serial, "TokenCode": next_code(seed)}
    alice("sts").get_session_token(**shown)
    with refused("AccessDenied"):
        alice("sts").get_session_token(**shown)


def test_a_session_of_a_role_has_the_name_that_it_was_given(account, alice, role, using):
    answer = assume(alice("sts"), role())
    arn = f"arn:aws:sts::{account}:assumed-role/deploy/work"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert re.fullmatch("AROA[A-Z0-9]{16,}:work", answer["AssumedRoleUser"]["AssumedRoleId"])
    assert using(answer, "sts").get_caller_identity()["Arn"] == arn


def test_a_role_is_not_assumed_by_the_root_user(sts, role):
    with refused("AccessDenied"):
        assume(sts, role())


def test_a_role_is_not_assumed_by_whom_it_does_not_trust(iam, account, alice):
    iam.create_user(UserName="bob")
    trust = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:user/bob"}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="bobs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    with refused("AccessDenied"):
        assume(alice("sts"), arn)


def test_a_role_that_does_not_exist_is_not_assumed(alice, account):
    with refused("AccessDenied"):
        assume(alice("sts"), f"arn:aws:iam::{account}:role/none")


@pytest.mark.parametrize("name", ["x", "x" * 65, "a b"], ids=["1 character", "65 characters", "space"])
def test_a_session_of_a_role_may_not_be_named(alice, role, name):
    with refused("ValidationError"):
        assume(alice("sts"), role(), RoleSessionName=name)


def test_a_session_of_a_role_lasts_an_hour_unless_said_and_as_long_as_the_role_allows(iam, alice, role):
    arn, sts = role(), alice("sts")
    assert 3_500 < seconds_left(assume(sts, arn)) <= 3_600
    with refused("ValidationError"):
        assume(sts, arn, DurationSeconds=3_601)
    iam.update_role(RoleName="deploy", MaxSessionDuration=7_200)
    assert 7_100 < seconds_left(assume(sts, arn, DurationSeconds=7_200)) <= 7_200


def test_a_session_in_a_chain_lasts_an_hour_at_most(alice, role, using):
    arn = role(MaxSessionDuration=7_200)
    first = using(assume(alice("sts"), arn), "sts")
    with refused("ValidationError"):
        assume(first, arn, DurationSeconds=3_601)
    assume(first, arn, DurationSeconds=3_600)


def test_a_role_is_assumed_with_the_external_id_that_it_asks_for(alice, role):
    arn = role(condition={"StringEquals": {"sts:ExternalId": "seven"}})
    with refused("AccessDenied"):
        assume(alice("sts"), arn)
    with refused("AccessDenied"):
        assume(alice("sts"), arn, ExternalId="eight")
    assume(alice("sts"), arn, ExternalId="seven")


WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def test_a_role_that_asks_for_mfa_is_assumed_with_a_code(iam, alice, role):
    arn = role(condition=WITH_MFA)
    serial, seed = enrol(iam, "alice")
    with refused("AccessDenied"):
        assume(alice("sts"), arn)
    assume(alice("sts"), arn, SerialNumber=serial, TokenCode=next_code(seed))


def test_a_role_that_asks_for_mfa_is_assumed_by_a_session_that_had_it(iam, alice, role, using):
    arn = role(condition=WITH_MFA | {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}})
    serial, seed = enrol(iam, "alice")
    answer = alice("sts").get_session_token(SerialNumber=serial, TokenCode=next_code(seed))
    first = assume(using(answer, "sts"), arn)
    # What AssumeRole gives says nothing of MFA, so that it isn't enough for the next role.
    with refused("AccessDenied"):
        assume(using(first, "sts"), arn)


def test_a_key_says_nothing_of_mfa_and_a_session_without_it_says_that_there_was_none(alice, role, using):
    arn = role(condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    with refused("AccessDenied"):
        assume(alice("sts"), arn)
    assume(using(alice("sts").get_session_token(), "sts"), arn)


def test_a_session_policy_is_a_policy(alice, role):
    arn = role()
    with refused("MalformedPolicyDocument"):
        assume(alice("sts"), arn, Policy="{}")
    assume(alice("sts"), arn, Policy=ALLOW)


def tag(key, value):
    return {"Key": key, "Value": value}


def test_session_tags_need_the_right_to_tag(alice, role):
    with refused("AccessDenied"):
        assume(alice("sts"), role(), Tags=[tag("team", "core")])


def test_a_role_is_assumed_with_the_tags_that_it_asks_for(alice, role):
    arn = role("sts:TagSession", condition={"StringEquals": {"aws:RequestTag/team": "core"}})
    with refused("AccessDenied"):
        assume(alice("sts"), arn, Tags=[tag("team", "edge")])
    assume(alice("sts"), arn, Tags=[tag("team", "core")])


def test_a_session_has_its_tags_in_place_of_its_roles_without_regard_to_case(iam, account, alice, role, using):
    first = role("sts:TagSession", Tags=[tag("Team", "core")])
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": ["sts:AssumeRole", "sts:TagSession"],
             "Condition": {"StringEquals": {"aws:PrincipalTag/team": "edge"}}}
    second = iam.create_role(RoleName="second", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    with refused("AccessDenied"):
        assume(using(assume(alice("sts"), first), "sts"), second)
    assume(using(assume(alice("sts"), first, Tags=[tag("team", "edge")]), "sts"), second)


@pytest.mark.parametrize("transitive", [True, False])
def test_only_transitive_tags_pass_on_in_a_chain(alice, role, using, transitive):
    arn = role("sts:TagSession")
    parameters = {"TransitiveTagKeys": ["Team"]} if transitive else {}
    first = assume(alice("sts"), arn, Tags=[tag("team", "core")], **parameters)
    sts = using(first, "sts")
    if transitive:
        # Who inherits a tag can't set it.
        with refused("ValidationError", "InvalidParameterValue"):
            assume(sts, arn, Tags=[tag("TEAM", "edge")])
    else:
        assume(sts, arn, Tags=[tag("TEAM", "edge")])


@pytest.mark.parametrize("parameters", [
    pytest.param({"Tags": [tag(f"key-{number}", "x") for number in range(51)]}, id="51 tags"),
    pytest.param({"Tags": [tag("k" * 129, "x")]}, id="a key of 129"),
    pytest.param({"Tags": [tag("k", "v" * 257)]}, id="a value of 257"),
    pytest.param({"Tags": [tag("team", "core"), tag("Team", "edge")]}, id="a key twice"),
    pytest.param({"TransitiveTagKeys": ["team"]}, id="a transitive key that is no tag's"),
])
def test_a_session_may_not_have(alice, role, parameters):
    with refused("ValidationError", "InvalidParameterValue"):
        assume(alice("sts"), role("sts:TagSession"), **parameters)


def test_the_use_of_a_role_is_kept(iam, alice, role, using):
    answer = assume(alice("sts"), role())
    assert "LastUsedDate" not in iam.get_role(RoleName="deploy")["Role"].get("RoleLastUsed", {})
    using(answer, "sts").get_caller_identity()
    assert iam.get_role(RoleName="deploy")["Role"]["RoleLastUsed"]["Region"] == "us-east-1"
    found, = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert "LastUsedDate" in found["RoleLastUsed"]
    assert "RoleLastUsed" not in iam.list_roles()["Roles"][0]
