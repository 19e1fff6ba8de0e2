//! The report as a document to go on writing in: the template's headings as real headings, the figures as tables
//! with heads that repeat, the author's text. Charts stay in the workbook and the page.
//!
//! The few parts of the format that this needs are written here (docs/adr/0017).

mod body;
mod parts;
mod xml;

use domain::yearly::Yearly;

use super::{Error, Package, Stamp, words};

/// The document.
///
/// # Errors
/// None that is expected.
pub fn docx(report: &Yearly, stamp: &Stamp<'_>) -> Result<Vec<u8>, Error> {
    let at = stamp.at(report);
    let title = words::title(report);
    let mut package = Package::begin(at);
    package.add("[Content_Types].xml", parts::CONTENT_TYPES.as_bytes())?;
    package.add("_rels/.rels", parts::RELATIONS.as_bytes())?;
    package.add("docProps/core.xml", parts::core(&title, &report.tenant, at).as_bytes())?;
    package.add("docProps/app.xml", parts::APP.as_bytes())?;
    package.add("word/document.xml", body::document(report, stamp).as_bytes())?;
    package.add("word/styles.xml", include_bytes!("docx/styles.xml"))?;
    package.add("word/numbering.xml", parts::NUMBERING.as_bytes())?;
    package.add("word/settings.xml", parts::SETTINGS.as_bytes())?;
    package.add("word/footer1.xml", parts::footer(&title, &report.tenant).as_bytes())?;
    package.add("word/_rels/document.xml.rels", parts::DOCUMENT_RELATIONS.as_bytes())?;
    package.end()
}
