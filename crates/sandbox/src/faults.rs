//! What goes wrong on purpose, so that one can see how a client takes it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Deserializer};
use wildmatch::WildMatch;

use crate::SandboxError;
use crate::error::{Code, Error};
use crate::operation::Service;

/// Says what goes wrong, and with which calls. By default, nothing does.
///
/// The same faults, seed and calls of each operation give the same failures. In JSON:
///
/// ```
/// let faults = r#"{"seed": 7, "faults": [
///     {"operation": "iam:*", "when": {"share": 0.3}, "effect": "throttle"},
///     {"operation": "iam:CreateUser", "when": {"calls": [2]}, "effect": "drop_answer"},
///     {"operation": "*", "effect": {"delay_ms": 20}}
/// ]}"#;
/// let faults: mfactl_sandbox::Faults = serde_json::from_str(faults)?;
/// assert_eq!(faults.faults.len(), 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Decides which calls a [`When::Share`] takes.
    #[serde(default)]
    pub seed: u64,
    /// Every one that applies to a call has its effect; of several refusals the first counts.
    pub faults: Vec<Fault>,
}

/// Says one thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operations, as `iam:CreateUser`; `*` stands for any text. CloudWatch is `cloudwatch`, Logs is `logs`.
    pub operation: String,
    /// With which of their calls.
    #[serde(default)]
    pub when: When,
    /// What.
    pub effect: Effect,
}

/// Says which of the calls of a fault's operations are struck; retries are calls, too.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// All.
    #[default]
    Always,
    /// As many as this part of them, from 0 to 1, by the seed.
    #[serde(deserialize_with = "share")]
    Share(f64),
    /// Those with these numbers, from 1, in the order they come in.
    Calls(Vec<u64>),
    /// All up to this number.
    First(u64),
    /// All beyond this number.
    After(u64),
    /// All beyond so many within a second.
    AbovePerSecond(u64),
}

/// Says what happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// It is refused as one too many, and nothing is done.
    Throttle,
    /// It is answered with an error of the server, and nothing is done.
    ServerError,
    /// It is refused as if the caller were not allowed to, and nothing is done.
    Deny,
    /// It is refused as in the way of another one, where the service ever says so, and nothing is done.
    Conflict,
    /// The connection is closed, and nothing is done.
    Reset,
    /// It is done, and the connection is closed without an answer.
    DropAnswer,
    /// It is done, and neither is an answer sent nor the connection closed.
    HoldAnswer,
    /// It waits so many milliseconds first.
    #[serde(rename = "delay_ms")]
    Delay(u64),
    /// A read answers as before a change that is no older than so many milliseconds. `DescribeAlarms` and what else
    /// changes something by itself answers as ever, and S3, which is consistent, too.
    #[serde(rename = "stale_reads_ms")]
    StaleReads(u64),
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(serde::de::Error::custom("a share is from 0 to 1"))
    }
}

impl Faults {
    /// Reads faults from a JSON file.
    ///
    /// # Errors
    ///
    /// The file can't be read, or has other members or numbers than there are.
    pub fn read(path: &Path) -> Result<Self, SandboxError> {
        let unusable = |source| SandboxError::Faults {
            path: path.to_owned(),
            source,
        };
        let text = std::fs::read(path).map_err(|error| unusable(error.into()))?;
        serde_json::from_slice(&text).map_err(|error| unusable(error.into()))
    }
}

/// Strikes calls, and counts them to know which.
pub(crate) struct Striker {
    seed: u64,
    faults: Vec<(WildMatch, Fault)>,
    /// How often the operations of each fault were called.
    counts: Mutex<Vec<Count>>,
}

#[derive(Clone, Default)]
struct Count {
    all: u64,
    by_operation: BTreeMap<String, u64>,
    /// The beginning of a second, and how many calls there were since then.
    second: Option<(Instant, u64)>,
}

