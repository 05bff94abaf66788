//! The policies that AWS manages, as far as the sandbox has them.
//!
//! `AdministratorAccess`, `PowerUserAccess`, `IAMFullAccess`, `IAMUserChangePassword` and `AWSDenyAll` are whole.
//! `ReadOnlyAccess`, `SecurityAudit` and `ViewOnlyAccess` are **abridged**: of the many services that AWS's documents
//! name they have account, CloudTrail, CloudWatch, EC2 (in part), IAM, Logs, Organizations, S3 (in part), SNS and STS.
//! Documents and versions are of mid-2026; ids are made up.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;

use super::ids;
use super::policies::{Policy, Version};
use super::tags::Tags;

/// Returns AWS's policy of this ARN.
pub(super) fn policy(arn: &str) -> Option<&'static Policy> {
    POLICIES.get(arn)
}

/// Returns all of them, in the order of their ARNs.
pub(super) fn policies() -> impl Iterator<Item = &'static Policy> {
    POLICIES.values()
}

static POLICIES: LazyLock<BTreeMap<String, Policy>> = LazyLock::new(|| {
    ALL.iter()
        .map(AwsManaged::to_policy)
        .map(|policy| (policy.arn.clone(), policy))
        .collect()
});

struct AwsManaged {
    name: &'static str,
    path: &'static str,
    description: &'static str,
    version: u32,
    created: i64,
    updated: i64,
    document: &'static str,
}

impl AwsManaged {
    fn to_policy(&self) -> Policy {
        let created = Timestamp::from_second(self.created).unwrap_or_default();
        let updated = Timestamp::from_second(self.updated).unwrap_or_default();
        let version = Version {
            document: self.document.to_owned(),
            created: updated,
        };
        let letters = self.name.to_ascii_uppercase();
        Policy {
            name: self.name.to_owned(),
            path: self.path.to_owned(),
            id: ids::POLICY
                .chars()
                .chain(letters.chars())
                .chain(std::iter::repeat('A'))
                .take(21)
                .collect(),
            arn: format!("arn:aws:iam::aws:policy{}{}", self.path, self.name),
            description: Some(self.description.to_owned()),
            created,
            updated,
            tags: Tags::with_case(),
            default_version: self.version,
            last_version: self.version,
            versions: BTreeMap::from([(self.version, version)]),
        }
    }
}

const ALL: &[AwsManaged] = &[
    AwsManaged {
        name: "AdministratorAccess",
        path: "/",
        description: "Provides full access to AWS services and resources.",
        version: 1,
        created: 1_423_247_986,
        updated: 1_423_247_986,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "PowerUserAccess",
        path: "/",
        description: "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
        version: 12,
        created: 1_423_247_987,
        updated: 1_770_919_154,
        document: r#"{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
{"Effect":"Allow","Action":["account:GetAccountInformation","account:GetGovCloudAccountInformation",
"account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole",
"iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "IAMFullAccess",
        path: "/",
        description: "Provides full access to IAM via the AWS Management Console.",
        version: 2,
        created: 1_423_248_038,
        updated: 1_561_146_000,
        document: r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*",
"organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit",
"organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents",
"organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies",
"organizations:ListTargetsForPolicy"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "IAMUserChangePassword",
        path: "/",
        description: "Provides the ability for an IAM user to change their own password.",
        version: 5,
        created: 1_479_169_532,
        updated: 1_770_919_137,
        document: r#"{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":["iam:ChangePassword"],
"Resource":["arn:aws:iam::*:user/${aws:username}","arn:aws:iam::*:user/*/${aws:username}"]},
{"Effect":"Allow","Action":["iam:GetAccountPasswordPolicy"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "AWSDenyAll",
        path: "/",
        description: "Deny all access.",
        version: 2,
        created: 1_556_750_196,
        updated: 1_702_917_725,
        document: r#"{"Version":"2012-10-17","Statement":[{"Sid":"DenyAll","Effect":"Deny","Action":["*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "ReadOnlyAccess",
        path: "/",
        description: "Provides read-only access to AWS services and resources.",
        version: 182,
        created: 1_423_247_988,
        updated: 1_775_230_032,
        document: r#"{"Version":"2012-10-17","Statement":[
{"Sid":"ReadOnlyActionsGroup1","Effect":"Allow","Action":["account:GetAccountInformation","account:GetAlternateContact",
"account:GetContactInformation","account:GetPrimaryEmail","account:GetRegionOptStatus","account:ListRegions",
"cloudtrail:Describe*","cloudtrail:Get*","cloudtrail:List*","cloudtrail:LookupEvents","cloudwatch:Describe*",
"cloudwatch:GenerateQuery","cloudwatch:Get*","cloudwatch:List*","ec2:Describe*","ec2:Get*","iam:Generate*","iam:Get*",
"iam:List*","iam:Simulate*"],"Resource":"*"},
{"Sid":"ReadOnlyActionsGroup2","Effect":"Allow","Action":["logs:Describe*","logs:FilterLogEvents","logs:Get*",
"logs:ListTagsForResource","logs:ListTagsLogGroup","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter",
"organizations:Describe*","organizations:List*","s3:DescribeJob","s3:Get*","s3:List*","sns:Check*","sns:Get*","sns:List*",
"sts:GetAccessKeyInfo","sts:GetCallerIdentity","sts:GetSessionToken"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "SecurityAudit",
        path: "/",
        description: "The security audit template grants access to read security configuration metadata. \
                      It is useful for software that audits the configuration of an AWS account.",
        version: 86,
        created: 1_423_248_061,
        updated: 1_777_605_133,
        document: r#"{"Version":"2012-10-17","Statement":[{"Sid":"BaseSecurityAuditStatement","Effect":"Allow",
"Action":["account:GetAccountInformation","account:GetAlternateContact","account:GetPrimaryEmail",
"account:GetRegionOptStatus","cloudtrail:DescribeTrails","cloudtrail:GetEventSelectors","cloudtrail:GetInsightSelectors",
"cloudtrail:GetTrail","cloudtrail:GetTrailStatus","cloudtrail:ListTags","cloudtrail:ListTrails","cloudtrail:LookupEvents",
"cloudwatch:Describe*","cloudwatch:GetDashboard","cloudwatch:ListDashboards","cloudwatch:ListTagsForResource",
"ec2:Describe*","iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*",
"iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy","logs:Describe*","logs:GetLogDelivery","logs:ListLogDeliveries",
"logs:ListTagsForResource","logs:ListTagsLogGroup","organizations:Describe*","organizations:List*"],"Resource":"*"}]}"#,
    },
    AwsManaged {
        name: "ViewOnlyAccess",
        path: "/job-function/",
        description: "This policy grants permissions to view resources and basic metadata across all AWS services.",
        version: 45,
        created: 1_478_798_415,
        updated: 1_776_881_543,
        document: r#"{"Version":"2012-10-17","Statement":[{"Sid":"GeneralViewOnlyAccessStatement","Effect":"Allow",
"Action":["cloudtrail:DescribeTrails","cloudtrail:ListTrails","cloudtrail:LookupEvents","cloudwatch:Get*",
"cloudwatch:List*","ec2:DescribeInstance*","ec2:DescribeRegions","ec2:DescribeSecurityGroups","ec2:DescribeSubnets",
"ec2:DescribeVolume*","ec2:DescribeVpc*","iam:GetAccountSummary","iam:GetLoginProfile","iam:List*","logs:Describe*",
"logs:ListTagsForResource","organizations:List*","s3:ListAllMyBuckets","s3:ListBucket"],"Resource":"*"}]}"#,
    },
];
