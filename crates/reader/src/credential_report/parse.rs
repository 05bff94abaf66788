//! The report's CSV, read by the names of its columns: AWS adds new ones at the end.
//!
//! `N/A` is what doesn't apply, `no_information` what never happened since AWS keeps track of it, and `not_supported` what
//! isn't told of the root user ("Understanding the report format" in the IAM User Guide).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use model::{Credentials, KeyUse, NameError, Person, UserName};

/// What the root user is called in a report.
const ROOT: &str = "<root_account>";

/// Says what a report has that it shouldn't.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReportError {
    #[error("the report is no CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("the report has no column `{0}`")]
    Column(&'static str),
    #[error("the report says `{}` in column `{column}`", value.escape_debug())]
    Value { column: &'static str, value: String },
    #[error(transparent)]
    Name(#[from] NameError),
}

/// Reads a report.
pub(super) fn parse(content: &[u8]) -> Result<BTreeMap<Person, Credentials>, ReportError> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(content);
    let columns = reader.headers()?.clone();
    let mut people = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let row = Row {
            columns: &columns,
            record: &record,
        };
        let person = match row.text("user")? {
            ROOT => Person::Root,
            name => Person::User(UserName::new(name)?),
        };
        people.insert(person, row.credentials()?);
    }
    Ok(people)
}

struct Row<'a> {
    columns: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    fn text(&self, column: &'static str) -> Result<&'a str, ReportError> {
        let place = self.columns.iter().position(|it| it == column);
        let field = place.and_then(|place| self.record.get(place));
        field.ok_or(ReportError::Column(column))
    }

    fn flag(&self, column: &'static str) -> Result<Option<bool>, ReportError> {
        match self.text(column)? {
            "true" | "TRUE" => Ok(Some(true)),
            "false" | "FALSE" => Ok(Some(false)),
            "not_supported" | "N/A" | "no_information" => Ok(None),
            value => Err(wrong(column, value)),
        }
    }

    fn time(&self, column: &'static str) -> Result<Option<Timestamp>, ReportError> {
        match self.text(column)? {
            "" | "not_supported" | "N/A" | "no_information" => Ok(None),
            value => value.parse().map(Some).map_err(|_| wrong(column, value)),
        }
    }

    fn credentials(&self) -> Result<Credentials, ReportError> {
        let keys = [
            self.key(
                "access_key_1_active",
                "access_key_1_last_rotated",
                "access_key_1_last_used_date",
            )?,
            self.key(
                "access_key_2_active",
                "access_key_2_last_rotated",
                "access_key_2_last_used_date",
            )?,
        ];
        Ok(Credentials {
            created: self.time("user_creation_time")?,
            password: self.flag("password_enabled")?,
            password_changed: self.time("password_last_changed")?,
            password_used: self.time("password_last_used")?,
            mfa: self.flag("mfa_active")?.unwrap_or_default(),
            devices: BTreeSet::new(),
            keys: keys.into_iter().flatten().collect(),
        })
    }

    /// A key that is inactive keeps its time; where there is none the time is `N/A`.
    fn key(
        &self,
        active: &'static str,
        rotated: &'static str,
        used: &'static str,
    ) -> Result<Option<KeyUse>, ReportError> {
        let key = KeyUse {
            active: self.flag(active)?.unwrap_or_default(),
            rotated: self.time(rotated)?,
            used: self.time(used)?,
        };
        Ok((key.active || key.rotated.is_some()).then_some(key))
    }
}

fn wrong(column: &'static str, value: &str) -> ReportError {
    ReportError::Value {
        column,
        value: value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

    fn time(text: &str) -> Option<Timestamp> {
        text.parse().ok()
    }

    #[test]
    fn the_root_user_has_what_is_not_supported() {
        let report = format!(
            "{HEAD}\n<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,\
2026-11-01T08:00:00+00:00,not_supported,not_supported,false,true,2021-01-01T00:00:00+00:00,N/A,N/A,N/A,\
false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        );
        let people = parse(report.as_bytes()).unwrap();
        let root = people.get(&Person::Root).unwrap();
        assert_eq!(root.password, None);
        assert_eq!(root.password_used, time("2026-11-01T08:00:00Z"));
        assert!(!root.mfa);
        let key = KeyUse {
            active: true,
            rotated: time("2021-01-01T00:00:00Z"),
            used: None,
        };
        assert_eq!(root.keys, [key]);
    }

    #[test]
    fn columns_are_found_by_name_wherever_they_are_and_new_ones_are_passed_over() {
        let report = "mfa_active,user,password_enabled,password_last_used,password_last_changed,\
user_creation_time,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,something_new\n\
true,\"smith,alice\",TRUE,no_information,2026-11-01T08:00:00+00:00,2026-10-01T08:00:00+00:00,false,N/A,N/A,\
false,2026-10-02T08:00:00+00:00,N/A,\"1 more, see ListAccessKeys\"\n";
        let people = parse(report.as_bytes()).unwrap();
        let alice = Person::User(UserName::new("smith,alice").unwrap());
        let alice = people.get(&alice).unwrap();
        assert!(alice.has_password() && alice.mfa);
        assert_eq!(alice.password_used, None);
        assert_eq!(alice.keys.len(), 1);
        assert_eq!(alice.active_keys().count(), 0);
    }

    #[test]
    fn what_no_report_says_is_an_error_that_names_the_column() {
        let error = parse(b"user,arn\nalice,arn:aws:iam::123456789012:user/alice\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the report has no column `access_key_1_active`"
        );
        let row = "x,N/A,perhaps,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
        let error = parse(format!("{HEAD}\nalice,{row}\n").as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the report says `perhaps` in column `password_enabled`"
        );
    }
}
