//! Import beside the bare database that takes the same rows, and export.

use std::fmt::Write as _;
use std::fs;

use crate::brought;
use crate::failure::{Context as _, Failure, Result};
use crate::outcome::Transfer;
use crate::stage::{Stage, directory};

/// The tenant that is imported.
const SLUG: &str = "inflyttad";
/// What an import must have, and what it may.
const FILES: [&str; 2] = ["arenden.csv", "enheter.csv"];

/// Imports the demo's cases into a tenant of its own, as many times over as the plan says, lets the
/// bare database take the same rows twice, and exports them.
///
/// # Errors
/// When anything fails, or other rows come out than went in.
pub async fn measure(stage: &Stage<'_>) -> Result<Transfer> {
    let cases = stage.plan.import;
    stage.said(&format!("imports {cases} cases"));
    let dir = directory(&stage.dir, "transfer")?;
    let path = |name: &str| dir.join(name).display().to_string();
    stage.home.run(&["export", &path("demo"), "--tenant", crate::service::TENANT]).await?;
    let files = directory(&dir, "in")?;
    for name in FILES {
        let text = fs::read_to_string(dir.join("demo").join(name)).context(name)?;
        let text = if name == FILES[0] { times_over(&text, cases)? } else { text };
        fs::write(files.join(name), text).context(name)?;
    }
    let (into, bare) = (stage.copy("import").await?, stage.copy("import_bare").await?);
    let again = bare.copy("again").await?;
    let (import, importing) = into.home.watched(&["import", &path("in"), "--tenant", SLUG]).await?;
    let tenant = into.own.tenant_called(SLUG).await?;
    let counted = format!("SELECT COUNT(*) FROM cases WHERE tenant_id = {tenant}");
    let there = into.own.number(&counted).await?;
    if u64::try_from(there).ok() != Some(cases) {
        return Err(Failure::new(format!("{there} of {cases} cases were imported")));
    }
    stage.said("lets the bare database take the same rows");
    let mut rows = 0;
    let mut took = Vec::new();
    for to in [&bare, &again] {
        let (written, seconds) = brought::take(&into.own, &to.own, &tenant, &dir).await?;
        if to.own.number(&counted).await? != there {
            return Err(Failure::new("the bare database took other rows"));
        }
        rows = written;
        took.push(seconds);
    }
    stage.said("exports");
    let (export, exporting) =
        into.home.watched(&["export", &path("out"), "--tenant", SLUG]).await?;
    for used in [into, bare, again] {
        used.end().await?;
    }
    fs::remove_dir_all(&dir).context(dir.display())?;
    let (import, export) = (import.as_secs_f64(), export.as_secs_f64());
    let bare = [took.first(), took.last()].map(|took| took.copied().unwrap_or(f64::NAN));
    Ok(Transfer { cases, rows, import, bare, importing, export, exporting })
}

/// The lines of an export again and again, each with a number of its own.
fn times_over(text: &str, cases: u64) -> Result<String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines();
    let head = lines.next().context("head of the export")?;
    let (first, _) = head.split_once(';').context("columns of the export")?;
    if first != "arendenummer" || text.contains('"') {
        // A line that goes on after a line break would need to be read as CSV.
        return Err(Failure::new(format!("the export begins with {first}, or has quotes")));
    }
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return Err(Failure::new("the export has no cases"));
    }
    let mut out = format!("{head}\n");
    for (number, line) in (0..cases).zip(lines.iter().cycle()) {
        // Writing into a string cannot fail.
        let _ = writeln!(out, "{number}-{line}");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_gets_a_number_of_its_own() {
        let text = "\u{feff}arendenummer;typ\r\nA;AVV\r\nB;KLA\r\n";
        let made = times_over(text, 5).unwrap();
        assert_eq!(made, "arendenummer;typ\n0-A;AVV\n1-B;KLA\n2-A;AVV\n3-B;KLA\n4-A;AVV\n");
        assert!(times_over("typ;arendenummer\nAVV;A\n", 1).is_err());
        assert!(times_over("arendenummer;typ\n", 1).is_err());
        assert!(times_over("arendenummer;typ\n\"A\nB\";AVV\n", 1).is_err());
    }
}
