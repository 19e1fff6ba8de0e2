//! Office documents: archives of parts. They are written anew, part by part, without the parts that
//! tell of author, computer and time; so what the new archive holds is what was looked at.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write as _};

use bytes::Bytes;
use domain::case::attachment::FileKind;
use zip::read::ZipFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::{Refused, image, xml};

/// The most parts a document may have: a long one with many pictures has some hundreds.
const MOST_PARTS: usize = 4096;
/// The most that all parts may be unpacked, in bytes.
const LARGEST_UNPACKED: u64 = 200 * 1024 * 1024;
/// A document that unpacks to less than this is no bomb, whatever its ratio.
const SMALL: u64 = 10 * 1024 * 1024;
/// The most that a document may grow by unpacking; spreadsheets full of zeros come to 40.
const LARGEST_RATIO: u64 = 100;
/// The largest part that is looked into, rather than copied.
const LARGEST_READ: u64 = 20 * 1024 * 1024;
/// How much may stand behind the directory of an archive: its own end, and a comment.
const END_WITHIN: usize = 22 + 65_535;

/// What the lists of an OOXML package call the parts that go.
const PROPERTIES: [&str; 4] =
    ["/core-properties", "/extended-properties", "/custom-properties", "/thumbnail"];

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// What kind of document an archive is, if it is one that is taken.
pub fn kind(bytes: &[u8]) -> Result<FileKind, Refused> {
    let mut archive = open(bytes)?;
    if let Ok(part) = archive.by_name("mimetype") {
        let text = read(part)?;
        return match text.as_slice() {
            b"application/vnd.oasis.opendocument.text" => Ok(FileKind::Odt),
            _ => Err(Refused::Kind),
        };
    }
    let types = match archive.by_name("[Content_Types].xml") {
        Ok(part) => String::from_utf8_lossy(&read(part)?).to_ascii_lowercase(),
        Err(_) => return Err(Refused::Kind),
    };
    if types.contains("macroenabled") {
        return Err(Refused::Macros);
    }
    // Other programs name the first part otherwise, and say in the list what it is.
    for (main, kind) in [
        ("wordprocessingml.document.main", FileKind::Docx),
        ("spreadsheetml.sheet.main", FileKind::Xlsx),
    ] {
        if types.contains(main) {
            return Ok(kind);
        }
    }
    Err(Refused::Kind)
}

/// The document without metadata, written anew.
pub fn without_metadata(bytes: &[u8], kind: FileKind) -> Result<Bytes, Refused> {
    let mut archive = open(bytes)?;
    let mut gone = BTreeSet::new();
    if kind == FileKind::Odt {
        gone.insert("meta.xml".to_owned());
        gone.insert("Thumbnails/thumbnail.png".to_owned());
    } else {
        if let Ok(part) = archive.by_name("_rels/.rels") {
            let text = String::from_utf8_lossy(&read(part)?).into_owned();
            gone.extend(properties(&text));
        }
        let parts: Vec<String> = archive.file_names().flatten().map(Into::into).collect();
        gone.extend(parts.into_iter().filter(|name| name.starts_with("docProps/")));
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| Refused::Damaged)?;
        let name = part.name().map_err(|_| Refused::Damaged)?.into_owned();
        if part.is_dir() || gone.contains(&name) {
            continue;
        }
        write(&mut writer, part, &name, &gone)?;
    }
    let written = writer.finish().map_err(|_| Refused::Damaged)?;
    Ok(written.into_inner().into())
}

/// Opens an archive whose list of parts is in order and says nothing out of proportion.
fn open(bytes: &[u8]) -> Result<Archive<'_>, Refused> {
    hold_number(bytes)?;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refused::Damaged)?;
    if archive.len() > MOST_PARTS {
        return Err(Refused::Bomb);
    }
    let mut unpacked = 0u64;
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).map_err(|_| Refused::Damaged)?;
        if part.encrypted() {
            return Err(Refused::Encrypted);
        }
        let name = part.name().map_err(|_| Refused::Damaged)?;
        if part.is_symlink() || name.split(['/', '\\']).any(|step| step == "..") {
            return Err(Refused::Damaged);
        }
        if is_program(&name) {
            return Err(Refused::Macros);
        }
        unpacked = unpacked.saturating_add(part.size());
    }
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let out_of_proportion = unpacked > SMALL && unpacked / packed.max(1) > LARGEST_RATIO;
    if unpacked > LARGEST_UNPACKED || out_of_proportion {
        return Err(Refused::Bomb);
    }
    // The same name twice, parts that share bytes, parts outside the list: readers would disagree.
    archive.validate_header_consistency().map_err(|_| Refused::Damaged)?;
    Ok(archive)
}

