//! Where master keys come from: a file, the environment, or a program that unwraps them.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use zeroize::Zeroizing;

use super::SealError;

/// How long a program may take to give the keys.
const PROGRAM_WITHIN: Duration = Duration::from_secs(30);

/// When a file of keys was written, and which file it is: two may be written within one tick of the clock.
pub type Mark = (SystemTime, u64);

fn marked(file: &Path) -> Option<Mark> {
    let metadata = file.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.ino()))
}

/// Gives the text of the keys. The seam for a key management service: whatever unwraps them there gives
/// them here.
pub trait KeySource: Send + Sync + std::fmt::Debug {
    /// The keys, as a key file has them in the clear.
    ///
    /// # Errors
    /// [`SealError`] with what to do; nothing of the keys.
    fn read(&self) -> Result<Zeroizing<String>, SealError>;

    /// Something that differs when the keys may have changed; `None` where only reading tells.
    fn mark(&self) -> Option<Mark> {
        None
    }

    /// Puts other keys in the place of these, so that whoever reads has the old or the new.
    ///
    /// # Errors
    /// [`SealError::Keys`] where this program cannot: then the operator does.
    fn replace(&self, _text: &str) -> Result<(), SealError> {
        Err(SealError::Keys(
            "these keys are not in a file that this program writes: add the new version where they are \
             kept, and go on with --existing"
                .to_owned(),
        ))
    }
}

/// A key file in the clear, readable by its owner alone.
#[derive(Clone, Debug)]
pub struct KeyFile(pub PathBuf);

/// The text of a key file in an environment variable, as secret stores hand it to a container.
#[derive(Clone, Debug)]
pub struct KeyVariable(pub &'static str);

/// A program that writes the keys to its output. The key file, if there is one, is its input: that may
/// be encrypted, by a key that never leaves a key management service.
#[derive(Clone, Debug)]
pub struct KeyCommand {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// What it is given to unwrap.
    pub file: PathBuf,
}

fn file_fault(path: &Path, why: impl std::fmt::Display) -> SealError {
    SealError::KeyFile { path: path.display().to_string(), why: why.to_string() }
}

impl KeySource for KeyFile {
    fn read(&self) -> Result<Zeroizing<String>, SealError> {
        let path = &self.0;
        let metadata = path.metadata().map_err(|error| file_fault(path, error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(file_fault(path, "others can read it; run: chmod 600 on it"));
        }
        let text = std::fs::read_to_string(path).map_err(|error| file_fault(path, error))?;
        Ok(Zeroizing::new(text))
    }

    fn mark(&self) -> Option<Mark> {
        marked(&self.0)
    }

    fn replace(&self, text: &str) -> Result<(), SealError> {
        let path = &self.0;
        let mut part = path.clone().into_os_string();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let write = || -> std::io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&part, path)?;
            match path.parent().filter(|parent| *parent != Path::new("")) {
                Some(parent) => File::open(parent)?.sync_all(),
                None => Ok(()),
            }
        };
        let written = write();
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written.map_err(|error| file_fault(path, error))
    }
}

impl KeySource for KeyVariable {
    fn read(&self) -> Result<Zeroizing<String>, SealError> {
        let text = std::env::var(self.0);
        text.map(Zeroizing::new).map_err(|_| SealError::Keys(format!("{} is no text", self.0)))
    }
}

impl KeySource for KeyCommand {
    fn read(&self) -> Result<Zeroizing<String>, SealError> {
        let fault = |why: String| SealError::Keys(format!("the program that unwraps them: {why}"));
        let (program, arguments) =
            self.words.split_first().ok_or_else(|| fault("none is named".to_owned()))?;
        let input = match File::open(&self.file) {
            Ok(file) => Stdio::from(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Stdio::null(),
            Err(error) => return Err(file_fault(&self.file, error)),
        };
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(input)
            .stdout(Stdio::piped())
            // What it has to say of itself goes to the log of whoever started this one.
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| fault(format!("{program}: {error}")))?;
        let output = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let mut text = Zeroizing::new(String::new());
            if let Some(mut output) = output {
                output.read_to_string(&mut text)?;
            }
            Ok::<_, std::io::Error>(text)
        });
        let begun = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if begun.elapsed() < PROGRAM_WITHIN => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(fault(format!("no keys within {} s", PROGRAM_WITHIN.as_secs())));
                }
                Err(error) => return Err(fault(error.to_string())),
            }
        };
        if !status.success() {
            return Err(fault(format!("{program} ended with {status}")));
        }
        let text = reader.join().map_err(|_| fault("its output cannot be read".to_owned()))?;
        text.map_err(|error| fault(error.to_string()))
    }

    fn mark(&self) -> Option<Mark> {
        marked(&self.file)
    }
}
