//! A spec, and the account it is for.

use std::collections::BTreeMap;

use access::Keeps;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{AccountId, Address, Desired, Plan, Snapshot};
use render::Header;
use spec::Spec;
use tracing::info_span;

use crate::args::{OutputFormat, Permitted, SpecArgs, TargetArgs};
use crate::connection::{Connection, Embedded};
use crate::error::CommandError;
use crate::git;
use crate::permissions;
use crate::ui::Ui;

/// Makes a plan: [`planner::plan`], or [`planner::plan_destroy`].
pub(crate) type Planner = fn(&Desired, &Snapshot) -> Plan;

/// Holds a loaded spec and the way to the account it is for.
pub(crate) struct Session {
    pub(crate) desired: Desired,
    pub(crate) header: Header,
    pub(crate) connection: Connection,
    parallelism: usize,
}

/// Loads a spec as it is today, and shows its warnings.
pub(crate) fn load(ui: &Ui, args: &SpecArgs) -> Result<Spec, CommandError> {
    let Spec { desired, warnings } = spec::load(args.path())?;
    ui.diagnostics(&warnings);
    Ok(Spec {
        desired: desired.as_of(today()),
        warnings,
    })
}

impl Session {
    /// Loads the spec, connects, and makes sure that the account is the spec's.
    pub(crate) async fn open<F: OutputFormat>(
        ui: &Ui,
        args: &TargetArgs<F>,
    ) -> Result<Self, CommandError> {
        let desired = load(ui, &args.spec)?.desired;
        let embedded = args.sandbox.clone().map(|file| Embedded {
            file,
            account: &desired.account,
            lock: desired.lock.as_ref(),
        });
        let connection = Connection::open(Some(&desired.region), embedded).await?;
        right_account(&connection, &desired, &args.spec)?;
        let header = Header {
            spec: args.spec.path().display().to_string(),
            commit: git::commit(args.spec.path()),
            declared: desired.objects.len(),
            sandbox: connection.is_sandbox(),
        };
        Ok(Self {
            desired,
            header,
            connection,
            parallelism: usize::from(args.parallelism),
        })
    }

    /// Reads the account.
    pub(crate) async fn read(&self, ui: &Ui) -> Snapshot {
        self.connection
            .read(ui, &self.desired, self.parallelism)
            .await
    }

    /// Reads the account and plans.
    pub(crate) async fn plan(&self, ui: &Ui, make: Planner) -> Plan {
        self.plan_for(&self.read(ui).await, make)
    }

    /// Plans for an account that was read, and proves what the plan comes to.
    pub(crate) fn plan_for(&self, snapshot: &Snapshot, make: Planner) -> Plan {
        let plan = info_span!("plan").in_scope(|| make(&self.desired, snapshot));
        let keeps = Keeps {
            requests: permissions::of_spec(Permitted::Apply, &self.desired, &snapshot.account),
            session: self.connection.signed,
        };
        info_span!("prove")
            .in_scope(|| access::review(plan, &self.desired, snapshot, today(), Some(&keeps)))
    }

    /// Lists the operations that a plan needs and the caller clearly lacks, each with the objects that it is needed for.
    pub(crate) fn lacking<'a>(
        &self,
        plan: &'a Plan,
        snapshot: &Snapshot,
    ) -> BTreeMap<&'static str, Vec<&'a Address>> {
        permissions::lacking(plan, &self.desired, snapshot, self.connection.signed)
    }

    /// Returns the account that the credentials are of.
    pub(crate) fn account(&self) -> &AccountId {
        &self.connection.identity.account
    }

    /// Shows the calls that were made, and ends the sandbox, which saves its state.
    pub(crate) async fn close(self, ui: &Ui) -> Result<(), CommandError> {
        self.connection.close(ui).await
    }
}

/// Makes sure that the account is the spec's.
pub(crate) fn right_account(
    connection: &Connection,
    desired: &Desired,
    spec: &SpecArgs,
) -> Result<(), CommandError> {
    let live = &connection.identity.account;
    if *live == desired.account {
        return Ok(());
    }
    Err(CommandError::WrongAccount {
        live: live.clone(),
        declared: desired.account.clone(),
        spec: spec.path().to_owned(),
    })
}

/// Returns the day it is in UTC, by which acceptances and access end.
pub(crate) fn today() -> Date {
    TimeZone::UTC.to_datetime(Timestamp::now()).date()
}
