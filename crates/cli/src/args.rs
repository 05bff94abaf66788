//! The command line as typed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use model::{AccountId, Condition, DeviceName, Principal, Region, RoleName, UserName};

use crate::fail_on::FailOn;
use crate::webhook::WebhookUrl;

/// Keeps who may get into an AWS account, and how, as a spec in Git says.
#[derive(Debug, Parser)]
#[command(
    name = "mfactl",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// Flags that every command takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct CommonArgs {
    /// Print without colour (also `NO_COLOR`)
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
    /// Print the result only, no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Count the calls to AWS; -vv logs each, -vvv the SDK too
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How to write the log on stderr; as JSON it tells of every step of an apply, too
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) log_format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a repository in which a spec is changed by pull requests, without AWS
    ///
    /// Besides the spec it has workflows of GitHub Actions that plan, apply and look for drift, and the roles that they
    /// assume. Files that are there are left as they are.
    Init(InitArgs),
    /// Check a spec, without AWS
    Validate(ValidateArgs),
    /// Show what would change
    Plan(PlanArgs),
    /// Show a plan that `plan --out` saved, without AWS
    Show(ShowArgs),
    /// Show what would change, ask, and change it
    ///
    /// With a saved plan it doesn't ask: the account is read and planned again, from the spec that the saved plan names
    /// unless -f does, and changed only if that is still the same plan. Otherwise what differs is shown, and nothing is
    /// changed (exit code 3).
    ///
    /// With --json it prints a line of JSON for whatever happens, when it happens; the last one is the report. With --format
    /// markdown or html it prints the report alone, or the plan, where that is refused or has nothing to do; what a person
    /// is to see meanwhile goes to the standard error.
    Apply {
        /// A plan that `plan --out` saved
        #[arg(value_name = "PLAN")]
        plan: Option<PathBuf>,
        #[command(flatten)]
        args: ApplyArgs,
    },
    /// Show what in the account isn't as the spec says, and who made it so
    ///
    /// Seen from the spec: `-` is declared and missing, `~` is not as declared, `+` is there and not declared. Exits with 2
    /// on drift, with 1 where something couldn't be read, and prints nothing where there is none.
    Drift(DriftArgs),
    /// Remove everything that a spec declares or prunes
    ///
    /// Log groups, the account's password policy and enabled MFA devices of users who stay are never deleted.
    Destroy(ApplyArgs),
    /// Write a spec for what an account has
    ///
    /// Planning that spec shows no changes, which is tried before this command ends. What a spec can't declare is left out
    /// and named; passwords, MFA devices and access keys are left as they are. Nothing is overwritten.
    Import(ImportArgs),
    /// Show who can sign in and with what: passwords, MFA, access keys, and what is wrong with them
    ///
    /// From the account's credential report, which AWS makes every four hours at most, and the lists of MFA devices. It needs
    /// no spec. What is wrong is named with its recommendations in the CIS AWS Foundations Benchmark. Exits with 1 where
    /// something couldn't be read.
    Report(ReportArgs),
    /// Show the sign-ins to the console, with and without MFA, from the log group that CloudTrail writes to
    ///
    /// By a query of CloudWatch Logs Insights, which costs by what it scans. A new address is one from which somebody hadn't
    /// signed in before, since the time that is looked at begins, though they had from another one. Exits with 1 where there are more
    /// sign-ins than are returned.
    Logins(LoginsArgs),
    /// Give a user an MFA device: shows its QR code, takes two codes that follow each other, and enables it
    ///
    /// For a person themselves, or an administrator beside them. The codes are checked before AWS is asked, and on Ctrl-C or
    /// after a mistake the device is deleted again. The seed is shown on a terminal only, or as an image.
    Enroll(EnrollArgs),
    /// Tell who may do what, with and without MFA, and by which statement
    ///
    /// Looks at the account as it is. What depends on something that isn't known, such as where a request comes from, is
    /// said to, and not guessed.
    Explain(ExplainArgs),
    /// Say what a finding means and what to do about it, or list them all
    ExplainFinding(ExplainFindingArgs),
    /// Show who holds the lock of a spec, and remove it
    ///
    /// A run that was killed leaves its lock, and nobody else can apply until it is removed. Don't remove the lock of a run
    /// that goes on: it stops within seconds, and another one may begin beside it.
    Unlock(UnlockArgs),
    /// Print the least IAM policy that a command needs, without AWS
    ///
    /// The policy is JSON, ready to be attached to the user or role that runs the command. Without a spec it is for any
    /// spec, in any account, but for a lock.
    Permissions(PermissionsArgs),
    /// Serve the embedded AWS to any AWS client
    ///
    /// Prints the lines that point a shell's AWS clients at it, and serves until Ctrl-C or SIGTERM.
    Sandbox(SandboxArgs),
    /// Ask the policy engine, without AWS
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Try metric filter patterns, without AWS
    #[command(subcommand)]
    Pattern(PatternCommand),
    /// Print the spec's JSON Schema, for editors
    Schema,
    /// Print what completes commands and flags in a shell
    ///
    /// For bash: mfactl completions bash > ~/.local/share/bash-completion/completions/mfactl
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write those of all commands
    ///
    /// To read it: mfactl man | man -l -
    Man {
        /// Write a page for each command to FOLDER
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// Where to write it
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// The repository on GitHub: OWNER/NAME, or OWNER@ID/NAME@ID if it was made since 15 July 2026
    ///
    /// The roles can only be assumed by runs in it. Since that day, GitHub's identity tokens name new repositories with the
    /// ids of owner and repository, and others on request: `gh api repos/OWNER/NAME --jq
    /// '"\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"'` prints them.
    #[arg(long, value_name = "REPOSITORY", value_parser = crate::commands::init::repository)]
    pub(crate) repository: String,
    /// The repository on GitHub that has mfactl, with the commit to use: OWNER/NAME@COMMIT
    #[arg(long, value_name = "ACTION", value_parser = crate::commands::init::action)]
    pub(crate) action: String,
    /// The account's id; not needed where there is a spec already
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<AccountId>,
    /// The region of CloudWatch and CloudWatch Logs [default: the spec's, or us-east-1]
    #[arg(long, value_name = "REGION", value_parser = |text: &str| Region::new(text))]
    pub(crate) region: Option<Region>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A user, by name, or a role, as role/NAME
    #[arg(value_name = "USER")]
    pub(crate) principal: Asked,
    /// The action, such as s3:GetObject
    #[arg(value_name = "ACTION")]
    pub(crate) action: String,
    /// The resource's ARN, or `*`; without it the user itself or a device of theirs where the action is about these, else `*`
    #[arg(value_name = "RESOURCE")]
    pub(crate) resource: Option<String>,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Look at the account as it will be once the spec is applied
    #[arg(long)]
    pub(crate) planned: bool,
    /// Look at the spec alone, without AWS; the documents of AWS's own policies aren't known then
    #[arg(long, conflicts_with_all = ["planned", "sandbox"])]
    pub(crate) offline: bool,
    /// Ask AWS's policy simulator as well; exit with 1 where it says otherwise
    #[arg(long, conflicts_with_all = ["planned", "offline"])]
    pub(crate) against_aws: bool,
}

