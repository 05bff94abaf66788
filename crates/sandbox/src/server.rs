//! HTTP on loopback: a request is read, signed for, understood, answered.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use crate::authorization;
use crate::call::{Call, Fields, Rules};
use crate::caller::{Caller, Identity};
use crate::cloudtrail::{Happened, Sender};
use crate::codec::{BODY_LIMIT, Decoded, Protocol};
use crate::error::{Code, Error};
use crate::faults::{Strike, Striker};
use crate::iam::random;
use crate::operation::{Answer, Operation, Operations, Run, Service};
use crate::replica::Replica;
use crate::request_log::RequestLog;
use crate::sign_in::{self, Door};
use crate::signature::Signature;
use crate::state::State;
use crate::store::Store;
use crate::{Changed, SandboxError};

/// How long a change waits to be saved with others.
const SAVE_AFTER: Duration = Duration::from_millis(50);

/// A save that took long is followed by so many times as long without one, so that a big state costs little.
const SAVE_REST: u32 = 20;

/// How long a change waits at most, since a kill loses what waits.
const SAVE_WITHIN: Duration = Duration::from_secs(1);

/// Holds what all connections share.
pub(crate) struct Shared {
    account: String,
    rules: Rules,
    striker: Striker,
    request_log: Option<RequestLog>,
    /// What stale reads answer from.
    replica: Replica,
    operations: Operations,
    state: Mutex<State>,
    calls: Mutex<BTreeMap<String, u64>>,
    /// Who is told of every change.
    watcher: Mutex<Option<mpsc::Sender<Changed>>>,
    store: Mutex<Option<Store>>,
    unsaved: AtomicBool,
    changed: Notify,
}

impl Shared {
    pub(crate) fn new(
        account: String,
        rules: Rules,
        striker: Striker,
        request_log: Option<RequestLog>,
        state: State,
        store: Option<Store>,
    ) -> Self {
        Self {
            account,
            rules,
            striker,
            request_log,
            replica: Replica::default(),
            operations: Operations::new(),
            state: Mutex::new(state),
            calls: Mutex::default(),
            watcher: Mutex::default(),
            store: Mutex::new(store),
            unsaved: AtomicBool::new(true),
            changed: Notify::new(),
        }
    }

    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        locked(&self.calls).clone()
    }

    /// Saves what has changed since the last time.
    pub(crate) fn save(&self) -> Result<(), SandboxError> {
        // Held throughout, so that of two saves the later one has the later state.
        let store = locked(&self.store);
        let Some(store) = &*store else {
            return Ok(());
        };
        if !self.unsaved.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&*locked(&self.state));
        let saved = bytes
            .map_err(SandboxError::Serialize)
            .and_then(|bytes| store.save(&bytes));
        if saved.is_err() {
            self.unsaved.store(true, Ordering::Release);
        }
        saved
    }

    /// Saves for the last time and gives the state file free, even while a connection or a save still holds the rest.
    pub(crate) fn close(&self) -> Result<(), SandboxError> {
        let saved = self.save();
        drop(locked(&self.store).take());
        saved
    }

    /// Runs one operation. A read may be stale, and then answers as before a change of this age at most.
    fn answer(
        &self,
        signature: &Signature<'_>,
        service: Service,
        decoded: &Decoded,
        sender: &Sender<'_>,
        stale_reads: Option<Duration>,
    ) -> Answer {
        let Decoded {
            operation: name,
            parameters,
        } = decoded;
        let operation = self.operations.find(service, name)?;
        *locked(&self.calls)
            .entry(format!("{}:{}", service.prefix(), operation.name))
            .or_default() += 1;
        let clock = Timestamp::now();
        // IAM's dates have whole seconds.
        let now = Timestamp::from_second(clock.as_second()).unwrap_or_default();
        let time = Timestamp::from_millisecond(clock.as_millisecond()).unwrap_or(now);
        let mut state = locked(&self.state);
        let identity = state.identify(signature, &self.account, now)?;
        let Identity {
            account: id,
            caller,
            session,
        } = &identity;
        let happened = Happened::of(
            state.account(id),
            &identity,
            signature.access_key_id,
            service,
            operation,
            signature.region,
            parameters,
        );
        // S3 answers as it is at any time.
        let stale_reads = stale_reads.filter(|_| service != Service::S3);
        let call = Call {
            input: Fields::new(service, parameters),
            caller,
            session: session.as_ref(),
            rules: self.rules,
            now,
            time,
            region: signature.region,
        };
        if *caller != Caller::Root {
            // When its key was used last.
            self.has_changed();
        }
        let answer = self.run(&mut state, id, operation, service, &call, stale_reads);
        if let Some(happened) = happened {
            let event = happened.came_to(&answer, sender, &request_id(), now);
            state.account(id).cloudtrail.add(event);
            self.has_changed();
        }
        answer
    }

    fn run(
        &self,
        state: &mut State,
        id: &str,
        operation: &Operation,
        service: Service,
        call: &Call<'_>,
        stale_reads: Option<Duration>,
    ) -> Answer {
        let account = state.account(id);
        if let Run::Read(_) | Run::Write(_) = operation.run {
            authorization::check(account, call, service, operation.name)?;
        }
        match (operation.run, stale_reads) {
            (Run::Read(run), Some(age)) => {
                let old = self.replica.read(age, |old| run(old.account(id), call));
                old.unwrap_or_else(|| run(account, call))
            }
            (Run::Read(run), None) => run(account, call),
            (Run::Write(run), _) => {
                self.changes(state);
                let answer = run(state.account(id), call);
                self.tell(service, operation.name, state);
                answer
            }
            (Run::Across(run), _) => {
                self.changes(state);
                let answer = run(state, id, call);
                self.tell(service, operation.name, state);
                answer
            }
        }
    }

    /// Signs a user in, and returns the HTTP status and the answer.
    fn sign_in(&self, form: &[u8], sender: &Sender<'_>) -> (u16, Json) {
        let door = Door {
            rules: self.rules,
            sender,
            event_id: &request_id(),
            clock: Timestamp::now(),
        };
        let mut state = locked(&self.state);
        self.changes(&state);
        match door.sign_in(&mut state, &self.account, form) {
            Ok(credentials) => (200, credentials),
            Err(error) => (error.code.status(), sign_in::refusal(&error)),
        }
    }

    /// Takes note that the state is about to change.
    fn changes(&self, state: &State) {
        if let Some(age) = self.striker.staleness() {
            self.replica.keep(state, age);
        }
        self.has_changed();
    }

    /// Tells who watches what the state is now.
    fn tell(&self, service: Service, operation: &str, state: &State) {
        let mut watcher = locked(&self.watcher);
        let Some(sender) = &*watcher else { return };
        let operation = format!("{}:{operation}", service.prefix());
        // What can't be serialized can't be saved either, and saving says so.
        let state = serde_json::to_vec(state).unwrap_or_default();
        if sender.send(Changed { operation, state }).is_err() {
            *watcher = None;
        }
    }

    /// Sends the state after each change from now on.
    pub(crate) fn watch(&self) -> Receiver<Changed> {
        let (sender, receiver) = mpsc::channel();
        *locked(&self.watcher) = Some(sender);
        receiver
    }

    fn has_changed(&self) {
        self.unsaved.store(true, Ordering::Release);
        self.changed.notify_one();
    }
}

