//! Right before a write, what it was planned on; right after it, whether others may build on it.
//!
//! AWS itself refuses to create what is there. What it replaces or deletes without a condition is read first. So is
//! everything that is begun again because no answer came: what was done is read, not done twice.

use std::collections::BTreeSet;
use std::time::Duration;

use model::{
    Alarm, Attachment, Body, Change, Credential, Dashboard, Group, InlinePolicy, Kind, LogGroup,
    LoginProfile, MetricFilter, MfaDevice, PasswordPolicy, Policy, Retention, Role, User,
};
use tokio::time::{Instant, sleep};

use crate::retry::CONSISTENCY;
use crate::step::Step;
use crate::tags::{Keys, TagChanges};
use crate::{Error, Outcome, dispatch};

/// How often a change that isn't seen yet is looked for.
const POLL: Duration = Duration::from_millis(500);

/// Performs an action, and begins it again where AWS doesn't say what it did.
pub(crate) async fn perform(mut step: Step<'_>) -> Result<Outcome, Error> {
    loop {
        let error = match once(&step).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        if error.is_certain() || !step.begin_again(&error).await {
            return Err(error);
        }
    }
}

async fn once(step: &Step<'_>) -> Result<Outcome, Error> {
    let outcome = write(step).await?;
    if step.is_awaited() {
        wait_until_seen(step).await?;
    }
    Ok(outcome)
}

async fn write(step: &Step<'_>) -> Result<Outcome, Error> {
    let live = if looks_first(step) {
        match look(step).await? {
            Found::Done => return Ok(done(step)),
            Found::Ready(live) => live,
        }
    } else {
        None
    };
    match dispatch::perform(step, live.as_deref()).await {
        Err(error @ Error::Appeared(_)) if !brings_a_secret(step) => {
            if is_as_wanted(step).await? {
                Ok(done(step))
            } else {
                Err(error)
            }
        }
        performed => performed,
    }
}

fn done(step: &Step<'_>) -> Outcome {
    if step.is_repeated() {
        Outcome::Applied
    } else {
        Outcome::AlreadyDone
    }
}

/// Tells whether AWS would do the action whatever is there.
fn looks_first(step: &Step<'_>) -> bool {
    let kind = step.action().address.kind();
    match &step.action().change {
        // What another run created has a secret that this one doesn't know, so it is no answer to find one.
        Change::Create { .. } if kind == Kind::MfaDevice => false,
        Change::Update {
            after:
                Body::MfaDevice(MfaDevice {
                    deliver_to: Some(_),
                    ..
                }),
            ..
        } => false,
        _ if step.is_repeated() => true,
        Change::Create { .. } => matches!(
            kind,
            Kind::InlinePolicy
                | Kind::PasswordPolicy
                | Kind::MetricFilter
                | Kind::Alarm
                | Kind::Dashboard
        ),
        Change::Update { .. } => matches!(
            kind,
            Kind::User
                | Kind::MfaDevice
                | Kind::Group
                | Kind::Policy
                | Kind::InlinePolicy
                | Kind::PasswordPolicy
                | Kind::LogGroup
                | Kind::MetricFilter
                | Kind::Alarm
                | Kind::Dashboard
        ),
        Change::Delete { .. } => matches!(
            kind,
            Kind::InlinePolicy | Kind::Policy | Kind::MetricFilter | Kind::Alarm | Kind::Dashboard
        ),
    }
}

fn brings_a_secret(step: &Step<'_>) -> bool {
    matches!(
        step.action().address.kind(),
        Kind::LoginProfile | Kind::MfaDevice
    )
}

enum Found {
    /// What is there is as the action wants it.
    Done,
    /// What is there is what the action was planned on, or has come a part of the way.
    Ready(Option<Box<Body>>),
}

/// Reads the object. One that this run changed itself is read again for a while before it is taken for changed.
async fn look(step: &Step<'_>) -> Result<Found, Error> {
    let begin = Instant::now();
    loop {
        let live = dispatch::live(step).await?;
        let error = match standing(step, live.as_ref()) {
            Ok(Standing::Done) => return Ok(Found::Done),
            Ok(Standing::Ready) => return Ok(Found::Ready(live.map(Box::new))),
            Err(error) => error,
        };
        if !step.may_read_stale() || begin.elapsed() > CONSISTENCY {
            return Err(error);
        }
        sleep(POLL).await;
    }
}

/// Tells whether what AWS says is there already is what the action wants. It may take a while to be seen.
async fn is_as_wanted(step: &Step<'_>) -> Result<bool, Error> {
    let begin = Instant::now();
    loop {
        match dispatch::live(step).await? {
            None if begin.elapsed() < CONSISTENCY => sleep(POLL).await,
            live => return Ok(matches!(standing(step, live.as_ref()), Ok(Standing::Done))),
        }
    }
}