/// Looks at how many parts an archive says it has before its list is read into memory.
fn hold_number(bytes: &[u8]) -> Result<(), Refused> {
    let tail = &bytes[bytes.len().saturating_sub(END_WITHIN)..];
    let mut ends = tail.windows(12).filter(|window| window.starts_with(b"PK\x05\x06"));
    let many = |end: &[u8]| usize::from(u16::from_le_bytes([end[10], end[11]])) > MOST_PARTS;
    let wide = tail.windows(4).any(|window| window == b"PK\x06\x07");
    if wide || ends.any(many) { Err(Refused::Bomb) } else { Ok(()) }
}

/// Whether a part is code.
fn is_program(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit('/').next().unwrap_or_default();
    last.starts_with("vbaproject")
        || last.starts_with("vbadata")
        || name.starts_with("basic/")
        || name.starts_with("scripts/")
        || name.contains("/macrosheets/")
        || name.contains("/activex/")
}

/// The whole of a part that is looked into.
fn read<R: Read>(part: ZipFile<'_, R>) -> Result<Vec<u8>, Refused> {
    let size = part.size();
    if size > LARGEST_READ {
        return Err(Refused::Bomb);
    }
    let mut content = Vec::new();
    part.take(size + 1).read_to_end(&mut content).map_err(|_| Refused::Damaged)?;
    if content.len() as u64 == size { Ok(content) } else { Err(Refused::Damaged) }
}

/// Writes a part as it is, or what is left of it.
fn write<R: Read>(
    writer: &mut ZipWriter<Cursor<Vec<u8>>>,
    part: ZipFile<'_, R>,
    name: &str,
    gone: &BTreeSet<String>,
) -> Result<(), Refused> {
    let failed = |_| Refused::Damaged;
    let stored = part.compression() == CompressionMethod::Stored;
    // With no time, no owner, no comment.
    let options = SimpleFileOptions::DEFAULT.compression_method(if stored {
        CompressionMethod::Stored
    } else {
        CompressionMethod::Deflated
    });
    writer.start_file(name, options).map_err(|_| Refused::Damaged)?;
    let lowered = name.to_ascii_lowercase();
    let picture = [".jpg", ".jpeg", ".png", ".webp"].iter().any(|end| lowered.ends_with(end));
    if picture && part.size() <= LARGEST_READ {
        let content = Bytes::from(read(part)?);
        let clean = without_traces(&content);
        return writer.write_all(&clean.unwrap_or(content)).map_err(failed);
    }
    let list = match name {
        "_rels/.rels" => Some("Relationship"),
        "[Content_Types].xml" => Some("Override"),
        "META-INF/manifest.xml" => Some("file-entry"),
        _ => None,
    };
    if let Some(element) = list {
        let content = read(part)?;
        let text = std::str::from_utf8(&content).map_err(|_| Refused::Damaged)?;
        let listed = |tag: &str| {
            let attributes = ["Target", "PartName", "full-path", "manifest:full-path"];
            let named = attributes.iter().find_map(|name| xml::attribute(tag, name));
            named.is_some_and(|name| gone.contains(name.trim_start_matches('/')))
        };
        return writer.write_all(xml::without(text, element, listed).as_bytes()).map_err(failed);
    }
    let size = part.size();
    let copied = std::io::copy(&mut part.take(size + 1), writer).map_err(failed)?;
    if copied == size { Ok(()) } else { Err(Refused::Damaged) }
}

/// A picture inside a document, without what it says of place and time; `None` for what is none,
/// whatever its name.
fn without_traces(content: &Bytes) -> Option<Bytes> {
    let clean = match content.first()? {
        0xff => image::jpeg(content.clone()),
        0x89 => image::png(content.clone()),
        b'R' => image::webp(content.clone()),
        _ => return None,
    };
    clean.ok()
}

/// Whether a relation of the package leads to a part that tells of its making.
fn is_property(tag: &str) -> bool {
    let kind = xml::attribute(tag, "Type").unwrap_or_default();
    PROPERTIES.iter().any(|property| kind.ends_with(property))
}

