//! How the credentials of an account came to be what they are, as lines over time.

use jiff::Timestamp;
use model::{Condition, CredentialCounts};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = WIDTH - 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 28.0;

/// Beyond so many, points are lines only.
const MOST_DOTS: usize = 60;

/// Holds lines, as coordinates of a drawing.
#[derive(Debug)]
pub(crate) struct Plot {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) left: f64,
    pub(crate) right: f64,
    /// What it says to those who don't see it.
    pub(crate) label: String,
    /// How high a number stands.
    pub(crate) grid: Vec<(f64, usize)>,
    /// Where a day stands, and to which side of that its name goes.
    pub(crate) days: Vec<(f64, String, &'static str)>,
    pub(crate) lines: Vec<Line>,
}

/// Holds one line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) class: &'static str,
    pub(crate) points: String,
    pub(crate) dots: Vec<(String, String)>,
}

/// Draws what was counted, the oldest first. There is nothing to draw of less than two times.
pub(crate) fn plot(history: &[CredentialCounts]) -> Option<Plot> {
    let (first, last) = (history.first()?, history.last()?);
    if first.generated >= last.generated {
        return None;
    }
    let most = history.iter().map(|it| it.with_password).max()?.max(1);
    let whole = seconds(first.generated, last.generated);
    let x = |time| LEFT + (RIGHT - LEFT) * seconds(first.generated, time) / whole;
    let y = |number: usize| BOTTOM - (BOTTOM - TOP) * share(number, most);
    let line = |name, class, of: fn(&CredentialCounts) -> usize| {
        let dots: Vec<(String, String)> = history
            .iter()
            .map(|counts| {
                let (x, y) = (x(counts.generated), y(of(counts).min(most)));
                (format!("{x:.1}"), format!("{y:.1}"))
            })
            .collect();
        let points: Vec<String> = dots.iter().map(|(x, y)| format!("{x},{y}")).collect();
        Line {
            name,
            class,
            points: points.join(" "),
            dots: if dots.len() > MOST_DOTS {
                Vec::new()
            } else {
                dots
            },
        }
    };
    Some(Plot {
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: RIGHT,
        label: format!(
            "{} of {} people with a password had MFA at first, {} of {} have it now",
            first.with_mfa, first.with_password, last.with_mfa, last.with_password
        ),
        grid: vec![(y(0), 0), (y(most), most)],
        days: vec![
            (LEFT, day(first.generated), "start"),
            (RIGHT, day(last.generated), "end"),
        ],
        lines: vec![
            line("people with a password", "all", |it| it.with_password),
            line("of these with MFA", "good", |it| it.with_mfa),
            line("with something unused", "bad", |it| {
                it.conditions
                    .get(&Condition::Unused)
                    .copied()
                    .unwrap_or_default()
            }),
        ],
    })
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "an account has few people")]
fn share(number: usize, of: usize) -> f64 {
    number as f64 / of as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::AccountId;

    use super::*;

    fn counts(day: &str, with_password: usize, with_mfa: usize) -> CredentialCounts {
        CredentialCounts {
            generated: format!("{day}T00:00:00Z").parse().unwrap(),
            account: AccountId::new("123456789012").unwrap(),
            users: with_password,
            with_password,
            with_mfa,
            conditions: BTreeMap::new(),
        }
    }

    #[test]
    fn one_time_is_no_line() {
        assert!(plot(&[]).is_none());
        let day = counts("2026-11-24", 4, 2);
        assert!(plot(std::slice::from_ref(&day)).is_none());
        assert!(plot(&[day.clone(), day]).is_none());
    }

    #[test]
    fn lines_go_from_the_first_day_to_the_last_within_the_drawing() {
        let history = [
            counts("2026-11-01", 4, 0),
            counts("2026-11-11", 4, 2),
            counts("2026-11-21", 2, 2),
        ];
        let plot = plot(&history).unwrap();
        let points: Vec<&str> = plot.lines.iter().map(|line| line.points.as_str()).collect();
        assert_eq!(
            points,
            [
                "40.0,12.0 334.0,12.0 628.0,102.0",
                "40.0,192.0 334.0,102.0 628.0,102.0",
                "40.0,192.0 334.0,192.0 628.0,192.0",
            ]
        );
    }
}