/// Names a user or role on the command line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked(pub(crate) Principal);

impl FromStr for Asked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let principal = match text.split_once('/') {
            None => UserName::new(text).map(Principal::User),
            Some(("user", name)) => UserName::new(name).map(Principal::User),
            Some(("role", name)) => RoleName::new(name).map(Principal::Role),
            Some(_) => return Err("expected a user's name, or role/NAME".to_owned()),
        };
        principal.map(Self).map_err(|error| error.to_string())
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainFindingArgs {
    /// The finding, as outputs name it; without it all are listed
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Decide requests by the policies given with them
    ///
    /// Reads one case a line, {"id", "principal", "identityPolicies": […], "groupPolicies": […], "boundary", "scps": [[…]],
    /// "request": {"action", "resource", "context": {…}}}, and prints {"id", "result", "by": […]}, where the result is
    /// "allowed", "implicit deny" or "explicit deny". Of the members only "id" and "request" are required. A value in
    /// the context that is a list is that of a multivalued key. A line that can't be read is reported, and the others
    /// are decided.
    Eval(PolicyEvalArgs),
    /// Look for mistakes that policies about MFA often have
    ///
    /// Each is shown with its place and what to do; `mfactl explain-finding CODE` says more. Exits with 1 when a file is no
    /// document, and with 3 on a mistake for which a plan would be refused.
    Lint(PolicyLintArgs),
    /// Prove what holds of a user who has these documents
    ///
    /// That without MFA the user can do nothing but enrol, that nothing is open to a bare access key, that no policy of a
    /// resource can change that, that the user can enrol, and that MFA takes nothing away. Exits with 3 when a claim isn't
    /// proved.
    Prove(PolicyProveArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct PolicyLintArgs {
    /// Policy documents, JSON or *.yaml; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs<LintFormat>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PolicyProveArgs {
    /// Policy documents, JSON or *.yaml, which the user holds all together; `-` is the standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The user's permissions boundary
    #[arg(long, value_name = "FILE")]
    pub(crate) boundary: Option<PathBuf>,
    /// The user's path
    #[arg(long, default_value = "/", value_name = "PATH")]
    pub(crate) path: model::Path,
    /// The user's name
    #[arg(long, default_value = "alice", value_name = "NAME")]
    pub(crate) user: UserName,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PolicyEvalArgs {
    /// The cases, one JSON object a line; `-` is the standard input
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PatternCommand {
    /// Tell which log events a filter pattern selects
    ///
    /// Reads one event a line, JSON or text, and prints those that the pattern selects, each with its line, the fields
    /// that a space-delimited pattern reads, and, for a filter of the spec, what it adds to its metric.
    Test(PatternTestArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct PatternTestArgs {
    #[command(flatten)]
    pub(crate) tested: TestedPattern,
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// The log events, one a line; `-` is the standard input
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) events: PathBuf,
}

/// Says which pattern.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct TestedPattern {
    /// The filter pattern
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub(crate) pattern: Option<String>,
    /// A metric filter of the spec, by its name, or by its log group, a colon and its name
    #[arg(long, value_name = "NAME")]
    pub(crate) filter: Option<String>,
}

/// The spec where none is named.
pub(crate) const DEFAULT_SPEC: &str = "mfactl.yaml";

/// Says which spec.
#[derive(Debug, clap::Args)]
pub(crate) struct SpecArgs {
    /// The spec: a file, or a folder of *.yaml [default: mfactl.yaml]
    #[arg(long, short, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
}

impl SpecArgs {
    pub(crate) fn path(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new(DEFAULT_SPEC))
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: CheckFormat,
}

/// Says how to print the result.
#[derive(Debug, clap::Args)]
pub(crate) struct OutputArgs<F: OutputFormat = Format> {
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: F,
    /// Same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
}

impl<F: OutputFormat> OutputArgs<F> {
    pub(crate) fn format(&self) -> F {
        if self.json { F::JSON } else { self.format }
    }
}

/// Says which spec, which AWS and how to print.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetArgs<F: OutputFormat = Format> {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// Use the embedded AWS, kept in FILE, instead of a real account
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = ".mfactl/sandbox.json", value_name = "FILE")]
    pub(crate) sandbox: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs<F>,
    /// How many calls to AWS may be under way at once
    #[arg(long, default_value = "10", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) parallelism: u16,
}

impl<F: OutputFormat> TargetArgs<F> {
    pub(crate) fn format(&self) -> F {
        self.output.format()
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs<PlanFormat>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Exit with 2 when there are changes
    #[arg(long)]
    pub(crate) detailed_exitcode: bool,
    /// Exit with 2 where one of these is found
    #[arg(long, value_enum, value_name = "CONDITION,…", value_delimiter = ',')]
    pub(crate) fail_on: Vec<FailOn>,
    /// Save the plan in FILE, for `show` and `apply`; only another saved plan is overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs<DriftFormat>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Look for users, groups and roles that nobody declared in the whole account, too
    #[arg(long)]
    pub(crate) all: bool,
    /// Exit with 2 where one of these is found, too
    #[arg(
        long,
        value_enum,
        value_name = "CONDITION,…",
        value_delimiter = ',',
        conflicts_with = "every"
    )]
    pub(crate) fail_on: Vec<FailOn>,
    /// Don't ask CloudTrail who did it
    #[arg(long)]
    pub(crate) no_trail: bool,
    /// Ask the spec's `monitoring.log_group`, that a trail delivers to, for its last DAYS days instead of CloudTrail's event
    /// history
    ///
    /// It is one query of Logs Insights for each time that there is drift to show, and AWS bills the bytes that it scans,
    /// which are told. Needs `logs:StartQuery` and `logs:GetQueryResults` instead of `cloudtrail:LookupEvents`.
    #[arg(long, value_name = "DAYS", conflicts_with = "no_trail", value_parser = clap::value_parser!(u16).range(1..=3653))]
    pub(crate) trail_log_group: Option<u16>,
    /// Look again and again, with so long from one look to the next (`15m`), until Ctrl-C or SIGTERM
    ///
    /// The spec is read anew each time. What there is to see is printed when it changes. A look that fails is said once, and
    /// the next is made all the same.
    #[arg(long, value_name = "TIME", value_parser = every)]
    pub(crate) every: Option<Duration>,
    /// Put the number of differences into CloudWatch, as metric `Drift` of namespace `mfactl`
    ///
    /// Not where something couldn't be read: an alarm should treat missing data as breaching. Needs
    /// `cloudwatch:PutMetricData`.
    #[arg(long)]
    pub(crate) metric: bool,
    /// Tell a chat, by a webhook that takes JSON with a `text` as Slack's do, where there is drift or a look fails
    ///
    /// With --every, when that changes: drift, other drift, none any more, a look that fails and the first one after it.
    /// Who has the URL can write to the chat, and other users of the machine can see arguments: better set the variable.
    #[arg(
        long,
        value_name = "URL",
        env = "MFACTL_WEBHOOK_URL",
        hide_env_values = true
    )]
    pub(crate) webhook: Option<WebhookUrl>,
}

