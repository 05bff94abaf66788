//! Whole specs.

mod files;
mod hostile;
mod lock;
mod monitoring;
mod schema;

use std::fs;

use model::{Address, Body, Boundary, MfaType, Wish};
use tempfile::TempDir;

use crate::{Severity, Spec, SpecErrors, load};

const HEAD: &str = "version: 1\naccount: \"123456789012\"\nregion: us-east-1\n";
const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

fn load_text(text: &str) -> Result<Spec, SpecErrors> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mfactl.yaml"), text).unwrap();
    load(&folder.path().join("mfactl.yaml"))
}

fn valid(text: &str) -> Spec {
    load_text(&format!("{HEAD}{text}")).unwrap_or_else(|errors| panic!("{:#?}", errors.diagnostics))
}

/// Returns the messages of what is wrong, each with its line.
fn wrong(text: &str) -> Vec<String> {
    let errors = load_text(&format!("{HEAD}{text}")).unwrap_err();
    errors
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}", diagnostic.line, diagnostic.message))
        .collect()
}

fn warned(text: &str) -> Vec<String> {
    valid(text)
        .warnings
        .iter()
        .map(|diagnostic| diagnostic.message.clone())
        .collect()
}

fn addresses(spec: &Spec) -> Vec<String> {
    spec.desired
        .objects
        .keys()
        .map(Address::to_string)
        .collect()
}

#[test]
fn a_person_becomes_a_user_a_password_a_device_and_memberships() {
    let text = format!(
        "users:\n  alice:\n    groups: [ops]\n    console: true\n    mfa: provisioned\n    deliver_to: {KEY}\n    policies: [aws/ReadOnlyAccess]\ngroups:\n  ops:\n"
    );
    let spec = valid(&text);
    let expected = [
        "user/alice",
        "login_profile/alice",
        "mfa_device/alice",
        "group/ops",
        "membership/ops:alice",
        "attachment/user:alice:aws/ReadOnlyAccess",
    ];
    assert_eq!(addresses(&spec), expected);
    let membership = &spec.desired.objects[&"membership/ops:alice".parse().unwrap()];
    assert_eq!(membership.origin.line, 6, "the line that names the group");
}

#[test]
fn defaults_apply_where_nothing_else_is_said() {
    let spec = valid(
        "defaults: {path: /people/, tags: {team: all}}\nusers:\n  a: {}\n  b: {path: /eng/, tags: {Team: own}}\n",
    );
    let user = |name: &str| match &spec.desired.objects[&name.parse().unwrap()].wish {
        Wish::Present(Body::User(user)) => user.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (
            user("user/a").path.as_str(),
            user("user/a").tags.get("team")
        ),
        ("/people/", Some("all"))
    );
    assert_eq!(user("user/b").path.as_str(), "/eng/");
    assert_eq!(
        user("user/b").tags.iter().collect::<Vec<_>>(),
        [("Team", "own")],
        "a key is the same in any case"
    );
}

#[test]
fn console_false_wants_the_password_gone_and_absent_says_nothing() {
    let spec = valid("users:\n  a: {console: false}\n  b: {}\n");
    assert!(matches!(
        spec.desired.objects[&"login_profile/a".parse().unwrap()].wish,
        Wish::Absent
    ));
    assert!(!addresses(&spec).contains(&"login_profile/b".to_owned()));
}

#[test]
fn a_boundary_is_named_lifted_or_left() {
    let policy = "policies:\n  limit: {document: {Version: \"2012-10-17\", Statement: {Effect: Allow, Action: \"*\", Resource: \"*\"}}}\n";
    let spec = valid(&format!(
        "{policy}users:\n  a: {{boundary: limit}}\n  b: {{boundary: false}}\n  c: {{}}\n"
    ));
    let boundary = |name: &str| match &spec.desired.objects[&name.parse().unwrap()].wish {
        Wish::Present(Body::User(user)) => user.boundary.clone(),
        other => panic!("{other:?}"),
    };
    assert!(matches!(boundary("user/a"), Boundary::Policy(_)));
    assert_eq!(boundary("user/b"), Boundary::None);
    assert_eq!(boundary("user/c"), Boundary::Undeclared);
}

