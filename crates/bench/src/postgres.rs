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
    role: Role,
    /// What it says it is.
    pub version: String,
    /// What it writes down, where that can be read here: where the cluster is one of the benchmark's own.
    pub log: Option<PathBuf>,
    _cluster: Option<Cluster>,
}

/// The role of the service. It owns nothing, so that row-level security holds for it as it does for
/// an operator's.
struct Role {
    name: String,
    password: String,
}

impl Server {
    /// The cluster `url` names, as one who may make databases and roles there; else one of its own.
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
        let password = query(&url, "SELECT gen_random_uuid()").await?.trim().to_owned();
        let name = format!("avvikelse_bench_{}", std::process::id());
        query(&url, &format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'")).await?;
        let log = cluster.as_ref().map(|cluster| cluster.scratch.path().join("server.log"));
        Ok(Self { url, role: Role { name, password }, version, log, _cluster: cluster })
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

    /// Takes the role of the service away again, after all databases.
    ///
    /// # Errors
    /// When it stays.
    pub async fn close(self) -> Result<()> {
        query(&self.url, &format!("DROP ROLE {}", self.role.name)).await.map(drop)
    }

    /// What the role of the service is called.
    pub fn role(&self) -> &str {
        &self.role.name
    }

    /// The address of a database as the service takes it.
    ///
    /// # Errors
    /// When it is no address.
    pub fn as_service(&self, url: &str) -> Result<String> {
        let Role { name, password } = &self.role;
        by(url, name, password)
    }

    /// Has every statement of the service written down in [`Server::log`], or none any more; of
    /// sessions that begin from now on.
    ///
    /// # Errors
    /// What the server says.
    pub async fn write_down(&self, statements: bool) -> Result<()> {
        let which = if statements { "all" } else { "none" };
        let sql = format!("ALTER ROLE {} SET log_statement = '{which}'", self.role.name);
        query(&self.url, &sql).await.map(drop)
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

/// The address as somebody else.
fn by(url: &str, name: &str, password: &str) -> Result<String> {
    let (scheme, rest) = url.split_once("://").context("a URL postgres://…")?;
    let authority = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    Ok(format!("{scheme}://{name}:{password}@{}", &rest[host..]))
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

    #[test]
    fn somebody_else_has_the_same_server_and_database() {
        for (url, expected) in [
            ("postgres://u@h:5/b", "postgres://s:p@h:5/b"),
            ("postgres://u:w@h/b?x=@", "postgres://s:p@h/b?x=@"),
            ("postgres://h:5", "postgres://s:p@h:5"),
        ] {
            assert_eq!(by(url, "s", "p").unwrap(), expected);
        }
        assert!(by("host=h", "s", "p").is_err());
    }
}
