//! Where the lock is.

use super::{valid, wrong};

#[test]
fn a_lock_is_in_the_region_of_the_spec_unless_it_names_another() {
    let lock = |text| valid(text).desired.lock.unwrap();
    let here = lock("lock: {s3: acme-locks/prod/mfactl.lock}\n");
    assert_eq!(here.object.to_string(), "acme-locks/prod/mfactl.lock");
    assert_eq!(here.region.as_str(), "us-east-1");
    let there = lock("lock: {s3: acme-locks/mfactl.lock, region: eu-central-1}\n");
    assert_eq!(there.region.as_str(), "eu-central-1");
    assert_eq!(valid("users: {}\n").desired.lock, None);
}

#[test]
fn a_lock_that_can_not_be_is_an_error_where_it_is_written() {
    let cases = [
        ("lock: {}\n", "`s3` is missing"),
        (
            "lock: {s3: \"s3://acme-locks/x\"}\n",
            "`s3://acme-locks/x` can't be an object of S3: it is BUCKET/KEY, such as `acme-locks/mfactl.lock`",
        ),
        (
            "lock: {s3: acme-locks/x, region: 7}\n",
            "expected a region such as `us-east-1`, found the number 7",
        ),
        (
            "lock: {s3: acme-locks/x, table: y}\n",
            "unknown key `table`",
        ),
    ];
    for (text, message) in cases {
        assert_eq!(wrong(text), [format!("4: {message}")], "{text}");
    }
}
