//! Flags, environment variables, the file, defaults: in this order, the first that says something
//! counts.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use api::{Network, Pace, Proxies};
use app::chain::TURN_EVERY;
use app::jobs::FOLD_EVERY;
use app::sealing::{KeyCommand, KeyFile, KeySource, KeyVariable};
use auth::IssuerConfig;
use clap::{Args, ValueEnum};
use files::{DepotUrl, Scanner};
use serde::Deserialize;
use store::DatabaseUrl;

use crate::courier::{ExchangeConfig, ExchangeFlags};
use crate::failure::Failure;
use crate::keys::KEEP_EVERY;
use crate::limits::Limits;
use crate::mail::{MailConfig, MailFlags};
use crate::traces::Collector;

/// The variable that may hold the keys themselves. No flag: a command line can be read by others.
const KEYS: &str = "AVVIKELSE_KEYS";
const LISTEN: &str = "127.0.0.1:8080";
const ADMIN_LISTEN: &str = "127.0.0.1:8081";
/// What turns the operator's address off.
const OFF: &str = "off";
/// The framework tells at `info` of each of its threads.
const LOG: &str = "info,actix_server=warn";
const CONNECTIONS: NonZeroU32 = NonZeroU32::new(8).unwrap();
/// The least for SQLite, so that long reads do not keep short ones waiting.
const SQLITE_CONNECTIONS: NonZeroU32 = NonZeroU32::new(4).unwrap();
const DRAIN_SECONDS: u16 = 1;
/// In MiB.
const LEAST_ROOM: u32 = 200;
/// Above this between two requests is less than can be measured.
const MOST_A_MINUTE: NonZeroU32 = NonZeroU32::new(60_000_000).unwrap();

/// How many connections there are unless somebody says. A read of SQLite is work for one of our own
/// processors, and each connection keeps memory.
fn default_connections(url: &DatabaseUrl) -> NonZeroU32 {
    match url {
        DatabaseUrl::Postgres(_) => CONNECTIONS,
        DatabaseUrl::Sqlite(_) => {
            let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
            let twice = u32::try_from(processors.saturating_mul(2)).unwrap_or(u32::MAX);
            NonZeroU32::new(twice).unwrap_or(CONNECTIONS).clamp(SQLITE_CONNECTIONS, CONNECTIONS)
        }
    }
}