/// Reads a time such as `90s`, `15m` or `1h30m`: from a second to a day.
fn every(text: &str) -> Result<Duration, String> {
    let time: SignedDuration = text.parse().map_err(|_| "expected a time such as `15m`")?;
    let time = Duration::try_from(time).map_err(|_| "a time can't be negative")?;
    let (least, most) = (Duration::from_secs(1), Duration::from_secs(24 * 60 * 60));
    if (least..=most).contains(&time) {
        Ok(time)
    } else {
        Err("expected a time from a second to a day".to_owned())
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The saved plan
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    #[command(flatten)]
    pub(crate) output: OutputArgs<PlanFormat>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs<ApplyFormat>,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Don't ask
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// How long to wait for the lock of the spec where another run holds it: seconds, or a time such as 10m
    #[arg(long, default_value = "0", value_name = "TIME", value_parser = crate::lock::parse_wait)]
    pub(crate) lock_timeout: Duration,
    /// Where a new person's sealed first password and MFA seed are written
    #[arg(long, default_value = "kits", value_name = "DIR")]
    pub(crate) kits: PathBuf,
    /// How long to wait between a change that must be in force everywhere, once it reads back, and what depends on it
    /// [default: 10; with --sandbox 0]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(0..=600))]
    pub(crate) settle: Option<u16>,
}

/// Says which account, for what needs no spec.
#[derive(Debug, clap::Args)]
pub(crate) struct AccountArgs {
    /// The region, if not the one that AWS's other tools would use
    #[arg(long, value_name = "REGION", value_parser = |text: &str| Region::new(text))]
    pub(crate) region: Option<Region>,
    /// Use the embedded AWS, kept in FILE, instead of a real account
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = ".mfactl/sandbox.json", value_name = "FILE")]
    pub(crate) sandbox: Option<PathBuf>,
    /// The account of an embedded AWS
    #[arg(
        long,
        default_value = "123456789012",
        value_name = "ID",
        requires = "sandbox"
    )]
    pub(crate) account: AccountId,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs<ReportFormat>,
    /// After how many days a password or key counts as unused (`90d`); the CIS benchmark asks for 45
    #[arg(long, default_value = "90d", value_name = "DAYS")]
    pub(crate) unused: Days,
    /// After how many days an access key counts as old
    #[arg(long, default_value = "90d", value_name = "DAYS")]
    pub(crate) old_key: Days,
    /// Exit with 2 where somebody meets one of these: root-mfa, root-key, no-mfa, unused, old-key
    #[arg(long, value_name = "CONDITION,…", value_delimiter = ',', value_parser = crate::commands::report::condition)]
    pub(crate) fail_on: Vec<Condition>,
    /// Add what is counted to FILE, a JSON line a run, and show as HTML how it came to that
    #[arg(long, value_name = "FILE")]
    pub(crate) history: Option<PathBuf>,
    /// How many calls to AWS may be under way at once
    #[arg(long, default_value = "10", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) parallelism: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoginsArgs {
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs<LoginsFormat>,
    /// The log group that CloudTrail writes to [default: the spec's]; with it no spec is needed
    #[arg(long, value_name = "NAME")]
    pub(crate) log_group: Option<String>,
    /// How long to look back (`12h`, `1d`, `2w`)
    #[arg(long, default_value = "1d", value_name = "TIME", value_parser = crate::commands::logins::since)]
    pub(crate) since: SignedDuration,
    /// Only this user's
    #[arg(long, value_name = "NAME", value_parser = |text: &str| UserName::new(text))]
    pub(crate) user: Option<UserName>,
    /// Show the query as well; JSON and HTML always have it
    #[arg(long)]
    pub(crate) show_query: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EnrollArgs {
    /// The user [default: the one whose credentials these are]
    #[arg(value_name = "USER", value_parser = |text: &str| UserName::new(text))]
    pub(crate) user: Option<UserName>,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    /// The name of the new device [default: the user's]; with --resync that of the device
    #[arg(long, value_name = "NAME", value_parser = |text: &str| DeviceName::new(text))]
    pub(crate) device: Option<DeviceName>,
    /// Write the QR code as an image to a new FILE, which is deleted in the end, instead of to the terminal
    #[arg(long, value_name = "FILE", conflicts_with_all = ["serial", "resync", "fido2"])]
    pub(crate) png: Option<PathBuf>,
    /// Show the secret key as well, for an app that can't scan
    #[arg(long, conflicts_with_all = ["serial", "resync", "fido2"])]
    pub(crate) show_secret: bool,
    /// Enable the hardware token with this serial number instead; with --resync that device's
    #[arg(long, value_name = "SERIAL", conflicts_with = "device")]
    pub(crate) serial: Option<String>,
    /// Synchronise a device whose codes are refused since its clock is off
    #[arg(long)]
    pub(crate) resync: bool,
    /// Say how to register a security key or passkey in the console, and wait until it is there
    #[arg(long, conflicts_with_all = ["serial", "resync", "device"])]
    pub(crate) fido2: bool,
    /// How long to wait with --fido2 (`10m`)
    #[arg(long, default_value = "10m", value_name = "TIME", value_parser = every)]
    pub(crate) timeout: Duration,
}

