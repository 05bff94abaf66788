"""What moto can't do, or does unlike AWS, of what mfactl relies on: each with what the tests do about it.

The one list of its kind. Every entry is tried, so that it goes when moto learns it: run against a fresh
moto, this script fails for a gap that has closed.
The project's own sandbox is the strict one; moto checks that the sandbox isn't wrong in the rest.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

iam = boto3.client("iam")
cloudwatch = boto3.client("cloudwatch")
logs = boto3.client("logs")
GAPS = []
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def gap(probe):
    """Adds a probe to the list: it returns whether the gap is there."""
    GAPS.append(probe)
    return probe


@gap
def password_reset_required_is_ignored():
    """A password is never said to need a reset: the sandbox's tests hold that it is asked for."""
    iam.create_user(UserName="reset")
    iam.create_login_profile(UserName="reset", Password="Long-enough-1", PasswordResetRequired=True)
    return not iam.get_login_profile(UserName="reset")["LoginProfile"]["PasswordResetRequired"]


@gap
def updating_a_login_profile_loses_its_password():
    """UpdateLoginProfile without a password forgets that there is one: not called on moto."""
    iam.create_user(UserName="kept")
    iam.create_login_profile(UserName="kept", Password="Long-enough-1")
    iam.update_login_profile(UserName="kept", PasswordResetRequired=True)
    return fails("NoSuchEntity", iam.get_login_profile, UserName="kept")


@gap
def weak_passwords_are_taken():
    """The account's password policy isn't applied: the sandbox's tests hold that ours meet it."""
    iam.update_account_password_policy(MinimumPasswordLength=20)
    iam.create_user(UserName="weak")
    iam.create_login_profile(UserName="weak", Password="a")
    return True


@gap
def users_are_deleted_with_all_that_they_have():
    """No DeleteConflict for a user's password: the order of a removal is held by the sandbox only."""
    iam.create_user(UserName="whole")
    iam.create_login_profile(UserName="whole", Password="Long-enough-1")
    iam.delete_user(UserName="whole")
    return True


@gap
def groups_are_deleted_with_members():
    """No DeleteConflict for a group's members: see users."""
    iam.create_user(UserName="member")
    iam.create_group(GroupName="full")
    iam.add_user_to_group(GroupName="full", UserName="member")
    iam.delete_group(GroupName="full")
    return True


@gap
def names_differ_by_case():
    """AWS takes `Case` and `case` for one name: the check of the spec and the sandbox hold it."""
    iam.create_group(GroupName="case")
    iam.create_group(GroupName="Case")
    return True


@gap
def quotas_are_unknown():
    """An eleventh group of a user is taken: quotas are checked in the spec and by the sandbox."""
    iam.create_user(UserName="joiner")
    for number in range(11):
        iam.create_group(GroupName=f"group-{number}")
        iam.add_user_to_group(GroupName=f"group-{number}", UserName="joiner")
    return True


@gap
def any_two_codes_enable_a_device():
    """Codes aren't checked against the seed: enabling is tested on the sandbox only."""
    iam.create_user(UserName="coded")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="coded")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="coded", SerialNumber=serial, AuthenticationCode1="000000", AuthenticationCode2="000000")
    return True


@gap
def seeds_are_listed():
    """ListVirtualMFADevices returns seeds, which AWS never does: the tests look for them in what mfactl prints."""
    iam.create_virtual_mfa_device(VirtualMFADeviceName="listed")
    return any("Base32StringSeed" in device for device in iam.list_virtual_mfa_devices()["VirtualMFADevices"])


@gap
def account_details_come_in_one_page():
    """GetAccountAuthorizationDetails ignores MaxItems: paging is tested on the sandbox only."""
    for number in range(3):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=ALLOW)
    return not iam.get_account_authorization_details(MaxItems=1)["IsTruncated"]


@gap
def a_boundary_of_a_user_cannot_be_set():
    """PutUserPermissionsBoundary is missing: boundaries are tested on the sandbox only."""
    iam.create_user(UserName="bounded")
    return fails(None, iam.put_user_permissions_boundary, UserName="bounded",
                 PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")


@gap
def service_specific_credentials_are_missing():
    """None can be made; moto_server.py answers that there are none. Deleting them is tested on the sandbox only."""
    iam.create_user(UserName="repository")
    return fails(None, iam.create_service_specific_credential, UserName="repository",
                 ServiceName="codecommit.amazonaws.com")


@gap
def a_filter_is_doubled_when_it_changes():
    """PutMetricFilter adds instead of replacing: filters are created and deleted on moto, not changed."""
    logs.create_log_group(logGroupName="doubled")
    for pattern in ("one", "two"):
        logs.put_metric_filter(
            logGroupName="doubled", filterName="twice", filterPattern=pattern,
            metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}])
    return len(logs.describe_metric_filters(logGroupName="doubled")["metricFilters"]) == 2


@gap
def filter_patterns_are_not_checked():
    """A pattern that CloudWatch Logs refuses is taken: the spec refuses it first."""
    logs.create_log_group(logGroupName="unchecked")
    logs.put_metric_filter(
        logGroupName="unchecked", filterName="broken", filterPattern="{ ( }",
        metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}])
    return True


@gap
def filters_need_no_log_group():
    """PutMetricFilter succeeds without its log group: that the group comes first is held by the sandbox only."""
    logs.put_metric_filter(
        logGroupName="nowhere", filterName="lost", filterPattern="",
        metricTransformations=[{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}])
    return True


@gap
def new_alarms_are_ok():
    """A new alarm says OK, not INSUFFICIENT_DATA; mfactl doesn't look at the state."""
    cloudwatch.put_metric_alarm(
        AlarmName="fresh", Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold")
    return cloudwatch.describe_alarms(AlarmNames=["fresh"])["MetricAlarms"][0]["StateValue"] == "OK"


def fails(code, call, **arguments):
    """Tells whether a call fails, with a certain error code if one is given."""
    try:
        call(**arguments)
    except ClientError as error:
        return code in (None, error.response["Error"]["Code"])
    except ResponseParserError:  # moto's page for what it hasn't got
        return code is None
    return False


def is_open(probe):
    """Tells whether a gap is still there; it isn't when moto refuses what AWS refuses."""
    try:
        return probe()
    except ClientError as error:
        print(error)
        return False


if __name__ == "__main__":
    closed = [probe.__name__ for probe in GAPS if not is_open(probe)]
    for probe in GAPS:
        print(f"{probe.__name__}: {probe.__doc__}")
    if closed:
        sys.exit(f"these gaps have closed; take them off the list, and test on moto what they kept away: {closed}")