/// Settings of the command line and the environment; each may stand in the file, too, with `_` for
/// `-`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// TOML file with any of these settings, `-` written `_`, and the `[[issuer]]` tables
    #[arg(long, global = true, env = "AVVIKELSE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Database: `sqlite:PATH` or `postgres://…` [default: sqlite:DATA_DIR/avvikelse.db]
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Option<String>,
    /// PostgreSQL: the same database by the role that owns the tables, used to migrate alone
    /// [default: that of --database-url]
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_MIGRATE_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub migrate_database_url: Option<String>,
    /// Directory of database and keys, made for its owner alone [default: ./data]
    #[arg(long, global = true, env = "AVVIKELSE_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Keys that seal identities, made at the first start [default: DATA_DIR/keys.json]
    #[arg(long, global = true, env = "AVVIKELSE_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Program that unwraps the keys: the key file is its input, its output the keys [default: none]
    #[arg(long, global = true, env = "AVVIKELSE_KEY_COMMAND", value_name = "PROGRAM")]
    pub key_command: Option<String>,
    /// Where the contents of attachments are kept: `database`, `file:PATH` or `s3://BUCKET/PREFIX`
    /// [default: database]
    #[arg(long, global = true, env = "AVVIKELSE_ATTACHMENTS", value_name = "PLACE")]
    pub attachments: Option<String>,
    /// Endpoint of the S3-compatible store, such as `https://s3.example.com` [default: that of AWS]
    #[arg(long, global = true, env = "AVVIKELSE_ATTACHMENTS_ENDPOINT", value_name = "URL")]
    pub attachments_endpoint: Option<String>,
    /// Region of the S3-compatible store [default: us-east-1]
    #[arg(long, global = true, env = "AVVIKELSE_ATTACHMENTS_REGION", value_name = "NAME")]
    pub attachments_region: Option<String>,
    /// The clamd that scans attachments: `unix:/PATH` or `tcp:HOST:PORT` [default: none]
    #[arg(long, global = true, env = "AVVIKELSE_CLAMD", value_name = "ADDRESS")]
    pub clamd: Option<String>,
    /// About mail.
    #[command(flatten)]
    pub mail: MailFlags,
    /// About messages from machine to machine.
    #[command(flatten)]
    pub exchange: ExchangeFlags,
    /// Address of the service; port 0 lets the system pick one [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "AVVIKELSE_LISTEN", value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Address for the operator's eyes: metrics and detailed readiness; `off` for none
    /// [default: 127.0.0.1:8081]
    #[arg(long, global = true, env = "AVVIKELSE_ADMIN_LISTEN", value_name = "ADDRESS:PORT|off")]
    pub admin_listen: Option<String>,
    /// Says that the operator's address may be reached from other machines: it shows metrics, and what
    /// waits where, to whoever asks
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_ADMIN_PUBLIC",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub admin_public: Option<bool>,
    /// Where `backup` puts its copies: the service then tells how old the newest is
    #[arg(long, global = true, env = "AVVIKELSE_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
    /// Starts in spite of settings with which answered filings may be lost or read by others. For tests
    /// and for trying out alone
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_UNSAFE_SETTINGS",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub unsafe_settings: Option<bool>,
    /// Proxies that are believed on whose requests they pass on (`X-Forwarded-For`,
    /// `X-Forwarded-Proto`): addresses and networks, by comma [default: none]
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ','
    )]
    pub trusted_proxies: Option<Vec<String>>,
    /// Directory for where the chains over audit and access entries end, a file a day; best on another
    /// machine [default: none]
    #[arg(long, global = true, env = "AVVIKELSE_CHAIN_HEADS_DIR", value_name = "DIR")]
    pub chain_heads_dir: Option<PathBuf>,
    /// What is logged, such as `warn` or `info,api=debug` [default: info]
    #[arg(long, global = true, env = "AVVIKELSE_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How it is logged, on stderr [default: text]
    #[arg(long, global = true, env = "AVVIKELSE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Trace collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318` [default: none]
    #[arg(long, global = true, env = "AVVIKELSE_TRACES_URL", value_name = "URL")]
    pub traces_url: Option<String>,
    /// Requests a minute that one person may make, and ten times as many filings: 1200 is advised
    /// [default: off]
    #[arg(long, global = true, env = "AVVIKELSE_PERSON_RATE", value_name = "NUMBER|off")]
    pub person_rate: Option<Rate>,
    /// Requests a minute that all at one tenant may make, filings not counted: 120000 is advised
    /// [default: off]
    #[arg(long, global = true, env = "AVVIKELSE_TENANT_RATE", value_name = "NUMBER|off")]
    pub tenant_rate: Option<Rate>,
    /// Lets the connection to a PostgreSQL on another machine go unencrypted
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_DATABASE_PLAINTEXT",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub database_plaintext: Option<bool>,
    /// SQLite: reads at once [default: two a processor, 4 to 8]; PostgreSQL: connections in all [default: 8]
    #[arg(long, global = true, env = "AVVIKELSE_DATABASE_CONNECTIONS", value_name = "NUMBER")]
    pub database_connections: Option<NonZeroU32>,
    /// Threads that take requests [default: one a processor]
    #[arg(long, global = true, env = "AVVIKELSE_WORKERS", value_name = "NUMBER")]
    pub workers: Option<NonZeroUsize>,
    /// How long /readyz is red before the service stops taking requests [default: 1]
    #[arg(long, global = true, env = "AVVIKELSE_DRAIN_SECONDS", value_name = "SECONDS")]
    pub drain_seconds: Option<u16>,
    /// How much must be free where is written, in MiB, or /readyz turns red [default: 200]
    #[arg(long, global = true, env = "AVVIKELSE_LEAST_ROOM", value_name = "MIB")]
    pub least_room: Option<u32>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line of text for people.
    #[default]
    Text,
    /// A line of JSON for programs.
    Json,
}

