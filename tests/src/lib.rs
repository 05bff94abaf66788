//! The binary end to end, against the sandbox and independent emulators of AWS.
//!
//! Here is what the tests share: the binary, the recipe, a company of any size, and emulators. A mistake in it fails a test, so it may panic.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "only tests use this crate"
)]

mod actions;
mod binary;
mod company;
mod emulator;
mod enrolment;
mod expression;
mod interruption;
mod kit;
mod machine;
mod receiver;
mod rights;
mod served;

pub use actions::{Actions, Event, Job, Run};
pub use binary::{Mfactl, Ran};
pub use company::company;
pub use emulator::{Emulator, managed_policies, python, python_file, succeeds, terraform_file};
pub use enrolment::{Enrolment, answer};
pub use interruption::{Account, End};
pub use kit::{Kit, code, scanned};
pub use receiver::{Request, receiver};
pub use rights::{Meanwhile, People};
pub use served::Served;

use std::fs;
use std::path::{Path, PathBuf};

/// Returns a path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this crate is in a folder of the repository")
        .join(path)
}

/// Returns the folder of the example that users meet first.
pub fn recipe() -> PathBuf {
    repository("examples/mfa-recipe")
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the folder can be made");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let entry = entry.expect("the folder can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("the file can be copied");
        }
    }
}
