//! The service as it is shipped: its binary, run as an operator runs it.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use crate::command::{command, output};
use crate::failure::{Context as _, Failure, Result};
use crate::postgres::free_port;

/// The tenant that `avvikelse demo` makes.
pub const TENANT: &str = "askersund";
/// A unit of it.
pub const UNIT: &str = "Smedsgården";
/// How often somebody looks at the memory of a command; the most it ever held is the kernel's to tell.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(50);
const READY_WITHIN: Duration = Duration::from_secs(30);

/// A binary, its data directory and its database.
#[derive(Clone)]
pub struct Home {
    binary: PathBuf,
    dir: PathBuf,
    database: String,
}

/// The tokens of those who send requests.
#[derive(Clone)]
pub struct Tokens {
    /// Files, and may do nothing else.
    pub reporter: String,
    /// Manages one unit.
    pub manager: String,
    /// Sees health care in the whole tenant.
    pub mas: String,
    /// Sees the whole tenant.
    pub director: String,
}

impl Home {
    /// Of a binary that keeps its keys in `dir`.
    pub fn new(binary: &Path, dir: &Path, database: &str) -> Self {
        Self { binary: binary.to_owned(), dir: dir.to_owned(), database: database.to_owned() }
    }

    /// The same over another database, which has what this one's had.
    pub fn over(&self, database: &str) -> Self {
        Self { database: database.to_owned(), ..self.clone() }
    }

    fn command(&self) -> Command {
        let mut command = command(&self.binary);
        command.arg("--data-dir").arg(&self.dir).args(["--database-url", &self.database]);
        command.args(["--log", "warn"]);
        command
    }

    /// Runs a command to its end, and gives what it prints.
    ///
    /// # Errors
    /// What the service says.
    pub async fn run(&self, words: &[&str]) -> Result<String> {
        output(self.command().args(words)).await
    }

    /// The same, and how long it took and what memory it held at most.
    ///
    /// # Errors
    /// What the service says.
    pub async fn watched(&self, words: &[&str]) -> Result<(Duration, Memory)> {
        let started = Instant::now();
        let mut command = self.command();
        command.args(words).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context(words.join(" "))?;
        let id = child.id().context("process of the service")?;
        let mut most = Memory { resident: 0.0, peak: 0.0 };
        let ended = loop {
            tokio::select! {
                ended = child.wait() => break ended.context("process of the service")?,
                () = tokio::time::sleep(LOOKED_AT_EVERY) => {}
            }
            // It may have ended meanwhile, and has no memory then.
            let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            if let Ok(held) = memory(&status) {
                most = Memory {
                    resident: most.resident.max(held.resident),
                    peak: most.peak.max(held.peak),
                };
            }
        };
        let took = started.elapsed();
        if ended.success() {
            return Ok((took, most));
        }
        let mut said = String::new();
        if let Some(mut errors) = child.stderr.take() {
            errors.read_to_string(&mut said).await.context("what the service says")?;
        }
        Err(Failure::new(format!("{}: {said}", words.join(" "))))
    }

    /// How large the binary is, in MiB.
    ///
    /// # Errors
    /// When it cannot be found.
    #[allow(clippy::cast_precision_loss, reason = "a file's size fits a double")]
    pub fn binary_size(&self) -> Result<f64> {
        let bytes = fs::metadata(&self.binary).context("binary")?.len();
        Ok(bytes as f64 / (1024.0 * 1024.0))
    }

    /// What `--version` says.
    ///
    /// # Errors
    /// When the binary cannot be run.
    pub async fn version(&self) -> Result<String> {
        Ok(output(command(&self.binary).arg("--version")).await?.trim().to_owned())
    }

    /// Makes the schema, as the owner of the tables where that is somebody else.
    ///
    /// # Errors
    /// What the service says.
    pub async fn migrate(&self, owner: Option<(&str, &str)>) -> Result<()> {
        match owner {
            None => self.run(&["migrate"]).await.map(drop),
            Some((url, role)) => {
                self.over(url).run(&["migrate", "--grant-to", role]).await.map(drop)
            }
        }
    }