impl EnrollArgs {
    /// Tells whether a virtual device is to be created.
    pub(crate) fn creates(&self) -> bool {
        self.serial.is_none() && !self.resync && !self.fido2
    }
}

/// Holds a number of days, as `90d` or `90`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days(pub(crate) u16);

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_suffix('d').unwrap_or(text);
        let days = digits.parse().ok().filter(|days| (1..=3650).contains(days));
        days.map(Self)
            .ok_or_else(|| "expected days from 1 to 3650, such as `90d`".to_owned())
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// Write the spec to a new FILE instead of the standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the spec to a new FOLDER, with a file for each kind of object
    #[arg(long, value_name = "FOLDER", conflicts_with = "out")]
    pub(crate) split: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) account: AccountArgs,
    /// How many calls to AWS may be under way at once
    #[arg(long, default_value = "10", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) parallelism: u16,
}

#[derive(Debug, clap::Args)]
pub(crate) struct UnlockArgs {
    /// The lock's id; another lock is left
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) spec: SpecArgs,
    /// Use the embedded AWS, kept in FILE, instead of a real account
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = ".mfactl/sandbox.json", value_name = "FILE")]
    pub(crate) sandbox: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Don't ask
    #[arg(long, visible_alias = "force")]
    pub(crate) auto_approve: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PermissionsArgs {
    /// The command that is to be run
    #[arg(value_enum)]
    pub(crate) command: Permitted,
    /// Only what this spec needs: a file, or a folder of *.yaml
    ///
    /// The policy has what plans of the spec can come to, by the kinds of objects that it declares and prunes, and is
    /// limited to resources of its account and region where AWS can do that. Make it anew when the spec declares or prunes
    /// another kind.
    #[arg(long, short, value_name = "PATH")]
    pub(crate) file: Option<PathBuf>,
}

