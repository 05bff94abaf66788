"""Changes behind mfactl's back what the MFA recipe has made: an intruder with a console, or a colleague in a hurry."""

import boto3

ACCOUNT = "123456789012"
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'

iam = boto3.client("iam")
cloudwatch = boto3.client("cloudwatch")
logs = boto3.client("logs")

iam.create_user(UserName="mallory")
iam.add_user_to_group(GroupName="mfa-admins", UserName="mallory")
everything = iam.create_policy(PolicyName="everything", PolicyDocument=ALLOW)["Policy"]["Arn"]
iam.attach_group_policy(GroupName="mfa-admins", PolicyArn=everything)
iam.detach_group_policy(GroupName="mfa-admins", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/enforce-mfa")
iam.put_user_policy(UserName="alice", PolicyName="back-door", PolicyDocument=ALLOW)
iam.create_policy_version(
    PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/enforce-mfa", PolicyDocument=ALLOW, SetAsDefault=True)
iam.update_account_password_policy(MinimumPasswordLength=6)
cloudwatch.put_metric_alarm(
    AlarmName="Non-MFA-Console-Logins", Namespace="AWS/CloudTrailMetrics", MetricName="NonMFALoginCount",
    Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1000,
    ComparisonOperator="GreaterThanOrEqualToThreshold", ActionsEnabled=False)
cloudwatch.put_dashboard(DashboardName="MFA-Security-Dashboard", DashboardBody='{"widgets": []}')
logs.delete_metric_filter(logGroupName="CloudTrail/AWSLogs", filterName="NonMFAUsageFilter")
logs.put_retention_policy(logGroupName="CloudTrail/AWSLogs", retentionInDays=1)
