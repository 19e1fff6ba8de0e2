//! As what the report of a year is given: JSON, or a file made of the same report.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use domain::yearly::Yearly;
use report::yearly::Stamp;

use crate::problem::ApiError;
use crate::statistics::XLSX;

/// As what the report is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// As it is kept.
    Json,
    /// As a file.
    File(File),
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum File {
    /// A zip with a file a table.
    Csv,
    /// A workbook.
    Xlsx,
    /// A document.
    Docx,
    /// A page.
    Html,
}

impl Format {
    /// The names that [`Format::parse`] knows.
    pub(crate) const NAMES: &str = "json, csv, xlsx, docx, html";

    /// The format of a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "csv" => Some(Self::File(File::Csv)),
            "xlsx" => Some(Self::File(File::Xlsx)),
            "docx" => Some(Self::File(File::Docx)),
            "html" => Some(Self::File(File::Html)),
            _ => None,
        }
    }
}

impl File {
    fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "application/zip",
            Self::Xlsx => XLSX,
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv.zip",
            Self::Xlsx => "xlsx",
            Self::Docx => "docx",
            Self::Html => "html",
        }
    }

    fn bytes(self, report: &Yearly, stamp: &Stamp<'_>) -> Result<Vec<u8>, report::yearly::Error> {
        match self {
            Self::Csv => report::yearly::csv_zip(report, stamp),
            Self::Xlsx => report::yearly::xlsx(report, stamp),
            Self::Docx => report::yearly::docx(report, stamp),
            Self::Html => report::yearly::html(report, stamp),
        }
    }

    /// The report as an answer: a page to look at, or a file to keep.
    pub(crate) fn answer(
        self,
        report: &Yearly,
        stamp: &Stamp<'_>,
    ) -> Result<HttpResponse, ApiError> {
        let bytes = self.bytes(report, stamp);
        let bytes = bytes.map_err(|error| app::Error::Internal(error.to_string()))?;
        let mut answer = HttpResponse::Ok();
        answer.insert_header((CONTENT_TYPE, self.content_type()));
        match self {
            Self::Html => {
                let policy = pages::policy_of(report::yearly::STYLE);
                answer.insert_header(("content-security-policy", policy));
            }
            Self::Csv | Self::Xlsx | Self::Docx => {
                let version = stamp.version.map(|it| format!("-v{it}")).unwrap_or_default();
                let (year, ending) = (report.year, self.ending());
                let name = format!("patientsakerhetsberattelse-{year}{version}.{ending}");
                answer.insert_header((
                    CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ));
            }
        }
        Ok(answer.body(bytes))
    }
}
