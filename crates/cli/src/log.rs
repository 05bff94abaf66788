//! The log on stderr, and traces where they are asked for.

use std::io::{self, IsTerminal};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::args::Format;
#[cfg(feature = "otlp")]
use crate::traces::Traces;
use crate::ui::Ui;

/// Holds what a log needs until the end of the process.
#[must_use]
pub(crate) struct Log {
    #[cfg(feature = "otlp")]
    traces: Option<Traces>,
}

/// Starts the log.
pub(crate) fn start(ui: &Ui) -> Log {
    let registry = tracing_subscriber::registry().with(lines(ui));
    #[cfg(feature = "otlp")]
    {
        let traces = match Traces::begin() {
            Some(Ok(traces)) => Some(traces),
            Some(Err(error)) => {
                crate::ui::say(&format!("No traces are sent: {error}"));
                None
            }
            None => None,
        };
        registry.with(traces.as_ref().map(Traces::layer)).init();
        Log { traces }
    }
    #[cfg(not(feature = "otlp"))]
    {
        registry.init();
        Log {}
    }
}

fn lines(ui: &Ui) -> impl Layer<Registry> {
    fn layer<S: tracing::Subscriber + for<'span> LookupSpan<'span>>(
        format: Format,
    ) -> Box<dyn Layer<S> + Send + Sync> {
        let layer = fmt::layer()
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal());
        match format {
            Format::Text => layer.boxed(),
            Format::Json => layer.json().boxed(),
        }
    }
    layer(ui.log_format()).with_filter(ui.log_filter())
}

impl Log {
    /// Ends it: whoever takes the traces is given a moment to take the last ones.
    pub(crate) fn end(self) {
        #[cfg(feature = "otlp")]
        if let Some(Err(error)) = self.traces.map(Traces::end) {
            crate::ui::say(&format!("The last traces were not taken: {error}"));
        }
    }
}