#[test]
fn names_like_no_and_on_stay_names() {
    assert_eq!(
        addresses(&valid("users:\n  no: {}\n  on: {}\n  yes: {}\n")),
        ["user/no", "user/on", "user/yes"]
    );
}

#[test]
fn an_unquoted_account_is_an_error_that_says_to_quote() {
    let errors = load_text("version: 1\naccount: 123456789012\nregion: us-east-1\n").unwrap_err();
    assert_eq!(
        errors.diagnostics[0].message,
        "an account id must be quoted, or its leading zeros are lost"
    );
    assert_eq!(
        errors.diagnostics[0].hint.as_deref(),
        Some("write `account: \"123456789012\"`")
    );
}

#[test]
fn two_users_of_one_name_are_an_error() {
    assert_eq!(
        wrong("users:\n  a: {}\n  a: {}\n"),
        ["6: `a` is there twice"]
    );
    assert_eq!(
        wrong("users:\n  a: {}\n  A: {}\n"),
        ["5: `A` and `a` are the same name to IAM, which ignores case"]
    );
}

#[test]
fn keys_of_later_capabilities_are_errors() {
    assert_eq!(
        wrong("monitoring:\n  presets: [cis-1.5]\n"),
        ["5: `presets` is not available yet"]
    );
}

#[test]
fn a_user_and_a_membership_have_a_last_day() {
    let spec = valid(
        "users:\n  a: {expires: 2027-03-31, groups: [g, {name: h, expires: '2027-01-31'}, {name: i}]}\ngroups:\n  g:\n  h:\n  i:\n",
    );
    let expires = &spec.desired.expires;
    let expires: Vec<(String, String)> = expires
        .iter()
        .map(|(address, last)| (address.to_string(), last.to_string()))
        .collect();
    let expected = [("user/a", "2027-03-31"), ("membership/h:a", "2027-01-31")];
    assert_eq!(
        expires,
        expected.map(|(address, last)| (address.to_owned(), last.to_owned()))
    );
    assert!(addresses(&spec).contains(&"membership/i:a".to_owned()));
}

#[test]
fn a_last_day_that_is_no_day_is_an_error() {
    assert_eq!(
        wrong(
            "users:\n  a: {expires: 2027-02-30}\n  b: {groups: [{name: g, expires: 31.1.2027}]}\n  c: {groups: [{expires: 2027-01-31}]}\n  d: {groups: [{name: g, until: 2027-01-31}]}\ngroups:\n  g:\n"
        ),
        [
            "5: expected a day such as `2027-01-31`, found the text `2027-02-30`",
            "6: expected a day such as `2027-01-31`, found the text `31.1.2027`",
            "7: `name` is missing",
            "8: unknown key `until`",
        ]
    );
}

#[test]
fn who_must_have_mfa_is_known_and_nobody_else() {
    let spec = valid(&format!(
        "users:\n  a: {{mfa: required}}\n  b: {{mfa: optional}}\n  c:\n  d: {{mfa: provisioned, deliver_to: {KEY}}}\n"
    ));
    let needing: Vec<_> = spec
        .desired
        .needs_mfa
        .keys()
        .map(model::UserName::as_str)
        .collect();
    assert_eq!(needing, ["a", "d"]);
}

#[test]
fn mfa_has_a_grace_period_and_a_sort_of_device() {
    let spec = valid(
        "defaults: {mfa_grace: 7d}\nusers:\n  a: {mfa: required, groups: [g]}\n  b: {mfa: required, mfa_grace: 0d, require_type: hardware, groups: [g]}\ngroups:\n  g: {require_type: fido2}\n",
    );
    let desired = &spec.desired;
    let grace: Vec<_> = desired.needs_mfa.values().map(|it| it.grace_days).collect();
    assert_eq!(grace, [Some(7), Some(0)]);
    let types = desired.types_by_user();
    let types: Vec<_> = types
        .values()
        .map(|types| Vec::from_iter(types.iter().copied()))
        .collect();
    assert_eq!(
        types,
        [
            vec![MfaType::Fido2],
            vec![MfaType::Hardware, MfaType::Fido2]
        ]
    );
}

