//! The OpenTelemetry collector that the usual variables of the environment name, and the way to it.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::{Key, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_sdk::Resource;
use tokio::runtime::Handle;

pub(crate) type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long a collector is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// Tells whether a collector is named, and not turned off, for `TRACES` or `METRICS`.
pub(crate) fn takes(signal: &str) -> bool {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, value| env::var(name).is_ok_and(|it| it.eq_ignore_ascii_case(value));
    let is_named = is_set("OTEL_EXPORTER_OTLP_ENDPOINT")
        || is_set(&format!("OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));
    let is_off = is("OTEL_SDK_DISABLED", "true") || is(&format!("OTEL_{signal}_EXPORTER"), "none");
    is_named && !is_off
}

/// Says whose traces and metrics these are: by `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES`, else mfactl's.
pub(crate) fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = || Resource::builder().with_attribute(version.clone());
    let named = resource().build();
    let is_unknown = named
        .get(&Key::from_static_str("service.name"))
        .is_none_or(|name| name.as_str().starts_with("unknown_service"));
    if is_unknown {
        return resource().with_service_name("mfactl").build();
    }
    named
}

/// Sends requests from a runtime, with the TLS that the AWS SDK has. Exporters are driven by threads of their own, which
/// have no reactor for their connections.
#[derive(Debug)]
pub(crate) struct Client {
    client: Arc<dyn HttpClient>,
    runtime: Handle,
}

impl Client {
    pub(crate) fn new(runtime: Handle) -> Result<Self, Error> {
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()?
            .https_or_http()
            .enable_http1()
            .build();
        let client = opentelemetry_http::hyper::HyperClient::new(connector, PATIENCE, None);
        Ok(Self {
            client: Arc::new(client),
            runtime,
        })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = Arc::clone(&self.client);
        let sent = self
            .runtime
            .spawn(async move { client.send_bytes(request).await });
        sent.await?
    }
}
