"""Reads the account back by boto3 and compares it with what the spec of the MFA recipe says.

    readback.py applied RECIPE      all of it is there, as declared
    readback.py destroyed RECIPE    only what is never deleted is left
"""

import json
import pathlib
import sys

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/enforce-mfa"
DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/alice"
LOG_GROUP = "CloudTrail/AWSLogs"

iam = boto3.client("iam")
cloudwatch = boto3.client("cloudwatch")
logs = boto3.client("logs")


def applied(recipe):
    user()
    group()
    policy(recipe)
    device()
    password_policy()
    log_group()
    filters()
    alarm()
    dashboard(recipe)


def destroyed(recipe):
    gone("user", "NoSuchEntity", iam.get_user, UserName="alice")
    gone("group", "NoSuchEntity", iam.get_group, GroupName="mfa-admins")
    gone("policy", "NoSuchEntity", iam.get_policy, PolicyArn=POLICY)
    same("MFA devices", iam.list_virtual_mfa_devices()["VirtualMFADevices"], [])
    same("metric filters", logs.describe_metric_filters(logGroupName=LOG_GROUP)["metricFilters"], [])
    same("alarms", cloudwatch.describe_alarms()["MetricAlarms"], [])
    same("dashboards", cloudwatch.list_dashboards()["DashboardEntries"], [])
    log_group()
    password_policy()


def user():
    found = iam.get_user(UserName="alice")["User"]
    same("user", {key: found[key] for key in ("Path", "Arn")},
         {"Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/alice"})
    same("user has a password", "LoginProfile" in iam.get_login_profile(UserName="alice"), True)
    groups = iam.list_groups_for_user(UserName="alice")["Groups"]
    same("groups of the user", names(groups, "GroupName"), ["mfa-admins"])
    same("policies of the user", iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"], [])
    same("inline policies of the user", iam.list_user_policies(UserName="alice")["PolicyNames"], [])


def group():
    same("members of the group", names(iam.get_group(GroupName="mfa-admins")["Users"], "UserName"), ["alice"])
    attached = iam.list_attached_group_policies(GroupName="mfa-admins")["AttachedPolicies"]
    same("policies of the group", names(attached, "PolicyArn"), [POLICY, "arn:aws:iam::aws:policy/AdministratorAccess"])


def policy(recipe):
    found = iam.get_policy(PolicyArn=POLICY)["Policy"]
    same("policy", found["Description"], "Enforce MFA for all AWS access")
    version = iam.get_policy_version(PolicyArn=POLICY, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    same("policy document", meaning(version["Document"]), meaning(read(recipe.parent.parent / "specs/presets/enforce-mfa.json")))


def device():
    devices = iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    same("MFA devices", names(devices, "SerialNumber"), [DEVICE])
    of_user = iam.list_mfa_devices(UserName="alice")["MFADevices"]
    same("MFA devices of the user", names(of_user, "SerialNumber"), [DEVICE])


def password_policy():
    found = iam.get_account_password_policy()["PasswordPolicy"]
    same("password policy", {key: value for key, value in found.items() if key != "ExpirePasswords"}, {
        "MinimumPasswordLength": 14,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": False,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 24,
        "HardExpiry": False,
    })


def log_group():
    groups = logs.describe_log_groups()["logGroups"]
    same("log groups", [(group["logGroupName"], group["retentionInDays"]) for group in groups], [(LOG_GROUP, 365)])


def filters():
    found = logs.describe_metric_filters(logGroupName=LOG_GROUP)["metricFilters"]
    metrics = {
        item["filterName"]: [(to["metricNamespace"], to["metricName"], to["metricValue"])
                             for to in item["metricTransformations"]]
        for item in found
    }
    same("metrics of the filters", metrics, {
        "MFAUsageFilter": [("AWS/CloudTrailMetrics", "MFALoginCount", "1")],
        "NonMFAUsageFilter": [("AWS/CloudTrailMetrics", "NonMFALoginCount", "1")],
    })
    success = '{ ($.eventName = "ConsoleLogin") && ($.responseElements.ConsoleLogin = "Success") && '
    same("patterns of the filters", {item["filterName"]: item["filterPattern"] for item in found}, {
        "MFAUsageFilter": success + '($.additionalEventData.MFAUsed = "Yes") }',
        "NonMFAUsageFilter": success + '($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type != "AssumedRole") && ($.userIdentity.type != "FederatedUser") }',
    })


def alarm():
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    same("alarms", names(alarms, "AlarmName"), ["Non-MFA-Console-Logins"])
    expected = {
        "AlarmDescription": "Alert on console logins without MFA",
        "Namespace": "AWS/CloudTrailMetrics",
        "MetricName": "NonMFALoginCount",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "ActionsEnabled": True,
        "AlarmActions": [],
    }
    same("alarm", {key: alarms[0].get(key) for key in expected}, expected)


def dashboard(recipe):
    entries = cloudwatch.list_dashboards()["DashboardEntries"]
    same("dashboards", names(entries, "DashboardName"), ["MFA-Security-Dashboard"])
    body = cloudwatch.get_dashboard(DashboardName="MFA-Security-Dashboard")["DashboardBody"]
    same("dashboard", json.loads(body), read(recipe / "dashboards/mfa-security.json"))


def meaning(document):
    """Returns a policy document with the order of values that AWS doesn't look at taken out."""
    if isinstance(document, dict):
        return {key: meaning(value) for key, value in document.items()}
    if isinstance(document, list) and all(isinstance(item, str) for item in document):
        return sorted(document) if len(document) > 1 else document[0]
    if isinstance(document, list):
        return [meaning(item) for item in document]
    return document


def names(items, key):
    return sorted(item[key] for item in items)


def read(path):
    return json.loads(path.read_text())


def same(what, seen, expected):
    print(f"{what}: {seen}")
    if seen != expected:
        sys.exit(f"{what}: expected {expected}")


def gone(what, code, call, **arguments):
    try:
        sys.exit(f"{what} is still there: {call(**arguments)}")
    except ClientError as error:
        same(f"{what} is gone", error.response["Error"]["Code"], code)


if __name__ == "__main__":
    check = {"applied": applied, "destroyed": destroyed}[sys.argv[1]]
    check(pathlib.Path(sys.argv[2]))
