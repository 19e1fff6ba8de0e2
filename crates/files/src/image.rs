//! Images: everything but the image goes. What stays is named, so that a kind of metadata nobody has
//! heard of goes as well. Of EXIF the orientation alone is kept: without it most pictures of a phone
//! would lie on their side.

use bytes::{Bytes, BytesMut};
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;
use img_parts::{ImageEXIF as _, riff};

use crate::Refused;

/// The tag of EXIF that says which way is up.
const ORIENTATION: u16 = 0x0112;
/// More entries than any camera writes.
const MOST_ENTRIES: u16 = 512;

/// Chunks that are needed to show a PNG as it was meant.
const PNG_KEPT: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB",
    b"cICP", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT",
];
/// Those of a WebP.
const WEBP_KEPT: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// The flags of a VP8X chunk that say there is EXIF, and XMP.
const WEBP_METADATA: u8 = 0b0000_1100;

/// A JPEG without metadata, further images, or anything behind its end.
pub fn jpeg(bytes: Bytes) -> Result<Bytes, Refused> {
    let mut image = Jpeg::from_bytes(bytes).map_err(|_| Refused::Damaged)?;
    let exif = image.exif().and_then(|exif| orientation(&exif)).map(oriented);
    image.segments_mut().retain(is_kept);
    if !image.segments().last().is_some_and(JpegSegment::has_entropy) {
        return Err(Refused::Damaged);
    }
    image.set_exif(exif);
    let head = 2 + image.segments().iter().map(JpegSegment::len).sum::<usize>();
    let whole = image.encoder().bytes();
    let mut clean = BytesMut::with_capacity(whole.len());
    clean.extend_from_slice(&whole[..head]);
    scans(&whole[head..], &mut clean)?;
    Ok(clean.freeze())
}

fn is_kept(segment: &JpegSegment) -> bool {
    match segment.marker() {
        // Its thumbnail, if it has one, is small and of the image itself; readers ask for the rest.
        markers::APP0 => segment.contents().starts_with(b"JFIF\0"),
        // Which colours are meant.
        markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        markers::APP14 => segment.contents().starts_with(b"Adobe"),
        marker => is_image(marker),
    }
}

/// Whether a marker belongs to the image itself.
fn is_image(marker: u8) -> bool {
    // SOFn, DHT, DAC; RSTn; SOS, DQT, DNL, DRI, DHP, EXP.
    matches!(marker, 0xc0..=0xc7 | 0xc9..=0xd7 | 0xda..=0xdf)
}

/// Copies the scans of an image up to its end. Behind that phones put further images, each with its
/// own metadata, and short films.
fn scans(mut data: &[u8], clean: &mut BytesMut) -> Result<(), Refused> {
    loop {
        let Some(at) = data.iter().position(|byte| *byte == 0xff) else {
            return Err(Refused::Damaged);
        };
        let (pixels, rest) = data.split_at(at);
        clean.extend_from_slice(pixels);
        let marker = *rest.get(1).ok_or(Refused::Damaged)?;
        let length = match marker {
            markers::EOI => {
                clean.extend_from_slice(&rest[..2]);
                return Ok(());
            }
            // A fill byte: the marker follows.
            0xff => {
                data = &rest[1..];
                continue;
            }
            // A byte of the pixels, or a restart among them.
            0x00 | 0xd0..=0xd7 => 2,
            markers::SOI => return Err(Refused::Damaged),
            _ => {
                let size = rest.get(2..4).ok_or(Refused::Damaged)?;
                2 + usize::from(u16::from_be_bytes([size[0], size[1]]))
            }
        };
        let segment = rest.get(..length.max(2)).ok_or(Refused::Damaged)?;
        if marker == 0x00 || is_image(marker) {
            clean.extend_from_slice(segment);
        }
        data = &rest[segment.len()..];
    }
}

