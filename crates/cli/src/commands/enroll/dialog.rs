//! Two codes that are asked for, and what AWS says to them.

use executor::{NewDevice, TotpCode, enable_device, resync_device};
use model::UserName;

use crate::clock;
use crate::connection::Connection;
use crate::error::CommandError;
use crate::ui::Ui;

/// How often two codes are asked for.
const TRIES: usize = 5;

/// From how many steps of half a minute on a clock is worth a word.
const NOTABLE: i64 = 2;

/// Asks a user of an account for codes.
#[derive(Clone, Copy)]
pub(super) struct Dialog<'a> {
    pub(super) ui: &'a Ui,
    pub(super) connection: &'a Connection,
    pub(super) user: &'a UserName,
}

impl Dialog<'_> {
    /// Enables a device. Of a new one mfactl knows the seed, and AWS is asked only once its codes are right.
    pub(super) async fn enable(
        &self,
        serial: &str,
        device: Option<&NewDevice>,
    ) -> Result<(), CommandError> {
        let iam = &self.connection.clients.iam;
        self.with_codes(device, async |codes| {
            enable_device(iam, self.user, serial, codes).await
        })
        .await?;
        let text = format!("{serial} is enabled for {}.\n", self.user);
        self.ui.result(&text)?;
        // A code is good once.
        self.ui.status("Sign in with the next code that it shows.");
        Ok(())
    }

    /// Tells AWS by how much a device is off.
    pub(super) async fn resync(&self, serial: &str) -> Result<(), CommandError> {
        let iam = &self.connection.clients.iam;
        self.with_codes(None, async |codes| {
            resync_device(iam, self.user, serial, codes).await
        })
        .await?;
        self.ui.result(&format!("{serial} is synchronised.\n"))
    }

    /// Asks for codes until AWS takes them.
    async fn with_codes(
        &self,
        device: Option<&NewDevice>,
        mut call: impl AsyncFnMut([&TotpCode; 2]) -> Result<(), executor::Error>,
    ) -> Result<(), CommandError> {
        for _ in 0..TRIES {
            let first = self.code("A code that the device shows:").await?;
            let next = self
                .code("The next code, up to half a minute later:")
                .await?;
            if !self.are_good(device, [&first, &next]) {
                continue;
            }
            match call([&first, &next]).await {
                Ok(()) => return Ok(()),
                Err(error) if error.code() == Some("InvalidAuthenticationCode") => {
                    self.ui.mistake(
                        "AWS doesn't take these codes; they must follow each other, and be of this device and of now",
                    );
                    if let Some(warning) = clock::warning(self.connection.calls().clock()) {
                        self.ui.notice(&warning);
                    }
                }
                Err(error) => return Err(CommandError::Enrol(error)),
            }
        }
        Err(CommandError::NoCodes)
    }

    fn are_good(&self, device: Option<&NewDevice>, codes: [&TotpCode; 2]) -> bool {
        let Some(device) = device else {
            let [first, next] = codes;
            if first == next {
                self.ui.mistake(&executor::CodesError::Repeated.to_string());
            }
            return first != next;
        };
        match device.check(codes, self.connection.calls().clock().now()) {
            Ok(steps) if steps.abs() >= NOTABLE => {
                let side = if steps > 0 {
                    "ahead"
                } else {
                    "behind, or the codes are old"
                };
                self.ui.notice(&format!(
                    "the app's clock is about {} s {side}; set it, or sign-ins may fail",
                    steps.abs() * 30
                ));
                true
            }
            Ok(_) => true,
            Err(error) => {
                self.ui.mistake(&error.to_string());
                false
            }
        }
    }

    async fn code(&self, question: &str) -> Result<TotpCode, CommandError> {
        for _ in 0..TRIES {
            let answer = self.ui.ask(question).await.ok_or(CommandError::NoCodes)?;
            match TotpCode::new(&answer) {
                Some(code) => return Ok(code),
                None => self.ui.mistake("a code has six digits"),
            }
        }
        Err(CommandError::NoCodes)
    }
}
