//! Mail: what an operator says about it, and the task that sends it.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::App;
use app::mailing::{Mailing, Plan};
use clap::Args;
use jiff::SignedDuration;
use mailer::{Sender, Smtp, SmtpSettings, Transport};
use store::Backend;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::failure::Failure;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The same, where no mail leaves.
const LOOK_WITHOUT_MAIL: Duration = Duration::from_secs(60);
/// How long the mail under way may take at the end.
const STOP_WITHIN: Duration = Duration::from_secs(20);
const TIMEOUT_SECONDS: NonZeroU32 = NonZeroU32::new(30).unwrap();
const RETRY_SECONDS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Settings about mail.
#[derive(Args, Clone, Debug, Default)]
pub struct MailFlags {
    /// Mail server: `smtp://USER@HOST:587` (STARTTLS) or `smtps://USER@HOST:465` [default: no mail]
    #[arg(long, global = true, env = "AVVIKELSE_SMTP_URL", value_name = "URL")]
    pub smtp_url: Option<String>,
    /// File with the password of the mail server's user; else AVVIKELSE_SMTP_PASSWORD
    #[arg(long, global = true, env = "AVVIKELSE_SMTP_PASSWORD_FILE", value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// Certificates in PEM that the mail server's may be signed by, beside those the world trusts
    #[arg(long, global = true, env = "AVVIKELSE_SMTP_CA_FILE", value_name = "FILE")]
    pub smtp_ca_file: Option<PathBuf>,
    /// Lets mail go unencrypted to another machine
    #[arg(
        long,
        global = true,
        env = "AVVIKELSE_SMTP_PLAINTEXT",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub smtp_plaintext: Option<bool>,
    /// How long connecting to the mail server may take, and one mail [default: 30]
    #[arg(long, global = true, env = "AVVIKELSE_SMTP_TIMEOUT_SECONDS", value_name = "SECONDS")]
    pub smtp_timeout_seconds: Option<NonZeroU32>,
    /// Directory to write mail into, a file each, instead of sending it
    #[arg(long, global = true, env = "AVVIKELSE_MAIL_DIR", value_name = "DIR")]
    pub mail_dir: Option<PathBuf>,
    /// Who mail is from, such as `Avvikelse <noreply@kommun.se>`
    #[arg(long, global = true, env = "AVVIKELSE_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// How long after a first failure a mail is tried again; then twice as long each time, up to an
    /// hour [default: 60]
    #[arg(long, global = true, env = "AVVIKELSE_MAIL_RETRY_SECONDS", value_name = "SECONDS")]
    pub mail_retry_seconds: Option<NonZeroU32>,
    /// Where those who use the service see it: the links in mail begin so
    #[arg(long, global = true, env = "AVVIKELSE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// By which way.
    pub transport: Transport,
    /// From whom.
    pub from: Sender,
    /// Where those who use the service see it, without a slash at the end.
    pub public_url: String,
    /// The host in it.
    pub host: String,
    /// How long connecting may take, and one mail.
    pub timeout: Duration,
    /// How long after a first failure it is tried again.
    pub first_retry: Duration,
}

