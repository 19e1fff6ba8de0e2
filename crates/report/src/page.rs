//! What every page to print has in common.

/// The style of a page: no colour alone says anything, nothing comes from elsewhere.
pub(crate) const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}address{font-style:normal;white-space:pre-line}\
.sender{margin-bottom:3rem}.receiver{margin:0 0 3rem 50%}p{white-space:pre-line}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0}\
.reply{border:2px solid #111;padding:.5rem 1rem;margin-top:2rem}.code{font:1.25rem/1.5 ui-monospace,monospace;letter-spacing:.1em}\
table{border-collapse:collapse;width:100%}th,td{border:1px solid #444;padding:.25rem .5rem;text-align:left}td.n,th.n{text-align:right}\
@media print{body{margin:0;max-width:none;font-size:11pt}h2,tr,.reply{break-inside:avoid}}";

/// A text as it may stand in a page.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A whole page around what it says.
pub(crate) fn whole(title: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}
