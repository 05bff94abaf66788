"""Fills an account as people do who never heard of a spec: odd names, old habits, everything that a spec can't say."""

import json
import sys

import boto3

READ = {
    "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}],
    "Version": "2012-10-17",
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def iam() -> None:
    iam = boto3.client("iam")
    policy = iam.create_policy(
        PolicyName="read.logs", Path="/old/", Description="says: 'who knows?'", PolicyDocument=json.dumps(READ)
    )["Policy"]["Arn"]
    iam.create_policy_version(
        PolicyArn=policy, PolicyDocument=json.dumps(READ | {"Id": "second"}), SetAsDefault=True
    )
    iam.create_group(GroupName="no")
    iam.create_group(GroupName="ops", Path="/eng/")
    iam.attach_group_policy(GroupName="ops", PolicyArn=policy)
    iam.put_group_policy(GroupName="ops", PolicyName="inline", PolicyDocument=json.dumps(READ))
    iam.create_user(UserName="1e3", Tags=[{"Key": "owner", "Value": "yes"}])
    iam.create_user(UserName="bob@example.com", Path="/eng/", PermissionsBoundary=policy)
    iam.add_user_to_group(UserName="bob@example.com", GroupName="ops")
    iam.add_user_to_group(UserName="bob@example.com", GroupName="no")
    iam.attach_user_policy(UserName="1e3", PolicyArn=policy)
    iam.put_user_policy(UserName="1e3", PolicyName="own", PolicyDocument=json.dumps(READ))
    iam.create_login_profile(UserName="1e3", Password="Correct-horse-battery-9")
    iam.create_access_key(UserName="1e3")
    iam.create_role(RoleName="server", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="server", PolicyArn=policy)
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True)


def monitoring() -> None:
    logs = boto3.client("logs")
    for group in ["trail", "app"]:
        logs.create_log_group(logGroupName=group)
        logs.put_metric_filter(
            logGroupName=group,
            filterName="errors",
            filterPattern='{ $.errorCode = "*Unauthorized*" }',
            metricTransformations=[{"metricName": group, "metricNamespace": "Acme", "metricValue": "1"}],
        )
    cloudwatch = boto3.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="errors: many",
        AlarmDescription="#1",
        Namespace="Acme",
        MetricName="trail",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=2.5,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule='ALARM("errors: many")')
    widget = {"type": "text", "x": 0, "y": 0, "width": 3, "height": 3, "properties": {"markdown": "# Hello"}}
    cloudwatch.put_dashboard(DashboardName="Main", DashboardBody=json.dumps({"widgets": [widget]}))


iam()
if sys.argv[1:] != ["iam"]:
    monitoring()
