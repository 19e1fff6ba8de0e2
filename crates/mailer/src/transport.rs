//! The ways a mail may go.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::message::Mail;
use crate::smtp::{Connection, Smtp};

/// Why a mail was not delivered. The texts are for the log; they name no recipient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The server is away, and would take no other mail either.
    #[error("{0}")]
    Unreachable(String),
    /// The connection broke over this mail; whether the server has it, nobody knows.
    #[error("{0}")]
    Broken(String),
    /// The server does not take this mail now.
    #[error("{0}")]
    Later(String),
    /// The server will never take this mail.
    #[error("{0}")]
    Refused(String),
}

/// A way.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// A file a mail, `ID.eml`, in a directory: for another program to send, or for people to look.
    Directory(PathBuf),
    /// Into memory, for tests.
    Memory(Arc<Mutex<Vec<Mail>>>),
}

impl Transport {
    /// What it is, for the log.
    pub fn name(&self) -> String {
        match self {
            Transport::Smtp(smtp) => smtp.place(),
            Transport::Directory(path) => format!("files in {}", path.display()),
            Transport::Memory(_) => "memory".to_owned(),
        }
    }

    /// Which way it is, without where to.
    pub fn kind(&self) -> &'static str {
        match self {
            Transport::Smtp(_) => "smtp",
            Transport::Directory(_) => "directory",
            Transport::Memory(_) => "memory",
        }
    }

    /// Makes sure that mail can go, and sends none.
    ///
    /// # Errors
    /// [`Undelivered::Unreachable`] with the step that failed.
    pub async fn check(&self) -> Result<(), Undelivered> {
        match self {
            Transport::Smtp(smtp) => {
                smtp.connect().await?.close().await;
                Ok(())
            }
            Transport::Directory(path) => {
                let unwritable =
                    |error: std::io::Error| Undelivered::Unreachable(error.to_string());
                let trial = path.join(".trial");
                write(&trial, b"").map_err(unwritable)?;
                std::fs::remove_file(trial).map_err(unwritable)
            }
            Transport::Memory(_) => Ok(()),
        }
    }
}

/// Mail after mail over one connection, which is made when it is first needed and again after one has
/// broken.
pub struct Session {
    transport: Transport,
    open: Option<Connection>,
}

impl Session {
    /// Not connected yet.
    pub fn over(transport: Transport) -> Self {
        Self { transport, open: None }
    }

    /// Delivers a mail.
    ///
    /// # Errors
    /// Why not, and whether it may be tried again.
    pub async fn deliver(&mut self, mail: &Mail) -> Result<(), Undelivered> {
        match &self.transport {
            Transport::Memory(sent) => {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
                Ok(())
            }
            Transport::Directory(path) => {
                let (path, bytes, id) = (path.clone(), mail.bytes(), mail.id);
                let written = tokio::task::spawn_blocking(move || {
                    let part = path.join(format!(".{id}.part"));
                    write(&part, &bytes)?;
                    std::fs::rename(part, path.join(format!("{id}.eml")))?;
                    File::open(path)?.sync_all()
                });
                match written.await {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(Undelivered::Unreachable(error.to_string())),
                    Err(error) => Err(Undelivered::Broken(error.to_string())),
                }
            }
            Transport::Smtp(smtp) => {
                let mut connection = match self.open.take() {
                    Some(connection) => connection,
                    None => smtp.connect().await?,
                };
                let handed_over = connection.hand_over(mail).await;
                self.open = connection.usable().then_some(connection);
                handed_over
            }
        }
    }

    /// Takes leave of the server.
    pub async fn close(&mut self) {
        if let Some(connection) = self.open.take() {
            connection.close().await;
        }
    }
}

/// Writes a file for its owner alone, and is sure that it is there.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_a_mail_and_the_same_mail_is_the_same_file() {
        let dir = tempfile::tempdir().expect("a directory");
        let mail = Mail {
            id: uuid::Uuid::from_u128(7),
            host: "h".to_owned(),
            from: "a@b.se".parse().expect("a sender"),
            to: "c@d.se".parse().expect("an address"),
            subject: "x".to_owned(),
            text: "y".to_owned(),
            urgent: false,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let transport = Transport::Directory(dir.path().to_owned());
            transport.check().await.expect("writable");
            let mut session = Session::over(transport);
            session.deliver(&mail).await.expect("delivered");
            session.deliver(&mail).await.expect("delivered");
            let away = Transport::Directory(dir.path().join("away"));
            assert!(matches!(away.check().await, Err(Undelivered::Unreachable(_))));
        });
        let files: Vec<_> =
            std::fs::read_dir(dir.path()).expect("the directory").flatten().collect();
        assert_eq!(files.len(), 1);
        assert_eq!(std::fs::read(files[0].path()).expect("the mail"), mail.bytes());
    }
}
