//! Traces of a run for an OpenTelemetry collector, where the usual variables of the environment name one.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Runtime;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use crate::collector::{Client, Error, PATIENCE, resource, takes};

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
        takes("TRACES").then(Self::start)
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