/// A PNG without metadata, or anything behind its end.
pub fn png(bytes: Bytes) -> Result<Bytes, Refused> {
    let mut image = Png::from_bytes(bytes).map_err(|_| Refused::Damaged)?;
    image.chunks_mut().retain(|chunk| PNG_KEPT.contains(&&chunk.kind()));
    if image.chunks().last().is_none_or(|last| last.kind() != *b"IEND") {
        return Err(Refused::Damaged);
    }
    Ok(image.encoder().bytes())
}

/// A WebP without metadata, or anything behind its end.
pub fn webp(bytes: Bytes) -> Result<Bytes, Refused> {
    let mut image = WebP::from_bytes(bytes).map_err(|_| Refused::Damaged)?;
    let exif = image.exif().and_then(|exif| orientation(&exif)).map(oriented);
    image.chunks_mut().retain(|chunk| WEBP_KEPT.contains(&&chunk.id()));
    let mut extended = false;
    for chunk in image.chunks_mut().iter_mut().filter(|chunk| chunk.id() == *b"VP8X") {
        if let riff::RiffContent::Data(data) = chunk.content_mut() {
            let mut flags = BytesMut::from(&data[..]);
            *flags.first_mut().ok_or(Refused::Damaged)? &= !WEBP_METADATA;
            *data = flags.freeze();
            extended = true;
        }
    }
    // Only the extended form has a place for it.
    if extended && exif.is_some() {
        image.set_exif(exif);
    }
    Ok(image.encoder().bytes())
}

