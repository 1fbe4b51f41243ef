//! `consent` and `forget`

use super::args::ConsentWord;
use super::{Done, Failure, anchor_if_due, desk, wait};
use crate::config::Config;
use crate::review::{Consent, CustomerId};
use std::io::Write;
use std::path::{Path, PathBuf};

fn customer_id(text: &str) -> Result<CustomerId, Failure> {
    text.parse().map_err(|e| Failure::usage(format!("--customer: {e}")))
}

pub fn consent(config: &Config, customer: &str, word: ConsentWord) -> Done {
    let id = customer_id(customer)?;
    let (consent, meaning) = match word {
        ConsentWord::Yes => (Consent::Yes, "AI may draft for them"),
        ConsentWord::No => (Consent::No, "no AI text is shown or sent to them"),
        ConsentWord::Unknown => (Consent::Unknown, "policy decides"),
    };
    let desk = desk(config)?;
    let taken_back = wait(async {
        let taken_back = desk.consent(id.clone(), consent).await?;
        anchor_if_due(&desk).await;
        Ok::<_, Failure>(taken_back)
    })??;
    let back = match taken_back.len() {
        0 => String::new(),
        n => format!("; {n} held replies taken back"),
    };
    writeln!(std::io::stdout(), "{id}: {meaning}{back}")?;
    Ok(())
}

pub fn forget(config: &Config, customer: &str, yes: bool) -> Done {
    let id = customer_id(customer)?;
    if !yes {
        return Err(Failure::usage(format!(
            "this destroys every text of {id} here and cannot be undone; say --yes to do it"
        )));
    }
    let desk = desk(config)?;
    let gone = wait(async {
        let gone = desk.forget(id.clone()).await?;
        anchor_if_due(&desk).await;
        Ok::<_, Failure>(gone)
    })??;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{id}: forgotten: {} items, {} decisions; {} held replies taken back",
        gone.items.len(),
        gone.decisions.len(),
        gone.taken_back.len()
    )?;
    writeln!(
        out,
        "the log stays valid and holds no text; backups, and programs that read replies.jsonl, may still hold some"
    )?;
    for copy in copies(&desk.folder.root) {
        writeln!(out, "{} is from before an update and may hold some too: delete it", copy.display())?;
    }
    Ok(())
}

/// The copies that updates of the stores have laid beside them.
fn copies(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|e| e == "backup")).collect()
}
