//! The policy simulator.
//!
//! It decides by the policies of users, groups and roles, boundaries, and service control policies that a call passes.
//! What it can't decide it refuses to answer: policies of resources, handling options of EC2, policies left out.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

use std::collections::BTreeSet;

use policy::evaluate::{Context, ContextValue, Decision, InForce, Layer, Request, Source};

use self::context_keys::context_keys;
use self::statement::matched;
use super::document::DOCUMENT;
use super::in_force::{Attached, Origin, Policies};
use super::names::ARN;
use super::page::Page;
use super::{PrincipalKind, no_such};
use crate::call::{Call, Pattern, Shape};
use crate::error::Error;
use crate::operation::{Answer, Operation};
use crate::state::Account;
use crate::value::{Record, Value};

mod context_keys;
mod statement;

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::read("SimulateCustomPolicy", simulate_custom)
        .unlike("refuses resource policies, exclusions and EC2 scenarios; names no form of ARN"),
    Operation::read("SimulatePrincipalPolicy", simulate_principal)
        .unlike("refuses resource policies, exclusions and EC2 scenarios; names no form of ARN"),
    Operation::read("GetContextKeysForCustomPolicy", keys_of_custom),
    Operation::read("GetContextKeysForPrincipalPolicy", keys_of_principal),
];

const ACTION: Shape = Shape {
    lengths: 3..=128,
    pattern: Pattern::ANY,
};
const RESOURCE: Shape = Shape {
    lengths: 1..=2_048,
    pattern: Pattern::ANY,
};
const KEY: Shape = Shape {
    lengths: 5..=256,
    pattern: Pattern::ANY,
};
const VALUE: Shape = Shape {
    lengths: 0..=usize::MAX,
    pattern: Pattern::ANY,
};

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html>
fn simulate_custom(account: &Account, call: &Call<'_>) -> Answer {
    let identity = inputs(call, "PolicyInputList")?.ok_or_else(|| missing_policies(call))?;
    let policies = Policies {
        identity,
        boundary: None,
    };
    let caller = call.input.text("CallerArn", &ARN)?;
    simulate(account, call, policies, caller)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
fn simulate_principal(account: &Account, call: &Call<'_>) -> Answer {
    let policies = policies_of_source(account, call)?;
    let source = call.input.text("PolicySourceArn", &ARN)?;
    let caller = call.input.text("CallerArn", &ARN)?.or(source);
    simulate(account, call, policies, caller)
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html>
fn keys_of_custom(_: &Account, call: &Call<'_>) -> Answer {
    let policies = inputs(call, "PolicyInputList")?.ok_or_else(|| missing_policies(call))?;
    Ok(keys_answer(&policies))
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html>
fn keys_of_principal(account: &Account, call: &Call<'_>) -> Answer {
    Ok(keys_answer(&policies_of_source(account, call)?.identity))
}

fn keys_answer(policies: &[Attached<'_>]) -> Record {
    Record::new().with(
        "ContextKeyNames",
        context_keys(policies).into_iter().collect::<Value>(),
    )
}

fn missing_policies(call: &Call<'_>) -> Error {
    call.input.missing("PolicyInputList")
}

/// Returns the policies of the user, group or role that a call names, with those that it passes.
fn policies_of_source<'a>(account: &'a Account, call: &Call<'a>) -> Result<Policies<'a>, Error> {
    let arn = call.input.required_text("PolicySourceArn", &ARN)?;
    let (kind, name) = account.principal_of_arn(arn)?;
    let mut policies = account.iam.policies_of(kind, name)?;
    let inputs = inputs(call, "PolicyInputList")?;
    policies.identity.extend(inputs.unwrap_or_default());
    Ok(policies)
}

impl Account {
    /// Returns the kind and name of the user, group or role that has an ARN.
    fn principal_of_arn<'a>(&self, arn: &'a str) -> Result<(PrincipalKind, &'a str), Error> {
        let resource = arn.split(':').nth(5).unwrap_or_default();
        let name = resource.rsplit('/').next().unwrap_or_default();
        let (kind, word, found) = match resource.split('/').next() {
            Some("user") => {
                let user = self.iam.user(name)?;
                (PrincipalKind::User, "user", self.user_arn(user))
            }
            Some("group") => {
                let group = self.iam.group(name)?;
                (PrincipalKind::Group, "group", self.group_arn(group))
            }
            Some("role") => {
                let role = self.iam.role(name)?;
                (PrincipalKind::Role, "role", self.role_arn(role))
            }
            Some(_) | None => {
                let message = format!("{arn} is not the ARN of a user, group or role.");
                return Err(Error::invalid_input(message));
            }
        };
        if found == arn {
            Ok((kind, name))
        } else {
            Err(no_such(word, arn))
        }
    }
}

/// Returns the policies that a parameter passes, named `PARAMETER.1` and so on.
fn inputs<'a>(call: &Call<'a>, parameter: &str) -> Result<Option<Vec<Attached<'a>>>, Error> {
    let Some(documents) = call.input.texts(parameter, &DOCUMENT)? else {
        return Ok(None);
    };
    let policies = documents.into_iter().enumerate().map(|(index, document)| {
        let name = format!("{parameter}.{}", index + 1);
        Attached::new(name, Origin::Input, document)
            .map_err(|refusal| Error::invalid_input(refusal.message))
    });
    policies.collect::<Result<_, _>>().map(Some)
}

/// Returns the service control policies that a call passes, level by level.
fn service_control<'a>(call: &Call<'a>) -> Result<Vec<Vec<Attached<'a>>>, Error> {
    let levels = call.input.records("OrderedOrganizationPolicyInputList")?;
    let mut read = Vec::new();
    for level in levels.unwrap_or_default() {
        let documents = level.texts("ServiceControlPolicyInputList", &DOCUMENT)?;
        let policies = documents.unwrap_or_default().into_iter().map(|document| {
            Attached::new("ServiceControlPolicy", Origin::Input, document)
                .map_err(|refusal| Error::invalid_input(refusal.message))
        });
        read.push(policies.collect::<Result<_, _>>()?);
    }
    Ok(read)
}

