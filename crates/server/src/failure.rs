//! What a command says when it did not do what was asked.

use std::fmt;

/// Why a command failed, in words for whoever typed it, with what to do.
#[derive(Debug)]
pub struct Failure {
    message: String,
    exit_code: u8,
}

impl Failure {
    /// What was asked could not be done.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 1 }
    }

    /// What was asked, or how the program is configured, is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 2 }
    }

    /// What the process ends with.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::AlreadyServed(_) => Self::new(format!(
                "{error}: stop that one first, or give this one a --database-url of its own"
            )),
            store::Error::Config(_) => {
                Self::usage(format!("{error} (see --database-url, --database-plaintext)"))
            }
            store::Error::Unavailable(_) => Self::new(format!(
                "{error}: is it there, and may this user reach it? (see --database-url, --data-dir)"
            )),
            other => Self::new(other.to_string()),
        }
    }
}

impl From<store::BackupError> for Failure {
    fn from(error: store::BackupError) -> Self {
        match error {
            store::BackupError::Store(error) => error.into(),
            store::BackupError::Exists(_) => {
                Self::new(format!("{error}, and is left as it is: choose another, or remove it"))
            }
            other => Self::new(other.to_string()),
        }
    }
}

impl From<app::tenants::TenantError> for Failure {
    fn from(error: app::tenants::TenantError) -> Self {
        match error {
            app::tenants::TenantError::Store(error) => error.into(),
            other => Self::new(other.to_string()),
        }
    }
}

impl From<app::sealing::SealError> for Failure {
    fn from(error: app::sealing::SealError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<auth::ConfigError> for Failure {
    fn from(error: auth::ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<auth::LocalIssuerError> for Failure {
    fn from(error: auth::LocalIssuerError) -> Self {
        Self::new(format!("local issuer: {error}"))
    }
}
