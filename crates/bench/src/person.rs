//! Made-up people, and a photo of what happened.

use hyper::body::Bytes;
use jiff::civil::{Date, date};
use jiff::{Span, ToSpan as _};

/// Days of birth that are drawn from.
const DAYS: u64 = 29_000;
/// What stands between the parts of a form.
pub const BOUNDARY: &str = "avvikelse-bench-boundary";
/// How large a photo is.
pub const PHOTO: usize = 2_000_000;

/// The twelve digits of somebody's personal number; no two of some millions are the same.
pub fn number(of: u64) -> String {
    let span: Span = i64::try_from(of % DAYS).unwrap_or(0).days();
    let first: Date = date(1925, 1, 1);
    let born = first.checked_add(span).unwrap_or(first);
    let nine = format!("{}{:03}", born.strftime("%y%m%d"), of / DAYS % 1000);
    let sum: u32 = nine
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let weighed = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
            weighed / 10 + weighed % 10
        })
        .sum();
    format!("{}{nine}{}", born.year() / 100, (10 - sum % 10) % 10)
}

/// A JPEG of so many bytes, as a phone makes it, as the body of a form. What is on it cannot be
/// packed any further, as that of a real one cannot.
pub fn photo() -> Bytes {
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
        [&[0xff, marker], length.as_slice(), content].concat()
    };
    let head = [
        vec![0xff, 0xd8],
        segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xfe, b"made on a phone at a place nobody should know"),
        segment(0xdb, &[1; 65]),
        segment(0xc0, &[8, 12, 0, 16, 0, 1, 1, 0x11, 0]),
        segment(0xc4, &[0; 20]),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
    ]
    .concat();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let pixels = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // 0xff would begin a marker.
        u8::try_from(state >> 56).unwrap_or(0).min(0xfe)
    });
    let missing = PHOTO.saturating_sub(head.len() + 2);
    let form = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"foto.jpg\"\r\n\
         content-type: image/jpeg\r\n\r\n"
    );
    let mut body = form.into_bytes();
    body.extend(head);
    body.extend(pixels.take(missing));
    body.extend(b"\xff\xd9");
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_right_and_of_different_people() {
        // From the tax agency's description of the check digit: 811218-9876.
        let nine = "811218987";
        let made: Vec<_> = (0..100_000).map(number).collect();
        assert!(made.iter().all(|it| it.len() == 12 && it.bytes().all(|it| it.is_ascii_digit())));
        let different: std::collections::BTreeSet<_> = made.iter().collect();
        assert_eq!(different.len(), made.len());
        let born = date(1925, 1, 1).until(date(1981, 12, 18)).unwrap().get_days();
        let of = u64::try_from(born).unwrap() + 987 * DAYS;
        assert_eq!(number(of), format!("19{nine}6"));
    }

    #[test]
    fn a_photo_is_as_large_as_it_should_be() {
        let body = photo();
        assert!(body.len() > PHOTO && body.len() < PHOTO + 400, "{}", body.len());
        let begin = body.windows(3).position(|window| window == [0xff, 0xd8, 0xff]);
        assert!(begin.is_some());
        assert!(body.ends_with(b"\xff\xd9\r\n--avvikelse-bench-boundary--\r\n"));
    }
}
