//! Where contents are kept outside the database: a directory, or a bucket of an S3-compatible store.
//! What is put there is sealed already; here it is bytes under a name.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};

/// Where contents are kept, as it is written in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DepotUrl {
    /// In the database: no depot.
    #[default]
    Database,
    /// `file:PATH`.
    Directory(PathBuf),
    /// `s3://BUCKET/PREFIX`.
    Bucket {
        /// The bucket.
        bucket: String,
        /// What every name begins with; may be empty.
        prefix: String,
    },
}

impl FromStr for DepotUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "database" {
            return Ok(Self::Database);
        }
        if let Some(path) = text.strip_prefix("file:").filter(|path| !path.is_empty()) {
            return Ok(Self::Directory(path.into()));
        }
        let (bucket, prefix) = match text.strip_prefix("s3://") {
            Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
            None => ("", ""),
        };
        if bucket.is_empty() {
            return Err("right would be database, file:PATH or s3://BUCKET/PREFIX".to_owned());
        }
        Ok(Self::Bucket { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl fmt::Display for DepotUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database => f.write_str("database"),
            Self::Directory(path) => write!(f, "file:{}", path.display()),
            Self::Bucket { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Why a depot did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// It cannot be used as it is configured.
    #[error("attachments: {0}")]
    Config(String),
    /// There is nothing under that name.
    #[error("there is no content {0}")]
    Missing(String),
    /// It is away, or full.
    #[error("the place of the attachments: {0}")]
    Away(String),
}

impl From<object_store::Error> for DepotError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { path, .. } => Self::Missing(path),
            other => Self::Away(other.to_string()),
        }
    }
}

/// A place for contents outside the database.
#[derive(Clone, Debug)]
pub struct Depot {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    /// The directory, where it is one.
    root: Option<PathBuf>,
}