/// Waits until what was written reads back.
async fn wait_until_seen(step: &Step<'_>) -> Result<(), Error> {
    let begin = Instant::now();
    loop {
        let live = dispatch::live(step).await?;
        if matches!(standing(step, live.as_ref()), Ok(Standing::Done)) {
            return Ok(());
        }
        if begin.elapsed() > CONSISTENCY {
            return Err(Error::NotSeen(step.action().address.clone()));
        }
        sleep(POLL).await;
    }
}

#[derive(Debug, PartialEq)]
enum Standing {
    Done,
    Ready,
}

fn standing(step: &Step<'_>, live: Option<&Body>) -> Result<Standing, Error> {
    let address = &step.action().address;
    let changed = |fields: BTreeSet<&'static str>| Error::Changed {
        address: address.clone(),
        fields: fields.into_iter().collect(),
    };
    match (&step.action().change, live) {
        (Change::Create { .. }, None) => Ok(Standing::Ready),
        (Change::Delete { .. }, None) => Ok(Standing::Done),
        (Change::Update { .. }, None) => Err(Error::Disappeared(address.clone())),
        (Change::Create { after }, Some(live)) => {
            if differences(live, after).is_empty() {
                Ok(Standing::Done)
            } else {
                Err(Error::Appeared(address.clone()))
            }
        }
        (Change::Delete { before }, Some(live)) => {
            let differences = differences(live, before);
            if differences.is_empty() {
                Ok(Standing::Ready)
            } else {
                Err(changed(differences))
            }
        }
        (Change::Update { before, after, .. }, Some(live)) => {
            let open = differences(live, after);
            let strange: BTreeSet<_> = open
                .intersection(&differences(live, before))
                .copied()
                .collect();
            if open.is_empty() {
                Ok(Standing::Done)
            } else if strange.is_empty() {
                Ok(Standing::Ready)
            } else {
                Err(changed(strange))
            }
        }
    }
}

/// Names the fields in which a live object isn't as it is to be, or as it was planned on.
fn differences(live: &Body, planned: &Body) -> BTreeSet<&'static str> {
    let mut fields = Differences::default();
    match (live, planned) {
        (Body::User(live), Body::User(planned)) => fields.of_user(live, planned),
        (Body::Group(Group { path }), Body::Group(planned)) => {
            fields.add("path", *path == planned.path);
        }
        (Body::Policy(live), Body::Policy(planned)) => fields.of_policy(live, planned),
        (Body::InlinePolicy(InlinePolicy { document }), Body::InlinePolicy(planned)) => {
            fields.add("document", document.same_meaning(&planned.document));
        }
        (Body::Attachment(Attachment { policy }), Body::Attachment(planned)) => {
            fields.add("policy", *policy == planned.policy);
        }
        (Body::MfaDevice(live), Body::MfaDevice(planned)) => fields.of_device(live, planned),
        (Body::LogGroup(live), Body::LogGroup(planned)) => fields.of_log_group(live, planned),
        (Body::MetricFilter(live), Body::MetricFilter(planned)) => fields.of_filter(live, planned),
        (Body::Alarm(live), Body::Alarm(planned)) => fields.of_alarm(live, planned),
        (Body::Dashboard(Dashboard { body }), Body::Dashboard(planned)) => {
            fields.add("body", *body == planned.body);
        }
        (Body::PasswordPolicy(live), Body::PasswordPolicy(planned)) => {
            fields.of_password_policy(live, planned);
        }
        // They are there or they aren't.
        (
            Body::LoginProfile(LoginProfile {
                reset_required: _,
                deliver_to: _,
            }),
            Body::LoginProfile(_),
        )
        | (Body::Credential(Credential { credential_type: _ }), Body::Credential(_))
        | (Body::Membership, Body::Membership)
        | (Body::Role(Role { .. }), Body::Role(_)) => {}
        (_, _) => fields.add("kind", false),
    }
    fields.0
}

