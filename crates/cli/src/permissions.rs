//! The least permissions that a command needs, as an IAM policy.

use std::collections::{BTreeMap, BTreeSet};

use model::{Account, Address, Desired, Operation, Plan, ResourceType, Session, Snapshot, Use};
use policy::Document;
use serde_json::{Value, json};

use crate::args::Permitted;

/// Returns what a command needs for any spec, in any account, but for a lock: nobody needs all objects of all buckets.
/// None: it needs nothing else.
pub(crate) fn of_any_spec(command: Permitted) -> Option<Document> {
    let mut uses = match command {
        Permitted::Plan | Permitted::Apply | Permitted::Drift | Permitted::Explain => Use::all(),
        Permitted::Destroy => Use::all_of_destroy(),
        Permitted::Import => uses_of_import(),
        Permitted::Report | Permitted::Logins | Permitted::Enroll => BTreeSet::new(),
        Permitted::Unlock => return None,
    };
    uses.extend(beside(command));
    let actions: BTreeSet<&str> = called(command, &uses)
        .map(|operation| operation.action)
        .collect();
    let mut statements = vec![statement("Mfactl", &actions, "*")];
    if command == Permitted::Drift {
        statements.push(for_metric());
    }
    Some(document(&statements))
}

/// Returns what a command needs for a spec, whatever the account has, on the account's resources.
pub(crate) fn of_spec(command: Permitted, desired: &Desired, account: &Account) -> Document {
    let mut uses = match command {
        Permitted::Plan | Permitted::Apply | Permitted::Drift | Permitted::Explain => {
            desired.uses()
        }
        Permitted::Destroy => desired.clone().destroyed().uses(),
        Permitted::Import => uses_of_import(),
        Permitted::Report | Permitted::Logins | Permitted::Enroll | Permitted::Unlock => {
            BTreeSet::new()
        }
    };
    uses.extend(beside(command));
    let mut actions: BTreeMap<ResourceType, BTreeSet<&str>> = BTreeMap::new();
    for operation in called(command, &uses) {
        actions
            .entry(operation.on)
            .or_default()
            .insert(operation.action);
    }
    let statements = actions
        .iter()
        .map(|(on, actions)| statement(on.plural(), actions, &on.pattern(account, desired)));
    let mut statements: Vec<Value> = statements.collect();
    if command == Permitted::Drift {
        statements.push(for_metric());
        statements.extend(for_log_group(desired, account));
    }
    document(&statements)
}

/// Returns what `drift --metric` needs more.
fn for_metric() -> Value {
    let mut statement = statement(
        "OnlyForMetric",
        &BTreeSet::from(["cloudwatch:PutMetricData"]),
        "*",
    );
    let condition = json!({"StringEquals": {"cloudwatch:namespace": "mfactl"}});
    if let Some(members) = statement.as_object_mut() {
        members.insert("Condition".to_owned(), condition);
    }
    statement
}

/// Returns what `drift --trail-log-group` needs more, on the spec's log group alone: nobody needs the events of all.
fn for_log_group(desired: &Desired, account: &Account) -> Vec<Value> {
    let Some(log_group) = &desired.log_group else {
        return Vec::new();
    };
    let Account {
        id,
        partition,
        alias: _,
    } = account;
    let region = &desired.region;
    let arn = format!("arn:{partition}:logs:{region}:{id}:log-group:{log_group}:*");
    let only = |sid, action, resource| statement(sid, &BTreeSet::from([action]), resource);
    vec![
        only("OnlyForTrailLogGroup", "logs:StartQuery", &arn),
        // Its results can't be limited to a log group.
        only("OnlyForTrailLogGroupResults", "logs:GetQueryResults", "*"),
    ]
}

/// An import asks for the same things whatever a spec says: it has none.
fn uses_of_import() -> BTreeSet<Use> {
    let kinds = spec::IMPORTED.iter().map(|kind| Use::Read(*kind));
    kinds.chain([Use::Account]).collect()
}

/// Returns what a command does beside planning, or instead: `explain --against-aws` asks AWS, `drift` asks CloudTrail.
fn beside(command: Permitted) -> Option<Use> {
    match command {
        Permitted::Explain => Some(Use::Simulate),
        Permitted::Drift => Some(Use::Trail),
        Permitted::Report => Some(Use::Credentials),
        Permitted::Logins => Some(Use::Logins),
        Permitted::Enroll => Some(Use::Enrol),
        Permitted::Unlock => Some(Use::Unlock),
        Permitted::Plan | Permitted::Apply | Permitted::Destroy | Permitted::Import => None,
    }
}

/// Lists the operations that a command calls for any of some uses.
fn called(command: Permitted, uses: &BTreeSet<Use>) -> impl Iterator<Item = &'static Operation> {
    let writes = match command {
        Permitted::Plan
        | Permitted::Drift
        | Permitted::Import
        | Permitted::Report
        | Permitted::Logins
        | Permitted::Explain => &[],
        Permitted::Apply | Permitted::Destroy | Permitted::Enroll | Permitted::Unlock => {
            executor::OPERATIONS
        }
    };
    let operations = reader::OPERATIONS.iter().chain(writes);
    operations.filter(|operation| operation.uses.iter().any(|needed| uses.contains(needed)))
}