impl Depot {
    /// Opens a directory, and makes it for its owner alone where it is not there.
    ///
    /// # Errors
    /// [`DepotError::Config`].
    pub fn directory(path: &std::path::Path) -> Result<Self, DepotError> {
        use std::os::unix::fs::DirBuilderExt as _;
        let failed = |why: &dyn fmt::Display| {
            DepotError::Config(format!("directory {}: {why}", path.display()))
        };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(path).map_err(|error| failed(&error))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| failed(&error))?;
        // What was acknowledged must be there after a power failure, too.
        let store = store.with_fsync(true);
        let root = Some(path.to_owned());
        Ok(Self { store: Arc::new(store), prefix: String::new(), root })
    }

    /// Opens a bucket. Keys come from the environment (`AWS_ACCESS_KEY_ID` and so on), never from
    /// the command line.
    ///
    /// # Errors
    /// [`DepotError::Config`], and always without the feature `s3`.
    #[cfg(feature = "s3")]
    pub fn bucket(
        bucket: &str,
        prefix: &str,
        endpoint: Option<&str>,
        region: Option<&str>,
    ) -> Result<Self, DepotError> {
        let builder = object_store::aws::AmazonS3Builder::from_env();
        Self::of_bucket(builder, bucket, prefix, endpoint, region)
    }

    #[cfg(feature = "s3")]
    fn of_bucket(
        builder: object_store::aws::AmazonS3Builder,
        bucket: &str,
        prefix: &str,
        endpoint: Option<&str>,
        region: Option<&str>,
    ) -> Result<Self, DepotError> {
        use std::time::Duration;
        let mut builder = builder
            .with_bucket_name(bucket)
            // One at a time is all that is asked for, and not every store knows more.
            .with_disable_bulk_delete(true)
            .with_retry(object_store::RetryConfig {
                // A person waits.
                retry_timeout: Duration::from_secs(20),
                max_retries: 3,
                ..object_store::RetryConfig::default()
            });
        if let Some(endpoint) = endpoint {
            // What goes over the wire is sealed, and whoever names http has chosen it.
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        if let Some(region) = region {
            builder = builder.with_region(region);
        }
        let store = builder.build().map_err(|error| DepotError::Config(error.to_string()))?;
        Ok(Self { store: Arc::new(store), prefix: prefix.to_owned(), root: None })
    }

    /// As with the feature `s3`, which this program was built without.
    ///
    /// # Errors
    /// [`DepotError::Config`], always.
    #[cfg(not(feature = "s3"))]
    pub fn bucket(
        _bucket: &str,
        _prefix: &str,
        _endpoint: Option<&str>,
        _region: Option<&str>,
    ) -> Result<Self, DepotError> {
        let why = "this program was built without the feature s3; give a directory (file:PATH)";
        Err(DepotError::Config(why.to_owned()))
    }

    /// Whether it is a bucket, rather than a directory.
    pub fn is_bucket(&self) -> bool {
        self.root.is_none()
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    /// Keeps bytes under a name; they are on disk when this returns. The parts of a name are divided
    /// by slashes.
    ///
    /// # Errors
    /// [`DepotError::Away`].
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<(), DepotError> {
        self.store.put(&self.path(name), PutPayload::from_bytes(bytes)).await?;
        Ok(())
    }

    /// The bytes under a name.
    ///
    /// # Errors
    /// [`DepotError::Missing`], [`DepotError::Away`].
    pub async fn get(&self, name: &str) -> Result<Bytes, DepotError> {
        Ok(self.store.get(&self.path(name)).await?.bytes().await?)
    }

    /// Erases what is under a name, if anything is.
    ///
    /// # Errors
    /// [`DepotError::Away`].
    pub async fn erase(&self, name: &str) -> Result<(), DepotError> {
        if let Some(root) = &self.root {
            // A file is written under this name first. One that was killed meanwhile is still there;
            // no name is put twice, so there is no second one.
            match std::fs::remove_file(root.join(format!("{name}#1"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(DepotError::Away(error.to_string()));
                }
                Ok(()) | Err(_) => {}
            }
        }
        match self.store.delete(&self.path(name)).await.map_err(DepotError::from) {
            Ok(()) | Err(DepotError::Missing(_)) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_directory_keeps_gives_back_and_erases() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a directory");
        let place = dir.path().join("a/b");
        let depot = Depot::directory(&place).expect("a depot");
        assert_eq!(place.metadata().expect("there").permissions().mode() & 0o777, 0o700);
        depot.put("tenant/one", Bytes::from_static(b"x")).await.expect("puts");
        assert_eq!(depot.get("tenant/one").await.expect("gets"), "x");
        assert!(place.join("tenant/one").is_file());
        // What a writer left that was killed.
        std::fs::write(place.join("tenant/one#1"), "x").expect("writes");
        depot.erase("tenant/one").await.expect("erases");
        assert!(!place.join("tenant/one#1").exists());
        depot.erase("tenant/one").await.expect("is gone already");
        assert!(matches!(depot.get("tenant/one").await, Err(DepotError::Missing(_))));
        assert!(Depot::directory(std::path::Path::new("/dev/null/x")).is_err());
    }

    /// A store that speaks as much of S3 as is asked of it, and tells what it was asked.
    #[cfg(feature = "s3")]
    fn bucket_server() -> (String, std::sync::mpsc::Receiver<String>) {
        use std::collections::HashMap;
        use std::io::{BufRead as _, BufReader, Read as _, Write as _};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut kept: HashMap<String, Vec<u8>> = HashMap::new();
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                loop {
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if reader.read_line(&mut head).unwrap_or(0) == 0 {
                            break;
                        }
                    }
                    let mut words = head.split(' ');
                    let (Some(method), Some(path)) = (words.next(), words.next()) else { break };
                    let lowered = head.to_ascii_lowercase();
                    let length =
                        lowered.lines().find_map(|line| line.strip_prefix("content-length:"));
                    let length = length.and_then(|it| it.trim().parse().ok()).unwrap_or(0);
                    let mut body = vec![0; length];
                    reader.read_exact(&mut body).expect("a body");
                    let signed = lowered.contains("authorization: aws4-hmac-sha256");
                    tell.send(format!("{method} {path} {signed}")).expect("somebody listens");
                    let found = match method {
                        "PUT" => {
                            kept.insert(path.to_owned(), body).map_or(Some(Vec::new()), |_| None)
                        }
                        "GET" => kept.get(path).cloned(),
                        _ => Some(kept.remove(path).map(|_| Vec::new()).unwrap_or_default()),
                    };
                    let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
                    let body = found.unwrap_or_default();
                    let head = format!(
                        "HTTP/1.1 {status}\r\netag: \"1\"\r\nlast-modified: Tue, 10 Mar 2026 11:00:00 GMT\r\n\
                         content-length: {}\r\n\r\n",
                        body.len()
                    );
                    let stream = reader.get_mut();
                    stream.write_all(&[head.as_bytes(), &body].concat()).expect("answers");
                }
            }
        });
        (endpoint, told)
    }

    #[cfg(feature = "s3")]
    #[tokio::test]
    async fn a_bucket_keeps_gives_back_and_erases() {
        let (endpoint, told) = bucket_server();
        let store = object_store::aws::AmazonS3Builder::new()
            .with_access_key_id("key")
            .with_secret_access_key("secret");
        let depot =
            Depot::of_bucket(store, "bucket", "a/b", Some(&endpoint), Some("x")).expect("a depot");
        assert!(depot.is_bucket());
        depot.put("tenant/one", Bytes::from_static(b"x")).await.expect("puts");
        assert_eq!(depot.get("tenant/one").await.expect("gets"), "x");
        depot.erase("tenant/one").await.expect("erases");
        assert!(matches!(depot.get("tenant/one").await, Err(DepotError::Missing(_))));
        let asked: Vec<String> = told.try_iter().collect();
        assert_eq!(asked[0], "PUT /bucket/a/b/tenant/one true", "{asked:?}");
        assert!(asked.iter().all(|one| one.ends_with("/bucket/a/b/tenant/one true")), "{asked:?}");
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for text in ["database", "file:/srv/attachments", "s3://bucket/a/b"] {
            assert_eq!(text.parse::<DepotUrl>().expect("a place").to_string(), text);
        }
        for wrong in ["", "file:", "s3://", "/srv", "http://x"] {
            assert!(wrong.parse::<DepotUrl>().is_err(), "{wrong}");
        }
    }
}