#[derive(Default)]
struct Differences(BTreeSet<&'static str>);

impl Differences {
    fn add(&mut self, field: &'static str, is_same: bool) {
        if !is_same {
            self.0.insert(field);
        }
    }

    fn of_tags(&mut self, live: &model::Tags, planned: &model::Tags, keys: Keys) {
        self.add(
            "tags",
            TagChanges::between(live, planned, keys) == TagChanges::default(),
        );
    }

    /// A live user with `renamed_from` still has its old name.
    fn of_user(&mut self, live: &User, planned: &User) {
        let User {
            path,
            tags,
            boundary,
            renamed_from,
        } = live;
        let is_to_be_renamed = planned.renamed_from.is_some();
        self.add("name", !(is_to_be_renamed && renamed_from.is_some()));
        self.add("path", *path == planned.path);
        self.add("boundary", boundary.policy() == planned.boundary.policy());
        self.of_tags(tags, &planned.tags, Keys::AnyCase);
    }

    fn of_policy(&mut self, live: &Policy, planned: &Policy) {
        let Policy {
            path,
            description,
            document,
            tags,
        } = live;
        self.add("path", *path == planned.path);
        self.add("description", *description == planned.description);
        self.add("document", document.same_meaning(&planned.document));
        self.of_tags(tags, &planned.tags, Keys::Exact);
    }

    /// The rest of a device is its name, or its person's.
    fn of_device(&mut self, live: &MfaDevice, planned: &MfaDevice) {
        let MfaDevice {
            device: _,
            user: _,
            tags,
            deliver_to: _,
        } = live;
        self.of_tags(tags, &planned.tags, Keys::Exact);
    }

    fn of_log_group(&mut self, live: &LogGroup, planned: &LogGroup) {
        let LogGroup { retention, tags } = live;
        let is_kept_as_planned = match &planned.retention {
            // It isn't the group's own.
            Retention::Undeclared | Retention::AccountPolicy(_) => true,
            Retention::Never | Retention::Days(_) => *retention == planned.retention,
        };
        self.add("retention", is_kept_as_planned);
        self.of_tags(tags, &planned.tags, Keys::Exact);
    }

    fn of_filter(&mut self, live: &MetricFilter, planned: &MetricFilter) {
        let MetricFilter {
            pattern,
            metric,
            value,
            default_value,
            unit,
            dimensions,
        } = live;
        self.add("pattern", *pattern == planned.pattern);
        self.add("metric", *metric == planned.metric);
        self.add("value", *value == planned.value);
        self.add("default_value", *default_value == planned.default_value);
        self.add("unit", *unit == planned.unit);
        self.add("dimensions", *dimensions == planned.dimensions);
    }

    fn of_alarm(&mut self, live: &Alarm, planned: &Alarm) {
        let Alarm {
            description,
            source,
            evaluation_periods,
            datapoints_to_alarm: _,
            threshold,
            comparison,
            treat_missing_data,
            actions_enabled,
            alarm_actions,
            ok_actions,
            insufficient_data_actions,
            tags,
        } = live;
        self.add("description", *description == planned.description);
        self.add("metric", *source == planned.source);
        self.add(
            "evaluation_periods",
            *evaluation_periods == planned.evaluation_periods,
        );
        self.add(
            "datapoints_to_alarm",
            live.datapoints() == planned.datapoints(),
        );
        // The number that was read is to be the very same.
        self.add(
            "threshold",
            threshold.to_bits() == planned.threshold.to_bits(),
        );
        self.add("comparison", *comparison == planned.comparison);
        self.add(
            "treat_missing_data",
            *treat_missing_data == planned.treat_missing_data,
        );
        self.add(
            "actions_enabled",
            *actions_enabled == planned.actions_enabled,
        );
        self.add("actions", *alarm_actions == planned.alarm_actions);
        self.add("ok_actions", *ok_actions == planned.ok_actions);
        self.add(
            "insufficient_data_actions",
            *insufficient_data_actions == planned.insufficient_data_actions,
        );
        self.of_tags(tags, &planned.tags, Keys::Exact);
    }

    fn of_password_policy(&mut self, live: &PasswordPolicy, planned: &PasswordPolicy) {
        let PasswordPolicy {
            minimum_length,
            require_symbols,
            require_numbers,
            require_uppercase,
            require_lowercase,
            allow_users_to_change_password,
            max_age_days,
            reuse_prevention,
            hard_expiry,
        } = live;
        self.add("minimum_length", *minimum_length == planned.minimum_length);
        self.add(
            "require_symbols",
            *require_symbols == planned.require_symbols,
        );
        self.add(
            "require_numbers",
            *require_numbers == planned.require_numbers,
        );
        self.add(
            "require_uppercase",
            *require_uppercase == planned.require_uppercase,
        );
        self.add(
            "require_lowercase",
            *require_lowercase == planned.require_lowercase,
        );
        self.add(
            "allow_users_to_change_password",
            *allow_users_to_change_password == planned.allow_users_to_change_password,
        );
        self.add("max_age_days", *max_age_days == planned.max_age_days);
        self.add(
            "reuse_prevention",
            *reuse_prevention == planned.reuse_prevention,
        );
        self.add("hard_expiry", *hard_expiry == planned.hard_expiry);
    }
}