impl std::fmt::Debug for Shared {
    /// Shows no state: it holds seeds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Locks; a panic elsewhere leaves a state that is as whole as an operation leaves it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Accepts connections until told to stop; a request that is being answered then is finished or never began.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // Answers are small and waited for.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(TokioIo::new(stream), peer.ip(), Arc::clone(&shared)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            },
        }
    }
    connections.shutdown().await;
}

async fn connection(stream: TokioIo<tokio::net::TcpStream>, address: IpAddr, shared: Arc<Shared>) {
    let service = hyper::service::service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { respond(&shared, address, request).await }
    });
    if let Err(error) = hyper::server::conn::http1::Builder::new()
        .serve_connection(stream, service)
        .await
    {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Saves changes a moment after they are made, for as long as it is polled.
pub(crate) async fn save_changes(shared: Arc<Shared>) {
    let mut pause = SAVE_AFTER;
    loop {
        shared.changed.notified().await;
        tokio::time::sleep(pause).await;
        let (started, saving) = (Instant::now(), Arc::clone(&shared));
        match tokio::task::spawn_blocking(move || saving.save()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "the state is not saved"
            ),
            Err(error) => tracing::error!(%error, "the state is not saved"),
        }
        pause = (started.elapsed() * SAVE_REST).clamp(SAVE_AFTER, SAVE_WITHIN);
    }
}

/// Says why a request gets no answer.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("the sandbox was told to close the connection")]
    Closed,
    #[error("the sandbox was told not to answer")]
    Held,
}

