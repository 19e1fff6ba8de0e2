//! HEIC: metadata go without moving anything. Images of a file are items whose bytes are found by
//! their distance from its beginning, so that what goes is overwritten with zeros where it stands.
//! What stays is named: the boxes that describe images, and the bytes that images are made of.
//! Which way is up stands among the properties of an image, and stays.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::Refused;

/// Boxes inside `meta` that describe images.
const KEPT: [&[u8; 4]; 9] =
    [b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat", b"dinf", b"grpl"];
/// Kinds of items that are images, or put images together.
const IMAGES: [&[u8; 4]; 6] = [b"hvc1", b"lhv1", b"grid", b"iovl", b"iden", b"tmap"];
/// More boxes in one place than any camera writes.
const MOST_BOXES: usize = 4096;

/// One box: where it stands.
struct Part {
    kind: [u8; 4],
    start: usize,
    /// Behind its head.
    content: usize,
    end: usize,
}

/// A HEIC image without metadata.
pub fn without_metadata(bytes: Bytes) -> Result<Bytes, Refused> {
    let mut file = BytesMut::from(bytes);
    let top = parts(&file, 0..file.len())?;
    let meta = top.iter().find(|part| part.kind == *b"meta").ok_or(Refused::Damaged)?;
    // Behind version and flags.
    let inner = parts(&file, meta.content + 4..meta.end)?;
    let inside = |kind: &[u8; 4]| inner.iter().find(|part| part.kind == *kind);
    let infos = inside(b"iinf").ok_or(Refused::Metadata)?;
    let images = rename_others(&mut file, infos)?;
    let places = inside(b"iloc").ok_or(Refused::Metadata)?;
    let data = inside(b"idat").map(|part| part.content..part.end);
    let kept = extents(&file, places, &images, data.clone())?;

    let mut seen = false;
    for part in &top {
        match &part.kind {
            b"ftyp" => {}
            // A second one describes nothing.
            b"meta" if !seen => seen = true,
            b"mdat" => erase(&mut file, part.content..part.end, &kept),
            _ => blank(&mut file, part),
        }
    }
    for part in inner.iter().filter(|part| !KEPT.contains(&&part.kind)) {
        blank(&mut file, part);
    }
    if let Some(data) = data {
        erase(&mut file, data, &kept);
    }
    Ok(file.freeze())
}

/// The boxes that stand in a row.
fn parts(file: &[u8], within: Range<usize>) -> Result<Vec<Part>, Refused> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let mut reader = Reader { file, at, end: within.end };
        let size = reader.number(4)?;
        let kind = reader.kind()?;
        let size = match size {
            // To the end.
            0 => within.end - at,
            1 => reader.number(8)?,
            size => size,
        };
        let end = at.checked_add(size).filter(|end| *end <= within.end);
        let end = end.filter(|end| *end >= reader.at).ok_or(Refused::Damaged)?;
        found.push(Part { kind, start: at, content: reader.at, end });
        if found.len() > MOST_BOXES {
            return Err(Refused::Damaged);
        }
        at = end;
    }
    Ok(found)
}

/// The ids of the items that are images; what the others are is overwritten, so that nobody looks
/// for EXIF where it was.
fn rename_others(file: &mut BytesMut, infos: &Part) -> Result<BTreeSet<usize>, Refused> {
    let mut reader = Reader { file, at: infos.content, end: infos.end };
    let wide = reader.version()? > 0;
    reader.number(if wide { 4 } else { 2 })?;
    let start = reader.at;
    let mut images = BTreeSet::new();
    let mut others = Vec::new();
    for part in parts(file, start..infos.end)? {
        if part.kind != *b"infe" {
            return Err(Refused::Metadata);
        }
        let mut reader = Reader { file, at: part.content, end: part.end };
        let id = match reader.version()? {
            2 => reader.number(2)?,
            3 => reader.number(4)?,
            _ => return Err(Refused::Metadata),
        };
        reader.number(2)?;
        let at = reader.at;
        if IMAGES.contains(&&reader.kind()?) {
            images.insert(id);
        } else {
            others.push(at..part.end);
        }
    }
    for other in others {
        file[other.clone()].fill(0);
        file[other.start..other.start + 4].copy_from_slice(b"skip");
    }
    if images.is_empty() { Err(Refused::Damaged) } else { Ok(images) }
}

/// Where the bytes of the images stand in the file.
fn extents(
    file: &[u8],
    places: &Part,
    images: &BTreeSet<usize>,
    data: Option<Range<usize>>,
) -> Result<Vec<Range<usize>>, Refused> {
    let mut reader = Reader { file, at: places.content, end: places.end };
    let version = reader.version()?;
    if version > 2 {
        return Err(Refused::Metadata);
    }
    let sizes = reader.number(2)?;
    let size = |shift: u32| (sizes >> shift) & 0xf;
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version == 0 { 0 } else { size(0) };
    let id_size = if version < 2 { 2 } else { 4 };
    let items = reader.number(id_size)?;
    let mut kept = Vec::new();
    for _ in 0..items {
        let id = reader.number(id_size)?;
        let method = if version == 0 { 0 } else { reader.number(2)? & 0xf };
        let elsewhere = reader.number(2)? != 0;
        let base = reader.number(base_size)?;
        let from = match (method, &data) {
            (0, _) => base,
            (1, Some(data)) => base.checked_add(data.start).ok_or(Refused::Damaged)?,
            // Counted from another item, or from a box that is not there.
            _ if images.contains(&id) => return Err(Refused::Metadata),
            _ => 0,
        };
        for _ in 0..reader.number(2)? {
            reader.number(index_size)?;
            let (offset, length) = (reader.number(offset_size)?, reader.number(length_size)?);
            if !images.contains(&id) {
                continue;
            }
            let start = from.checked_add(offset).ok_or(Refused::Damaged)?;
            let end = start.checked_add(length).ok_or(Refused::Damaged)?;
            // A length of nothing stands for everything, which says too little.
            if elsewhere || length == 0 || end > file.len() {
                return Err(Refused::Metadata);
            }
            kept.push(start..end);
        }
    }
    kept.sort_by_key(|range| range.start);
    Ok(kept)
}

