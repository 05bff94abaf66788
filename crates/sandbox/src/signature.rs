//! What a request's signature says: whose key, for which region and service. Signatures themselves are not checked.

use hyper::header::{AUTHORIZATION, HeaderMap};

use crate::error::{Code, Error};

/// Holds what a request's signature says of it. That there is one also keeps web pages out: a browser sends none
/// without asking the server first.
pub(crate) struct Signature<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) session_token: Option<&'a str>,
}

impl<'a> Signature<'a> {
    /// Reads the credential of an `Authorization` header, `KEY/DATE/REGION/SERVICE/aws4_request`, and the session token.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html>
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Self, Error> {
        let Some(header) = headers
            .get(AUTHORIZATION)
            .and_then(|header| header.to_str().ok())
        else {
            let message = "Request is missing Authentication Token";
            return Err(Error::new(Code::MissingAuthenticationToken, message));
        };
        let credential = header
            .split_once("Credential=")
            .and_then(|(_, rest)| rest.split([',', ' ']).next());
        let parts: Vec<&str> = credential.unwrap_or_default().split('/').collect();
        match parts.as_slice() {
            [access_key_id, _date, region, service, "aws4_request"] => Ok(Self {
                access_key_id,
                region,
                service,
                session_token: headers
                    .get("x-amz-security-token")
                    .and_then(|token| token.to_str().ok()),
            }),
            _ => Err(Error::new(
                Code::IncompleteSignature,
                "Authorization header requires 'Credential' parameter of the form KEY/DATE/REGION/SERVICE/aws4_request.",
            )),
        }
    }
}
