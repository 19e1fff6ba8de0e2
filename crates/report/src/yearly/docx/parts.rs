//! The parts of the package that say the same in every document, or nearly.

use jiff::Timestamp;

use super::xml::Xml;

/// What kinds of parts there are.
pub(super) const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>"#;

/// Where the package begins.
pub(super) const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties" Target="docProps/app.xml"/></Relationships>"#;

/// What the document refers to.
pub(super) const DOCUMENT_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/settings" Target="settings.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/></Relationships>"#;

/// Which program made it.
pub(super) const APP: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Avvikelse</Application></Properties>"#;

/// The bullets of lists.
pub(super) const NUMBERING: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="357" w:hanging="357"/></w:pPr></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#;

/// How programs are to treat it: as of today, not as of 2003.
pub(super) const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:zoom w:percent="100"/><w:defaultTabStop w:val="1134"/><w:autoHyphenation/><w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="sv-SE"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>"#;

/// The name space of what is written.
pub(super) const MAIN: (&str, &str) =
    ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main");
/// The name space of references between parts.
pub(super) const BETWEEN: (&str, &str) =
    ("xmlns:r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships");

/// Whose it is, and how old.
pub(super) fn core(title: &str, tenant: &str, at: Timestamp) -> String {
    let at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut xml = Xml::part();
    let spaces = [
        ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ];
    xml.around("cp:coreProperties", &spaces, |xml| {
        xml.around("dc:title", &[], |xml| xml.text(title));
        xml.around("dc:creator", &[], |xml| xml.text(tenant));
        xml.around("dc:language", &[], |xml| xml.text("sv-SE"));
        let form = [("xsi:type", "dcterms:W3CDTF")];
        xml.around("dcterms:created", &form, |xml| xml.text(&at));
        xml.around("dcterms:modified", &form, |xml| xml.text(&at));
    });
    xml.end()
}

/// What stands below every page.
pub(super) fn footer(title: &str, tenant: &str) -> String {
    let mut xml = Xml::part();
    let field = |xml: &mut Xml, code: &str| {
        xml.around("w:fldSimple", &[("w:instr", code)], |xml| run(xml, "1"));
    };
    xml.around("w:ftr", &[MAIN], |xml| {
        xml.around("w:p", &[], |xml| {
            xml.around("w:pPr", &[], |xml| xml.empty("w:pStyle", &[("w:val", "Footer")]));
            run(xml, &format!("{tenant}. {title}"));
            xml.around("w:r", &[], |xml| xml.empty("w:tab", &[]));
            run(xml, "Sida ");
            field(xml, " PAGE ");
            run(xml, " av ");
            field(xml, " NUMPAGES ");
        });
    });
    xml.end()
}

/// Words as a run.
pub(super) fn run(xml: &mut Xml, text: &str) {
    xml.around("w:r", &[], |xml| words(xml, text));
}

/// The words of a run.
pub(super) fn words(xml: &mut Xml, text: &str) {
    xml.around("w:t", &[("xml:space", "preserve")], |xml| xml.text(text));
}
