//! The actions that AWS had when the list was made: enough to notice a slip of the pen, never a reason to refuse.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use policy::ActionPattern;

/// A line for each service: its prefix, then its actions; `*` marks those of IAM that are about no
/// resource in particular.
const LIST: &str = include_str!("actions.txt");

/// Each service's actions, as in its line.
static SERVICES: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).collect()
});

/// Tells whether an action of IAM is known to be about no resource in particular, so that a statement must list `*` for it
/// ("Actions, resources, and condition keys for AWS services", "Resource types").
pub(crate) fn is_account_wide(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else {
        return false;
    };
    let marked = |listed: &str| {
        listed
            .strip_suffix('*')
            .is_some_and(|listed| listed.eq_ignore_ascii_case(name))
    };
    actions(service).is_some_and(|actions| actions.split(' ').any(marked))
}

/// Returns what was probably meant by a pattern that matches no known action: only where something comes near, since
/// there are more actions every week.
pub(crate) fn probably_meant(pattern: &ActionPattern) -> Option<String> {
    let (service, name) = (pattern.service(), pattern.name());
    if service == "*" {
        return None;
    }
    let Some(actions) = actions(service) else {
        return nearest(service, SERVICES.keys().copied()).map(|near| format!("{near}:{name}"));
    };
    let names = || {
        actions
            .split(' ')
            .map(|listed| listed.strip_suffix('*').unwrap_or(listed))
    };
    match name.find(['*', '?']) {
        None if names().any(|listed| listed.eq_ignore_ascii_case(name)) => None,
        None => nearest(name, names()).map(|near| format!("{service}:{near}")),
        Some(_) if names().any(|listed| pattern.matches(&format!("{service}:{listed}"))) => None,
        Some(end) => {
            let (start, rest) = name.split_at(end);
            let starts = names().filter_map(|listed| listed.get(..end));
            nearest(start, starts).map(|near| format!("{service}:{near}{rest}"))
        }
    }
}

fn actions(service: &str) -> Option<&'static str> {
    SERVICES.get(service.to_ascii_lowercase().as_str()).copied()
}

/// Returns the candidate that differs by a slip: a character or two wrong, missing or too many.
fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 128;
    const SLIP: usize = 2;
    let text = text.to_ascii_lowercase();
    let near = candidates
        .filter(|candidate| text.len() <= LONGEST && text.len().abs_diff(candidate.len()) <= SLIP);
    let distances = near.map(|candidate| {
        let distance = strsim::osa_distance(&text, &candidate.to_ascii_lowercase());
        (distance, candidate)
    });
    let (distance, candidate) = distances.min()?;
    // A short name is soon like another.
    (distance <= SLIP.min(text.len() / 4) && candidate.len() > SLIP).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use policy::Document;

    use super::*;

    fn meant(action: &str) -> Option<String> {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}]}}"#
        );
        let document = Document::parse(&text).unwrap();
        let statement = document.statements().next().unwrap();
        probably_meant(&statement.actions().patterns()[0])
    }

    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        for (written, probably) in [
            ("iam:CreateVirtualMfaDevices", "iam:CreateVirtualMFADevice"),
            ("iam:Lits*", "iam:List*"),
            ("iam:ChangePasword", "iam:ChangePassword"),
            ("cloudwach:PutMetricAlarm", "cloudwatch:PutMetricAlarm"),
        ] {
            assert_eq!(meant(written).as_deref(), Some(probably), "{written}");
        }
    }

    #[test]
    fn what_is_known_and_what_is_like_nothing_known_is_left_alone() {
        for action in [
            "*",
            "*:*",
            "iam:*",
            "IAM:createvirtualmfadevice",
            "iam:*MFADevice",
            "s3:GetObject",
            "s3:?etObject*",
            "iam:TeleportUser",
            "quantum-ledger-of-tomorrow:*",
        ] {
            assert_eq!(meant(action), None, "{action}");
        }
    }

    #[test]
    fn actions_about_the_whole_account_are_known() {
        assert!(is_account_wide("iam:GetAccountSummary") && is_account_wide("iam:listusers"));
        assert!(!is_account_wide("iam:GetUser") && !is_account_wide("new:Action"));
    }
}