#[test]
fn a_sort_of_device_is_required_only_of_who_must_have_one_and_makes_it() {
    assert_eq!(
        wrong(&format!(
            "users:\n  a: {{require_type: fido2}}\n  b: {{groups: [g]}}\n  c: {{mfa: provisioned, deliver_to: {KEY}, groups: [g]}}\n  d: {{mfa: optional, mfa_grace: 7d}}\n  e: {{mfa: required, mfa_grace: 7, require_type: sms}}\ngroups:\n  g: {{require_type: fido2}}\n"
        )),
        [
            "5: `require_type` is about who must have MFA",
            "6: group:g requires a FIDO2 security key of `b`, who needn't have MFA",
            "7: a FIDO2 security key is required of `c`, and `mfa: provisioned` makes a virtual device",
            "8: `mfa_grace` is about who must have MFA",
            "9: expected a number of days such as `7d`, found the number 7",
            "9: unknown word `sms`",
        ]
    );
    valid(&format!(
        "users:\n  c: {{mfa: provisioned, require_type: virtual, deliver_to: {KEY}}}\n"
    ));
}

#[test]
fn a_preset_is_a_document_of_the_regions_partition() {
    let spec = valid(
        "policies:\n  p: {preset: enforce-mfa}\n  q: {preset: enforce-mfa, parameters: {list_users: true}}\n",
    );
    let size =
        |name: &str| match &spec.desired.objects[&format!("policy/{name}").parse().unwrap()].wish {
            Wish::Present(Body::Policy(policy)) => policy.document.size(),
            other => panic!("{other:?}"),
        };
    assert_eq!(size("q"), size("p") + 2 * r#""iam:ListUsers","#.len());
    assert!(spec.desired.lists_users);
    assert_eq!(
        wrong("policies:\n  p: {preset: enforce-mfa, file: p.json}\n"),
        ["5: a policy has either `preset` or `file`"]
    );
    assert_eq!(
        wrong("policies:\n  p: {preset: enforce-fma}\n"),
        ["5: unknown word `enforce-fma`"]
    );
}

#[test]
fn findings_are_accepted_by_name_with_a_reason() {
    let spec = valid(
        "safety:\n  accept:\n    - {finding: can-enrol, on: user/*, reason: by hand, until: 2027-01-31}\n",
    );
    let accepted = &spec.desired.safety.accept[0];
    assert_eq!(accepted.finding, model::FindingCode::CanEnrol);
    assert_eq!(accepted.until, Some(jiff::civil::date(2027, 1, 31)));
    assert_eq!(
        wrong(
            "safety:\n  accept:\n    - {finding: can-enroll, on: user/a, reason: x}\n    - {finding: protected, on: user/a, reason: x}\n    - {finding: can-enrol, on: alice, until: soon}\n"
        ),
        [
            "6: unknown word `can-enroll`",
            "7: unknown word `protected`",
            "8: `reason` is missing",
            "8: `alice` is not a kind of object",
            "8: expected a day such as `2027-01-31`, found the text `soon`",
        ]
    );
}

#[test]
fn policies_of_the_organization_are_given_level_by_level() {
    let document = "{document: {Version: '2012-10-17', Statement: {Effect: Deny, Action: '*', Resource: '*'}}}";
    let spec = valid(&format!(
        "safety:\n  service_control_policies:\n    - []\n    - [{document}]\n"
    ));
    let levels = &spec.desired.safety.service_control_policies;
    assert_eq!(levels.iter().map(Vec::len).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(levels[1][0].statements[0].line, 7);
    assert_eq!(
        wrong(&format!(
            "safety:\n  service_control_policies:\n    - {document}\n    - [{{document: {{}}, flie: x}}]\n"
        )),
        [
            "6: expected the policies of a level, such as `[{file: scp/region.json}]`, found a map",
            "7: the document has no `Statement`: expected a statement or a list of them",
            "7: unknown key `flie`",
        ]
    );
}

#[test]
fn checks_name_somebody_and_actions() {
    let spec = valid(
        "checks:\n  - as: user/a\n    with_key: {deny: ['*']}\n    with_mfa: {allow: ['s3:Get*', 'iam:GetUser']}\n  - as: role/r\n    with_mfa: {deny: ['iam:*']}\n",
    );
    let sessions: Vec<_> = spec
        .desired
        .checks
        .iter()
        .map(|check| check.session)
        .collect();
    assert_eq!(
        sessions,
        [
            model::Session::Key,
            model::Session::Mfa,
            model::Session::Role
        ]
    );
    assert_eq!(
        wrong(
            "checks:\n  - as: group/g\n  - {as: user/a, with_key: {deny: [nothing]}}\n  - {as: role/r, with_key: {deny: ['*']}}\n"
        ),
        [
            "5: this checks nothing",
            "5: expected `user/NAME` or `role/NAME`, found the text `group/g`",
            "6: invalid action `nothing`: an action must be prefaced by its service, such as `iam:GetUser` or `s3:*`, or be `*`",
            "7: a role has neither keys nor a password; write `with_mfa`",
        ]
    );
}

#[test]
fn a_password_needs_somebody_to_seal_it_for() {
    assert_eq!(
        wrong("users:\n  a: {console: true}\n"),
        ["5: `console: true` needs `deliver_to: age1…`"]
    );
}

#[test]
fn a_reset_is_declared_as_a_tag_and_needs_what_it_resets() {
    let read = valid(&format!(
        "users:\n  a: {{console: true, deliver_to: {KEY}, reset: {{password: 2026-11-24, mfa: phone lost}}}}\n"
    ));
    let user = &read.desired.objects[&"user/a".parse().unwrap()];
    let Wish::Present(Body::User(user)) = &user.wish else {
        panic!("{user:?}")
    };
    assert_eq!(user.tags.get("mfactl:reset-password"), Some("2026-11-24"));
    assert_eq!(user.tags.get("mfactl:reset-mfa"), Some("phone lost"));
    assert_eq!(
        wrong(
            "users:\n  a: {reset: {password: now}}\n  b: {reset: {mfa: ''}}\n  c: {reset: {mfa: 'lost!'}}\n  d: {tags: {'mfactl:reset-mfa': x}}\n"
        ),
        [
            "5: a password is reset only of somebody with `console: true` and `deliver_to: age1…`",
            "6: it is done once for each value, so it needs one: a date will do",
            "7: `mfactl:reset-mfa` can't be a tag: its value may have only letters, digits, spaces and `_.:/=+-@`",
            "8: `mfactl:reset-mfa` is reserved: mfactl keeps its own tags under `mfactl:`",
        ]
    );
}

#[test]
fn ten_mistakes_are_shown_at_once() {
    let text = format!(
        "version: 1
account: 123456789012
region: us-east-1
prune: {{usr: /people/*}}
safety: {{max_people_removed: 300%}}
users:
  al ice: {{}}
  bob:
    groups: [mfa-admin]
    polices: [x]
    console: yes
    deliver_to: {KEY}x
groups:
  mfa-admins:
    policies: [enforce-mfaa]
policies:
  enforce-mfa:
    document: {{Version: '2012-10-17', Statement: {{Effect: Deny, NotAction: 'iam:*', Resource: '*', Conditon: {{}}}}}}
monitoring:
  log_group: {{name: trail, create: {{retention_days: 366}}}}
"
    );
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mfactl.yaml"), text).unwrap();
    let errors = load(&folder.path().join("mfactl.yaml")).unwrap_err();
    let rendered: Vec<String> = errors
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.render(false))
        .collect();
    let rendered = rendered
        .join("\n\n")
        .replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!(rendered);
    assert!(
        errors
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count()
            >= 10
    );
}

#[test]
fn the_example_is_right() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/mfa-recipe");
    let spec = load(example.as_ref()).unwrap_or_else(|errors| panic!("{:#?}", errors.diagnostics));
    assert_eq!(spec.warnings, []);
    assert!(spec.desired.objects.len() >= 10);
}

#[test]
fn a_value_is_taken_as_it_is_written() {
    let spec = valid("users:\n  0x10: {}\n  1.50: {tags: {a: 1.10, b: 012, c: true, d: on}}\n");
    assert_eq!(addresses(&spec), ["user/0x10", "user/1.50"]);
    let Wish::Present(Body::User(user)) = &spec.desired.objects[&"user/1.50".parse().unwrap()].wish
    else {
        panic!("no user");
    };
    let tags: Vec<(&str, &str)> = user.tags.iter().collect();
    assert_eq!(
        tags,
        [("a", "1.10"), ("b", "012"), ("c", "true"), ("d", "on")]
    );
}

#[test]
fn nothing_where_a_list_or_a_map_belongs_is_an_error() {
    assert_eq!(
        wrong("users:\n"),
        ["4: expected `users` as a map of names, found nothing"]
    );
    assert_eq!(
        wrong("password_policy:\n"),
        ["4: expected `password_policy`, found nothing"]
    );
    assert_eq!(
        wrong("groups:\n  g:\n    policies:\n"),
        ["6: expected a list of policies, found nothing"]
    );
}

#[test]
fn what_belongs_to_something_misnamed_or_broken_is_read_too() {
    assert_eq!(
        wrong("groups:\n  a b: {polices: [x]}\n"),
        [
            "5: `a b` can't be a group name: a space is not allowed, only letters, digits and `+=,.@_-`",
            "5: unknown key `polices`",
        ]
    );
    assert_eq!(
        wrong("groups:\n  g: {policies: [p]}\npolicies:\n  p: {document: {}}\n").len(),
        1,
        "the policy is declared, though its document is wrong"
    );
}

#[test]
fn a_users_tags_are_the_same_in_any_case_and_a_policys_are_not() {
    assert_eq!(
        wrong("users:\n  a: {tags: {Team: x, team: y}}\n"),
        ["5: `team` is there twice"]
    );
    let document = "{Version: 2012-10-17, Statement: {Effect: Deny, Action: '*', Resource: '*'}}";
    let policy = format!("policies:\n  p: {{tags: {{Team: x, team: y}}, document: {document}}}\n");
    assert_eq!(warned(&policy), [""; 0]);
    assert_eq!(
        wrong("users:\n  a: {tags: {'mfactl:x': y}}\n"),
        ["5: `mfactl:x` is reserved: mfactl keeps its own tags under `mfactl:`"]
    );
    for (tag, column) in [("'a,b': c", 14), ("a: 'b,c'", 17)] {
        let text = format!("{HEAD}users:\n  a: {{tags: {{{tag}}}}}\n");
        let errors = load_text(&text).unwrap_err();
        assert_eq!(errors.diagnostics[0].column, column, "{errors:?}");
    }
    let many: Vec<String> = (0..51).map(|number| format!("t{number}: x")).collect();
    let many = format!("users:\n  a: {{tags: {{{}}}}}\n", many.join(", "));
    assert_eq!(wrong(&many), ["5: 51 tags, and AWS allows 50"]);
}

#[test]
fn quotas_are_counted() {
    let list = |count: usize, name: &str| {
        let names: Vec<String> = (0..count).map(|number| format!("{name}{number}")).collect();
        names.join(", ")
    };
    let groups: String = (0..11)
        .map(|number| format!("  g{number}: {{}}\n"))
        .collect();
    assert_eq!(
        wrong(&format!(
            "groups:\n{groups}users:\n  a: {{groups: [{}]}}\n",
            list(11, "g")
        )),
        ["17: `a` is in 11 groups, and IAM allows 10"]
    );
    let policies =
        |who: &str, count| format!("{who}:\n  a: {{policies: [{}]}}\n", list(count, "aws/P"));
    assert_eq!(
        wrong(&policies("groups", 11)),
        ["5: 11 policies are attached, and IAM allows 10"]
    );
    assert_eq!(
        warned(&policies("users", 11)),
        ["more than 10 policies are attached"]
    );
    assert_eq!(
        wrong(&policies("users", 21)),
        ["5: 21 policies are attached, and IAM allows 20"]
    );
    let groups: String = (0..301)
        .map(|number| format!("  g{number}: {{}}\n"))
        .collect();
    assert_eq!(
        warned(&format!("groups:\n{groups}")),
        ["301 groups, and IAM allows 300 unless the quota was raised"]
    );
}

#[test]
fn documents_are_measured_as_iam_measures_them() {
    let document = |size: usize| {
        let bare = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::\"}]}";
        let padding = "x".repeat(size - bare.len());
        bare.replace("s3:::", &format!("s3:::{padding}"))
    };
    let policy = |size| format!("policies:\n  p: {{document: {}}}\n", document(size));
    assert_eq!(warned(&policy(6_144)), [""; 0]);
    assert_eq!(
        wrong(&policy(6_145)),
        ["5: the document has 6145 characters without white space, and IAM allows 6144"]
    );
    let inline = |who: &str, size: usize| {
        format!(
            "{who}:\n  a: {{inline_policies: {{p: {{document: {}}}, q: {{document: {}}}}}}}\n",
            document(1_000),
            document(size - 1_000)
        )
    };
    assert_eq!(warned(&inline("users", 2_048)), [""; 0]);
    assert_eq!(
        wrong(&inline("users", 2_049)),
        ["5: the inline policies have 2049 characters together, and IAM allows 2048"]
    );
    assert_eq!(warned(&inline("groups", 5_120)), [""; 0]);
    assert_eq!(wrong(&inline("groups", 5_121)).len(), 1);
}

#[test]
fn a_policy_is_referred_to_by_name_or_arn() {
    let attach = |reference: &str| {
        let document =
            "{Version: 2012-10-17, Statement: {Effect: Deny, Action: '*', Resource: '*'}}";
        format!(
            "policies:\n  p: {{path: /x/, document: {document}}}\ngroups:\n  g: {{policies: ['{reference}']}}\n"
        )
    };
    for (reference, address) in [
        ("p", "attachment/group:g:p"),
        (
            "arn:aws:iam::123456789012:policy/x/p",
            "attachment/group:g:p",
        ),
        (
            "arn:aws:iam::123456789012:policy/y/q",
            "attachment/group:g:q",
        ),
        (
            "aws/job-function/Billing",
            "attachment/group:g:aws/job-function/Billing",
        ),
        (
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "attachment/group:g:aws/ReadOnlyAccess",
        ),
    ] {
        let addresses = addresses(&valid(&attach(reference)));
        assert!(addresses.contains(&address.to_owned()), "{addresses:?}");
    }
    for (reference, message) in [
        ("P", "7: there is no policy `P` in this spec"),
        (
            "arn:aws:iam::123456789012:policy/p",
            "7: the path in this ARN is `/`, and this spec declares `p` in `/x/`",
        ),
    ] {
        assert_eq!(wrong(&attach(reference)), [message]);
    }
    assert_eq!(
        wrong(&attach("arn:aws:iam::210987654321:policy/p")).len(),
        1
    );
}

#[test]
fn a_rename_is_from_a_name_that_is_free() {
    assert_eq!(
        wrong("users: {a: {renamed_from: A}}\n"),
        ["4: this is the user's own name: IAM ignores case"]
    );
    assert_eq!(
        wrong("users: {a: {renamed_from: B}, b: {}}\n"),
        ["4: `renamed_from: B` names a user that this spec declares too"]
    );
    assert_eq!(
        wrong("users: {a: {renamed_from: c}, b: {renamed_from: C}}\n"),
        ["4: `C` can't be renamed to two users"]
    );
}

#[test]
fn patterns_that_match_nothing_are_errors() {
    assert_eq!(
        wrong("prune: {user: people/*}\nignore: [user, usr/x]\n"),
        [
            "4: `people/*` matches no user: it begins with the path, and that with `/`",
            "5: `user` is no address: it has no name",
            "5: `usr` is not a kind of object",
        ]
    );
    let desired = valid("prune: {user: [/a/*, /b/*], alarm: mfa-*}\nignore: ['*/ci-*']\n").desired;
    assert_eq!((desired.prune.len(), desired.ignore.len()), (3, 1));
}
