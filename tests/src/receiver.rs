//! A server of HTTP on this machine that takes what it is sent.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// Holds a request.
#[derive(Debug)]
pub struct Request {
    /// Its first line and headers, in lower case.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// Listens, and returns its address and what it is sent. The first requests are answered with these statuses, each one
/// after them with 200.
pub fn receiver(statuses: &'static [u16]) -> (String, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let (sent, received) = channel();
    let number = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (sent, number) = (sent.clone(), Arc::clone(&number));
            thread::spawn(move || {
                while let Some(request) = take(&stream) {
                    let _ = sent.send(request);
                    let status = statuses.get(number.fetch_add(1, Ordering::SeqCst));
                    if answer(&stream, *status.unwrap_or(&200)).is_err() {
                        break;
                    }
                }
            });
        }
    });
    (format!("http://{address}"), received)
}

fn take(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Request { head, body })
}

fn answer(mut stream: &TcpStream, status: u16) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status} Told\r\ncontent-length: 0\r\n\r\n"
    )
}
