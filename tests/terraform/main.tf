# What an administrator keeps in Terraform of the objects that mfactl also looks after.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "3.39.0"
    }
  }
}

variable "endpoint" {
  description = "Where the sandbox listens: http://127.0.0.1:PORT"
}

provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  endpoints {
    iam            = var.endpoint
    sts            = var.endpoint
    cloudwatch     = var.endpoint
    cloudwatchlogs = var.endpoint
  }
}

# People, groups and what they may do

resource "aws_iam_user" "alice" {
  name = "alice"
  path = "/people/"
  tags = {
    team = "platform"
  }
}

# Without a login profile, an access key or a group.
resource "aws_iam_user" "deploy" {
  name          = "deploy"
  force_destroy = true
}

resource "aws_iam_group" "staff" {
  name = "staff"
  path = "/people/"
}

resource "aws_iam_group" "auditors" {
  name = "auditors"
}

resource "aws_iam_group_membership" "staff" {
  name  = "staff"
  group = aws_iam_group.staff.name
  users = [aws_iam_user.alice.name]
}

resource "aws_iam_user_group_membership" "alice" {
  user   = aws_iam_user.alice.name
  groups = [aws_iam_group.auditors.name]
}

data "aws_iam_policy_document" "without_mfa" {
  statement {
    sid         = "DenyAllExceptEnrolmentWithoutMFA"
    effect      = "Deny"
    not_actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "sts:GetSessionToken"]
    resources   = ["*"]
    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["false"]
    }
  }
}

resource "aws_iam_policy" "require_mfa" {
  name        = "require-mfa"
  path        = "/people/"
  description = "Nothing but enrolment without MFA"
  policy      = data.aws_iam_policy_document.without_mfa.json
  tags = {
    team = "platform"
  }
}

resource "aws_iam_group_policy_attachment" "require_mfa" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.require_mfa.arn
}

resource "aws_iam_user_policy_attachment" "require_mfa" {
  user       = aws_iam_user.deploy.name
  policy_arn = aws_iam_policy.require_mfa.arn
}

resource "aws_iam_group_policy" "read_users" {
  name  = "read-users"
  group = aws_iam_group.auditors.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:ListUsers", Resource = "*" }]
  })
}

resource "aws_iam_user_policy" "own_keys" {
  name = "own-keys"
  user = aws_iam_user.alice.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:ListAccessKeys", Resource = aws_iam_user.alice.arn }]
  })
}

resource "aws_iam_access_key" "deploy" {
  user = aws_iam_user.deploy.name
}

resource "aws_iam_role" "auditor" {
  name = "auditor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = aws_iam_user.alice.arn }
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "auditor" {
  role       = aws_iam_role.auditor.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = 14
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
}

resource "aws_iam_account_alias" "rehearsal" {
  account_alias = "terraform-rehearsal"
}

# Sign-ins without MFA raise an alarm

resource "aws_cloudwatch_log_group" "trail" {
  name              = "CloudTrail/AWSLogs"
  retention_in_days = 365
  tags = {
    team = "platform"
  }
}

resource "aws_cloudwatch_log_metric_filter" "non_mfa_logins" {
  name           = "NonMFALogins"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != \"Yes\") }"
  metric_transformation {
    namespace     = "CloudTrailMetrics"
    name          = "NonMFALoginCount"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "non_mfa_logins" {
  alarm_name          = "Non-MFA-Logins"
  alarm_description   = "Somebody signed in to the console without MFA"
  namespace           = "CloudTrailMetrics"
  metric_name         = "NonMFALoginCount"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = ["arn:aws:sns:us-east-1:123456789012:security"]
  tags = {
    team = "platform"
  }
}

resource "aws_cloudwatch_composite_alarm" "sign_ins" {
  alarm_name = "Sign-Ins"
  alarm_rule = "ALARM(\"${aws_cloudwatch_metric_alarm.non_mfa_logins.alarm_name}\")"
}

resource "aws_cloudwatch_dashboard" "security" {
  dashboard_name = "Security"
  dashboard_body = jsonencode({
    widgets = [{
      type       = "metric"
      x          = 0
      y          = 0
      width      = 12
      height     = 6
      properties = { metrics = [["CloudTrailMetrics", "NonMFALoginCount"]], region = "us-east-1", title = "Sign-ins without MFA" }
    }]
  })
}