impl MailConfig {
    /// What flags and file say together; `None` where neither names a way for mail to leave.
    ///
    /// # Errors
    /// What is wrong, by its name. No password is repeated.
    pub(crate) fn read(flags: MailFlags, file: MailFlags) -> Result<Option<Self>, Failure> {
        let wrong =
            |flag: &str, why: &dyn std::fmt::Display| Failure::usage(format!("--{flag}: {why}"));
        let url = flags.smtp_url.or(file.smtp_url);
        let dir = flags.mail_dir.or(file.mail_dir);
        if url.is_none() && dir.is_none() {
            return Ok(None);
        }
        let needed = |flag: &str, given: Option<String>, example: &str| {
            given.ok_or_else(|| wrong(flag, &format!("mail needs it, such as {example}")))
        };
        let from = flags.mail_from.or(file.mail_from);
        let from = needed("mail-from", from, "'Avvikelse <noreply@kommun.se>'")?;
        let from: Sender = from.parse().map_err(|why| wrong("mail-from", &why))?;
        let public_url = flags.public_url.or(file.public_url);
        let public_url = needed("public-url", public_url, "https://avvikelse.kommun.se")?;
        let public_url = public_url.trim_end_matches('/').to_owned();
        let host = host_of(&public_url)
            .ok_or_else(|| wrong("public-url", &"right would be https://avvikelse.kommun.se"))?;
        let seconds = |given: Option<NonZeroU32>, usual: NonZeroU32| {
            Duration::from_secs(given.unwrap_or(usual).get().into())
        };
        let timeout = flags.smtp_timeout_seconds.or(file.smtp_timeout_seconds);
        let timeout = seconds(timeout, TIMEOUT_SECONDS);
        let first_retry = flags.mail_retry_seconds.or(file.mail_retry_seconds);
        let first_retry = seconds(first_retry, RETRY_SECONDS);
        let transport = match (url, dir) {
            (Some(_), Some(_)) => {
                return Err(wrong("mail-dir", &"mail goes to a server or into files, not both"));
            }
            (None, Some(dir)) => {
                if !dir.is_dir() {
                    return Err(wrong("mail-dir", &format!("{}: no directory", dir.display())));
                }
                Transport::Directory(dir)
            }
            (Some(url), None) => {
                let url = url.parse().map_err(|why| wrong("smtp-url", &why))?;
                let file_of_password = flags.smtp_password_file.or(file.smtp_password_file);
                let password = match file_of_password {
                    Some(path) => Some(read_password(&path)?),
                    None => password_of_environment(),
                };
                let trusted = flags.smtp_ca_file.or(file.smtp_ca_file);
                let trusted = trusted.map(|path| {
                    std::fs::read(&path)
                        .map_err(|why| wrong("smtp-ca-file", &format!("{}: {why}", path.display())))
                });
                let plaintext = flags.smtp_plaintext.or(file.smtp_plaintext).unwrap_or_default();
                let settings = SmtpSettings {
                    url,
                    password,
                    plaintext,
                    trusted: trusted.transpose()?,
                    timeout,
                    host: host.clone(),
                };
                let smtp = Smtp::new(settings).map_err(|why| wrong("smtp-url", &why))?;
                Transport::Smtp(Box::new(smtp))
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Self { transport, from, public_url, host, timeout, first_retry }))
    }

    /// What to do where the way is barred, by what the check said.
    pub(crate) fn to_do(&self, why: &str) -> String {
        let what = match &self.transport {
            Transport::Directory(_) => "see --mail-dir and its rights",
            Transport::Memory(_) => "no mail leaves",
            Transport::Smtp(_) if why.starts_with("STARTTLS") && why.contains("offer") => {
                "use smtps:// if it speaks TLS from the first byte, or another port (587)"
            }
            Transport::Smtp(_) if why.contains("certificate") => {
                "the server's certificate is not trusted: see --smtp-ca-file, and whether the host is \
                 the name in the certificate"
            }
            Transport::Smtp(_) if why.starts_with("login") => {
                "see the user in --smtp-url and --smtp-password-file, and whether the server lets \
                 this user in by SMTP"
            }
            Transport::Smtp(_) => {
                "see --smtp-url, and whether a firewall lets this machine reach the server"
            }
        };
        format!("{why}: {what}")
    }
}

/// The password of the environment, which is no flag: whoever lists processes sees flags.
fn password_of_environment() -> Option<Zeroizing<String>> {
    let given = std::env::var("AVVIKELSE_SMTP_PASSWORD").ok();
    given.filter(|text| !text.is_empty()).map(Zeroizing::new)
}

fn read_password(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Failure::usage(format!("--smtp-password-file {shown}: {error}")))?;
    // Editors end a line.
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The host of a URL that people see.
fn host_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let place = rest.split('/').next()?;
    let host = match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => place,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then(|| host.to_owned())
}

/// The service's mail, by the configuration.
pub(crate) fn mailing(config: &Config, backend: Backend) -> Mailing {
    let Some(mail) = &config.mail else { return Mailing::default() };
    let MailConfig { transport, from, public_url, host, timeout, first_retry } = mail.clone();
    let holder = match backend {
        // Whoever serves the file holds its lock: what a killed one held is free at once.
        Backend::Sqlite => Uuid::nil(),
        Backend::Postgres => Uuid::now_v7(),
    };
    let first_retry = SignedDuration::try_from(first_retry).unwrap_or(SignedDuration::MAX);
    Mailing::new(Plan { transport, from, public_url, host, timeout, first_retry, holder })
}