/// How many a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RateText")]
pub enum Rate {
    /// No more than this.
    AtMost(NonZeroU32),
    /// Any number.
    Off,
}

impl Rate {
    fn at_most(self) -> Option<NonZeroU32> {
        match self {
            Rate::AtMost(number) => Some(number),
            Rate::Off => None,
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == OFF {
            return Ok(Rate::Off);
        }
        let number = text.parse().ok().filter(|number| *number <= MOST_A_MINUTE);
        number.map(Rate::AtMost).ok_or_else(|| {
            format!("{text}: right would be a number from 1 to {MOST_A_MINUTE}, or {OFF}")
        })
    }
}

/// A rate as the file has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum RateText {
    Number(u32),
    Text(String),
}

impl TryFrom<RateText> for Rate {
    type Error = String;

    fn try_from(text: RateText) -> Result<Self, String> {
        match text {
            RateText::Number(number) => number.to_string().parse(),
            RateText::Text(text) => text.parse(),
        }
    }
}

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database_url: Option<String>,
    migrate_database_url: Option<String>,
    data_dir: Option<PathBuf>,
    key_file: Option<PathBuf>,
    key_command: Option<String>,
    attachments: Option<String>,
    attachments_endpoint: Option<String>,
    attachments_region: Option<String>,
    clamd: Option<String>,
    smtp_url: Option<String>,
    smtp_password_file: Option<PathBuf>,
    smtp_ca_file: Option<PathBuf>,
    smtp_plaintext: Option<bool>,
    smtp_timeout_seconds: Option<NonZeroU32>,
    mail_dir: Option<PathBuf>,
    mail_from: Option<String>,
    mail_retry_seconds: Option<NonZeroU32>,
    public_url: Option<String>,
    exchange_plaintext: Option<bool>,
    exchange_timeout_seconds: Option<NonZeroU32>,
    exchange_retry_seconds: Option<NonZeroU32>,
    listen: Option<String>,
    admin_listen: Option<String>,
    admin_public: Option<bool>,
    backup_dir: Option<PathBuf>,
    unsafe_settings: Option<bool>,
    trusted_proxies: Option<Vec<String>>,
    chain_heads_dir: Option<PathBuf>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    traces_url: Option<String>,
    person_rate: Option<Rate>,
    tenant_rate: Option<Rate>,
    database_plaintext: Option<bool>,
    database_connections: Option<NonZeroU32>,
    workers: Option<NonZeroUsize>,
    drain_seconds: Option<u16>,
    least_room: Option<u32>,
    #[serde(default)]
    issuer: Vec<IssuerConfig>,
}

impl File {
    fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("configuration file {shown}: {error}")))?;
        toml::from_str(&text).map_err(|error| {
            // Not the error's own text: that repeats the line, which may hold a password.
            let line = error.span().and_then(|span| text.get(..span.start));
            let place = line.map_or_else(String::new, |before| {
                format!(", line {}", before.matches('\n').count() + 1)
            });
            let message = error.message();
            Failure::usage(format!("configuration file {shown}{place}: {message}"))
        })
    }
}

