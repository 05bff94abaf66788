//! What is unusual about sign-ins.

use std::collections::{HashMap, HashSet};

use model::Login;

/// Tells of each sign-in, the newest first, whether it came from an address from which its person hadn't got in before,
/// though they had got in from another one. The first address of somebody is nothing unusual: before it nothing is known.
pub fn from_new_address(logins: &[Login]) -> Vec<bool> {
    let mut known: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut unusual: Vec<bool> = logins
        .iter()
        .rev()
        .map(|login| {
            let addresses = known.entry(&login.who).or_default();
            let is_new = !addresses.is_empty() && !addresses.contains(login.from.as_str());
            if login.success {
                addresses.insert(&login.from);
            }
            is_new
        })
        .collect();
    unusual.reverse();
    unusual
}

#[cfg(test)]
mod tests {
    use model::LoginKind;

    use super::*;

    fn login(who: &str, from: &str, success: bool) -> Login {
        Login {
            time: jiff::Timestamp::UNIX_EPOCH,
            who: who.to_owned(),
            kind: LoginKind::User,
            success,
            mfa: Some(true),
            from: from.to_owned(),
            error: None,
        }
    }

    #[test]
    fn a_new_address_is_unusual_for_who_got_in_from_another_before() {
        let logins = [
            login("alice", "203.0.113.9", true),
            login("bob", "203.0.113.9", false),
            login("alice", "203.0.113.9", false),
            login("alice", "192.0.2.1", true),
            login("alice", "192.0.2.1", true),
        ];
        let unusual = from_new_address(&logins);
        assert_eq!(unusual, [true, false, true, false, false]);
    }
}
