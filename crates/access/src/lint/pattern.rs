//! Mistakes in patterns and names.

use model::FindingCode;
use policy::ResourcePattern;

use super::{Look, Looked, Mistake};

pub(super) fn mistakes(looked: &Looked<'_>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for look in &looked.statements {
        mistakes.extend(matches_nothing(look));
        mistakes.extend(path_forgotten(look));
    }
    mistakes.extend(name_promises_mfa(looked));
    mistakes
}

fn matches_nothing(look: &Look<'_>) -> Option<Mistake> {
    let pattern = look
        .statement
        .actions()
        .patterns()
        .iter()
        .find(|pattern| pattern.name().is_empty())?;
    Some(look.mistake(
        FindingCode::MatchesNothing,
        format!("lists `{pattern}`, which matches no action"),
    ))
}

fn path_forgotten(look: &Look<'_>) -> Option<Mistake> {
    const OWN: &str = "user/${aws:username}";
    let resource = |pattern: &'_ ResourcePattern| {
        pattern
            .as_str()
            .splitn(6, ':')
            .nth(5)
            .unwrap_or("*")
            .to_owned()
    };
    let has_path = |pattern: &ResourcePattern| {
        let resource = resource(pattern);
        resource.starts_with('*') || resource.starts_with("user/*")
    };
    let own = look
        .resources()
        .iter()
        .find(|pattern| resource(pattern) == OWN)?;
    (!look.resources().iter().any(has_path)).then(|| {
        look.mistake(
            FindingCode::PathForgotten,
            format!("names `{own}`, which is not the ARN of a user who has a path, such as user/eng/alice"),
        )
    })
}

fn name_promises_mfa(looked: &Looked<'_>) -> Option<Mistake> {
    let name = looked.name.to_ascii_lowercase();
    let promises = name.contains("mfa")
        && ["with", "require", "enforce", "force"]
            .iter()
            .any(|word| name.contains(word));
    (promises && !looked.statements.iter().any(Look::tests_mfa)).then(|| Mistake {
        code: FindingCode::NamePromisesMfa,
        statements: Vec::new(),
        message: "has a name that promises MFA, but no condition about it".to_owned(),
    })
}
