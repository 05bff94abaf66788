use super::*;

#[track_caller]
fn compare(comparison: &str, asked: &str, value: &str) -> Option<bool> {
    let comparison = *Comparison::ALL
        .iter()
        .find(|one| one.as_str() == comparison)
        .unwrap();
    let context = Context::default()
        .with("aws:username", "alice")
        .with("aws:Star", "*");
    ConditionValue::read(comparison, asked, Version::V2012_10_17).matches(value, &context)
}

#[test]
fn string_equals_has_no_wildcards_and_minds_case() {
    assert_eq!(compare("StringEquals", "a*", "a*"), Some(true));
    assert_eq!(compare("StringEquals", "a*", "ab"), Some(false));
    assert_eq!(compare("StringEquals", "a", "A"), Some(false));
    assert_eq!(
        compare("StringEquals", "${aws:username}${*}", "alice*"),
        Some(true)
    );
}

#[test]
fn string_equals_ignore_case_ignores_it_in_every_alphabet() {
    assert_eq!(
        compare("StringEqualsIgnoreCase", "x-${aws:username}-Ä", "X-ALICE-ä"),
        Some(true)
    );
    assert_eq!(
        compare("StringEqualsIgnoreCase", "alice", "alic"),
        Some(false)
    );
    assert_eq!(
        compare("StringEqualsIgnoreCase", "alic", "alice"),
        Some(false)
    );
    assert_eq!(compare("StringEqualsIgnoreCase", "a*", "ab"), Some(false));
}

#[test]
fn string_like_has_wildcards_but_a_variable_brings_none() {
    assert_eq!(
        compare("StringLike", "home/${aws:username}/*", "home/alice/x"),
        Some(true)
    );
    assert_eq!(compare("StringLike", "${aws:Star}", "x"), Some(false));
    assert_eq!(compare("StringLike", "${aws:Star}", "*"), Some(true));
    assert_eq!(compare("StringLike", "${*}?", "*x"), Some(true));
}

#[test]
fn a_variable_without_value_is_like_nothing_unless_it_has_a_default() {
    assert_eq!(compare("StringLike", "*${aws:userid}", ""), Some(false));
    assert_eq!(
        compare("StringEquals", "${aws:userid, 'nobody'}", "nobody"),
        Some(true)
    );
    assert_eq!(
        compare("StringEqualsIgnoreCase", "${aws:userid}", ""),
        Some(false)
    );
}

#[test]
fn variables_are_text_in_the_old_language_and_in_other_operators() {
    let old = |comparison, asked, value: &str| {
        ConditionValue::read(comparison, asked, Version::V2008_10_17)
            .matches(value, &Context::default())
    };
    assert_eq!(
        old(Comparison::StringEquals, "${a:b}", "${a:b}"),
        Some(true)
    );
    assert_eq!(
        old(Comparison::StringLike, "${*}", "${anything}"),
        Some(true)
    );
    assert_eq!(compare("NumericEquals", "${aws:username}", "1"), None);
}

#[test]
fn numbers_are_compared_as_numbers() {
    assert_eq!(compare("NumericEquals", "1.0", "1"), Some(true));
    assert_eq!(compare("NumericLessThan", "10", "9"), Some(true));
    assert_eq!(compare("NumericLessThan", "10", "10"), Some(false));
    assert_eq!(compare("NumericLessThanEquals", "10", "10"), Some(true));
    assert_eq!(compare("NumericGreaterThan", "-1", "0"), Some(true));
    assert_eq!(
        compare("NumericGreaterThanEquals", "3600", "3599"),
        Some(false)
    );
    assert_eq!(compare("NumericNotEquals", "1", "1"), Some(true));
}

#[test]
fn what_is_no_number_is_not_compared() {
    for text in ["", "one", "inf", "NaN", "0x10", "1e1", "1 ", "1,0", "."] {
        assert_eq!(compare("NumericEquals", text, "1"), None, "{text}");
        assert_eq!(compare("NumericEquals", "1", text), None, "{text}");
    }
}

