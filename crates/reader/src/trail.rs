//! Who made objects as they were found, by CloudTrail's event history; by a log group in [`log_group`].
//!
//! `LookupEvents` takes two calls a second in an account and region, keeps 90 days, and tells of a call within some
//! minutes ("Viewing CloudTrail event history" in the CloudTrail user guide). It is asked by the names of the operations
//! that can have made what was found, so that the number of calls depends on the sorts of differences and not on how many
//! there are, and what only read doesn't fill the pages.

mod event;
mod log_group;
mod operations;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use aws_config::Region;
use aws_sdk_cloudtrail::config::Builder;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use model::{Address, Drift, Partition, ReadFailure, Trail, TrailCall};

use self::event::Record;
use self::operations::{Operation, is_about, operations};
use crate::Clients;
use crate::part::{failure, unexpected};

pub use self::log_group::trail_of_log_group;

const OPERATION: &str = "cloudtrail:LookupEvents";

/// How many pages of 50 events are read at most: ten seconds at two calls a second.
const PAGES: usize = 20;

/// Asks who made things as drift found them.
///
/// It makes at most 20 calls, with `pause` between two. What can't be asked or isn't told is said in the trail; this never
/// fails as a whole. Objects that go with a user or group aren't asked for.
pub async fn trail(clients: &Clients, drift: &Drift, pause: Duration) -> Trail {
    let mut search = Search::new(drift);
    let mut trail = Trail::default();
    for page in 0..PAGES {
        let Some(next) = search.next(&trail) else {
            return trail;
        };
        if page > 0 {
            tokio::time::sleep(pause).await;
        }
        let found = lookup(clients, &drift.account.partition, &next).await;
        match found {
            Ok((records, token)) => search.take(next.operation, &records, token, &mut trail),
            Err(failure) => {
                trail.failure = Some(failure);
                return trail;
            }
        }
    }
    trail.is_cut_short = search.next(&trail).is_some();
    trail
}

/// The objects that each operation can have made as they are.
type Wanted<'a> = BTreeMap<Operation, Vec<&'a Address>>;

fn wanted(drift: &Drift) -> Wanted<'_> {
    let mut wanted = Wanted::new();
    for (address, operation) in operations(drift) {
        wanted.entry(operation).or_default().push(address);
    }
    wanted
}

/// Holds what is still to be asked.
struct Search<'a> {
    wanted: Wanted<'a>,
    pages: VecDeque<Page>,
}

/// One page of the events of an operation.
struct Page {
    operation: Operation,
    /// None is the first.
    token: Option<String>,
}

impl<'a> Search<'a> {
    fn new(drift: &'a Drift) -> Self {
        let wanted = wanted(drift);
        let pages = wanted.keys().map(|operation| Page {
            operation: *operation,
            token: None,
        });
        Self {
            pages: pages.collect(),
            wanted,
        }
    }

    /// Returns the next page that may tell more: every operation's newest events first, then older ones for as long as
    /// an object is left of which nothing is told.
    fn next(&mut self, trail: &Trail) -> Option<Page> {
        loop {
            let page = self.pages.pop_front()?;
            let objects = self.wanted.get(&page.operation);
            let is_told = |address: &&Address| trail.calls.contains_key(*address);
            if page.token.is_none() || !objects.into_iter().flatten().all(is_told) {
                return Some(page);
            }
        }
    }

    /// Keeps the latest call for each object.
    fn take(
        &mut self,
        operation: Operation,
        records: &[Record],
        token: Option<String>,
        trail: &mut Trail,
    ) {
        let objects = self.wanted.get(&operation).map_or(&[][..], Vec::as_slice);
        for record in records.iter().filter(|it| it.is_done(operation)) {
            for address in objects {
                if is_about(address, record.parameters()) {
                    keep_latest(trail, address, record);
                }
            }
        }
        if token.is_some() {
            self.pages.push_back(Page { operation, token });
        }
    }
}

fn keep_latest(trail: &mut Trail, address: &Address, record: &Record) {
    let Some(call) = record.call() else {
        return;
    };
    let is_later = |known: &TrailCall| known.time < call.time;
    if trail.calls.get(address).is_none_or(is_later) {
        trail.calls.insert(address.clone(), call);
    }
}

async fn lookup(
    clients: &Clients,
    partition: &Partition,
    page: &Page,
) -> Result<(Vec<Record>, Option<String>), ReadFailure> {
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventName)
        .attribute_value(page.operation.name)
        .build()
        .map_err(|error| unexpected(OPERATION, &error))?;
    let call = clients
        .cloudtrail
        .lookup_events()
        .lookup_attributes(attribute)
        .set_next_token(page.token.clone())
        .customize();
    let call = match page.operation.service {
        operations::Service::Iam => {
            let region = Region::from_static(region_of_iam(partition));
            call.config_override(Builder::new().region(region))
        }
        operations::Service::CloudWatch | operations::Service::Logs => call,
    };
    let answer = call
        .send()
        .await
        .map_err(|error| failure(OPERATION, &error))?;
    let records = answer.events().iter().filter_map(Record::of).collect();
    Ok((records, answer.next_token))
}

/// Returns the region in which CloudTrail tells of IAM: the one that IAM is signed for ("IAM endpoints and quotas" in the
/// AWS General Reference).
fn region_of_iam(partition: &Partition) -> &'static str {
    match partition.as_str() {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-eusc" => "eusc-de-east-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        _ => "us-east-1",
    }
}