/// Names a command that needs permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Permitted {
    Plan,
    Apply,
    Drift,
    Destroy,
    Import,
    Report,
    Logins,
    Enroll,
    Explain,
    Unlock,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SandboxArgs {
    /// Where to listen: an address of this machine only; port 0 is any free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,
    /// Keep the state in FILE; without this it is gone when the sandbox stops
    #[arg(long, num_args = 0..=1, default_missing_value = ".mfactl/sandbox.json", value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// The account of every access key but one of twelve digits, which is an account of its own
    #[arg(long, default_value = "123456789012", value_name = "ID")]
    pub(crate) account: AccountId,
    /// Let users and roles do only what their policies allow
    ///
    /// A user is who calls with an access key that the sandbox gave, a role who calls with what `AssumeRole` gave. Without
    /// this, and with any other key, the caller is an administrator.
    #[arg(long)]
    pub(crate) enforce: bool,
    /// Make a credential report whenever one is asked for; AWS answers one of the last four hours
    #[arg(long)]
    pub(crate) fresh_credential_reports: bool,
    /// Have an S3 bucket of this name, for locks, in us-east-1
    #[arg(long, value_name = "NAME")]
    pub(crate) bucket: Vec<String>,
    /// Let things go wrong on purpose, as the JSON in FILE says
    ///
    /// `{"seed": 7, "faults": [{"operation": "iam:*", "when": {"share": 0.3}, "effect": "throttle"}]}`. Effects are
    /// `"throttle"`, `"server_error"`, `"deny"`, `"conflict"`, `"reset"` and `"drop_answer"`, which close the connection
    /// before and after the work, `"hold_answer"`, which leaves it open, `{"delay_ms": 50}` and `{"stale_reads_ms": 5000}`. When is `"always"`, as without it, `{"share": 0.3}`,
    /// `{"calls": [2, 5]}`, `{"first": 3}`, `{"after": 3}` or `{"above_per_second": 20}`.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Add a JSON line to FILE for each request, with its parameters but for secrets, and what came of it
    #[arg(long, value_name = "FILE")]
    pub(crate) request_log: Option<PathBuf>,
}

