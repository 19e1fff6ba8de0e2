//! SMTP, by lettre: connect, be sure whom one speaks to, log in, hand over.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use zeroize::Zeroizing;

use crate::message::Mail;
use crate::transport::Undelivered;
use crate::url::{Security, SmtpUrl};

/// What an operator says of the mail server.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Where it is.
    pub url: SmtpUrl,
    /// The password of its user.
    pub password: Option<Zeroizing<String>>,
    /// Lets mail go unencrypted to another machine.
    pub plaintext: bool,
    /// Certificates in PEM to be trusted beside those the world trusts.
    pub trusted: Option<Vec<u8>>,
    /// How long connecting may take, and how long one mail.
    pub timeout: Duration,
    /// The name the service gives itself.
    pub host: String,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SmtpSettings").field(&self.url.to_string()).finish()
    }
}

/// A mail server one may connect to.
#[derive(Clone)]
pub struct Smtp {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.settings.fmt(f)
    }
}

impl Smtp {
    /// Holds the settings to each other. Connects to nothing.
    ///
    /// # Errors
    /// What is wrong and what to do, for the operator.
    pub fn new(settings: SmtpSettings) -> Result<Self, String> {
        let SmtpSettings { url, password, plaintext, trusted, .. } = &settings;
        if url.security == Security::Plain && !url.loopback() && !plaintext {
            return Err(format!(
                "{url} is another machine and the mail would go unencrypted: take \
                 starttls=required, or say --smtp-plaintext"
            ));
        }
        if url.user.is_some() != password.is_some() {
            return Err(match password {
                None => "a user without a password: use --smtp-password-file or \
                         AVVIKELSE_SMTP_PASSWORD"
                    .to_owned(),
                Some(_) => "a password without a user: write smtp://user@host".to_owned(),
            });
        }
        let tls = match url.security {
            Security::Plain => None,
            Security::Implicit | Security::StartTls => {
                let mut tls = TlsParameters::builder(url.host.clone());
                if let Some(pem) = trusted {
                    let certificate = Certificate::from_pem(pem)
                        .map_err(|_| "--smtp-ca-file: no certificates in PEM".to_owned())?;
                    tls = tls.add_root_certificate(certificate);
                }
                Some(tls.build_rustls().map_err(|error| format!("TLS: {error}"))?)
            }
        };
        Ok(Self { settings, tls })
    }

    /// Where it is, without user and password.
    pub fn place(&self) -> String {
        self.settings.url.to_string()
    }

    /// Connects, encrypts and logs in, as the settings say, and sends nothing.
    ///
    /// # Errors
    /// [`Undelivered::Unreachable`] with the step that failed.
    pub async fn connect(&self) -> Result<Connection, Undelivered> {
        let within = self.settings.timeout;
        match tokio::time::timeout(within, self.steps()).await {
            Ok(connected) => connected,
            Err(_) => {
                let why = format!("no answer within {} s", within.as_secs_f32());
                Err(Undelivered::Unreachable(why))
            }
        }
    }

    async fn steps(&self) -> Result<Connection, Undelivered> {
        let failed = |step: &str| {
            let step = step.to_owned();
            move |error: Error| Undelivered::Unreachable(format!("{step}: {}", told(&error)))
        };
        let SmtpSettings { url, password, timeout, host, .. } = &self.settings;
        let hello = ClientId::Domain(host.clone());
        let implicit = self.tls.clone().filter(|_| url.security == Security::Implicit);
        let place = (url.host.as_str(), url.port);
        let mut smtp =
            AsyncSmtpConnection::connect_tokio1(place, Some(*timeout), &hello, implicit, None)
                .await
                .map_err(failed("connecting"))?;
        if let (Security::StartTls, Some(tls)) = (url.security, &self.tls) {
            if !smtp.can_starttls() {
                let why = "STARTTLS: the server does not offer it".to_owned();
                return Err(Undelivered::Unreachable(why));
            }
            smtp.starttls(tls.clone(), &hello).await.map_err(failed("STARTTLS"))?;
        }
        if let (Some(user), Some(password)) = (&url.user, password) {
            let credentials = Credentials::new(user.clone(), password.as_str().to_owned());
            smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(failed("login"))?;
        }
        Ok(Connection { smtp, within: *timeout, usable: true })
    }
}

/// What went wrong, without the server's words where they may repeat an address.
fn told(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the server answered {code}"),
        None if error.is_timeout() => "no answer in time".to_owned(),
        None => error.to_string(),
    }
}

/// A connection over which mail goes.
pub struct Connection {
    smtp: AsyncSmtpConnection,
    within: Duration,
    usable: bool,
}

impl Connection {
    /// Whether another mail may go over it.
    pub fn usable(&self) -> bool {
        self.usable
    }

    /// Hands a mail over. `Ok` is the server's word that it has it.
    ///
    /// # Errors
    /// Whether the mail may be tried again. Where no answer came, nobody knows whether the server has
    /// it: it is tried again, with the same Message-ID.
    pub async fn hand_over(&mut self, mail: &Mail) -> Result<(), Undelivered> {
        // Until the last answer is read, nobody knows what the next one would belong to.
        self.usable = false;
        let late = || Undelivered::Broken("no answer in time".to_owned());
        match tokio::time::timeout(self.within, self.steps(mail)).await {
            Ok(Ok(())) => {
                self.usable = true;
                Ok(())
            }
            Ok(Err(why @ (Undelivered::Later(_) | Undelivered::Refused(_)))) => {
                let reset = tokio::time::timeout(self.within, self.smtp.command(Rset)).await;
                self.usable = matches!(reset, Ok(Ok(_)));
                Err(why)
            }
            Ok(Err(why @ (Undelivered::Broken(_) | Undelivered::Unreachable(_)))) => Err(why),
            Err(_) => Err(late()),
        }
    }

    async fn steps(&mut self, mail: &Mail) -> Result<(), Undelivered> {
        let (from, to) = (mail.from.address.get().clone(), mail.to.get().clone());
        // Who may not send at all is refused here, whatever the mail.
        let begun = self.smtp.command(MailFrom::new(Some(from), Vec::new())).await;
        begun.map_err(|error| of_sender(&error))?;
        self.smtp.command(Rcpt::new(to, Vec::new())).await.map_err(|error| of_mail(&error))?;
        self.smtp.command(Data).await.map_err(|error| of_mail(&error))?;
        self.smtp.message(&mail.bytes()).await.map_err(|error| of_mail(&error))?;
        Ok(())
    }

    /// Takes leave.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.smtp.quit()).await;
    }
}

/// What an answer about the sender means, that is no yes: no other mail would fare better, unless the
/// server only wants it later.
fn of_sender(error: &Error) -> Undelivered {
    let Some(code) = error.status() else { return Undelivered::Broken(told(error)) };
    match u16::from(code) {
        421 | 454 | 500..=599 => Undelivered::Unreachable(format!("sender: {}", told(error))),
        _ => Undelivered::Later(told(error)),
    }
}

/// What an answer about a recipient or the text means, that is no yes. It is a word about this mail alone:
/// servers that want a login, or relay to some only, say so here as well, and other mail goes on.
fn of_mail(error: &Error) -> Undelivered {
    let Some(code) = error.status() else { return Undelivered::Broken(told(error)) };
    match u16::from(code) {
        // The server is closing.
        421 => Undelivered::Broken(told(error)),
        // It does not know us: a matter of set-up, and no reason to let the mail go.
        530 | 535 | 538 => Undelivered::Later(told(error)),
        500..=599 => Undelivered::Refused(told(error)),
        _ => Undelivered::Later(told(error)),
    }
}