/// Which way is up, where EXIF says something other than the usual. `exif` begins with the head of
/// TIFF.
fn orientation(exif: &[u8]) -> Option<u16> {
    let little = match exif.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| -> Option<u32> {
        let bytes = exif.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let entries = short(directory)?.min(MOST_ENTRIES);
    (0..usize::from(entries))
        .map(|entry| directory + 2 + 12 * entry)
        .find(|entry| short(*entry) == Some(ORIENTATION))
        .and_then(|entry| short(entry + 8))
        .filter(|way| (2..=8).contains(way))
}

/// EXIF that says which way is up, and nothing else.
fn oriented(way: u16) -> Bytes {
    let mut exif = BytesMut::with_capacity(26);
    exif.extend_from_slice(b"MM\0*\0\0\0\x08\0\x01");
    exif.extend_from_slice(&ORIENTATION.to_be_bytes());
    // A short, one of them, in the first half of four bytes.
    exif.extend_from_slice(b"\0\x03\0\0\0\x01");
    exif.extend_from_slice(&way.to_be_bytes());
    exif.extend_from_slice(b"\0\0\0\0\0\0");
    exif.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"59.0 N 15.1 E";

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let length = u16::try_from(contents.len() + 2).expect("short").to_be_bytes();
        [&[0xff, marker], &length[..], contents].concat()
    }

    /// A picture taken with the phone on its side, with all that a phone says of it.
    fn photo() -> Vec<u8> {
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
        exif.extend(b"\x01\x0f\0\x02\0\0\0\x0d\0\0\0\x26");
        exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
        exif.extend(b"\0\0\0\0");
        exif.extend(SECRET);
        [
            b"\xff\xd8".to_vec(),
            segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xe1, &exif),
            segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
            segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", b"colours".as_slice()].concat()),
            segment(0xe2, &[b"MPF\0", SECRET].concat()),
            segment(0xed, &[b"Photoshop 3.0\0", SECRET].concat()),
            segment(0xfe, SECRET),
            segment(0xdb, &[1; 65]),
            segment(0xc2, &[8, 0, 1, 0, 1, 1, 1, 0x11, 0]),
            segment(0xda, &[1, 1, 0, 0, 63, 0]),
            b"pixels\xff\x00more\xff\xd0again".to_vec(),
            segment(0xfe, SECRET),
            segment(0xc4, &[0; 20]),
            segment(0xda, &[1, 1, 0, 0, 63, 0]),
            b"last\xff\xd9".to_vec(),
            b"\xff\xd8\xff\xe1\0\x20Exif\0\0".to_vec(),
            SECRET.to_vec(),
        ]
        .concat()
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn a_jpeg_keeps_its_pixels_colours_and_orientation_and_nothing_else() {
        let clean = jpeg(photo().into()).expect("a picture");
        assert!(!holds(&clean, SECRET), "{clean:?}");
        for kept in
            [b"JFIF\0".as_slice(), b"colours", b"pixels\xff\x00more\xff\xd0again", b"last\xff\xd9"]
        {
            assert!(holds(&clean, kept), "{kept:?}");
        }
        assert!(clean.ends_with(b"last\xff\xd9"));
        let again = Jpeg::from_bytes(clean.clone()).expect("a picture");
        assert_eq!(orientation(&again.exif().expect("EXIF")), Some(6));
        assert_eq!(jpeg(clean.clone()).expect("a picture"), clean, "nothing is left to take out");
    }

    #[test]
    fn a_broken_jpeg_is_refused_wherever_it_breaks() {
        let photo = photo();
        let end = photo.len() - SECRET.len() - 12;
        for length in 2..end {
            let cut = Bytes::copy_from_slice(&photo[..length]);
            assert_eq!(jpeg(cut), Err(Refused::Damaged), "{length} of {end}");
        }
    }

    #[test]
    fn a_png_keeps_what_is_needed_to_show_it() {
        let chunk = |kind: &[u8; 4], contents: &[u8]| {
            img_parts::png::PngChunk::new(*kind, Bytes::copy_from_slice(contents)).encoder().bytes()
        };
        let whole = [
            Bytes::from_static(b"\x89PNG\r\n\x1a\n"),
            chunk(b"IHDR", &[0; 13]),
            chunk(b"tEXt", SECRET),
            chunk(b"eXIf", SECRET),
            chunk(b"tIME", SECRET),
            chunk(b"iTXt", SECRET),
            chunk(b"zzZz", SECRET),
            chunk(b"IDAT", b"pixels"),
            chunk(b"IEND", b""),
            Bytes::from_static(SECRET),
        ]
        .concat();
        let clean = png(whole.into()).expect("a picture");
        assert!(!holds(&clean, SECRET) && holds(&clean, b"pixels"));
        assert_eq!(
            png(Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0\0\x01IHDR")),
            Err(Refused::Damaged)
        );
        assert_eq!(png(Bytes::from_static(b"\x89PNG\r\n\x1a\n")), Err(Refused::Damaged));
    }

    #[test]
    fn a_webp_keeps_pixels_and_orientation() {
        let exif = [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0", SECRET].concat();
        let chunk = |id: &[u8; 4], contents: &[u8]| {
            let data = riff::RiffContent::Data(Bytes::copy_from_slice(contents));
            riff::RiffChunk::new(*id, data)
        };
        let image = |with: Vec<riff::RiffChunk>| {
            let content = riff::RiffContent::List { kind: Some(*b"WEBP"), subchunks: with };
            riff::RiffChunk::new(*b"RIFF", content).encoder().bytes()
        };
        let whole = image(vec![
            chunk(b"VP8X", &[0b0000_1100, 0, 0, 0, 9, 0, 0, 9, 0, 0]),
            chunk(b"VP8L", b"pixels"),
            chunk(b"EXIF", &exif),
            chunk(b"XMP ", SECRET),
            chunk(b"ABCD", SECRET),
        ]);
        let clean = webp(whole).expect("a picture");
        assert!(!holds(&clean, SECRET) && holds(&clean, b"pixels"));
        let again = WebP::from_bytes(clean).expect("a picture");
        assert_eq!(orientation(&again.exif().expect("EXIF")), Some(8));
        let simple = image(vec![chunk(b"VP8 ", b"pixels!!")]);
        assert_eq!(webp(simple.clone()).expect("a picture"), simple);
        assert_eq!(webp(Bytes::from_static(b"RIFF\xff\0\0\0WEBPVP8 ")), Err(Refused::Damaged));
    }
}
