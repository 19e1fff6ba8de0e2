//! The binary `avvikelse`: configuration, telemetry, wiring, commands.
//!
//! The service itself can be run inside another program, on ports the system picks:
//!
//! ```no_run
//! # async fn run() -> Result<(), avvikelse::Failure> {
//! let config = avvikelse::Config::local("a/data/directory".as_ref())?;
//! let running = avvikelse::start(config, Box::new(avvikelse::SystemClock)).await?;
//! println!("http://{}", running.addr);
//! running.stop().await
//! # }
//! ```

mod backups;
mod chain;
mod clock;
pub mod commands;
mod config;
mod courier;
mod failure;
mod keys;
mod limits;
mod mail;
mod safety;
mod serve;
mod telemetry;
mod traces;

pub use api::{Network, Pace, Proxies};
pub use clock::SystemClock;
pub use config::{Config, Flags, LogFormat};
pub use courier::{ExchangeConfig, ExchangeFlags};
pub use failure::Failure;
pub use limits::Limits;
pub use mail::{MailConfig, MailFlags};
pub use serve::{Running, start};
pub use traces::Collector;

use std::process::ExitCode;

use clap::Parser as _;

/// The program: reads the command line and does what it says. What fails is told on stderr, with
/// exit code 2 for a fault of the command line or the configuration, else 1.
pub fn main() -> ExitCode {
    let done = actix_web::rt::System::new().block_on(commands::run(commands::Cli::parse()));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("avvikelse: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