#[test]
fn dates_are_iso_8601_or_seconds_since_1970() {
    for text in [
        "2024-01-01",
        "2024-01",
        "2024-01-01T00:00:00Z",
        "2024-01-01T01:00+01:00",
        "1704067200",
    ] {
        assert_eq!(
            compare("DateEquals", "2024-01-01T00:00:00.000Z", text),
            Some(true),
            "{text}"
        );
    }
    assert_eq!(
        compare(
            "DateLessThan",
            "2024-01-01T00:00:00Z",
            "2023-12-31T23:59:59Z"
        ),
        Some(true)
    );
    assert_eq!(
        compare("DateGreaterThan", "2024-01-01T00:00:00Z", "2024-01-01"),
        Some(false)
    );
    for text in [
        "",
        "yesterday",
        "2024-13-01",
        "2024-01-01T00:00:00",
        "99999999999999999",
    ] {
        assert_eq!(compare("DateEquals", text, "2024-01-01"), None, "{text}");
    }
}

#[test]
fn booleans_are_true_and_false_in_any_case() {
    assert_eq!(compare("Bool", "true", "True"), Some(true));
    assert_eq!(compare("Bool", "FALSE", "true"), Some(false));
    assert_eq!(compare("Bool", "yes", "true"), None);
    assert_eq!(compare("Bool", "true", "1"), None);
}

#[test]
fn binary_values_are_compared_as_bytes() {
    assert_eq!(compare("BinaryEquals", "QmluYXJ5", "QmluYXJ5"), Some(true));
    assert_eq!(compare("BinaryEquals", "QmluYXJ5", "QUJD"), Some(false));
    assert_eq!(compare("BinaryEquals", "not base64", "QUJD"), None);
}

#[test]
fn addresses_are_in_a_range_or_the_address_itself() {
    assert_eq!(
        compare("IpAddress", "203.0.113.0/24", "203.0.113.255"),
        Some(true)
    );
    assert_eq!(
        compare("IpAddress", "203.0.113.7/24", "203.0.113.9"),
        Some(true)
    );
    assert_eq!(
        compare("IpAddress", "203.0.113.7", "203.0.113.9"),
        Some(false)
    );
    assert_eq!(
        compare(
            "IpAddress",
            "2001:DB8:1234:5678::/64",
            "2001:db8:1234:5678:0:0:0:1"
        ),
        Some(true)
    );
    assert_eq!(compare("IpAddress", "0.0.0.0/0", "::1"), Some(false));
    assert_eq!(compare("IpAddress", "203.0.113.0/33", "203.0.113.1"), None);
    assert_eq!(compare("IpAddress", "203.0.113.0/24", "localhost"), None);
}

#[test]
fn arns_are_compared_part_by_part() {
    let user = "arn:aws:iam::123456789012:user/alice";
    assert_eq!(
        compare("ArnLike", "arn:aws:iam::*:user/${aws:username}", user),
        Some(true)
    );
    assert_eq!(
        compare("ArnEquals", "arn:*:iam::12345678901?:*", user),
        Some(true)
    );
    assert_eq!(compare("ArnLike", "arn:aws:*:user/alice", user), None);
    assert_eq!(
        compare("ArnLike", "arn:aws:iam:*:x:user/alice", user),
        Some(false)
    );
    assert_eq!(
        compare(
            "ArnLike",
            "arn:aws:sns:*:*:*",
            "arn:aws:sns:eu-west-1:1:topic:subscription"
        ),
        Some(true)
    );
    assert_eq!(compare("ArnLike", "arn:aws:iam::*:user/*", "alice"), None);
}

#[test]
fn the_last_part_of_an_arn_has_colons_of_its_own() {
    let topic = "arn:aws:sns:eu-west-1:1:topic";
    let subscription = "arn:aws:sns:eu-west-1:1:topic:subscription";
    for (pattern, arn, matches) in [
        (topic, subscription, false),
        (subscription, topic, false),
        (subscription, subscription, true),
    ] {
        assert_eq!(
            compare("ArnLike", pattern, arn),
            Some(matches),
            "{pattern} {arn}"
        );
    }
}

#[test]
fn a_variable_can_stand_for_a_whole_arn() {
    let arn = "arn:aws:iam::123456789012:role/a";
    let context = Context::default().with("aws:PrincipalArn", arn);
    let value = ConditionValue::read(
        Comparison::ArnLike,
        "${aws:PrincipalArn}",
        Version::V2012_10_17,
    );
    assert_eq!(value.matches(arn, &context), Some(true));
    assert_eq!(
        value.matches("arn:aws:iam::123456789012:role/b", &context),
        Some(false)
    );
    assert_eq!(value.matches(arn, &Context::default()), Some(false));
}
