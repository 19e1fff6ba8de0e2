//! What it was measured on.
#![allow(clippy::disallowed_methods, reason = "the date of a run is the clock's to tell")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{Timestamp, Unit};

use crate::command::{command, output};
use crate::failure::{Context as _, Result};
use crate::measure::{Latencies, Sample};

/// A machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// How many processors there are for us.
    pub cores: usize,
    /// What the processor is called.
    pub cpu: String,
    /// Memory in MiB.
    pub memory: u64,
    /// The kernel.
    pub kernel: String,
    /// The file system that the databases lie on.
    pub file_system: String,
    /// The compiler.
    pub rustc: String,
    /// The day.
    pub date: String,
}

/// Now, to the second.
///
/// # Errors
/// Not within the calendar.
pub fn now() -> Result<Timestamp> {
    Timestamp::now().round(Unit::Second).context("time")
}

impl Machine {
    /// This one; the databases lie in `dir`.
    ///
    /// # Errors
    /// When it is no Linux.
    pub async fn this(dir: &Path) -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo").context("/proc/cpuinfo")?;
        let memory = fs::read_to_string("/proc/meminfo").context("/proc/meminfo")?;
        let kib: u64 =
            field(&memory, "MemTotal").and_then(|kib| kib.parse().ok()).context("memory")?;
        let words = |text: String| text.trim().to_owned();
        Ok(Self {
            cores: std::thread::available_parallelism().context("processors")?.get(),
            cpu: field_line(&cpu, "model name").unwrap_or("unknown").to_owned(),
            memory: kib / 1024,
            kernel: words(output(command("uname").arg("-sr")).await?),
            file_system: words(output(command("stat").args(["-f", "-c", "%T"]).arg(dir)).await?),
            rustc: output(command("rustc").arg("--version"))
                .await
                .map_or_else(|_| "unknown".to_owned(), words),
            date: now()?.strftime("%Y-%m-%d").to_string(),
        })
    }
}

/// What follows a label and a colon.
fn field_line<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let of = |line: &'t str| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == label).then(|| value.trim())
    };
    text.lines().find_map(of)
}

fn field<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    field_line(text, label)?.split_whitespace().next()
}

/// How many processes wanted to run, over the last minute.
///
/// # Errors
/// When it is no Linux.
pub fn load_average() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg").context("/proc/loadavg")?;
    Ok(text.split_whitespace().next().unwrap_or("unknown").to_owned())
}

/// How fast the disk makes 4 KiB durable, time and again: no commit is faster.
///
/// # Errors
/// When it cannot be written to.
pub fn flushes(dir: &Path, within: Duration) -> Result<Sample> {
    let path = dir.join("flushes");
    let mut file = File::create(&path).context("file to flush")?;
    let (block, mut latencies) = ([7; 4096], Latencies::new()?);
    let started = Instant::now();
    while started.elapsed() < within {
        let at = Instant::now();
        file.write_all(&block).context("file to flush")?;
        file.sync_data().context("file to flush")?;
        latencies.add(at.elapsed());
    }
    let sample = latencies.sample(started.elapsed());
    fs::remove_file(&path).context("file to flush")?;
    Ok(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_label() {
        let text = "processor\t: 0\nmodel name\t: AMD EPYC 7B13\nMemTotal:  8000 kB\n";
        assert_eq!(field_line(text, "model name"), Some("AMD EPYC 7B13"));
        assert_eq!(field(text, "MemTotal"), Some("8000"));
        assert_eq!(field(text, "bogomips"), None);
    }
}
