//! The policies that AWS manages, as documents of the language.

use mfactl_tests::managed_policies;
use policy::Document;

#[test]
fn every_policy_that_aws_manages_is_read_printed_and_made_canonical() {
    let policies = managed_policies();
    assert!(policies.len() > 1_400, "{}", policies.len());
    for (name, text) in policies {
        let document = Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            Document::parse(&document.to_json()),
            Ok(document.clone()),
            "{name}"
        );
        let canonical = document.canonical();
        assert!(document.same_meaning(&canonical), "{name}");
        assert_eq!(
            Document::parse(&canonical.to_json_pretty()),
            Ok(canonical),
            "{name}"
        );
        assert!(document.size() <= text.len(), "{name}");
    }
}
