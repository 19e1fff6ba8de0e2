//! Other programs, run to their end.

use std::process::Stdio;

use tokio::process::Command;

use crate::failure::{Context as _, Failure, Result};

/// A program that ends with this one, and that nobody's settings reach: they would decide what is
/// measured.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("AVVIKELSE_") || text.starts_with("PG") {
            command.env_remove(&name);
        }
    }
    command.env("PGCLIENTENCODING", "UTF8").stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// What a program prints.
///
/// # Errors
/// When it cannot be run or fails, with what it said about it.
pub async fn output(command: &mut Command) -> Result<String> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let done = command.output().await.context(&program)?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(Failure::new(format!("{program} ended with {}: {}", done.status, said.trim())))
}
