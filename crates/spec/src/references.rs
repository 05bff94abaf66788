//! References between objects, resolved when all of them are known.

use std::collections::BTreeSet;

use jiff::civil::Date;
use model::{
    Address, Attachment, Body, Boundary, Declared, GroupName, ManagedPolicy, Origin, Owner,
    PolicyName, PolicyRef, Principal, UserName, Wish,
};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::draft::Draft;
use crate::node::Node;
use crate::reading::{Reading, nearest};

/// Holds a reference and its place.
pub(crate) struct Reference {
    place: Place,
    origin: Origin,
    text: String,
    by: By,
}

/// Tells who refers to something, and so to what.
pub(crate) enum By {
    Attachment(Principal),
    Boundary(UserName),
    /// The user, and the last day if there is one.
    Membership(UserName, Option<Date>),
}

impl Draft {
    /// Keeps a reference until everything is known.
    pub(crate) fn refer(&mut self, reading: &mut Reading<'_>, node: &Node, what: &str, by: By) {
        if let Some(text) = reading.text(node, what) {
            self.references.push(Reference {
                place: reading.place(node),
                origin: reading.origin(node),
                text: text.to_owned(),
                by,
            });
        }
    }
}

/// Resolves every reference and declares the memberships and attachments.
pub(crate) fn resolve(draft: &mut Draft, diagnostics: &mut Vec<Diagnostic>) {
    let groups: BTreeSet<GroupName> = draft
        .objects
        .keys()
        .filter_map(|address| match address {
            Address::Group(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    for reference in std::mem::take(&mut draft.references) {
        let result = match &reference.by {
            By::Membership(user, expires) => group(&groups, &reference).map(|group| {
                let address = Address::Membership(group, user.clone());
                draft
                    .expires
                    .extend(expires.map(|day| (address.clone(), day)));
                Some((address, Body::Membership))
            }),
            By::Attachment(principal) => policy(draft, &reference)
                .map(|policy| policy.map(|policy| attachment(principal, policy))),
            By::Boundary(user) => policy(draft, &reference).map(|policy| {
                set_boundary(draft, user, policy);
                None
            }),
        };
        match result {
            Ok(None) => {}
            Ok(Some((address, body))) => {
                diagnostics.extend(declare(draft, reference, address, body));
            }
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
}

fn attachment(principal: &Principal, policy: ManagedPolicy) -> (Address, Body) {
    let address = Address::Attachment(principal.clone(), policy.reference());
    (address, Body::Attachment(Attachment { policy }))
}

fn set_boundary(draft: &mut Draft, user: &UserName, policy: Option<ManagedPolicy>) {
    let declared = draft.objects.get_mut(&Address::User(user.clone()));
    if let Some(Wish::Present(Body::User(user))) = declared.map(|declared| &mut declared.wish)
        && let Some(policy) = policy
    {
        user.boundary = Boundary::Policy(policy);
    }
}

fn group(groups: &BTreeSet<GroupName>, reference: &Reference) -> Result<GroupName, Diagnostic> {
    let name =
        GroupName::new(&reference.text).map_err(|error| wrong(reference, error.to_string()))?;
    if groups.contains(&name) {
        return Ok(name);
    }
    let known = groups.iter().map(GroupName::as_str);
    Err(unknown(
        reference,
        "group",
        known,
        "declare it under `groups`",
    ))
}

/// Returns the policy, or nothing where the account that it must be of is not known.
fn policy(draft: &Draft, reference: &Reference) -> Result<Option<ManagedPolicy>, Diagnostic> {
    if reference.text.starts_with("arn:") {
        return by_arn(draft, reference);
    }
    let parsed = reference.text.parse::<PolicyRef>();
    match parsed.map_err(|error| wrong(reference, error.to_string()))? {
        PolicyRef::Aws { path, name } => Ok(Some(ManagedPolicy {
            owner: Owner::Aws,
            path,
            name,
        })),
        PolicyRef::Local(name) => match draft.policies.get(&name) {
            Some(path) => Ok(Some(ManagedPolicy {
                owner: Owner::Account,
                path: path.clone(),
                name,
            })),
            None => {
                let known = draft.policies.keys().map(PolicyName::as_str);
                let hint = "declare it under `policies`, or write `aws/NAME` for one of AWS or an ARN for another of this account";
                Err(unknown(reference, "policy", known, hint))
            }
        },
    }
}

fn by_arn(draft: &Draft, reference: &Reference) -> Result<Option<ManagedPolicy>, Diagnostic> {
    let Some(account) = &draft.account else {
        return Ok(None);
    };
    let policy = ManagedPolicy::from_arn(&reference.text, account).map_err(|error| {
        wrong(reference, error.to_string())
            .hint("a policy of this account or of AWS can be attached, no other")
    })?;
    match (policy.owner, draft.policies.get(&policy.name)) {
        (Owner::Account, Some(path)) if *path != policy.path => {
            let ManagedPolicy {
                path: other, name, ..
            } = &policy;
            let message = format!(
                "the path in this ARN is `{other}`, and this spec declares `{name}` in `{path}`"
            );
            Err(wrong(reference, message).hint(format!("write `{name}`")))
        }
        _ => Ok(Some(policy)),
    }
}

fn wrong(reference: &Reference, message: impl AsRef<str>) -> Diagnostic {
    Diagnostic::at(Severity::Error, &reference.place, message)
}

fn unknown<'a>(
    reference: &Reference,
    what: &str,
    known: impl Iterator<Item = &'a str>,
    otherwise: &str,
) -> Diagnostic {
    let hint = nearest(&reference.text, known).map_or_else(
        || otherwise.to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("there is no {what} `{}` in this spec", reference.text);
    wrong(reference, message).hint(hint)
}

/// Declares what a reference stands for. The second of two references to one thing is returned as an error.
fn declare(
    draft: &mut Draft,
    reference: Reference,
    address: Address,
    body: Body,
) -> Option<Diagnostic> {
    if let Some(first) = draft.places.get(&address) {
        let message = format!("`{}` is there twice", reference.text);
        return Some(wrong(&reference, message).related(first, "the first one"));
    }
    let Reference { place, origin, .. } = reference;
    draft.places.insert(address.clone(), place);
    let wish = Wish::Present(body);
    draft.objects.insert(address, Declared { wish, origin });
    None
}
