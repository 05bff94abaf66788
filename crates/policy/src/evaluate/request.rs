//! A request: who wants to do what to which resource is decided from these.

use crate::evaluate::context::Context;
use crate::mistake::shown;

/// Holds what is asked of AWS: one action on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// In lower case.
    action: String,
    resource: String,
    context: Context,
}

/// Says why text isn't a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The action isn't `SERVICE:NAME`.
    #[error("`{}` is not an action: expected its service and name, such as `iam:GetUser`, without wildcards", shown(.0))]
    Action(String),
    /// The resource is neither an ARN nor `*`.
    #[error("`{}` is not a resource: expected an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`, of {LONGEST_ARN} characters at most, or `*`", shown(.0))]
    Resource(String),
    /// The condition keys and their values are too long, all together.
    #[error(
        "the context has {0} bytes in keys and values: no request has more than {LONGEST_CONTEXT}"
    )]
    Context(usize),
}

/// What IAM's API takes at most as an action (`ActionNameType` of `SimulateCustomPolicy`), in characters.
const LONGEST_ACTION: usize = 128;

/// What IAM's API takes at most as a resource (`ResourceNameType` of `SimulateCustomPolicy`), in characters.
const LONGEST_ARN: usize = 2_048;

/// The most that keys and values of a context may have together, in bytes: what AWS documents for tags, names and headers
/// is a fraction of it, and it bounds the time that a decision takes.
const LONGEST_CONTEXT: usize = 65_536;

impl Request {
    /// Takes an action such as `iam:GetUser`, the ARN of a resource, or `*` for an action that isn't about one resource,
    /// and the condition keys.
    ///
    /// `*` is matched by the pattern `*` only, and wildcards in the ARN are just characters.
    ///
    /// # Errors
    ///
    /// When the action isn't a service and a name, the resource neither an ARN nor `*`, or the context longer than any.
    pub fn new(action: &str, resource: &str, context: Context) -> Result<Self, RequestError> {
        if !is_action(action) {
            return Err(RequestError::Action(action.to_owned()));
        }
        if !is_resource(resource) {
            return Err(RequestError::Resource(resource.to_owned()));
        }
        let size = context.size();
        if size > LONGEST_CONTEXT {
            return Err(RequestError::Context(size));
        }
        Ok(Self {
            action: action.to_ascii_lowercase(),
            resource: resource.to_owned(),
            context,
        })
    }

    /// Returns the action in lower case.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Returns the resource's ARN, or `*`.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Returns the condition keys and their values.
    pub fn context(&self) -> &Context {
        &self.context
    }
}

fn is_action(text: &str) -> bool {
    let is_name = |name: &str| {
        let possible = |byte: u8| byte.is_ascii_graphic() && !b"*?:".contains(&byte);
        !name.is_empty() && name.bytes().all(possible)
    };
    text.len() <= LONGEST_ACTION
        && text
            .split_once(':')
            .is_some_and(|(service, name)| is_name(service) && is_name(name))
}

fn is_resource(text: &str) -> bool {
    let is_arn = || text.starts_with("arn:") && text.matches(':').count() >= 5;
    text == "*" || (is_arn() && text.chars().count() <= LONGEST_ARN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(action: &str, resource: &str) -> Result<Request, RequestError> {
        Request::new(action, resource, Context::default())
    }

    #[test]
    fn the_case_of_an_action_makes_no_difference_and_that_of_a_resource_does() {
        let arn = "arn:aws:iam::123456789012:user/Alice";
        let mixed = request("IAM:getUser", arn);
        assert_eq!(mixed, request("iam:GetUser", arn));
        assert_ne!(mixed, request("iam:GetUser", &arn.to_lowercase()));
    }

    #[test]
    fn a_pattern_is_not_an_action() {
        for action in [
            "",
            "*",
            "iam",
            "iam:",
            ":GetUser",
            "iam:Get*",
            "iam:Get User",
            "iam:a:b",
            "iam:Gét",
        ] {
            assert_eq!(
                request(action, "*"),
                Err(RequestError::Action(action.to_owned()))
            );
        }
        assert!(request(&format!("iam:{}", "a".repeat(125)), "*").is_err());
    }

    #[test]
    fn a_resource_is_a_whole_arn_of_bounded_length_or_a_star() {
        for resource in ["", "**", "user/alice", "arn:aws:iam::user"] {
            assert!(request("iam:GetUser", resource).is_err(), "{resource}");
        }
        assert!(request("s3:GetObject", "arn:aws:s3:::bucket/a*?:b").is_ok());
        assert!(
            request(
                "s3:GetObject",
                &format!("arn:aws:s3:::{}", "é".repeat(2_048))
            )
            .is_err()
        );
    }

    #[test]
    fn a_context_of_unbounded_length_is_refused() {
        let ask = |length| {
            let context = Context::default().with("aws:username", "a".repeat(length));
            Request::new("iam:GetUser", "*", context)
        };
        assert!(ask(65_524).is_ok());
        assert_eq!(ask(65_525), Err(RequestError::Context(65_537)));
    }

    #[test]
    fn an_error_shows_what_was_given_without_its_control_characters() {
        let error = request("iam:\u{1b}[31m", "*").unwrap_err().to_string();
        assert!(
            error.starts_with(r"`iam:\u{1b}[31m` is not an action"),
            "{error}"
        );
    }
}