/// Says what happens to a call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Strike {
    pub(crate) delay: Duration,
    pub(crate) refusal: Option<Error>,
    pub(crate) is_reset: bool,
    pub(crate) answer_is_dropped: bool,
    pub(crate) answer_is_held: bool,
    pub(crate) stale_reads: Option<Duration>,
}

impl Striker {
    pub(crate) fn new(faults: Faults) -> Self {
        let Faults { seed, faults } = faults;
        Self {
            seed,
            counts: Mutex::new(vec![Count::default(); faults.len()]),
            faults: faults
                .into_iter()
                .map(|fault| (WildMatch::new(&fault.operation), fault))
                .collect(),
        }
    }

    /// Returns the longest time that a read may be stale.
    pub(crate) fn staleness(&self) -> Option<Duration> {
        let stale_reads = self
            .faults
            .iter()
            .filter_map(|(_, fault)| match fault.effect {
                Effect::StaleReads(milliseconds) => Some(Duration::from_millis(milliseconds)),
                Effect::Throttle
                | Effect::ServerError
                | Effect::Deny
                | Effect::Conflict
                | Effect::Reset
                | Effect::DropAnswer
                | Effect::HoldAnswer
                | Effect::Delay(_) => None,
            });
        stale_reads.max()
    }

    /// Counts a call and returns what happens to it.
    pub(crate) fn strike(&self, service: Service, operation: &str) -> Strike {
        let operation = format!("{}:{operation}", service.prefix());
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut strike = Strike::default();
        for (index, (pattern, fault)) in self.faults.iter().enumerate() {
            if pattern.matches(&operation)
                && let Some(count) = counts.get_mut(index)
            {
                let number = count.add(&operation);
                let draw = || fraction(self.seed, &format!("{index} {operation} {number}"));
                if count.are_struck(&fault.when, draw) {
                    strike.add(fault.effect, service);
                }
            }
        }
        strike
    }
}

impl Count {
    /// Counts a call and returns how often its operation was called.
    fn add(&mut self, operation: &str) -> u64 {
        self.all += 1;
        let now = Instant::now();
        self.second = match self.second {
            Some((since, calls)) if now - since < Duration::from_secs(1) => {
                Some((since, calls + 1))
            }
            Some(_) | None => Some((now, 1)),
        };
        let number = self.by_operation.entry(operation.to_owned()).or_default();
        *number += 1;
        *number
    }

    /// Returns whether the newest call is struck; `draw` returns a number from 0 to 1 for it.
    fn are_struck(&self, when: &When, draw: impl Fn() -> f64) -> bool {
        match when {
            When::Always => true,
            When::Share(share) => draw() < *share,
            When::Calls(numbers) => numbers.contains(&self.all),
            When::First(count) => self.all <= *count,
            When::After(count) => self.all > *count,
            When::AbovePerSecond(limit) => self.second.is_some_and(|(_, calls)| calls > *limit),
        }
    }
}

impl Strike {
    fn add(&mut self, effect: Effect, service: Service) {
        let (code, message) = match effect {
            Effect::Throttle => (service.throttling(), "Rate exceeded"),
            Effect::ServerError => (
                service.trouble(),
                "The request processing has failed: the sandbox was told so",
            ),
            Effect::Deny => (
                Code::AccessDenied,
                "User is not authorized to perform the operation: the sandbox was told so",
            ),
            Effect::Conflict => match service.conflict() {
                Some(code) => (
                    code,
                    "The sandbox was told that another request is in the way",
                ),
                None => return,
            },
            Effect::Reset => return self.is_reset = true,
            Effect::DropAnswer => return self.answer_is_dropped = true,
            Effect::HoldAnswer => return self.answer_is_held = true,
            Effect::Delay(milliseconds) => {
                return self.delay += Duration::from_millis(milliseconds);
            }
            Effect::StaleReads(milliseconds) => {
                let age = Duration::from_millis(milliseconds);
                return self.stale_reads = self.stale_reads.max(Some(age));
            }
        };
        self.refusal
            .get_or_insert_with(|| Error::new(code, message));
    }
}

