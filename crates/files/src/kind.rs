//! What a file is, by its first bytes. A table of our own: it has nine lines, where a general one
//! knows hundreds of kinds that are not taken and calls a macro workbook a workbook.

use domain::case::attachment::FileKind;

use crate::{Refused, office};

/// Brands of HEIF files whose images are HEVC: what phones make. A sequence of images is none of
/// them.
const HEIC_BRANDS: [&[u8]; 4] = [b"heic", b"heix", b"heim", b"heis"];
/// General brands, with which a HEIC file may begin and then name one of the others.
const HEIF_BRANDS: [&[u8]; 2] = [b"mif1", b"msf1"];
/// How far into a file the head of a PDF may stand; readers look as far.
const PDF_HEAD_WITHIN: usize = 1024;

/// The kind of a file.
pub fn of(bytes: &[u8]) -> Result<FileKind, Refused> {
    let at = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Ok(FileKind::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(FileKind::Png);
    }
    if bytes.starts_with(b"RIFF") && at(8, 12) == b"WEBP" {
        return Ok(FileKind::Webp);
    }
    if at(4, 8) == b"ftyp" {
        return if is_heic(bytes) { Ok(FileKind::Heic) } else { Err(Refused::Kind) };
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return office::kind(bytes);
    }
    // Only text may stand before the head: else anything could call itself a PDF further down.
    let head = &bytes[..bytes.len().min(PDF_HEAD_WITHIN)];
    if let Some(start) = head.windows(5).position(|window| window == b"%PDF-")
        && head[..start].iter().all(|byte| byte.is_ascii_whitespace() || *byte >= 0x20)
    {
        return Ok(FileKind::Pdf);
    }
    if is_text(bytes) { Ok(FileKind::Text) } else { Err(Refused::Kind) }
}

fn is_heic(bytes: &[u8]) -> bool {
    let size = bytes.first_chunk::<4>().map_or(0, |size| u32::from_be_bytes(*size));
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let Some(brands) = bytes.get(8..size.min(256)) else { return false };
    let major = brands.get(..4).unwrap_or_default();
    let mut compatible = brands.get(8..).unwrap_or_default().chunks_exact(4);
    HEIC_BRANDS.contains(&major)
        || HEIF_BRANDS.contains(&major) && compatible.any(|brand| HEIC_BRANDS.contains(&brand))
}

/// Whether this is text in UTF-8: with no control characters but those that lay it out. What is a
/// page for a browser is not taken for text, though it is sent as nothing else.
fn is_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shown = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let begin = text.trim_start().as_bytes();
    let begins =
        |mark: &[u8]| begin.get(..mark.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(mark));
    let page = [b"<!doctype".as_slice(), b"<html", b"<?xml", b"<svg", b"<script", b"#!"];
    !text.trim().is_empty() && text.chars().all(shown) && !page.iter().any(|mark| begins(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_decides() {
        for (bytes, kind) in [
            (b"\xff\xd8\xff\xe0".as_slice(), Ok(FileKind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n....", Ok(FileKind::Png)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Ok(FileKind::Webp)),
            (b"RIFF\0\0\0\0AVI VP8 ", Err(Refused::Kind)),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Ok(FileKind::Heic)),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Ok(FileKind::Heic)),
            (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", Err(Refused::Kind)),
            (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", Err(Refused::Kind)),
            (b"%PDF-1.7\n", Ok(FileKind::Pdf)),
            (b"MZ\x90\0\x03%PDF-1.7\n", Err(Refused::Kind)),
            ("Föll klockan 7.\r\n".as_bytes(), Ok(FileKind::Text)),
            (b"<HTML><script>", Err(Refused::Kind)),
            (b"#!/bin/sh\n", Err(Refused::Kind)),
            (b"F\xf6ll", Err(Refused::Kind)),
            (b"a\0b", Err(Refused::Kind)),
            (b" \n", Err(Refused::Kind)),
            (b"", Err(Refused::Kind)),
            (b"MZ\x90\0", Err(Refused::Kind)),
            (b"PK\x03\x04 no archive", Err(Refused::Damaged)),
        ] {
            assert_eq!(of(bytes), kind, "{bytes:?}");
        }
    }
}
