//! `mfactl sandbox`

use sandbox::{Bucket, Faults};

use crate::args::SandboxArgs;
use crate::error::{CommandError, Exit};
use crate::signals::stop_signal;
use crate::ui::Ui;

/// Serves the embedded AWS to any client until Ctrl-C or SIGTERM.
pub(crate) async fn run(ui: &Ui, args: SandboxArgs) -> Result<Exit, CommandError> {
    let SandboxArgs {
        listen,
        state,
        account,
        enforce,
        fresh_credential_reports,
        bucket,
        faults,
        request_log,
    } = args;
    let faults = match faults {
        Some(file) => Faults::read(&file)?,
        None => Faults::default(),
    };
    // Before anybody is told that it listens, so that a stop is never missed.
    let stop = stop_signal().map_err(CommandError::Runtime)?;
    let options = sandbox::Options {
        store: state,
        account: account.to_string(),
        listen,
        enforce,
        fresh_credential_reports,
        buckets: bucket.into_iter().map(in_us_east_1).collect(),
        faults,
        request_log,
    };
    let sandbox = sandbox::start(options).await?;
    ui.result(&environment(&sandbox.endpoint(), sandbox.account()))?;
    ui.status("The sandbox listens; Ctrl-C stops it.");
    stop.await;
    ui.status("Stopping …");
    sandbox.stop().await?;
    Ok(Exit::Done)
}

fn in_us_east_1(name: String) -> Bucket {
    let region = "us-east-1".to_owned();
    Bucket { name, region }
}

/// Returns what a POSIX shell takes to point every AWS client at the sandbox.
///
/// A profile or session token of the shell would go before the keys in some clients, so it is taken away. boto3 reads
/// `AWS_DEFAULT_REGION`, the other SDKs `AWS_REGION`.
fn environment(endpoint: &str, account: &str) -> String {
    format!(
        "unset AWS_PROFILE AWS_SESSION_TOKEN
export AWS_ENDPOINT_URL={endpoint}
export AWS_ACCESS_KEY_ID={account}
export AWS_SECRET_ACCESS_KEY=sandbox
export AWS_REGION=us-east-1
export AWS_DEFAULT_REGION=us-east-1
"
    )
}