/// Refuses parameters that the sandbox doesn't understand well enough to answer.
fn refuse_unknown(call: &Call<'_>) -> Result<(), Error> {
    for parameter in [
        "ResourcePolicy",
        "ResourceOwner",
        "ResourceHandlingOption",
        "PolicyExclusionList",
    ] {
        if call.input.is_sent(parameter) {
            let message = format!("the sandbox simulates nothing with {parameter}");
            return Err(Error::invalid_input(message));
        }
    }
    Ok(())
}

/// Decides each action on each resource; an action has one result, the most restrictive of its resources'.
///
/// `EvalResourceName` of that is `*`, as for actions for which AWS has no form of ARN.
fn simulate<'a>(
    account: &Account,
    call: &Call<'a>,
    mut policies: Policies<'a>,
    caller: Option<&str>,
) -> Answer {
    refuse_unknown(call)?;
    let actions = call.input.texts("ActionNames", &ACTION)?;
    let actions = actions.ok_or_else(|| call.input.missing("ActionNames"))?;
    let resources = call.input.texts("ResourceArns", &RESOURCE)?;
    let resources = resources.filter(|resources| !resources.is_empty());
    let resources = resources.unwrap_or_else(|| vec!["*"]);
    if let Some(boundary) = inputs(call, "PermissionsBoundaryPolicyInputList")? {
        policies.boundary = boundary.into_iter().next();
    }
    let service_control = service_control(call)?;
    let page = Page::of(call)?;
    let context = context(account, call, caller)?;
    let missing = missing_keys(&policies, &context);
    let mut in_force = policies.in_force();
    in_force.service_control = service_control
        .iter()
        .map(|level| level.iter().map(|it| it.policy.as_ref()).collect())
        .collect();
    let simulation = Simulation {
        policies: &policies,
        in_force,
        context: context.0,
        missing,
    };
    let mut results = Vec::new();
    for (index, action) in actions.iter().enumerate() {
        let result = simulation.result(action, &resources)?;
        results.push((format!("{index:06}"), result));
    }
    Ok(page.answer("EvaluationResults", results.into_iter()))
}

/// Holds what all actions and resources of a call are decided by.
struct Simulation<'a> {
    policies: &'a Policies<'a>,
    in_force: InForce<'a>,
    context: Context,
    missing: Vec<String>,
}

impl Simulation<'_> {
    fn result(&self, action: &str, resources: &[&str]) -> Result<Record, Error> {
        let mut decisions = Vec::new();
        for resource in resources {
            let request = Request::new(action, resource, self.context.clone())
                .map_err(|error| Error::invalid_input(error.to_string()))?;
            decisions.push((*resource, self.in_force.evaluate(&request)));
        }
        let worst = decisions
            .iter()
            .map(|(_, decision)| severity(decision))
            .max()
            .unwrap_or_default();
        let of_worst = decisions
            .iter()
            .filter(|(_, decision)| severity(decision) == worst);
        let sources: BTreeSet<Source> = of_worst
            .flat_map(|(_, decision)| sources(decision))
            .collect();
        let specific = decisions.iter().filter(|(resource, _)| *resource != "*");
        let specific: Value = specific
            .map(|(resource, decision)| self.specific(resource, decision))
            .collect();
        let first = decisions.iter().map(|(_, decision)| decision);
        let first = first.max_by_key(|decision| severity(decision));
        Ok(Record::new()
            .with("EvalActionName", action)
            .with("EvalResourceName", "*")
            .with("EvalDecision", word(worst))
            .with("MatchedStatements", self.matched(sources))
            .with("MissingContextValues", self.missing())
            .with_some(
                "OrganizationsDecisionDetail",
                first.and_then(|it| self.organizations(it)),
            )
            .with_some(
                "PermissionsBoundaryDecisionDetail",
                first.and_then(|it| self.boundary(it)),
            )
            .with("ResourceSpecificResults", specific))
    }

    fn specific(&self, resource: &str, decision: &Decision) -> Record {
        Record::new()
            .with("EvalResourceName", resource)
            .with("EvalResourceDecision", word(severity(decision)))
            .with("MatchedStatements", self.matched(sources(decision)))
            .with("MissingContextValues", self.missing())
            .with_some("PermissionsBoundaryDecisionDetail", self.boundary(decision))
    }

    fn matched(&self, sources: impl IntoIterator<Item = Source>) -> Value {
        let sources = sources.into_iter();
        sources
            .filter(|source| source.layer == Layer::Identity)
            .filter_map(|source| {
                matched(self.policies.identity.get(source.policy)?, source.statement)
            })
            .collect()
    }

    fn missing(&self) -> Value {
        self.missing.iter().collect()
    }

    fn boundary(&self, decision: &Decision) -> Option<Record> {
        self.in_force.boundary?;
        let allowed = allows(decision, |layer| layer == Layer::Boundary);
        Some(Record::new().with("AllowedByPermissionsBoundary", allowed))
    }

    fn organizations(&self, decision: &Decision) -> Option<Record> {
        if self.in_force.service_control.is_empty() {
            return None;
        }
        let allowed = allows(decision, |layer| matches!(layer, Layer::ServiceControl(_)));
        Some(Record::new().with("AllowedByOrganizations", allowed))
    }
}

