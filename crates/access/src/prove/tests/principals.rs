//! Break-glass principals.

use model::{Body, Role, RoleName};

use super::world::*;
use crate::prove::*;

/// Returns the proof of a break-glass principal's keeping control.
fn keeping(snapshot: &Snapshot, principal: Principal) -> String {
    let required = document(r#"{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}"#);
    let asked = Asked {
        break_glass: [(principal, required)].into(),
        ..Asked::default()
    };
    told(&prove(snapshot, &asked)[0])
}

#[test]
fn break_glass_users_keep_control_with_mfa() {
    let snapshot = account(&PEOPLE, &[&preset(), &admin()]);
    let bob = || Principal::User(UserName::new("bob").unwrap());
    assert_eq!(keeping(&snapshot, bob()), "user:bob keeps-control: proved");
    let denying = document(r#"{"Effect": "Deny", "Action": "iam:Delete*", "Resource": "*"}"#);
    assert_eq!(
        keeping(&account(&PEOPLE, &[&preset(), &admin(), &denying]), bob()),
        "user:bob keeps-control: iam:DeleteVirtualMFADevice on arn:aws:iam::123456789012:mfa/some-device with MFA, by statement 1 of policy/policy-2 through group/people"
    );
    assert!(keeping(&account(&PEOPLE, &[&preset()]), bob()).contains("iam:CreateAccessKey"));
}

#[test]
fn a_break_glass_role_has_no_control_where_mfa_is_enforced_on_it() {
    let mut snapshot = account(&[], &[]);
    snapshot.insert(
        "role/OrgAdmin".parse().unwrap(),
        Body::Role(Role {
            path: Path::root(),
            boundary: None,
        }),
    );
    add_policy(&mut snapshot, "admin", &admin());
    attach(&mut snapshot, "role:OrgAdmin", "admin");
    let role = || Principal::Role(RoleName::new("OrgAdmin").unwrap());
    assert_eq!(
        keeping(&snapshot, role()),
        "role:OrgAdmin keeps-control: proved"
    );
    add_policy(&mut snapshot, "preset", &preset());
    attach(&mut snapshot, "role:OrgAdmin", "preset");
    assert_eq!(
        keeping(&snapshot, role()),
        "role:OrgAdmin keeps-control: iam:CreateAccessKey on arn:aws:iam::123456789012:user/somebody-else in a session of the role, by statement DenyAllButSelfServiceUnlessMFA of policy/preset, statement DenyAllToAccessKeysWithoutMFA of policy/preset"
    );
}
