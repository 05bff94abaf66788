//! References between objects, resolved when all of them are known.

use std::collections::BTreeMap;

use model::{
    Address, Attachment, Body, Boundary, GroupName, ManagedPolicy, Owner, Path, PolicyName,
    PolicyRef, Principal, UserName, Wish,
};

use crate::diagnostic::{Diagnostic, Place, Severity};
use crate::node::Node;
use crate::reading::{Reading, nearest};
use crate::spec::Draft;

/// Holds references with their places.
#[derive(Default)]
pub(crate) struct References {
    found: Vec<Reference>,
}

struct Reference {
    place: Place,
    origin: model::Origin,
    text: String,
    by: By,
}

enum By {
    Attachment(Principal),
    Boundary(UserName),
    Membership(UserName),
}

impl References {
    pub(crate) fn attach(&mut self, reading: &mut Reading<'_>, principal: &Principal, node: &Node) {
        self.add(
            reading,
            node,
            "a policy: `NAME`, `aws/NAME` or an ARN",
            By::Attachment(principal.clone()),
        );
    }

    pub(crate) fn bound(&mut self, reading: &mut Reading<'_>, user: &UserName, node: &Node) {
        self.add(
            reading,
            node,
            "a policy, or `false` for none",
            By::Boundary(user.clone()),
        );
    }

    pub(crate) fn join(&mut self, reading: &mut Reading<'_>, user: &UserName, node: &Node) {
        self.add(reading, node, "a group", By::Membership(user.clone()));
    }

    fn add(&mut self, reading: &mut Reading<'_>, node: &Node, what: &str, by: By) {
        if let Some(text) = reading.text(node, what) {
            let (place, origin) = (reading.place(node), reading.origin(node));
            self.found.push(Reference {
                place,
                origin,
                text: text.to_owned(),
                by,
            });
        }
    }
}

/// Resolves every reference and declares the memberships and attachments.
pub(crate) fn resolve(draft: &mut Draft, diagnostics: &mut Vec<Diagnostic>) {
    let names = Names::of(draft);
    for reference in std::mem::take(&mut draft.references).found {
        match resolve_one(draft, &names, &reference) {
            Ok(None) => {}
            Ok(Some((address, body))) => declare(draft, reference, address, body, diagnostics),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
}

struct Names {
    policies: BTreeMap<PolicyName, Path>,
    groups: Vec<GroupName>,
}

impl Names {
    fn of(draft: &Draft) -> Self {
        let mut names = Self {
            policies: BTreeMap::new(),
            groups: Vec::new(),
        };
        for (address, declared) in &draft.desired.objects {
            match (address, &declared.wish) {
                (Address::Policy(PolicyRef::Local(name)), Wish::Present(Body::Policy(policy))) => {
                    names.policies.insert(name.clone(), policy.path.clone());
                }
                (Address::Group(name), _) => names.groups.push(name.clone()),
                _ => {}
            }
        }
        names
    }
}

fn resolve_one(
    draft: &mut Draft,
    names: &Names,
    reference: &Reference,
) -> Result<Option<(Address, Body)>, Diagnostic> {
    match &reference.by {
        By::Membership(user) => {
            let group = names
                .groups
                .iter()
                .find(|group| group.as_str() == reference.text);
            let group = group.ok_or_else(|| {
                unknown(
                    reference,
                    "group",
                    names.groups.iter().map(GroupName::as_str),
                    "declare it under `groups`",
                )
            })?;
            Ok(Some((
                Address::Membership(group.clone(), user.clone()),
                Body::Membership,
            )))
        }
        By::Attachment(principal) => {
            let policy = policy(draft, names, reference)?;
            let address = Address::Attachment(principal.clone(), policy.reference());
            Ok(Some((address, Body::Attachment(Attachment { policy }))))
        }
        By::Boundary(user) => {
            let policy = policy(draft, names, reference)?;
            let declared = draft.desired.objects.get_mut(&Address::User(user.clone()));
            if let Some(Wish::Present(Body::User(user))) =
                declared.map(|declared| &mut declared.wish)
            {
                user.boundary = Boundary::Policy(policy);
            }
            Ok(None)
        }
    }
}

fn policy(
    draft: &Draft,
    names: &Names,
    reference: &Reference,
) -> Result<ManagedPolicy, Diagnostic> {
    let wrong = |message: String| Diagnostic::at(Severity::Error, &reference.place, message);
    if reference.text.starts_with("arn:") {
        return ManagedPolicy::from_arn(&reference.text, &draft.account).map_err(|error| {
            wrong(error.to_string())
                .hint("a policy of this account or of AWS can be attached, no other")
        });
    }
    match reference
        .text
        .parse::<PolicyRef>()
        .map_err(|error| wrong(error.to_string()))?
    {
        PolicyRef::Aws { path, name } => Ok(ManagedPolicy {
            owner: Owner::Aws,
            path,
            name,
        }),
        PolicyRef::Local(name) => match names.policies.get(&name) {
            Some(path) => Ok(ManagedPolicy {
                owner: Owner::Account,
                path: path.clone(),
                name,
            }),
            None => {
                let hint = "declare it under `policies`, or write `aws/NAME` for one of AWS or an ARN for another of this account";
                Err(unknown(
                    reference,
                    "policy",
                    names.policies.keys().map(PolicyName::as_str),
                    hint,
                ))
            }
        },
    }
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
    let message = format!(
        "there is no {what} `{}` in this spec",
        reference.text.escape_debug()
    );
    Diagnostic::at(Severity::Error, &reference.place, message).hint(hint)
}

fn declare(
    draft: &mut Draft,
    reference: Reference,
    address: Address,
    body: Body,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Reference {
        place,
        origin,
        text,
        by: _,
    } = reference;
    if let Some(first) = draft.places.get(&address) {
        let diagnostic =
            Diagnostic::at(Severity::Error, &place, format!("`{text}` is there twice"));
        return diagnostics.push(diagnostic.related(first, "the first one"));
    }
    draft.places.insert(address.clone(), place);
    draft.desired.objects.insert(
        address,
        model::Declared {
            wish: Wish::Present(body),
            origin,
        },
    );
}
