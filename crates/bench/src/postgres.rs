//! PostgreSQL: a cluster of the benchmark's own, or the one it is pointed to.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::process::Command;

use crate::command::{command, output};
use crate::failure::{Context as _, Failure, Result};

/// The programs of PostgreSQL, which Debian keeps out of PATH, a directory for each version.
fn program(name: &str) -> PathBuf {
    let version = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_string_lossy().parse::<u32>().ok())
    };
    fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("bin").join(name).is_file())
        .max_by_key(version)
        .map_or_else(|| name.into(), |path| path.join("bin").join(name))
}

/// One of its client programs.
pub fn client(name: &str) -> Command {
    command(program(name))
}

/// A cluster that ends and goes when it is dropped.
struct Cluster {
    scratch: TempDir,
    as_postgres: bool,
}

impl Cluster {
    fn data(&self) -> PathBuf {
        self.scratch.path().join("cluster")
    }

    /// PostgreSQL does not run as root.
    fn words(&self, name: &str) -> (PathBuf, Vec<std::ffi::OsString>) {
        let program = program(name);
        if self.as_postgres {
            let words = ["-u".into(), "postgres".into(), "--".into(), program.into()];
            ("runuser".into(), words.into())
        } else {
            (program, Vec::new())
        }
    }

    fn run(&self, name: &str) -> Command {
        let (program, words) = self.words(name);
        let mut command = command(program);
        command.args(words).current_dir(self.scratch.path());
        command
    }

    async fn start(within: &Path) -> Result<(Self, u16)> {
        let scratch = tempfile::Builder::new()
            .prefix("avvikelse-bench-pg.")
            .tempdir_in(within)
            .context("directory of the cluster")?;
        let as_postgres = fs::metadata("/proc/self").context("/proc/self")?.uid() == 0;
        let cluster = Self { scratch, as_postgres };
        if as_postgres {
            output(command("chown").arg("postgres").arg(cluster.scratch.path())).await?;
        }
        let mut initdb = cluster.run("initdb");
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D"]);
        output(initdb.arg(cluster.data())).await?;
        let port = free_port()?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} \
             -c max_connections=100 -c shared_buffers=128MB -c fsync=on",
            cluster.scratch.path().display()
        );
        let log = cluster.scratch.path().join("server.log");
        let mut start = cluster.run("pg_ctl");
        start.args(["start", "-w", "-t", "60", "-D"]).arg(cluster.data()).arg("-l").arg(&log);
        // A server that inherited a pipe would keep it open as long as it runs.
        let done = start
            .args(["-o", &options])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .await
            .context("pg_ctl")?;
        if !done.success() {
            let said = fs::read_to_string(&log).unwrap_or_default();
            return Err(Failure::new(format!("PostgreSQL did not start: {said}")));
        }
        Ok((cluster, port))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").is_file() {
            let (program, words) = self.words("pg_ctl");
            let stopped = std::process::Command::new(program)
                .args(words)
                .args(["stop", "-m", "immediate", "-w", "-D"])
                .arg(self.data())
                .current_dir("/")
                .stdout(std::process::Stdio::null())
                .status();
            if !stopped.is_ok_and(|status| status.success()) {
                eprintln!("PostgreSQL in {} did not stop", self.data().display());
            }
        }
    }
}

/// A port nobody listens on just now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("free port")?;
    Ok(listener.local_addr().context("free port")?.port())
}

/// Where databases are made.
pub struct Server {
    url: String,
    /// What it says it is.
    pub version: String,
    _cluster: Option<Cluster>,
}

impl Server {
    /// The cluster `url` names, as one who may make databases there; else one of its own.
    ///
    /// # Errors
    /// When PostgreSQL is missing or does not start or answer.
    pub async fn open(url: Option<String>, within: &Path) -> Result<Self> {
        let (cluster, url) = match url {
            Some(url) => (None, url),
            None => {
                let (cluster, port) = Cluster::start(within).await?;
                (Some(cluster), format!("postgres://postgres@127.0.0.1:{port}/postgres"))
            }
        };
        let version = query(&url, "SHOW server_version").await?;
        // What the distribution adds is no part of it.
        let version = version.split_whitespace().next().unwrap_or("unknown").to_owned();
        Ok(Self { url, version, _cluster: cluster })
    }

    /// Makes a database, empty or a copy of one nobody is connected to.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn create(&self, name: &str, copy_of: Option<&str>) -> Result<String> {
        let template = copy_of.map(|it| format!(" TEMPLATE {it}")).unwrap_or_default();
        query(&self.url, &format!("CREATE DATABASE {name}{template}")).await?;
        database(&self.url, name)
    }

    /// Takes databases away again; with a cluster of its own everything goes anyway.
    ///
    /// # Errors
    /// When one stays.
    pub async fn drop_all(&self, names: &[&str]) -> Result<()> {
        for name in names {
            query(&self.url, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
        Ok(())
    }
}

/// What a query gives: a line a row, `|` between values.
///
/// # Errors
/// What the server says.
pub async fn query(url: &str, sql: &str) -> Result<String> {
    output(client("psql").args([url, "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", sql])).await
}

/// The address of another database of the same server.
fn database(url: &str, name: &str) -> Result<String> {
    let (address, options) = url.split_once('?').map_or((url, None), |(a, o)| (a, Some(o)));
    let after_scheme = address.find("://").context("a URL postgres://…")? + 3;
    let server =
        address[after_scheme..].find('/').map_or(address, |slash| &address[..after_scheme + slash]);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    Ok(format!("{server}/{name}{options}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_has_the_same_server_and_options() {
        for (url, expected) in [
            ("postgres://u@h:5/postgres", "postgres://u@h:5/b"),
            ("postgres://u@h:5", "postgres://u@h:5/b"),
            ("postgres://h/a?sslmode=disable", "postgres://h/b?sslmode=disable"),
        ] {
            assert_eq!(database(url, "b").unwrap(), expected);
        }
        assert!(database("host=h", "b").is_err());
    }
}
