//! QR codes, for terminals and as images.

use png::{BitDepth, ColorType, Encoder};
use qrcode::render::unicode::Dense1x2;
use qrcode::types::QrError;
use qrcode::{Color, QrCode};
use zeroize::Zeroizing;

/// Pixels on a side of one module: large enough to scan from a screen.
const SCALE: usize = 6;

/// Modules left white on each side, as the standard (ISO/IEC 18004) asks.
const MARGIN: usize = 4;

/// Says why a QR code can't be drawn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QrCodeError {
    #[error("the text is too long for a QR code")]
    Code(#[source] QrError),
    #[error("the image can't be encoded")]
    Image(#[source] png::EncodingError),
}

/// Encodes a secret text.
pub(crate) fn encode(text: &str) -> Result<QrCode, QrCodeError> {
    QrCode::new(text).map_err(QrCodeError::Code)
}

/// Draws a code with block characters, for light text on a dark ground: what is drawn is the white of the code.
pub(crate) fn terminal(code: &QrCode) -> Zeroizing<String> {
    let drawing = code.render::<Dense1x2>();
    Zeroizing::new(
        { drawing }
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .build(),
    )
}

/// Draws a code as a PNG image of one bit a pixel.
pub(crate) fn image(code: &QrCode) -> Result<Zeroizing<Vec<u8>>, QrCodeError> {
    let side = (code.width() + 2 * MARGIN) * SCALE;
    let mut png = Zeroizing::new(Vec::new());
    let size = u32::try_from(side).unwrap_or(u32::MAX);
    let mut encoder = Encoder::new(&mut *png, size, size);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header().map_err(QrCodeError::Image)?;
    writer
        .write_image_data(&pixels(code, side))
        .map_err(QrCodeError::Image)?;
    writer.finish().map_err(QrCodeError::Image)?;
    Ok(png)
}

/// Packs eight pixels into a byte, the leftmost first; one is white.
fn pixels(code: &QrCode, side: usize) -> Zeroizing<Vec<u8>> {
    let is_white = |x: usize, y: usize| {
        let module = |pixel: usize| (pixel / SCALE).checked_sub(MARGIN);
        match (module(x), module(y)) {
            (Some(x), Some(y)) if x < code.width() && y < code.width() => {
                code[(x, y)] == Color::Light
            }
            _ => true,
        }
    };
    let byte = |x: usize, y: usize| {
        let bits = (0..8).filter(|bit| is_white(x + bit, y));
        bits.fold(0u8, |byte, bit| byte | (0x80 >> bit))
    };
    let rows = (0..side).flat_map(|y| (0..side).step_by(8).map(move |x| byte(x, y)));
    Zeroizing::new(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> QrCode {
        encode("otpauth://totp/x?secret=JBSWY3DPEHPK3PXP").unwrap()
    }

    #[test]
    fn the_image_shows_the_code_with_its_margin() {
        let code = code();
        let png = image(&code).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&*png))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let side = (code.width() + 8) * 6;
        assert_eq!((info.width as usize, info.height as usize), (side, side));
        let white =
            |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) != 0;
        for y in 0..code.width() {
            for x in 0..code.width() {
                let centre = |module: usize| (module + 4) * 6 + 3;
                assert_eq!(white(centre(x), centre(y)), code[(x, y)] == Color::Light);
            }
        }
        assert!((0..side).all(|at| white(at, 23) && white(23, at) && white(at, side - 24)));
    }

    #[test]
    fn a_terminal_shows_two_rows_a_line_with_the_margin() {
        let code = code();
        let drawing = terminal(&code);
        let width = code.width() + 8;
        assert_eq!(drawing.lines().count(), width.div_ceil(2));
        assert!(drawing.lines().all(|line| line.chars().count() == width));
        assert!(drawing.starts_with('█'));
    }
}
