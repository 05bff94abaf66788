//! QR codes as PNG images.

use qrcode::{Color, QrCode};

use crate::error::{Code, Error};

/// The white border that the standard asks for, in modules.
const BORDER: usize = 4;
/// The width of a module in pixels.
const SCALE: usize = 5;

/// Returns a black-on-white image of a QR code that holds `text`.
pub(super) fn png(text: &str) -> Result<Vec<u8>, Error> {
    let code = QrCode::new(text).map_err(|error| failure(&error))?;
    let width = code.width();
    let side = (width + 2 * BORDER) * SCALE;
    let modules = code.to_colors();
    let is_dark = |pixel: usize| {
        let (row, column) = (pixel / side / SCALE, pixel % side / SCALE);
        let inside =
            (BORDER..BORDER + width).contains(&row) && (BORDER..BORDER + width).contains(&column);
        inside && modules.get((row - BORDER) * width + column - BORDER) == Some(&Color::Dark)
    };
    let pixels: Vec<u8> = (0..side * side)
        .map(|pixel| if is_dark(pixel) { 0 } else { 255 })
        .collect();
    encode(side, &pixels).map_err(|error| failure(&error))
}

fn encode(side: usize, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut image = Vec::new();
    let mut encoder = png::Encoder::new(&mut image, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(image)
}

fn failure(error: &dyn std::error::Error) -> Error {
    Error::new(
        Code::InternalFailure,
        format!("the QR code can't be made: {error}"),
    )
}
