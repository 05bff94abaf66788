//! QR codes, for a terminal and as a picture.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, QrCode};
use zeroize::Zeroizing;

/// Pixels of one module.
const SCALE: usize = 6;
/// Modules of white around the code, as the standard asks for.
const QUIET: usize = 4;

/// Draws a QR code with block characters. None where the text is too long for one.
pub(crate) fn blocks(text: &str) -> Option<Zeroizing<String>> {
    let code = QrCode::new(text).ok()?;
    // Dark on light also on a dark terminal, which scanners need.
    Some(Zeroizing::new(
        code.render::<Dense1x2>()
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .build(),
    ))
}

/// Draws a QR code as a PNG in a `data:` URI.
pub(crate) fn png_data_uri(text: &str) -> Option<Zeroizing<String>> {
    let png = Zeroizing::new(png(&QrCode::new(text).ok()?).ok()?);
    Some(Zeroizing::new(format!(
        "data:image/png;base64,{}",
        STANDARD.encode(&*png)
    )))
}

fn png(code: &QrCode) -> Result<Vec<u8>, png::EncodingError> {
    let width = code.width();
    let side = (width + 2 * QUIET) * SCALE;
    let colors = code.to_colors();
    let is_dark = |x: usize, y: usize| {
        let module = |pixel: usize| {
            (pixel / SCALE)
                .checked_sub(QUIET)
                .filter(|module| *module < width)
        };
        let color = module(x)
            .zip(module(y))
            .and_then(|(x, y)| colors.get(y * width + x));
        color == Some(&Color::Dark)
    };
    let pixels: Vec<u8> = (0..side * side)
        .map(|pixel| {
            if is_dark(pixel % side, pixel / side) {
                0
            } else {
                255
            }
        })
        .collect();
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_drawn_for_terminals_and_as_a_picture() {
        assert!(
            blocks("otpauth://totp/x?secret=ABC")
                .unwrap()
                .lines()
                .count()
                > 10
        );
        let uri = png_data_uri("otpauth://totp/x?secret=ABC").unwrap();
        let bytes = STANDARD
            .decode(uri.strip_prefix("data:image/png;base64,").unwrap())
            .unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert!(pixels.contains(&0) && pixels.contains(&255));
    }
}