/// Overwrites what lies within and in none of the ranges kept, which are sorted.
fn erase(file: &mut BytesMut, within: Range<usize>, kept: &[Range<usize>]) {
    let mut at = within.start;
    for range in kept {
        let start = range.start.clamp(at, within.end);
        file[at..start].fill(0);
        at = range.end.clamp(start, within.end);
    }
    file[at..within.end].fill(0);
}

/// Makes free space of a box.
fn blank(file: &mut BytesMut, part: &Part) {
    file[part.content..part.end].fill(0);
    file[part.start + 4..part.start + 8].copy_from_slice(b"free");
}

/// Reads numbers in order, never past the end.
struct Reader<'a> {
    file: &'a [u8],
    at: usize,
    end: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Result<&[u8], Refused> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.end);
        let end = end.ok_or(Refused::Damaged)?;
        let taken = self.file.get(self.at..end).ok_or(Refused::Damaged)?;
        self.at = end;
        Ok(taken)
    }

    /// A number of `length` bytes, 0 to 8.
    fn number(&mut self, length: usize) -> Result<usize, Refused> {
        if length > 8 {
            return Err(Refused::Damaged);
        }
        let bytes = self.take(length)?;
        let number = bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        usize::try_from(number).map_err(|_| Refused::Damaged)
    }

    fn kind(&mut self) -> Result<[u8; 4], Refused> {
        self.take(4)?.try_into().map_err(|_| Refused::Damaged)
    }

    /// The version of a box that has one; its flags are passed over.
    fn version(&mut self) -> Result<usize, Refused> {
        let version = self.number(1)?;
        self.number(3)?;
        Ok(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"59.0 N 15.1 E";

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).expect("small").to_be_bytes();
        [&size[..], kind, content].concat()
    }

    fn info(id: u8, kind: &[u8; 4], more: &[u8]) -> Vec<u8> {
        boxed(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], &kind[..], more].concat())
    }

    /// An image in two pieces, with EXIF, XMP and a film behind it.
    fn photo() -> Vec<u8> {
        let head = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
        let infos = [
            b"\0\0\0\0\0\x04".to_vec(),
            info(1, b"hvc1", b"\0"),
            info(2, b"Exif", b"\0"),
            info(3, b"mime", b"\0application/rdf+xml\0"),
            info(4, b"grid", b"\0"),
        ]
        .concat();
        let build = |offset: usize| {
            let at = |more: usize| u32::try_from(offset + more).expect("small").to_be_bytes();
            let place = |id: u8, method: u8, ranges: &[([u8; 4], u8)]| {
                let count = u8::try_from(ranges.len()).expect("few");
                let mut item = vec![0, id, 0, method, 0, 0, 0, count];
                for (start, length) in ranges {
                    item.extend(start);
                    item.extend([0, 0, 0, *length]);
                }
                item
            };
            let places = [
                vec![1, 0, 0, 0, 0x44, 0, 0, 4],
                place(1, 0, &[(at(0), 6), (at(6 + 13), 5)]),
                place(2, 0, &[(at(6), 13)]),
                place(3, 0, &[(at(6 + 13 + 5), 13)]),
                place(4, 1, &[([0, 0, 0, 2], 4)]),
            ]
            .concat();
            let meta = [
                b"\0\0\0\0".to_vec(),
                boxed(b"hdlr", b"pict"),
                boxed(b"iinf", &infos),
                boxed(b"iloc", &places),
                boxed(b"idat", b"..grid.."),
                boxed(b"xml ", SECRET),
            ]
            .concat();
            let data = [b"pixels".as_slice(), SECRET, b"more!", SECRET].concat();
            let mut file = head.clone();
            file.extend(boxed(b"meta", &meta));
            let start = file.len() + 8;
            file.extend(boxed(b"mdat", &data));
            file.extend(boxed(b"uuid", SECRET));
            file.extend(boxed(b"mpvd", SECRET));
            (file, start)
        };
        let (_, start) = build(0);
        build(start).0
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn the_image_stays_where_it_is_and_all_else_is_zeros() {
        let photo = photo();
        let clean = without_metadata(photo.clone().into()).expect("an image");
        assert_eq!(clean.len(), photo.len());
        for gone in [SECRET, b"Exif", b"rdf+xml", b"mpvd", b"uuid", b"xml "] {
            assert!(holds(&photo, gone) && !holds(&clean, gone), "{gone:?}");
        }
        for kept in [b"pixels\0".as_slice(), b"\0more!", b"\0\0grid\0\0", b"hvc1", b"pict"] {
            assert!(holds(&clean, kept), "{kept:?}");
        }
        assert_eq!(without_metadata(clean.clone()).expect("an image"), clean);
    }

    #[test]
    fn what_is_not_understood_is_refused_and_nothing_panics() {
        let photo = photo();
        for length in 0..photo.len() {
            let cut = Bytes::copy_from_slice(&photo[..length]);
            let result = without_metadata(cut);
            assert!(result.is_err() || length > photo.len() - 50, "{length}");
        }
        for at in 0..photo.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut other = photo.clone();
                other[at] = value;
                if let Ok(clean) = without_metadata(other.into()) {
                    assert_eq!(clean.len(), photo.len());
                }
            }
        }
    }
}