/// The task that sends mail.
pub(crate) struct Post {
    stop: Arc<AtomicBool>,
    wake: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Post {
    /// Starts it.
    pub(crate) fn start(app: Arc<App>) -> Self {
        let (stop, wake) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let task = tokio::spawn(work(app, Arc::clone(&stop), Arc::clone(&wake)));
        Self { stop, wake, task }
    }

    /// Lets it come to its end, and does not wait.
    pub(crate) fn tell_to_stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// Waits for its end: the mail under way is sent and marked. A server that does not answer holds
    /// nobody up for long.
    pub(crate) async fn stopped(self) {
        self.tell_to_stop();
        let mut task = self.task;
        match tokio::time::timeout(STOP_WITHIN, &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the task that sends mail broke"),
            Err(_) => task.abort(),
        }
    }
}

async fn work(app: Arc<App>, stop: Arc<AtomicBool>, wake: Arc<Notify>) {
    let every = if app.mailing.plan().is_some() { LOOK_EVERY } else { LOOK_WITHOUT_MAIL };
    let mut more = false;
    while !stop.load(Ordering::Relaxed) {
        if !more {
            let _ = tokio::time::timeout(every, wake.notified()).await;
            if stop.load(Ordering::Relaxed) {
                break;
            }
        }
        more = match app.deliver_mail(&stop).await {
            Ok(turn) => {
                for (outcome, number) in &turn.settled {
                    metrics::counter!("avvikelse_mail_settled_total", "outcome" => outcome.code())
                        .increment(*number);
                }
                metrics::counter!("avvikelse_mail_failed_total").increment(turn.failed);
                turn.more
            }
            Err(error) => {
                tracing::warn!(%error, "mail could not be looked after; trying again");
                false
            }
        };
        tell(&app);
    }
}

/// What waits, for the operator.
#[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
fn tell(app: &App) {
    let found = app.mailing.state();
    let age = found.oldest.map_or(0.0, |oldest| app.now().duration_since(oldest).as_secs_f64());
    metrics::gauge!("avvikelse_mail_waiting").set(found.waiting as f64);
    metrics::gauge!("avvikelse_mail_oldest_seconds").set(age.max(0.0));
    metrics::gauge!("avvikelse_mail_server_away").set(f64::from(u8::from(found.away.is_some())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(url: &str) -> MailFlags {
        MailFlags {
            smtp_url: Some(url.to_owned()),
            mail_from: Some("Avvikelse <noreply@kommun.se>".to_owned()),
            public_url: Some("https://avvikelse.kommun.se/".to_owned()),
            ..MailFlags::default()
        }
    }

    fn read(flags: MailFlags) -> Result<Option<MailConfig>, String> {
        MailConfig::read(flags, MailFlags::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_way_there_is_no_mail_and_a_way_needs_sender_and_links() {
        assert!(read(MailFlags::default()).expect("none").is_none());
        let mail = read(flags("smtp://localhost:25")).expect("good").expect("mail");
        assert_eq!(mail.public_url, "https://avvikelse.kommun.se");
        assert_eq!(mail.host, "avvikelse.kommun.se");
        assert_eq!(mail.transport.name(), "smtp://localhost:25");
        for (lacking, named) in [
            (MailFlags { mail_from: None, ..flags("smtp://localhost") }, "--mail-from"),
            (MailFlags { public_url: None, ..flags("smtp://localhost") }, "--public-url"),
            (flags("http://localhost"), "--smtp-url"),
            (MailFlags { mail_dir: Some("/".into()), ..flags("smtp://localhost") }, "--mail-dir"),
        ] {
            let error = read(lacking).expect_err(named);
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn nothing_goes_unencrypted_to_another_machine_unless_said() {
        let open = || flags("smtp://relay.kommun.se:25?starttls=none");
        assert!(read(open()).expect_err("refused").contains("--smtp-plaintext"));
        let said = MailFlags { smtp_plaintext: Some(true), ..open() };
        assert!(read(said).expect("good").is_some());
        assert!(read(flags("smtp://relay.kommun.se:25")).expect("good").is_some());
    }

    #[test]
    fn a_password_is_read_and_never_shown() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("password");
        std::fs::write(&path, "hemligt\n").expect("written");
        let with = |url: &str| MailFlags { smtp_password_file: Some(path.clone()), ..flags(url) };
        let mail = read(with("smtps://anna@relay.kommun.se")).expect("good").expect("mail");
        assert!(!format!("{mail:?}").contains("hemligt"));
        assert!(!format!("{mail:?}").contains("anna"));
        assert!(read(with("smtps://relay.kommun.se")).is_err(), "a password for nobody");
        assert!(read(flags("smtps://anna@relay.kommun.se")).is_err(), "nobody's password");
        let error = read(flags("smtp://anna:hemligt@relay")).expect_err("refused");
        assert!(!error.contains("hemligt"), "{error}");
    }
}
