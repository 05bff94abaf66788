//! How much drift there is, for an OpenTelemetry collector, where the usual variables of the environment name one.

use model::{Drift, DriftCounts};
use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::collector::{Client, Error, resource, takes};

/// Sends how many objects differ, if the environment names a collector and doesn't turn it off; `all` says that undeclared
/// principals of the whole account were looked for.
pub(crate) async fn send(drift: &Drift, spec: &str, all: bool) -> Result<(), Error> {
    if !takes("METRICS") {
        return Ok(());
    }
    let exporter = MetricExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_http_client(Client::new(Handle::current())?)
        .build()?;
    let provider = SdkMeterProvider::builder()
        .with_resource(resource())
        .with_periodic_exporter(exporter)
        .build();
    record(&provider, drift, spec, all);
    // What is recorded is sent at the end. To wait for that here would hold up the thread that sends it.
    spawn_blocking(move || provider.shutdown()).await??;
    Ok(())
}

fn record(provider: &SdkMeterProvider, drift: &Drift, spec: &str, all: bool) {
    let DriftCounts {
        missing,
        changed,
        undeclared,
        principals,
        // Nothing is sent where there are such objects.
        unknown: _,
    } = drift.counts();
    let meter = provider.meter("mfactl");
    let gauge = meter
        .u64_gauge("mfactl.drift")
        .with_unit("{object}")
        .with_description("Objects that are otherwise than declared")
        .build();
    let principals = all.then_some(("undeclared_principal", principals));
    let counts = [
        ("missing", missing),
        ("changed", changed),
        ("undeclared", undeclared),
    ];
    for (sort, count) in counts.into_iter().chain(principals) {
        let attributes = [
            KeyValue::new("cloud.account.id", drift.account.id.to_string()),
            KeyValue::new("mfactl.spec", spec.to_owned()),
            KeyValue::new("mfactl.drift.sort", sort),
        ];
        gauge.record(count as u64, &attributes);
    }
}