async fn respond(
    shared: &Shared,
    address: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Unanswered> {
    let (head, body) = request.into_parts();
    let body = read_body(body).await;
    let request_id = request_id();
    let user_agent = head.headers.get(USER_AGENT);
    let sender = Sender {
        address,
        user_agent: user_agent.map_or("", |agent| agent.to_str().unwrap_or_default()),
        request_id: &request_id,
    };
    if let (sign_in::PATH, Ok(form)) = (head.uri.path(), &body) {
        return Ok(json_response(shared.sign_in(form, &sender)));
    }
    let signature = Signature::of(&head.headers);
    let service = signature
        .as_ref()
        .ok()
        .and_then(|signature| Service::signed_as(signature.service));
    let protocol = Protocol::of(service, &head.headers);
    let decoded = body.and_then(|body| protocol.decode(&head, &body));
    let (signature, decoded) = match (signature, decoded) {
        (Ok(signature), Ok(decoded)) => (signature, decoded),
        (Err(error), _) | (_, Err(error)) => {
            return Ok(response(
                protocol,
                service,
                "Unknown",
                &request_id,
                &Err(error),
            ));
        }
    };
    let answer = match service {
        Some(service) => struck(shared, &signature, service, &decoded, &sender).await,
        None => Ok(Err(unknown_service(signature.service))),
    };
    log(shared, &request_id, &signature, service, &decoded, &answer);
    if matches!(answer, Err(Unanswered::Held)) {
        // Until the client goes, or the sandbox stops.
        std::future::pending::<()>().await;
    }
    let operation = &decoded.operation;
    Ok(response(
        protocol,
        service,
        operation,
        &request_id,
        &answer?,
    ))
}

fn json_response((status, body): (u16, Json)) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    let status = StatusCode::from_u16(status);
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// Tells the logs what was asked and what comes of it.
fn log(
    shared: &Shared,
    request_id: &str,
    signature: &Signature<'_>,
    service: Option<Service>,
    decoded: &Decoded,
    answer: &Result<Answer, Unanswered>,
) {
    let Decoded {
        operation,
        parameters,
    } = decoded;
    let outcome = match answer {
        Ok(Ok(_)) => "OK",
        Ok(Err(error)) => error.code.name(),
        Err(Unanswered::Closed | Unanswered::Held) => "no answer",
    };
    tracing::debug!(operation, outcome, request_id, "answered");
    if let Some(log) = &shared.request_log {
        let service = service.map_or(signature.service, |service| service.prefix());
        let operation = format!("{service}:{operation}");
        let key = signature.access_key_id;
        log.add(request_id, key, &operation, parameters, outcome);
    }
}

/// Answers unless something goes wrong on purpose.
async fn struck(
    shared: &Shared,
    signature: &Signature<'_>,
    service: Service,
    decoded: &Decoded,
    sender: &Sender<'_>,
) -> Result<Answer, Unanswered> {
    let Strike {
        delay,
        refusal,
        is_reset,
        answer_is_dropped,
        answer_is_held,
        stale_reads,
    } = shared.striker.strike(service, &decoded.operation);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    if is_reset {
        return Err(Unanswered::Closed);
    }
    let answer = match refusal {
        Some(error) => Err(error),
        None => shared.answer(signature, service, decoded, sender, stale_reads),
    };
    if answer_is_held {
        return Err(Unanswered::Held);
    }
    if answer_is_dropped {
        return Err(Unanswered::Closed);
    }
    Ok(answer)
}

fn response(
    protocol: Protocol,
    service: Option<Service>,
    operation: &str,
    request_id: &str,
    answer: &Answer,
) -> Response<Full<Bytes>> {
    let encoded = protocol.encode(service, operation, request_id, answer);
    let mut response = Response::new(Full::new(Bytes::from(encoded.body)));
    *response.status_mut() = encoded.status;
    *response.headers_mut() = encoded.headers;
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

async fn read_body(body: Incoming) -> Result<Bytes, Error> {
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Error::new(
            Code::RequestTooLarge,
            format!("the request is longer than {BODY_LIMIT} bytes"),
        )),
        Err(error) => Err(Error::new(
            Code::MalformedRequest,
            format!("the request can't be read: {error}"),
        )),
    }
}

fn unknown_service(name: &str) -> Error {
    let message = format!(
        "the sandbox has no service `{name}`: it has iam, sts, monitoring, logs, s3 and cloudtrail"
    );
    Error::new(Code::InvalidAction, message)
}

/// Returns an id that looks like AWS's; without random bytes it is all zeros.
fn request_id() -> String {
    let bytes = random::<16>().unwrap_or_default();
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let mut id = String::with_capacity(36);
    for (index, digit) in hex.chars().enumerate() {
        if matches!(index, 8 | 12 | 16 | 20) {
            id.push('-');
        }
        id.push(digit);
    }
    id
}
