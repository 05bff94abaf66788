//! A kit, opened and read as its person would.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use age::x25519::Identity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use data_encoding::BASE32_NOPAD;
use totp_rs::{Builder, Secret};

use crate::recipe;

/// Holds the text of a kit that was opened with the recipe's demonstration key.
#[derive(Debug)]
pub struct Kit {
    text: String,
}

impl Kit {
    /// Opens a kit.
    pub fn open(path: &Path) -> Self {
        let sealed = fs::read(path).expect("the kit is there");
        let text = age::decrypt(&demonstration_key(), &sealed)
            .expect("the demonstration key opens the kit");
        let text = String::from_utf8(text).expect("a kit is text");
        Self { text }
    }

    /// Returns the first password.
    pub fn password(&self) -> &str {
        self.after("  Password   ")
    }

    /// Returns the address that says to an authenticator app all that it needs.
    pub fn otpauth(&self) -> &str {
        let line = self
            .text
            .lines()
            .find(|line| line.trim().starts_with("otpauth://"));
        line.expect("the kit has an otpauth address").trim()
    }

    /// Returns the secret key of the device.
    pub fn seed(&self) -> &str {
        let (_, seed) = self.otpauth().split_once("secret=").expect("a seed");
        seed.split('&').next().expect("a first part")
    }

    /// Returns the code that an authenticator app shows half a minute from now. The one of now is spent where the device
    /// has just been enabled.
    pub fn next_code(&self) -> String {
        code(self.seed(), 30)
    }

    /// Returns what an authenticator app reads from the QR code of the image.
    pub fn scanned(&self) -> String {
        let image = self.after("data:image/png;base64,");
        scanned(&STANDARD.decode(image).expect("the image is in Base64"))
    }

    fn after(&self, start: &str) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("the kit has no line that starts with {start:?}"))
    }
}

/// Returns what an authenticator app reads from the QR code of an image.
pub fn scanned(png: &[u8]) -> String {
    let (width, pixels) = grey(png);
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, pixels.len() / width, |x, y| {
            pixels[y * width + x]
        });
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "QR codes in the image");
    let (_, content) = codes[0].decode().expect("the QR code can be read");
    content
}

/// Returns the private key that ships with the recipe.
fn demonstration_key() -> Identity {
    let file = fs::read_to_string(recipe().join("demonstration-key.txt"))
        .expect("the recipe has a demonstration key");
    let key = file
        .lines()
        .find(|line| line.starts_with("AGE-SECRET-KEY-1"));
    key.expect("the file has a line with the key")
        .parse()
        .expect("the key is one of age")
}

/// Returns the width and the pixels of an image, each one byte from black to white.
fn grey(png: &[u8]) -> (usize, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("the image is a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("the image is small")];
    let info = reader.next_frame(&mut pixels).expect("the image is whole");
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    (info.width as usize, pixels)
}

/// Returns the code that the device with this seed shows so many seconds from now.
pub fn code(seed: &str, seconds: i64) -> String {
    let seed = BASE32_NOPAD.decode(seed.trim_end_matches('=').as_bytes());
    let seed = Secret::new(seed.expect("the seed is in Base32").into());
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_secs();
    let device = Builder::new().with_secret(seed).build_noncompliant();
    device
        .generate(now.saturating_add_signed(seconds))
        .to_string()
}
