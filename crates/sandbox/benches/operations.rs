//! How many operations a second the sandbox answers one client, and how long it takes to tell all of a big account.
//!
//! `cargo bench -p mfactl-sandbox`. The client is as thin as can be, since the SDKs take longer than the sandbox.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;

use divan::Bencher;
use divan::counter::ItemsCount;
use mfactl_sandbox::Options;

fn main() {
    divan::main();
}

/// Reads, beside 5,000 users.
#[divan::bench]
fn get_user(bencher: Bencher<'_, '_>) {
    let mut client = with_users(5_000);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| client.call("Action=GetUser&UserName=user-2500"));
}

/// Creates a user, puts it into a group with a policy, and takes it all back: six operations.
#[divan::bench]
fn a_user_comes_and_goes(bencher: Bencher<'_, '_>) {
    let mut client = with_users(4_000);
    let group = "&GroupName=group&UserName=new";
    let policy = "&PolicyName=p&UserName=new";
    let document = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
                    %22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D";
    bencher.counter(ItemsCount::new(6_usize)).bench_local(|| {
        client.call("Action=CreateUser&UserName=new");
        client.call(&format!("Action=AddUserToGroup{group}"));
        client.call(&format!(
            "Action=PutUserPolicy{policy}&PolicyDocument={document}"
        ));
        client.call(&format!("Action=DeleteUserPolicy{policy}"));
        client.call(&format!("Action=RemoveUserFromGroup{group}"));
        client.call("Action=DeleteUser&UserName=new");
    });
}

/// Reads the five pages of an account with 5,000 users.
#[divan::bench(sample_count = 20)]
fn get_account_authorization_details(bencher: Bencher<'_, '_>) {
    let mut client = with_users(5_000);
    bencher
        .counter(ItemsCount::new(5_000_usize))
        .bench_local(|| client.account_authorization_details());
}

/// Holds a connection to a sandbox, which ends with the thread that has it when the client is gone.
struct Client {
    stream: BufReader<TcpStream>,
    _sandbox: mpsc::Sender<()>,
}

/// Starts a sandbox with so many users, each in a group, with a tag and an inline policy.
fn with_users(count: usize) -> Client {
    let mut client = Client::start();
    client.call("Action=CreateGroup&GroupName=group");
    for number in 0..count {
        let user = format!("UserName=user-{number:04}");
        client.call(&format!(
            "Action=CreateUser&{user}&Tags.member.1.Key=team&Tags.member.1.Value=red"
        ));
        client.call(&format!("Action=AddUserToGroup&GroupName=group&{user}"));
        client.call(&format!(
            "Action=PutUserPolicy&PolicyName=p&{user}&PolicyDocument=%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C\
             %22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D"
        ));
    }
    client
}

impl Client {
    fn start() -> Self {
        let (endpoint, started) = mpsc::channel();
        let (sandbox, end) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime can be had").block_on(async move {
                let sandbox = mfactl_sandbox::start(Options::new("123456789012")).await;
                let sandbox = sandbox.expect("a sandbox starts");
                endpoint.send(sandbox.endpoint()).expect("the client waits");
                let ended = tokio::task::spawn_blocking(move || end.recv());
                // The client is gone: that is what is waited for.
                let _ = ended.await;
            });
        });
        let endpoint = started.recv().expect("the sandbox starts");
        let address = endpoint.trim_start_matches("http://");
        let stream = TcpStream::connect(address).expect("the sandbox listens");
        stream.set_nodelay(true).expect("it is a TCP stream");
        Self {
            stream: BufReader::new(stream),
            _sandbox: sandbox,
        }
    }

    /// Makes a call of IAM and returns the answer.
    fn call(&mut self, body: &str) -> String {
        let request = format!(
            "POST / HTTP/1.1\r\nhost: sandbox\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
             authorization: AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/iam/aws4_request, Signature=none\r\n\r\n{body}",
            body.len()
        );
        let sent = self.stream.get_mut().write_all(request.as_bytes());
        sent.expect("the sandbox reads");
        self.answer()
    }

    fn answer(&mut self) -> String {
        let (mut length, mut line) = (0, String::new());
        let mut status = String::new();
        while line != "\r\n" {
            line.clear();
            self.stream
                .read_line(&mut line)
                .expect("the sandbox answers");
            if status.is_empty() {
                status.clone_from(&line);
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length is a number");
            }
        }
        let mut body = vec![0; length];
        self.stream
            .read_exact(&mut body)
            .expect("the answer is whole");
        let body = String::from_utf8(body).expect("XML is text");
        assert!(status.contains("200"), "{body}");
        body
    }

    fn account_authorization_details(&mut self) -> usize {
        let (mut marker, mut users) = (String::new(), 0);
        loop {
            let page = self.call(&format!(
                "Action=GetAccountAuthorizationDetails&MaxItems=1000{marker}"
            ));
            users += page.matches("<UserName>").count();
            let next = page.split_once("<Marker>").map(|(_, rest)| rest);
            match next.and_then(|rest| rest.split_once("</Marker>")) {
                Some((next, _)) => marker = format!("&Marker={next}"),
                None => return users,
            }
        }
    }
}
