//! Traces of a run for an OpenTelemetry collector, where the usual variables of the environment name one.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hyper_rustls::HttpsConnectorBuilder;
use opentelemetry::trace::TracerProvider;
use opentelemetry::{Key, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::{Handle, Runtime};
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How long the end of a run waits for a collector to take the last spans.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is traced, which is mfactl's own: of the AWS SDK's spans nobody has checked that no secret is in them.
const TRACED: &str = "mfactl";

/// Sends spans to a collector.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    /// The exporter is driven by a thread of its own, which has no reactor for its connections.
    runtime: Runtime,
}

impl Traces {
    /// Begins to send spans, if the environment names a collector and doesn't turn it off.
    pub(crate) fn begin() -> Option<Result<Self, Error>> {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is = |name, value: &str| env::var(name).is_ok_and(|it| it.eq_ignore_ascii_case(value));
        let is_configured =
            is_set("OTEL_EXPORTER_OTLP_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let is_off = is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none");
        (is_configured && !is_off).then(Self::start)
    }

    fn start() -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(Client::new(runtime.handle().clone())?)
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self { provider, runtime })
    }

    /// Returns what turns the spans of this process into those of a trace.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("mfactl"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(Targets::new().with_target(TRACED, Level::INFO))
    }

    /// Sends what has not been sent, if the collector takes it in time. The process isn't to wait for anything else.
    pub(crate) fn end(self) -> Result<(), Error> {
        let Self { provider, runtime } = self;
        let ended = provider.shutdown_with_timeout(PATIENCE);
        runtime.shutdown_background();
        Ok(ended?)
    }
}

/// Says whose spans these are: by `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES`, else mfactl's.
fn resource() -> Resource {
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

/// Sends requests from a runtime, with the TLS that the AWS SDK has.
#[derive(Debug)]
struct Client {
    client: Arc<dyn HttpClient>,
    runtime: Handle,
}

impl Client {
    fn new(runtime: Handle) -> Result<Self, Error> {
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
