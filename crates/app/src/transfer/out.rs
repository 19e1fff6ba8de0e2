//! Files that appear whole or not at all, and that only their owner reads.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is being written under another name. Dropped before its time, it is removed.
#[derive(Debug)]
pub(super) struct Rising {
    writer: Option<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
}

/// Makes the directory, closed to others, unless it is there; one that is keeps its mode.
pub(super) fn make_directory(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(dir)
}

impl Rising {
    pub fn begin(dir: &Path, name: &str) -> io::Result<Self> {
        let temporary = dir.join(format!(".{name}.part"));
        // What a broken export left behind; made anew so that its mode is ours.
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let writer = Some(BufWriter::new(options.open(&temporary)?));
        Ok(Self { writer, temporary, path: dir.join(name) })
    }

    /// Brings everything to the disk, still under the other name.
    pub fn settle(&mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.as_ref().map_or(Ok(()), |writer| writer.get_ref().sync_all())
    }

    /// Gives the file its name.
    pub fn finish(mut self) -> io::Result<()> {
        self.settle()?;
        fs::rename(&self.temporary, &self.path)?;
        self.writer = None;
        Ok(())
    }
}

impl Write for Rising {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.as_mut().map_or(Ok(0), |writer| writer.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for Rising {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // Nothing more can be done about it; the next export removes it.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
