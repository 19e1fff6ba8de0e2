//! A zip archive whose bytes depend on nothing but what is put into it: one age for all files, one order.

use std::io::{Cursor, Write};

use domain::calendar::swedish_date;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::Error;

/// An archive that is being made.
pub(crate) struct Package {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    at: DateTime,
}

impl Package {
    /// Begins one whose files are as old as `at`, on a Swedish clock: zip knows no time zones.
    pub(crate) fn begin(at: Timestamp) -> Self {
        let zone = TimeZone::get("Europe/Stockholm").unwrap_or(TimeZone::UTC);
        let (day, time) = (swedish_date(at), zone.to_datetime(at).time());
        let part = |part: i8| u8::try_from(part).unwrap_or(0);
        let at = DateTime::from_date_and_time(
            u16::try_from(day.year()).unwrap_or(0),
            part(day.month()),
            part(day.day()),
            part(time.hour()),
            part(time.minute()),
            part(time.second()),
        );
        // Before 1980 zip knows no time at all.
        let at = at.unwrap_or_default();
        Self { zip: ZipWriter::new(Cursor::new(Vec::new())), at }
    }

    /// Adds a file.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(self.at);
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)?;
        Ok(())
    }

    /// Adds every file of an archive that another made, at this one's age.
    pub(crate) fn take(&mut self, archive: Vec<u8>) -> Result<(), Error> {
        let mut from = ZipArchive::new(Cursor::new(archive))?;
        for at in 0..from.len() {
            let file = from.by_index_raw(at)?;
            self.zip.raw_copy_file_touch(file, self.at, None)?;
        }
        Ok(())
    }

    /// Ends it.
    pub(crate) fn end(self) -> Result<Vec<u8>, Error> {
        Ok(self.zip.finish()?.into_inner())
    }
}
