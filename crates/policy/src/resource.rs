//! Patterns for resources: ARNs with wildcards and variables, or `*`.

use std::fmt;

use crate::mistake::shown;

/// Holds a pattern for resources as written: `*`, or an ARN in which `*` and `?` are wildcards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ResourcePattern(String);

impl ResourcePattern {
    /// Returns the pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourcePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ResourcePattern {
    /// Reads a pattern, refusing what `CreatePolicy` refuses.
    ///
    /// An ARN may end early, as in `arn:aws:sqs`: IAM completes it with `*` ("Policy grammar notes" of the grammar
    /// page). It may not do so with an empty part before, as in `arn:aws:s3::bucket`.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self(text.to_owned()));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", partition, service, rest @ ..] = parts.as_slice() else {
            return Err("a resource must be an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, or `*`".to_owned());
        };
        if !is_partition(partition) {
            return Err(format!(
                "`{}` is not a partition: expected `aws`, `aws-cn`, `aws-us-gov` or the like",
                shown(partition)
            ));
        }
        if service.is_empty() || service.contains(['*', '?']) {
            return Err(
                "the service of an ARN must be named in full: no wildcard is possible there"
                    .to_owned(),
            );
        }
        if rest.len() < 3 && rest.contains(&"") {
            return Err(format!(
                "the ARN has {} parts of 6: expected `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, where REGION and ACCOUNT may be empty",
                parts.len()
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Tells whether the text can stand for a partition; the list of partitions grows, so their names' form decides.
fn is_partition(text: &str) -> bool {
    let pattern =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-*?".contains(&byte);
    (text.starts_with("aws") || text.starts_with('*')) && text.bytes().all(pattern)
}