/// How the program runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the database is.
    pub database_url: DatabaseUrl,
    /// PostgreSQL: how the role that owns the tables is connected, where it is another.
    pub migrate_database_url: Option<DatabaseUrl>,
    /// PostgreSQL: the role that `migrate` gives the rows to.
    pub grant_to: Option<String>,
    /// Where the keys are, and the database unless told otherwise.
    pub data_dir: PathBuf,
    /// The keys that seal identities.
    pub key_file: PathBuf,
    /// What unwraps the keys; its words.
    pub key_command: Option<Vec<String>>,
    /// Whether the keys stand in the environment.
    pub keys_in_environment: bool,
    /// Where the contents of attachments are kept.
    pub attachments: DepotUrl,
    /// The endpoint of the S3-compatible store, where it is not that of AWS.
    pub attachments_endpoint: Option<String>,
    /// The region of the S3-compatible store.
    pub attachments_region: Option<String>,
    /// What scans attachments.
    pub clamd: Option<Scanner>,
    /// How mail leaves; `None` where it does not.
    pub mail: Option<MailConfig>,
    /// How messages go from machine to machine.
    pub exchange: ExchangeConfig,
    /// The address of the service.
    pub listen: String,
    /// The operator's address, if there is to be one.
    pub admin_listen: Option<String>,
    /// That address may be reached from other machines.
    pub admin_public: bool,
    /// Where copies of the database are put on and on.
    pub backup_dir: Option<PathBuf>,
    /// Starts in spite of unsafe settings.
    pub unsafe_settings: bool,
    /// The proxies that are believed on whose requests they pass on.
    pub trusted_proxies: Proxies,
    /// Where the ends of chains are exported to, each day.
    pub chain_heads_dir: Option<PathBuf>,
    /// How often entries are linked; no setting.
    pub chain_every: Duration,
    /// How often it is looked for facts to fold; no setting.
    pub fold_every: Duration,
    /// How often the keys are looked after; no setting.
    pub keys_every: Duration,
    /// What is logged.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// What takes traces, if anything does.
    pub traces: Option<Collector>,
    /// How often who is logged in may ask.
    pub pace: Pace,
    /// Whether the connection to a PostgreSQL on another machine may go unencrypted.
    pub database_plaintext: bool,
    /// SQLite: reads at once; PostgreSQL: connections in all.
    pub database_connections: NonZeroU32,
    /// Threads that take requests; `None` is one a processor.
    pub workers: Option<NonZeroUsize>,
    /// How long readiness is red before the service stops taking requests.
    pub drain: Duration,
    /// How much must be free where is written, in bytes, or readiness is red.
    pub least_room: u64,
    /// The registered issuers; the local one counts only where there is none.
    pub issuers: Vec<IssuerConfig>,
    /// How long clients may take; no setting.
    pub limits: Limits,
}