/// The parts that tell of the making of a package, by the list of its relations.
fn properties(relations: &str) -> Vec<String> {
    let mut found = Vec::new();
    xml::without(relations, "Relationship", |tag| {
        if let Some(target) = xml::attribute(tag, "Target").filter(|_| is_property(tag)) {
            found.push(target.trim_start_matches('/').to_owned());
        }
        false
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Kim Enhetschef";
    const WORD: &str = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"x\"/></Types>";
    const RELATIONS: &str = "<Relationships><Relationship Id=\"1\" Type=\"http://x/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"2\" Type=\"http://x/metadata/core-properties\" Target=\"/package/made.psmdcp\"/></Relationships>";

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated);
        for (name, content) in parts {
            writer.start_file(*name, options).expect("a part");
            writer.write_all(content).expect("writes");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn word(more: &[(&str, &[u8])]) -> Vec<u8> {
        let parts = [
            ("[Content_Types].xml", WORD.as_bytes()),
            ("_rels/.rels", RELATIONS.as_bytes()),
            ("word/document.xml", b"<w>Text</w>".as_slice()),
        ];
        archive(&[&parts[..], more].concat())
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        let archive = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        archive.file_names().map(|name| name.expect("a name").into_owned()).collect()
    }

    #[test]
    fn a_document_loses_its_properties_wherever_they_stand() {
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\x0etEXt".as_slice(), SECRET.as_bytes(), b"\0\0\0\0"];
        let core = ("docProps/core.xml", SECRET.as_bytes());
        let made = ("package/made.psmdcp", SECRET.as_bytes());
        let whole = word(&[core, made, ("word/media/a.png", &png.concat())]);
        assert_eq!(kind(&whole), Ok(FileKind::Docx));
        let clean = without_metadata(&whole, FileKind::Docx).expect("a document");
        assert_eq!(
            names(&clean),
            ["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/media/a.png"]
        );
        let mut opened = open(&clean).expect("an archive");
        let mut text = |name: &str| {
            String::from_utf8_lossy(&read(opened.by_name(name).expect("there")).expect("reads"))
                .into_owned()
        };
        assert!(!text("[Content_Types].xml").contains("docProps"));
        assert!(!text("_rels/.rels").contains("psmdcp"));
        assert!(text("_rels/.rels").contains("word/document.xml"));
        assert_eq!(text("word/document.xml"), "<w>Text</w>");
    }

    #[test]
    fn an_opendocument_text_loses_its_meta() {
        let list = "<m><manifest:file-entry manifest:full-path=\"meta.xml\"/><manifest:file-entry manifest:full-path=\"content.xml\"/></m>";
        let whole = archive(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", b"<x/>"),
            ("meta.xml", SECRET.as_bytes()),
            ("META-INF/manifest.xml", list.as_bytes()),
        ]);
        assert_eq!(kind(&whole), Ok(FileKind::Odt));
        let clean = without_metadata(&whole, FileKind::Odt).expect("a document");
        assert_eq!(names(&clean), ["mimetype", "content.xml", "META-INF/manifest.xml"]);
    }

    #[test]
    fn what_holds_a_program_is_refused() {
        for part in ["word/vbaProject.bin", "xl/macrosheets/a.xml", "Basic/a.xml"] {
            assert_eq!(kind(&word(&[(part, b"x")])), Err(Refused::Macros), "{part}");
        }
        let types =
            WORD.replace("wordprocessingml.document.main", "ms-word.document.macroEnabled.main");
        let other = archive(&[("[Content_Types].xml", types.as_bytes())]);
        assert_eq!(kind(&other), Err(Refused::Macros));
        assert_eq!(kind(&archive(&[("a.txt", b"x")])), Err(Refused::Kind));
    }

    #[test]
    fn bombs_are_refused_before_they_are_unpacked() {
        let zeros = vec![0; 20 * 1024 * 1024];
        assert_eq!(kind(&word(&[("word/a.xml", &zeros)])), Err(Refused::Bomb));
        let many: Vec<String> = (0..MOST_PARTS).map(|n| format!("{n}")).collect();
        let many: Vec<(&str, &[u8])> =
            many.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        assert_eq!(kind(&word(&many)), Err(Refused::Bomb));
    }

    #[test]
    fn a_list_that_lies_is_refused() {
        let whole = word(&[("word/a.xml", &vec![0; 100_000])]);
        let at = |mark: &[u8], from: usize| {
            whole[from..].windows(4).position(|window| window == mark).map(|at| at + from)
        };
        // Every size in the directory and before the parts says one byte.
        let mut lying = whole.clone();
        for (mark, size) in [(b"PK\x01\x02", 24), (b"PK\x03\x04", 22)] {
            let mut from = 0;
            while let Some(found) = at(mark, from) {
                lying[found + size..found + size + 4].copy_from_slice(&1u32.to_le_bytes());
                from = found + 4;
            }
        }
        assert!(kind(&lying).and_then(|kind| without_metadata(&lying, kind)).is_err());
        for length in 0..whole.len() {
            assert!(kind(&whole[..length]).is_err());
        }
    }
}
