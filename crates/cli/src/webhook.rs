//! Messages to a chat: JSON with a `text`, as Slack's incoming webhooks take it and many others do.
//!
//! The address of a webhook is a secret: whoever has it can write there. It is in no error, since what a server or a
//! library says of a request may repeat it.

use std::convert::Infallible;
use std::str::FromStr;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::{sleep, timeout};

use crate::error::chain;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait before each attempt but the first.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Holds a webhook's address as it was given. Whatever it is, it is taken: an error of the command line would show it.
#[derive(Debug, Clone)]
pub(crate) struct WebhookUrl(SecretString);

impl FromStr for WebhookUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

/// Says why a webhook can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    #[error("the webhook is no URL")]
    NoUrl,
    #[error("the webhook is not `https`, and would be seen on the way")]
    NotHttps,
    #[error("no certificate is known by which to trust the webhook")]
    Roots(#[source] std::io::Error),
}

/// Says why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("it answered {0}")]
    Answered(StatusCode),
    #[error("{0}")]
    Unreached(String),
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Silent,
}

impl SendError {
    /// Tells whether another attempt may have another end.
    fn may_pass(&self) -> bool {
        match self {
            Self::Answered(status) => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            Self::Unreached(_) | Self::Silent => true,
        }
    }
}

/// Sends messages.
pub(crate) struct Webhook {
    url: SecretString,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Webhook {
    /// Checks the address, and trusts whom the system trusts.
    pub(crate) fn new(WebhookUrl(url): &WebhookUrl) -> Result<Self, WebhookError> {
        let uri = parsed(url)?;
        let is_own = uri.host().is_some_and(is_this_machine);
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_own => {}
            Some(_) | None => return Err(WebhookError::NotHttps),
        }
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(WebhookError::Roots)?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            // Long after the last message its connection is dead.
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Self {
            url: url.clone(),
            client,
        })
    }

    /// Sends a message, in three attempts at most.
    pub(crate) async fn send(&self, text: &str) -> Result<(), SendError> {
        let body = Bytes::from(json!({"text": text}).to_string());
        for pause in PAUSES {
            match self.attempt(&body).await {
                Err(error) if error.may_pass() => {
                    tracing::debug!(%error, "the webhook is tried again");
                    sleep(pause).await;
                }
                sent => return sent,
            }
        }
        self.attempt(&body).await
    }

    async fn attempt(&self, body: &Bytes) -> Result<(), SendError> {
        let unreached = |message: &str| SendError::Unreached(message.to_owned());
        let uri = parsed(&self.url).map_err(|error| unreached(&error.to_string()))?;
        let request = Request::post(uri)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body.clone()))
            .map_err(|_| unreached("it can't be asked"))?;
        let answer = timeout(PATIENCE, self.client.request(request))
            .await
            .map_err(|_| SendError::Silent)?
            .map_err(|error| SendError::Unreached(chain(&error)))?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(SendError::Answered(answer.status()))
        }
    }
}

fn parsed(url: &SecretString) -> Result<Uri, WebhookError> {
    let uri: Uri = url
        .expose_secret()
        .parse()
        .map_err(|_| WebhookError::NoUrl)?;
    if uri.host().is_some_and(|host| !host.is_empty()) {
        Ok(uri)
    } else {
        Err(WebhookError::NoUrl)
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || {
        let address: Option<std::net::Ipv4Addr> = host.parse().ok();
        address.is_some_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "T00/B00/s3cr3t";

    fn new(url: &str) -> Result<Webhook, WebhookError> {
        let Ok(url) = url.parse();
        Webhook::new(&url)
    }

    #[test]
    fn only_this_machine_is_told_in_clear() {
        for url in [
            "http://127.0.0.1:1/x",
            "http://[::1]/x",
            "http://localhost/x",
        ] {
            assert!(new(url).is_ok(), "{url}");
        }
        for url in [
            "http://hooks.example.com/x",
            "http://127.0.0.1.example.com/",
            "ftp://127.0.0.1/",
        ] {
            assert!(matches!(new(url), Err(WebhookError::NotHttps)), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_is_not_shown() {
        for url in ["", TOKEN, "https://", "https://a b/T00/B00/s3cr3t"] {
            let error = new(url).err().unwrap();
            assert!(matches!(error, WebhookError::NoUrl), "{url}");
            assert!(!format!("{error} {error:?}").contains("s3cr3t"));
        }
    }

    #[test]
    fn an_address_is_not_shown_with_the_arguments() {
        let Ok(url) = format!("https://hooks.slack.com/services/{TOKEN}").parse::<WebhookUrl>();
        assert!(!format!("{url:?}").contains("s3cr3t"));
    }
}