impl Config {
    /// The configuration by flags, environment and file.
    ///
    /// # Errors
    /// What is wrong, by its name. No password is repeated.
    pub fn load(flags: Flags) -> Result<Self, Failure> {
        let file = flags.config.as_deref().map(File::read).transpose()?.unwrap_or_default();
        let data_dir = flags.data_dir.or(file.data_dir).unwrap_or_else(|| "data".into());
        let database_url = match flags.database_url.or(file.database_url) {
            Some(url) => {
                url.parse().map_err(|error| Failure::usage(format!("--database-url: {error}")))?
            }
            None => DatabaseUrl::Sqlite(data_dir.join("avvikelse.db")),
        };
        let migrate_database_url = flags.migrate_database_url.or(file.migrate_database_url);
        let migrate_database_url = migrate_database_url
            .map(|url| url.parse::<DatabaseUrl>())
            .transpose()
            .map_err(|error| Failure::usage(format!("--migrate-database-url: {error}")))?;
        let database_connections = flags
            .database_connections
            .or(file.database_connections)
            .unwrap_or_else(|| default_connections(&database_url));
        let key_file = flags.key_file.or(file.key_file);
        let key_file = key_file.unwrap_or_else(|| data_dir.join("keys.json"));
        let key_command = flags.key_command.or(file.key_command);
        let key_command = key_command
            .map(|words| words.split_whitespace().map(str::to_owned).collect::<Vec<String>>());
        if key_command.as_ref().is_some_and(Vec::is_empty) {
            return Err(Failure::usage("--key-command names no program"));
        }
        let attachments = match flags.attachments.or(file.attachments) {
            Some(place) => {
                place.parse().map_err(|why| Failure::usage(format!("--attachments: {why}")))?
            }
            None => DepotUrl::default(),
        };
        let clamd = flags.clamd.or(file.clamd).map(|address| address.parse::<Scanner>());
        let clamd = clamd.transpose().map_err(|why| Failure::usage(format!("--clamd: {why}")))?;
        let admin = flags.admin_listen.or(file.admin_listen);
        let admin = admin.unwrap_or_else(|| ADMIN_LISTEN.to_owned());
        let exchange_file = ExchangeFlags {
            exchange_plaintext: file.exchange_plaintext,
            exchange_timeout_seconds: file.exchange_timeout_seconds,
            exchange_retry_seconds: file.exchange_retry_seconds,
        };
        let public_url = flags.mail.public_url.clone().or_else(|| file.public_url.clone());
        let exchange = ExchangeConfig::read(flags.exchange, exchange_file, public_url)?;
        let from_file = MailFlags {
            smtp_url: file.smtp_url,
            smtp_password_file: file.smtp_password_file,
            smtp_ca_file: file.smtp_ca_file,
            smtp_plaintext: file.smtp_plaintext,
            smtp_timeout_seconds: file.smtp_timeout_seconds,
            mail_dir: file.mail_dir,
            mail_from: file.mail_from,
            mail_retry_seconds: file.mail_retry_seconds,
            public_url: file.public_url,
        };
        let mail = MailConfig::read(flags.mail, from_file)?;
        let proxies = flags.trusted_proxies.or(file.trusted_proxies).unwrap_or_default();
        let proxies: Result<Vec<Network>, String> =
            proxies.iter().map(|network| network.parse()).collect();
        let proxies = proxies.map_err(|why| Failure::usage(format!("--trusted-proxies: {why}")))?;
        let traces = flags.traces_url.or(file.traces_url);
        let traces = traces.as_deref().map(Collector::read).transpose()?;
        let rate = |flag: Option<Rate>, file: Option<Rate>| flag.or(file).and_then(Rate::at_most);
        let pace = Pace {
            person: rate(flags.person_rate, file.person_rate),
            tenant: rate(flags.tenant_rate, file.tenant_rate),
        };
        for issuer in &file.issuer {
            issuer.validate()?;
        }
        Ok(Self {
            database_url,
            migrate_database_url,
            grant_to: None,
            data_dir,
            key_file,
            keys_in_environment: key_command.is_none() && std::env::var_os(KEYS).is_some(),
            key_command,
            attachments,
            attachments_endpoint: flags.attachments_endpoint.or(file.attachments_endpoint),
            attachments_region: flags.attachments_region.or(file.attachments_region),
            clamd,
            mail,
            exchange,
            listen: flags.listen.or(file.listen).unwrap_or_else(|| LISTEN.to_owned()),
            admin_listen: (admin != OFF).then_some(admin),
            admin_public: flags.admin_public.or(file.admin_public).unwrap_or_default(),
            backup_dir: flags.backup_dir.or(file.backup_dir),
            unsafe_settings: flags.unsafe_settings.or(file.unsafe_settings).unwrap_or_default(),
            trusted_proxies: Proxies::new(proxies),
            chain_heads_dir: flags.chain_heads_dir.or(file.chain_heads_dir),
            chain_every: TURN_EVERY,
            fold_every: FOLD_EVERY,
            keys_every: KEEP_EVERY,
            log: flags.log.or(file.log).unwrap_or_else(|| LOG.to_owned()),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            traces,
            pace,
            database_plaintext: flags
                .database_plaintext
                .or(file.database_plaintext)
                .unwrap_or_default(),
            database_connections,
            workers: flags.workers.or(file.workers),
            drain: Duration::from_secs(
                flags.drain_seconds.or(file.drain_seconds).unwrap_or(DRAIN_SECONDS).into(),
            ),
            least_room: u64::from(flags.least_room.or(file.least_room).unwrap_or(LEAST_ROOM)) << 20,
            issuers: file.issuer,
            limits: Limits::default(),
        })
    }

    /// Where the keys come from: a program, the environment, or the key file.
    pub fn key_source(&self) -> Box<dyn KeySource> {
        match &self.key_command {
            Some(words) => {
                let (words, file) = (words.clone(), self.key_file.clone());
                Box::new(KeyCommand { words, file })
            }
            None if self.keys_in_environment => Box::new(KeyVariable(KEYS)),
            None => Box::new(KeyFile(self.key_file.clone())),
        }
    }