/// Returns a number from 0 to 1 that is always the same for a seed and a text, and for no other pair likely so.
fn fraction(seed: u64, text: &str) -> f64 {
    // FNV-1a, and the finalizer of MurmurHash3, since the former's high bits differ little for texts that do.
    let mut hash = text
        .bytes()
        .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53_u64] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    let high = u32::try_from(hash >> 32).unwrap_or_default();
    f64::from(high) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn striker(seed: u64, operation: &str, when: When, effect: Effect) -> Striker {
        let operation = operation.to_owned();
        let fault = Fault {
            operation,
            when,
            effect,
        };
        Striker::new(Faults {
            seed,
            faults: vec![fault],
        })
    }

    /// Returns which of so many calls are struck.
    fn struck(striker: &Striker, calls: u64) -> Vec<u64> {
        let is_struck = |_: &u64| striker.strike(Service::Iam, "GetUser") != Strike::default();
        (1..=calls).filter(is_struck).collect()
    }

    #[test]
    fn calls_are_struck_by_their_number() {
        let of = |when| struck(&striker(0, "iam:Get*", when, Effect::Reset), 5);
        assert_eq!(of(When::Always), [1, 2, 3, 4, 5]);
        assert_eq!(of(When::Calls(vec![2, 5])), [2, 5]);
        assert_eq!(of(When::First(2)), [1, 2]);
        assert_eq!(of(When::After(3)), [4, 5]);
        assert_eq!(of(When::AbovePerSecond(4)), [5]);
    }

    #[test]
    fn a_share_is_the_same_for_a_seed_and_about_as_large_as_it_says() {
        let of = |seed| struck(&striker(seed, "*", When::Share(0.3), Effect::Reset), 10_000);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert!((2_800..3_200).contains(&of(1).len()), "{}", of(1).len());
        assert!(struck(&striker(1, "*", When::Share(0.0), Effect::Reset), 1_000).is_empty());
    }

    #[test]
    fn other_operations_are_neither_struck_nor_counted() {
        let striker = striker(0, "iam:GetUser", When::First(1), Effect::Reset);
        assert_eq!(
            striker.strike(Service::Iam, "GetUserPolicy"),
            Strike::default()
        );
        assert_eq!(striker.strike(Service::Logs, "GetUser"), Strike::default());
        assert_eq!(struck(&striker, 2), [1]);
    }

    #[test]
    fn of_several_refusals_the_first_counts_and_delays_add_up() {
        let fault = |effect| Fault {
            operation: "*".to_owned(),
            when: When::Always,
            effect,
        };
        let effects = [
            Effect::Delay(5),
            Effect::Throttle,
            Effect::Deny,
            Effect::Delay(7),
        ];
        let faults = effects.map(fault).to_vec();
        let strike = Striker::new(Faults { seed: 0, faults }).strike(Service::Logs, "PutLogEvents");
        assert_eq!(strike.delay, Duration::from_millis(12));
        assert_eq!(
            strike.refusal.map(|error| error.code.name()),
            Some("ThrottlingException")
        );
    }

    #[test]
    fn faults_are_read_from_json_and_mistakes_refused() {
        let read = |text: &str| serde_json::from_str::<Faults>(text).map(|it| it.faults);
        let fault = r#"{"operation": "iam:*", "when": {"above_per_second": 3}, "effect": {"stale_reads_ms": 10}}"#;
        let read_fault = read(&format!(r#"{{"faults": [{fault}]}}"#)).unwrap();
        assert_eq!(read_fault[0].effect, Effect::StaleReads(10));
        for wrong in [
            r#"{"faults": [{"operation": "*", "when": {"share": 30}, "effect": "reset"}]}"#,
            r#"{"faults": [{"operation": "*", "effect": "explode"}]}"#,
            r#"{"faults": [{"operations": "*", "effect": "reset"}]}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