/// Returns whether none of some layers stands in the way.
fn allows(decision: &Decision, is_one: impl Fn(Layer) -> bool) -> bool {
    match decision {
        Decision::Allowed { .. } => true,
        Decision::ImplicitlyDenied { missing } => !missing.iter().any(|layer| is_one(*layer)),
        Decision::ExplicitlyDenied { by } => !by.iter().any(|source| is_one(source.layer)),
    }
}

/// Returns how restrictive a decision is: AWS puts an explicit denial above the lack of an allowance.
fn severity(decision: &Decision) -> u8 {
    match decision {
        Decision::Allowed { .. } => 0,
        Decision::ImplicitlyDenied { .. } => 1,
        Decision::ExplicitlyDenied { .. } => 2,
    }
}

fn word(severity: u8) -> &'static str {
    match severity {
        0 => "allowed",
        1 => "implicitDeny",
        _ => "explicitDeny",
    }
}

fn sources(decision: &Decision) -> Vec<Source> {
    match decision {
        Decision::Allowed { by } | Decision::ExplicitlyDenied { by } => by.clone(),
        Decision::ImplicitlyDenied { .. } => Vec::new(),
    }
}

/// Returns the keys of the simulated requests, and their names in lower case.
///
/// The simulated caller gives what is known of it; nothing is said of MFA. What the call sends goes before that.
fn context(
    account: &Account,
    call: &Call<'_>,
    caller: Option<&str>,
) -> Result<(Context, BTreeSet<String>), Error> {
    let mut entries = Vec::new();
    if let Some(caller) = caller {
        entries.extend(caller_keys(account, caller));
    }
    for entry in call.input.records("ContextEntries")?.unwrap_or_default() {
        let key = entry.required_text("ContextKeyName", &KEY)?.to_owned();
        let kind = entry.required_text("ContextKeyType", &VALUE)?;
        let values = entry.texts("ContextKeyValues", &VALUE)?.unwrap_or_default();
        let mut values = values.into_iter().map(str::to_owned);
        let value = if kind.ends_with("List") {
            ContextValue::Multiple(values.collect())
        } else {
            let value = values.next();
            ContextValue::Single(value.ok_or_else(|| entry.missing("ContextKeyValues"))?)
        };
        entries.push((key, value));
    }
    let mut context = Context::default();
    let mut names = BTreeSet::new();
    for (key, value) in entries {
        context.set(&key, value);
        names.insert(key.to_ascii_lowercase());
    }
    Ok((context, names))
}

fn caller_keys(account: &Account, arn: &str) -> Vec<(String, ContextValue)> {
    let single = |key: &str, value: &str| (key.to_owned(), ContextValue::Single(value.to_owned()));
    let mut keys = vec![
        single("aws:PrincipalArn", arn),
        single(
            "aws:PrincipalAccount",
            arn.split(':').nth(4).unwrap_or_default(),
        ),
    ];
    let Ok((PrincipalKind::User, name)) = account.principal_of_arn(arn) else {
        return keys;
    };
    keys.extend([
        single("aws:username", name),
        single("aws:PrincipalType", "User"),
    ]);
    if let Ok(user) = account.iam.user(name) {
        keys.push(single("aws:userid", &user.id));
        let tags = user.tags();
        keys.extend(tags.map(|(key, value)| single(&format!("aws:PrincipalTag/{key}"), value)));
    }
    keys
}

fn missing_keys(policies: &Policies<'_>, context: &(Context, BTreeSet<String>)) -> Vec<String> {
    let keys = context_keys(&policies.identity).into_iter();
    keys.filter(|key| !context.1.contains(&key.to_ascii_lowercase()))
        .collect()
}
