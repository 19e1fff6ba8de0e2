//! A zip archive, made piece by piece: what is written is handed on before the next file comes, so that
//! one file at a time is in memory.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Where the archive writes to, until it is handed on.
#[derive(Clone, Debug, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Out {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive that is being made.
#[derive(Debug)]
pub struct Archive {
    zip: ZipWriter<StreamWriter<Out>>,
    out: Out,
    at: DateTime,
}

impl Archive {
    /// Begins one whose files are as old as `at` (Swedish time).
    pub fn begin(at: Timestamp) -> Self {
        let zone = TimeZone::get("Europe/Stockholm").unwrap_or(TimeZone::UTC);
        let local = zone.to_datetime(at);
        let part = |part: i8| u8::try_from(part).unwrap_or(0);
        let at = DateTime::from_date_and_time(
            u16::try_from(local.year()).unwrap_or(0),
            part(local.month()),
            part(local.day()),
            part(local.hour()),
            part(local.minute()),
            part(local.second()),
        );
        let out = Out::default();
        let zip = ZipWriter::new_stream(out.clone());
        Self { zip, out, at: at.unwrap_or_default() }
    }

    /// Adds a file, and gives what the archive has grown by. `pack` makes it smaller, which photos and
    /// office documents are already.
    ///
    /// # Errors
    /// For a name that is there already.
    pub fn add(&mut self, name: &str, bytes: &[u8], pack: bool) -> io::Result<Vec<u8>> {
        let method = if pack { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(self.at)
            .unix_permissions(0o600);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)?;
        self.zip.flush()?;
        Ok(self.out.take())
    }

    /// Ends it, and gives the rest.
    ///
    /// # Errors
    /// None that is expected.
    pub fn end(self) -> io::Result<Vec<u8>> {
        self.zip.finish()?;
        Ok(self.out.take())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn what_was_handed_on_is_an_archive_with_every_file() {
        let mut archive = Archive::begin("2026-07-10T08:00:00Z".parse().expect("a time"));
        let big = vec![7; 100_000];
        let mut bytes = archive.add("a.html", "å".repeat(1000).as_bytes(), true).expect("added");
        let first = bytes.len();
        assert!(first > 0 && first < 1000, "handed on and packed: {first}");
        bytes.extend(archive.add("bilagor/b.bin", &big, false).expect("added"));
        assert!(bytes.len() > first + big.len());
        assert!(archive.add("a.html", b"x", true).is_err(), "twice");
        bytes.extend(archive.end().expect("ended"));
        let mut read = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        let mut text = String::new();
        let mut file = read.by_name("a.html").expect("a file");
        assert_eq!(file.last_modified().expect("a time").hour(), 10, "Swedish summer time");
        file.read_to_string(&mut text).expect("reads");
        drop(file);
        assert_eq!(text, "å".repeat(1000));
        let mut back = Vec::new();
        read.by_name("bilagor/b.bin").expect("a file").read_to_end(&mut back).expect("reads");
        assert_eq!(back, big);
    }
}
