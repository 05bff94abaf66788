//! Saved plans: what `plan --out` writes, `show` prints and `apply` goes by.
//!
//! The file is the plan's JSON with a checksum of all of it. The checksum tells a damaged file from a good one; what
//! binds an apply is the digest, which is worked out anew from the plan in the file and from the one made at the time.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};

use model::{AccountId, Plan, Region};
use render::{FORMAT_VERSION, Header};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::args::{OutputFormat, TargetArgs};

/// The mfactl that this is.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The most bytes that are read. The removal of 5,000 users, as many as an account can have, takes a tenth of it.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The member of the JSON that holds the checksum of the others.
const CHECKSUM: &str = "checksum";

/// Holds a plan that was saved, with what is shown with it.
#[derive(Debug)]
pub(crate) struct SavedPlan {
    pub(crate) file: PathBuf,
    pub(crate) plan: Plan,
    pub(crate) header: Header,
}

/// Says why a saved plan can't be used, or a plan not be saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SavedPlanError {
    #[error("can't read {}", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{} is not a saved plan", file.display())]
    NotAPlan {
        file: PathBuf,
        source: serde_json::Error,
    },
    #[error("{} was made by mfactl {} in format {}, and this is mfactl {VERSION} with format {FORMAT_VERSION}", file.display(), made_by.escape_debug(), format.escape_debug())]
    Version {
        file: PathBuf,
        made_by: String,
        format: String,
    },
    #[error("{} is not as mfactl wrote it", file.display())]
    Altered { file: PathBuf },
    #[error("{} was refused when it was planned", file.display())]
    WasRefused { file: PathBuf },
    #[error("{} is a plan for account {planned}, and the credentials are of {live}", file.display())]
    OtherAccount {
        file: PathBuf,
        planned: AccountId,
        live: AccountId,
    },
    #[error("{} is a plan for region {planned}, and the spec is for {declared}", file.display())]
    OtherRegion {
        file: PathBuf,
        planned: Region,
        declared: Region,
    },
    #[error("{} is a plan for {}, and this is {}", file.display(), which_aws(*planned_on_sandbox), which_aws(!*planned_on_sandbox))]
    OtherAws {
        file: PathBuf,
        planned_on_sandbox: bool,
    },
    #[error("{} was planned from {}, which no saved plan may choose by itself", file.display(), spec.escape_debug())]
    SpecElsewhere { file: PathBuf, spec: String },
    #[error("nothing of what {} plans is left to do; nothing was changed", file.display())]
    AlreadyDone { file: PathBuf },
    #[error("{} is no longer what would be done; nothing was changed", file.display())]
    Stale { file: PathBuf },
    #[error("{} exists and is not a saved plan; it was left as it is", file.display())]
    InTheWay { file: PathBuf },
    #[error("can't write {}", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
}

fn which_aws(is_sandbox: bool) -> &'static str {
    if is_sandbox {
        "the embedded AWS"
    } else {
        "a real account"
    }
}

impl SavedPlanError {
    /// Tells whether a plan is refused for what it is, not for want of one.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Version { .. }
            | Self::Altered { .. }
            | Self::WasRefused { .. }
            | Self::OtherAccount { .. }
            | Self::OtherRegion { .. }
            | Self::OtherAws { .. }
            | Self::SpecElsewhere { .. }
            | Self::AlreadyDone { .. }
            | Self::Stale { .. } => true,
            Self::Unreadable { .. }
            | Self::NotAPlan { .. }
            | Self::InTheWay { .. }
            | Self::Unwritable { .. } => false,
        }
    }

    /// Returns what to do about it.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Unreadable { .. } | Self::NotAPlan { .. } => {
                "a plan is saved by `mfactl plan --out FILE`"
            }
            Self::Version { .. } => {
                "plan again with this mfactl and have that reviewed, or use the other mfactl"
            }
            Self::Altered { .. } => {
                "plan again and have that reviewed; a saved plan is not to be edited"
            }
            Self::WasRefused { .. } => "`mfactl show` says why; plan again when that is put right",
            Self::OtherAccount { .. } => {
                "choose credentials of the plan's account (AWS_PROFILE), or plan for this one"
            }
            Self::OtherRegion { .. } => "name the spec that was planned (-f), or plan again",
            Self::OtherAws {
                planned_on_sandbox: true,
                ..
            } => "add --sandbox, or plan again without it",
            Self::OtherAws {
                planned_on_sandbox: false,
                ..
            } => "leave out --sandbox, or plan again with it",
            Self::SpecElsewhere { .. } => {
                "name the spec (-f); without that it is a folder or *.yaml in this folder"
            }
            Self::AlreadyDone { .. } => "to do more, plan again",
            Self::Stale { .. } => "plan again and have that reviewed; what differs is above",
            Self::InTheWay { .. } => "name another file",
            Self::Unwritable { .. } => return None,
        })
    }
}

/// What every saved plan has, whichever mfactl made it.
#[derive(Deserialize)]
struct Envelope {
    format_version: String,
    mfactl_version: String,
    checksum: String,
}

