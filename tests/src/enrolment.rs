//! `mfactl enroll`, as far as the image of its QR code, and what its person answers.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::{Mfactl, Ran, scanned};

/// Holds an enrolment that waits for codes.
#[derive(Debug)]
pub struct Enrolment {
    /// The running mfactl.
    pub child: Child,
    /// What the person's app knows from now on.
    pub seed: String,
}

impl Enrolment {
    /// Begins one, whose image is `code.png`, and waits until that is there.
    #[track_caller]
    pub fn begin(mfactl: &Mfactl, arguments: &[&str]) -> Self {
        let mut child = mfactl
            .command()
            .arg("enroll")
            .args(arguments)
            .args(["--png", "code.png"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("mfactl can be started");
        let image = mfactl.folder().join("code.png");
        let end = Instant::now() + Duration::from_secs(60);
        while !is_whole(&image) {
            let ended = child.try_wait().expect("it can be looked at");
            if ended.is_some() || Instant::now() > end {
                let _ = child.kill();
                panic!("there is no image: {:?}", child.wait_with_output());
            }
            sleep(Duration::from_millis(20));
        }
        let address = scanned(&fs::read(&image).expect("the image is there"));
        let (_, seed) = address.split_once("secret=").expect("a seed");
        let seed = seed.split('&').next().expect("a first part").to_owned();
        Self { child, seed }
    }

    /// Answers with these lines, and waits for the end.
    pub fn answer(self, lines: &[String]) -> Ran {
        answer(self.child, lines)
    }

    /// Waits for the end, as a terminal does: without an end of the input.
    pub fn end(mut self) -> Ran {
        let input = self.child.stdin.take();
        let ran = Ran::from(self.child.wait_with_output().expect("it ends"));
        drop(input);
        ran
    }
}

/// Writes lines to the standard input of a program, and waits for its end.
pub fn answer(mut child: Child, lines: &[String]) -> Ran {
    let mut input = child.stdin.take().expect("the input is piped");
    // It may have ended before the last of them.
    let _ = input.write_all(format!("{}\n", lines.join("\n")).as_bytes());
    drop(input);
    Ran::from(child.wait_with_output().expect("it ends"))
}

/// A PNG ends with the chunk IEND.
fn is_whole(image: &Path) -> bool {
    fs::read(image).is_ok_and(|bytes| bytes.windows(4).any(|it| it == b"IEND"))
}