    /// Makes a tenant with a year of cases.
    ///
    /// # Errors
    /// What the service says.
    pub async fn prepare(&self) -> Result<Tokens> {
        self.run(&["demo", "--no-serve"]).await?;
        Ok(Tokens {
            reporter: self.token(TENANT, &["--subject", "bench-reporter"]).await?,
            manager: self.token(TENANT, &["--role", "unit_manager", "--unit", UNIT]).await?,
            mas: self.token(TENANT, &["--role", "mas"]).await?,
            director: self.token(TENANT, &["--role", "director"]).await?,
        })
    }

    /// A token of somebody of a tenant.
    ///
    /// # Errors
    /// What the service says.
    pub async fn token(&self, tenant: &str, whose: &[&str]) -> Result<String> {
        let words = [&["token", "--tenant", tenant, "--ttl", "7d"], whose].concat();
        let said = self.run(&words).await?;
        Ok(said.lines().last().context("token")?.to_owned())
    }

    /// Starts the service, and waits until it says it is ready.
    ///
    /// # Errors
    /// When it ends instead, or does not become ready.
    pub async fn start(&self) -> Result<Service> {
        let address: SocketAddr = ([127, 0, 0, 1], free_port()?).into();
        // Several may run over several databases.
        let log = self.dir.join(format!("serve-{}.log", address.port()));
        let file = File::options().create(true).append(true).open(&log).context("log")?;
        let mut command = self.command();
        command.args(["serve", "--listen", &address.to_string(), "--admin-listen", "127.0.0.1:0"]);
        // Few people ask for all the others here.
        command.args(["--person-rate", "off", "--tenant-rate", "off"]);
        // Only how long it takes to stop.
        command.args(["--drain-seconds", "0"]).stdout(file.try_clone().context("log")?);
        let started = Instant::now();
        let mut child = command.stderr(file).spawn().context("avvikelse serve")?;
        while !ready(address) {
            if let Some(ended) = child.try_wait().context("avvikelse serve")? {
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(Failure::new(format!("avvikelse serve ended, {ended}: {said}")));
            }
            if started.elapsed() > READY_WITHIN {
                return Err(Failure::new("avvikelse serve did not become ready"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Service { child, address, ready_after: started.elapsed(), log })
    }
}

/// Whether `/readyz` answers 200.
fn ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

/// The service while it runs.
pub struct Service {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took to become ready.
    pub ready_after: Duration,
    log: PathBuf,
}

/// Memory of a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// What it holds, in MiB.
    pub resident: f64,
    /// The most it ever held, in MiB.
    pub peak: f64,
}

impl Service {
    /// What it holds of the machine's memory.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> Result<Memory> {
        let id = self.child.id().context("process of the service")?;
        let status = fs::read_to_string(format!("/proc/{id}/status")).context("/proc")?;
        memory(&status)
    }

    /// Stops it as an operator does, and tells how many lines it logged at `warn` or above.
    ///
    /// # Errors
    /// When it does not end well.
    pub async fn stop(mut self) -> Result<usize> {
        let id = self.child.id().context("process of the service")?;
        output(command("kill").args(["-TERM", &id.to_string()])).await?;
        let ended = self.child.wait().await.context("avvikelse serve")?;
        let said = fs::read_to_string(&self.log).context("log of the service")?;
        if ended.success() {
            return Ok(said.lines().count());
        }
        Err(Failure::new(format!("avvikelse serve ended, {ended}: {said}")))
    }
}

fn memory(status: &str) -> Result<Memory> {
    let mib = |label: &str| -> Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(label));
        let kib = line.and_then(|rest| rest.split_whitespace().next()).context(label)?;
        Ok(kib.parse::<f64>().context(label)? / 1024.0)
    };
    Ok(Memory { resident: mib("VmRSS:")?, peak: mib("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_the_status_of_a_process() {
        let status = "Name:\tavvikelse\nVmHWM:\t   40960 kB\nVmRSS:\t   20480 kB\n";
        assert_eq!(memory(status).unwrap(), Memory { resident: 20.0, peak: 40.0 });
        assert!(memory("Name:\tavvikelse\n").is_err());
    }
}