/// Lists the formats that a command has.
pub(crate) trait OutputFormat:
    ValueEnum + Default + std::fmt::Debug + Copy + Send + Sync + 'static
{
    /// What `--json` means.
    const JSON: Self;
}

/// The formats of most commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

impl OutputFormat for Format {
    const JSON: Self = Self::Json;
}

/// The formats of a report on credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// For programs
    Json,
    /// For spreadsheets: a row for everybody
    Csv,
    /// A page that needs nothing else
    Html,
    /// For a comment or an issue
    Markdown,
}

impl OutputFormat for ReportFormat {
    const JSON: Self = Self::Json;
}

/// The formats of sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LoginsFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// For programs
    Json,
    /// A page that needs nothing else
    Html,
}

impl OutputFormat for LoginsFormat {
    const JSON: Self = Self::Json;
}

/// The formats of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// For programs
    Json,
    /// For a comment in a pull request
    Markdown,
    /// A page that needs nothing else, to search and to print
    Html,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// A bash script of `aws` commands, to be run by hand
    AwsCli,
}

impl OutputFormat for PlanFormat {
    const JSON: Self = Self::Json;
}

/// The formats of drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DriftFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// For programs
    Json,
    /// For an issue
    Markdown,
    /// A page that needs nothing else, to search and to print
    Html,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl OutputFormat for DriftFormat {
    const JSON: Self = Self::Json;
}

/// The formats of what was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ApplyFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// For programs, a line for whatever happens
    Json,
    /// The report, for a comment in a pull request
    Markdown,
    /// The report, as a page that needs nothing else
    Html,
}

impl OutputFormat for ApplyFormat {
    const JSON: Self = Self::Json;
}

/// The formats of what is wrong with a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// The formats of what is wrong with policy documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LintFormat {
    /// For a terminal or a log
    #[default]
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl OutputFormat for LintFormat {
    const JSON: Self = Self::Json;
}

/// Says how long Markdown may be.
#[derive(Debug, clap::Args)]
pub(crate) struct SizeArgs {
    /// The bytes that Markdown may take; what doesn't fit is left out and counted. GitHub takes 65536, GitLab 1000000
    #[arg(long, default_value = "65536", value_name = "N", value_parser = clap::value_parser!(u32).range(4096..))]
    pub(crate) max_size: u32,
}
