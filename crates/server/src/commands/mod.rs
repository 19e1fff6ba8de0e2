//! The commands, one a file.

mod backup;
mod demo;
mod doctor;
mod export;
mod grant;
mod import;
mod keys;
mod migrate;
mod openapi;
mod operator;
mod restore;
mod serve;
mod staffing;
mod support_bundle;
mod tenant;
mod token;
mod verify;

use clap::{Parser, Subcommand};

use crate::config::{Config, Flags};
use crate::failure::Failure;
use crate::telemetry;

/// Deviation reporting for municipal health and social care (HSL, SoL, LSS).
///
/// Every setting may also be given as an environment variable or in a TOML file; a flag goes before
/// the environment, and that before the file.
#[derive(Debug, Parser)]
#[command(name = "avvikelse", version)]
pub struct Cli {
    /// The settings.
    #[command(flatten)]
    pub flags: Flags,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service; brings the database up to date first
    Serve,
    /// Bring the database up to date, and nothing else
    Migrate(migrate::Args),
    /// Run the service over a year of made-up data, with tokens to try it
    Demo(demo::Args),
    /// Take in the files of another system; all of them, or nothing when a line is faulty
    Import(import::Args),
    /// Write a tenant's data to files
    Export(export::Args),
    /// Copy the database to a file and check the copy, once or on and on; the service may run (SQLite)
    Backup(backup::Args),
    /// Put a backup back where there is no database yet (SQLite)
    Restore(restore::Args),
    /// Check configuration, files, database, keys and addresses
    Doctor,
    /// Recompute the chain over audit and access entries; exit code 1 when something was tampered with
    Verify(verify::Args),
    /// Pack what whoever helps needs to know, without personal data
    SupportBundle(support_bundle::Args),
    /// Make, list, suspend tenants
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Change the keys that seal identities, and count what lies under which
    #[command(subcommand)]
    Keys(keys::Command),
    /// Give a person a role
    Grant(grant::Args),
    /// Sign a token with the built-in issuer; it stands alone on the last line of stdout
    Token(token::Args),
    /// Print the description of the HTTP interface (OpenAPI 3.1)
    Openapi,
}

/// Does what the command line says.
///
/// # Errors
/// Why not, for whoever typed it.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    if let Command::Openapi = cli.command {
        // Needs no configuration, so a faulty one is no hindrance.
        return openapi::run();
    }
    if let Command::Doctor = cli.command {
        // Tells of a faulty configuration among the rest.
        return doctor::run(cli.flags).await;
    }
    let config = Config::load(cli.flags)?;
    let traces = telemetry::log(&config)?;
    let done = match cli.command {
        Command::Serve => serve::run(config).await,
        Command::Migrate(args) => migrate::run(config, args).await,
        Command::Demo(args) => demo::run(config, args).await,
        Command::Import(args) => import::run(config, args).await,
        Command::Export(args) => export::run(config, args).await,
        Command::Backup(args) => backup::run(config, args).await,
        Command::Restore(args) => restore::run(config, args).await,
        Command::Verify(args) => verify::run(config, args).await,
        Command::SupportBundle(args) => support_bundle::run(config, args).await,
        Command::Tenant(command) => tenant::run(config, command).await,
        Command::Keys(command) => keys::run(config, command).await,
        Command::Grant(args) => grant::run(config, args).await,
        Command::Token(args) => token::run(config, args).await,
        Command::Doctor | Command::Openapi => Ok(()),
    };
    if let Some(traces) = traces {
        traces.finish();
    }
    done
}
