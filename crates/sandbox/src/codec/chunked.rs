//! aws-chunked, in which SDKs send a body whose checksum comes after it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use crate::error::{Code, Error};

/// Holds a body and what came with it.
#[derive(Debug)]
pub(super) struct Chunked {
    pub(super) body: Vec<u8>,
    /// The headers that follow the body, their names in lower case.
    pub(super) trailers: Vec<(String, String)>,
}

/// Puts a body together.
pub(super) fn decode(mut rest: &[u8]) -> Result<Chunked, Error> {
    let mut body = Vec::new();
    loop {
        let size = line(&mut rest)?;
        // A signature may follow.
        let size = size.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| malformed())?;
        if size == 0 {
            let trailers = trailers(rest)?;
            return Ok(Chunked { body, trailers });
        }
        let (chunk, after) = rest.split_at_checked(size).ok_or_else(malformed)?;
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").ok_or_else(malformed)?;
    }
}

fn trailers(mut rest: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let mut trailers = Vec::new();
    while !rest.is_empty() {
        let line = line(&mut rest)?;
        if let Some((name, value)) = line.split_once(':') {
            trailers.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    Ok(trailers)
}

/// Takes a line off the beginning.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, Error> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n");
    let (line, after) = end
        .and_then(|end| rest.split_at_checked(end))
        .ok_or_else(malformed)?;
    *rest = after.get(2..).unwrap_or_default();
    std::str::from_utf8(line).map_err(|_| malformed())
}

fn malformed() -> Error {
    let message = "The request body terminated unexpectedly: it is not aws-chunked";
    Error::new(Code::IncompleteBody, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_what_follows_them_is_kept() {
        let text =
            b"5;chunk-signature=0a\r\nhello\r\n2\r\n, \r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        let Chunked { body, trailers } = decode(text).unwrap();
        assert_eq!(body, b"hello, ");
        let crc = ("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned());
        assert_eq!(trailers, [crc]);
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        for text in ["", "5\r\nhell", "5\r\nhello", "zz\r\n", "5\r\nhello\r\n"] {
            let error = decode(text.as_bytes()).unwrap_err();
            assert_eq!(error.code, Code::IncompleteBody, "{text}");
        }
    }
}