/// Lists the operations that a plan can't do without and the caller clearly can't make, on no resource of their type,
/// each with the objects that the plan calls them for.
pub(crate) fn lacking<'a>(
    plan: &'a Plan,
    desired: &Desired,
    snapshot: &Snapshot,
    session: Session,
) -> BTreeMap<&'static str, Vec<&'a Address>> {
    let mut required: BTreeMap<&'static str, (ResourceType, Vec<&Address>)> = BTreeMap::new();
    for action in &plan.actions {
        if let Some(Operation {
            action: name, on, ..
        }) = executor::required(action)
        {
            let (_, addresses) = required.entry(name).or_insert((*on, Vec::new()));
            addresses.push(&action.address);
        }
    }
    let lacks = |name: &'static str, on: ResourceType| {
        let resources = on.pattern(&snapshot.account, desired);
        let requests = document(&[statement("Required", &BTreeSet::from([name]), &resources)]);
        access::caller_can_not(snapshot, &plan.actions, desired, &requests, session)
    };
    let lacking = required
        .into_iter()
        .filter(|(name, (on, _))| lacks(name, *on));
    lacking
        .map(|(name, (_, addresses))| (name, addresses))
        .collect()
}

fn statement(sid: &str, actions: &BTreeSet<&str>, resource: &str) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource})
}

#[expect(
    clippy::expect_used,
    reason = "made of names of operations and of ids; a test reads it for every command"
)]
fn document(statements: &[Value]) -> Document {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Document::parse(&text).expect("names of operations should make a document")
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use model::{AccountId, FindingCode, Region};

    use super::*;

    /// IAM's quota for a managed policy.
    const MOST_CHARACTERS: usize = 6_144;

    /// What is true of whoever manages the passwords and devices of others, and is no mistake in a role.
    const MEANT: [FindingCode; 3] = [
        FindingCode::CredentialsWithoutMfa,
        FindingCode::DeviceRemovalWithoutMfa,
        FindingCode::SelfServiceOnOthers,
    ];

    fn assert_attachable(document: &Document) {
        assert!(document.size() <= MOST_CHARACTERS, "{}", document.size());
        let mistakes = access::lint("mfactl", document);
        assert!(
            mistakes.iter().all(|mistake| MEANT.contains(&mistake.code)),
            "{mistakes:?}"
        );
    }

    #[test]
    fn a_policy_for_any_spec_can_be_attached_and_has_no_mistake() {
        for command in Permitted::value_variants() {
            if let Some(document) = of_any_spec(*command) {
                assert_attachable(&document);
            }
        }
    }

    #[test]
    fn a_policy_for_any_spec_lets_nobody_at_the_objects_of_any_bucket() {
        for command in Permitted::value_variants() {
            let document = of_any_spec(*command).map(|document| document.to_json());
            assert!(!document.unwrap_or_default().contains("s3:"), "{command:?}");
        }
    }

    #[test]
    fn an_operation_is_about_one_type_of_resources_whoever_calls_it() {
        // Policies of AWS are read for what is attached, the account's own before they are changed.
        let of_both = ["iam:GetPolicy", "iam:GetPolicyVersion"];
        let mut types = BTreeMap::new();
        let operations = reader::OPERATIONS.iter().chain(executor::OPERATIONS);
        for operation in operations.filter(|operation| !of_both.contains(&operation.action)) {
            let on = *types.entry(operation.action).or_insert(operation.on);
            assert_eq!(on, operation.on, "{}", operation.action);
        }
    }

    #[test]
    fn a_spec_of_nothing_needs_no_more_than_to_look() {
        let account_id = AccountId::new("123456789012").unwrap();
        let desired = Desired::new(account_id, Region::new("us-gov-west-1").unwrap());
        let document = of_spec(Permitted::Apply, &desired, &desired.declared_account());
        assert_eq!(
            document.to_json(),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"Account","Effect":"Allow","Action":["iam:GetAccountAuthorizationDetails","iam:GetAccountPasswordPolicy","iam:ListAccountAliases"],"Resource":"*"}]}"#
        );
    }

    #[test]
    fn every_type_of_resources_is_a_pattern_that_a_policy_can_have() {
        let account_id = AccountId::new("123456789012").unwrap();
        let desired = Desired::new(account_id, Region::new("us-gov-west-1").unwrap());
        let account = desired.declared_account();
        for on in ResourceType::ALL {
            let pattern = on.pattern(&account, &desired);
            assert!(
                pattern == "*" || pattern.starts_with("arn:aws-us-gov:"),
                "{pattern}"
            );
            let actions = BTreeSet::from(["iam:GetUser"]);
            document(&[statement(on.plural(), &actions, &pattern)]);
        }
    }
}