    /// Where is written on this machine: the data directory, and where the database is, if that is elsewhere.
    pub fn places(&self) -> Vec<PathBuf> {
        let mut places = vec![self.data_dir.clone()];
        if let DatabaseUrl::Sqlite(path) = &self.database_url
            && let Some(parent) = path.parent()
            && parent != self.data_dir
            && parent.exists()
        {
            places.push(parent.to_owned());
        }
        places
    }

    /// Whether the keys are in a file that this program makes and writes.
    pub fn keys_in_file(&self) -> bool {
        self.key_command.is_none() && !self.keys_in_environment
    }

    /// A configuration for a service inside another program: everything in `data_dir`, both
    /// addresses on ports of the system's choice, no waiting at the end, and no limits on how often
    /// somebody may ask.
    ///
    /// # Errors
    /// None today; the signature is that of [`Config::load`].
    pub fn local(data_dir: &Path) -> Result<Self, Failure> {
        let any = || Some("127.0.0.1:0".to_owned());
        Self::load(Flags {
            data_dir: Some(data_dir.to_owned()),
            listen: any(),
            admin_listen: any(),
            workers: NonZeroUsize::new(2),
            person_rate: Some(Rate::Off),
            tenant_rate: Some(Rate::Off),
            drain_seconds: Some(0),
            ..Flags::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, flags: Flags) -> Result<Config, Failure> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("avvikelse.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(Flags { config: Some(path), ..flags })
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let flags = Flags { listen: Some("127.0.0.1:1".to_owned()), ..Flags::default() };
        let text = "listen = '127.0.0.1:2'\ndata_dir = '/d'\nadmin_listen = 'off'";
        let config = load(text, flags).unwrap();
        assert_eq!(config.listen, "127.0.0.1:1");
        assert_eq!(config.key_file, Path::new("/d/keys.json"));
        assert_eq!(config.database_url.to_string(), "sqlite:/d/avvikelse.db");
        assert_eq!(config.admin_listen, None);
        assert_eq!(config.drain, Duration::from_secs(1));
    }

    #[test]
    fn rates_are_numbers_or_off() {
        let pace = |text: &str, flags| load(text, flags).map(|config| config.pace);
        assert_eq!(pace("", Flags::default()).unwrap(), Pace::default());
        let flags = Flags { tenant_rate: Some("7".parse().unwrap()), ..Flags::default() };
        let set = pace("person_rate = 'off'\ntenant_rate = 60", flags).unwrap();
        assert_eq!(set, Pace { person: None, tenant: NonZeroU32::new(7) });
        for wrong in ["person_rate = 0", "person_rate = -1", "tenant_rate = 'many'"] {
            assert_eq!(pace(wrong, Flags::default()).unwrap_err().exit_code(), 2);
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let networks = ["127.0.0.1", "10.0.0.0/8"].map(|text| text.parse().unwrap());
        let config = load("trusted_proxies = ['127.0.0.1', '10.0.0.0/8']", Flags::default());
        assert_eq!(config.unwrap().trusted_proxies, Proxies::new(networks.to_vec()));
        let error = load("trusted_proxies = ['proxy']", Flags::default()).unwrap_err();
        assert!(error.to_string().contains("--trusted-proxies"), "{error}");
    }

    #[test]
    fn a_fault_in_the_file_is_named_and_its_line_not_repeated() {
        let text = "workers = 2\ndatabase_ulr = 'postgres://u:secret@h/d'";
        let error = load(text, Flags::default()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        let error = error.to_string();
        assert!(error.contains("database_ulr") && error.contains("line 2"), "{error}");
        assert!(!error.contains("secret"), "{error}");
        let error = load("database_url = 'mysql://u:secret@h/d'", Flags::default()).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn an_unsafe_issuer_is_refused_at_once() {
        let text = "[[issuer]]\nissuer = 'http://example.com'\naudience = 'a'\ntenants = 'x'";
        assert_eq!(load(text, Flags::default()).unwrap_err().exit_code(), 2);
        let text = "[[issuer]]\nissuer = 'https://example.com'\naudience = 'a'\ntenants = 'x'";
        assert_eq!(load(text, Flags::default()).unwrap().issuers.len(), 1);
    }
}