/// Makes sure that a plan can be saved here: nothing but another plan is overwritten.
pub(crate) fn check_place(file: &Path) -> Result<(), SavedPlanError> {
    match open(file) {
        Ok((_, Envelope { .. })) => Ok(()),
        Err(SavedPlanError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => {
            Ok(())
        }
        Err(SavedPlanError::Unreadable { file, source }) => {
            Err(SavedPlanError::Unwritable { file, source })
        }
        Err(_) => Err(SavedPlanError::InTheWay {
            file: file.to_owned(),
        }),
    }
}

/// Saves a plan, for its owner's eyes only: it holds no secret, but everything that is to change. A reader finds the file
/// there as a whole or not at all.
pub(crate) fn write(file: &Path, plan: &Plan, header: &Header) -> Result<(), SavedPlanError> {
    check_place(file)?;
    let mut json = render::plan_json(plan, header);
    let checksum = checksum(&json);
    if let Value::Object(members) = &mut json {
        members.insert(CHECKSUM.to_owned(), Value::String(checksum));
    }
    replace(file, &render::json_text(&json)).map_err(|source| SavedPlanError::Unwritable {
        file: file.to_owned(),
        source,
    })
}

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// Reads a saved plan and makes sure that it is whole and of this mfactl.
pub(crate) fn read(file: &Path) -> Result<SavedPlan, SavedPlanError> {
    let (
        json,
        Envelope {
            format_version: format,
            mfactl_version: made_by,
            checksum: written,
        },
    ) = open(file)?;
    let file = file.to_owned();
    if made_by != VERSION || format != FORMAT_VERSION {
        return Err(SavedPlanError::Version {
            file,
            made_by,
            format,
        });
    }
    if checksum(&json) != written {
        return Err(SavedPlanError::Altered { file });
    }
    match (Plan::deserialize(&json), Header::deserialize(&json)) {
        (Ok(plan), Ok(_)) if plan.digest != digest(&plan) => Err(SavedPlanError::Altered { file }),
        (Ok(plan), Ok(header)) => Ok(SavedPlan { file, plan, header }),
        (Err(source), _) | (_, Err(source)) => Err(SavedPlanError::NotAPlan { file, source }),
    }
}

/// Returns what is in the file but for the checksum, and the versions and the checksum.
fn open(file: &Path) -> Result<(Value, Envelope), SavedPlanError> {
    let unreadable = |source| SavedPlanError::Unreadable {
        file: file.to_owned(),
        source,
    };
    let not_a_plan = |source| SavedPlanError::NotAPlan {
        file: file.to_owned(),
        source,
    };
    let mut text = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened
        .take(LARGEST)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    let mut json: Value = serde_json::from_slice(&text).map_err(not_a_plan)?;
    let envelope = Envelope::deserialize(&json).map_err(not_a_plan)?;
    if let Value::Object(members) = &mut json {
        members.remove(CHECKSUM);
    }
    Ok((json, envelope))
}

/// Returns SHA-256 of the JSON's canonical form (RFC 8785), in hexadecimal, so that neither spacing nor order matters.
fn checksum(json: &Value) -> String {
    // What has no canonical form, a number beyond all bounds, is in no plan: its checksum is that of nothing.
    let canonical = serde_json_canonicalizer::to_vec(json).unwrap_or_default();
    let digest = Sha256::digest(canonical);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Works out the digest of a plan anew.
fn digest(plan: &Plan) -> String {
    access::digest(&planner::digest(plan), plan)
}

impl SavedPlan {
    /// Makes sure that the plan may be applied at all, and to this AWS.
    pub(crate) fn check_aws(&self, is_sandbox: bool) -> Result<(), SavedPlanError> {
        let Self { file, plan, header } = self;
        let file = file.clone();
        if plan.refusals().next().is_some() {
            return Err(SavedPlanError::WasRefused { file });
        }
        if header.sandbox != is_sandbox {
            return Err(SavedPlanError::OtherAws {
                file,
                planned_on_sandbox: header.sandbox,
            });
        }
        Ok(())
    }

    /// Returns the spec that was planned, if a file that may have been tampered with can be trusted to name it: a mistake
    /// in a spec is shown with its line, and no line of any other file is to be shown.
    pub(crate) fn spec(&self) -> Result<PathBuf, SavedPlanError> {
        let spec = Path::new(&self.header.spec);
        let is_below = spec
            .components()
            .all(|part| matches!(part, Component::CurDir | Component::Normal(_)));
        let is_yaml = spec
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_below && (is_yaml || spec.is_dir()) {
            return Ok(spec.to_owned());
        }
        Err(SavedPlanError::SpecElsewhere {
            file: self.file.clone(),
            spec: self.header.spec.clone(),
        })
    }

    /// Returns the command that plans anew what it planned.
    pub(crate) fn plan_again<F: OutputFormat>(&self, target: &TargetArgs<F>) -> String {
        let text = |path: &Path| quoted(&path.display().to_string());
        let sandbox = target
            .sandbox
            .as_ref()
            .map(|file| format!(" --sandbox={}", text(file)))
            .unwrap_or_default();
        let (spec, file) = (text(target.spec.path()), text(&self.file));
        format!("mfactl plan -f {spec}{sandbox} --out {file}")
    }

    /// Makes sure that the plan is for this account and region.
    pub(crate) fn check_account(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), SavedPlanError> {
        let Plan {
            account: planned,
            region: planned_region,
            ..
        } = &self.plan;
        let file = self.file.clone();
        if planned.id != *account {
            return Err(SavedPlanError::OtherAccount {
                file,
                planned: planned.id.clone(),
                live: account.clone(),
            });
        }
        if planned_region != region {
            return Err(SavedPlanError::OtherRegion {
                file,
                planned: planned_region.clone(),
                declared: region.clone(),
            });
        }
        Ok(())
    }

    /// Makes sure that a plan made now is the one that was saved.
    pub(crate) fn check_same(&self, now: &Plan) -> Result<(), SavedPlanError> {
        let file = self.file.clone();
        if self.plan.digest == now.digest {
            Ok(())
        } else if now.is_clean() && !self.plan.actions.is_empty() {
            Err(SavedPlanError::AlreadyDone { file })
        } else {
            Err(SavedPlanError::Stale { file })
        }
    }
}

/// Returns text as one word of a shell's.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=@:,+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
