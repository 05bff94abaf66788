//! A company of any size, as a spec: what the budgets of calls and the benchmarks are held against.

use std::fmt::Write;

/// Returns the spec of a company: for every 40 people a group, for every 33 a policy, and one alarm with its filter.
///
/// Everybody has a tag of their own and is in three groups; a group has two policies. For 2,000 people that is 50
/// groups and 60 policies. No passwords, devices or policy tags are declared. `people` is at least 40.
pub fn company(people: usize) -> String {
    let groups = people / 40;
    let policies = people * 3 / 100;
    let mut spec = HEAD.to_owned();
    spec.push_str("users:\n");
    for person in 0..people {
        let [one, two, three] = [1, 7, 11].map(|step| person * step % groups);
        let groups = groups_of([one, two, three]);
        add(
            &mut spec,
            format_args!("  person-{person}: {{tags: {{badge: b{person}}}, groups: [{groups}]}}"),
        );
    }
    spec.push_str("groups:\n");
    for group in 0..groups {
        let [one, two] = [group % policies, (group + 1) % policies];
        add(
            &mut spec,
            format_args!("  team-{group}: {{policies: [bucket-{one}, bucket-{two}]}}"),
        );
    }
    spec.push_str("policies:\n");
    for policy in 0..policies {
        add(
            &mut spec,
            format_args!("  bucket-{policy}: {{document: {}}}", document(policy)),
        );
    }
    spec
}

const HEAD: &str = r#"version: 1
account: "123456789012"
region: us-east-1
defaults: {path: /people/}
password_policy: {minimum_length: 14}
monitoring:
  log_group: {name: CloudTrail/AWSLogs, create: {retention_days: 365}}
  metric_filters:
    NonMFALogins:
      pattern: '{ ($.eventName = ConsoleLogin) && ($.additionalEventData.MFAUsed != "Yes") }'
      metric: {namespace: CloudTrailMetrics, name: NonMFALoginCount, value: 1}
  alarms:
    Non-MFA-Logins:
      metric: {namespace: CloudTrailMetrics, name: NonMFALoginCount}
      statistic: Sum
      period: 300
      evaluation_periods: 1
      threshold: 1
      comparison: GreaterThanOrEqualToThreshold
"#;

/// Returns the names of groups without repetition.
fn groups_of(mut groups: [usize; 3]) -> String {
    groups.sort_unstable();
    let mut names: Vec<_> = groups.map(|group| format!("team-{group}")).to_vec();
    names.dedup();
    names.join(", ")
}

fn document(policy: usize) -> String {
    format!(
        r#"{{Version: "2012-10-17", Statement: [{{Sid: Read, Effect: Allow, Action: ["s3:Get*", "s3:List*"], Resource: ["arn:aws:s3:::bucket-{policy}", "arn:aws:s3:::bucket-{policy}/*"]}}, {{Sid: WithMFA, Effect: Deny, Action: "*", Resource: "*", Condition: {{BoolIfExists: {{"aws:MultiFactorAuthPresent": "false"}}}}}}]}}"#
    )
}

fn add(spec: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = writeln!(spec, "{line}");
}
