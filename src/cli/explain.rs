//! `explain`

use super::{Done, Failure, desk, inspect, wait};
use crate::config::Config;
use crate::review::ItemId;
use crate::supervise::explain::{explain, languages};
use crate::visible;
use std::io::Write;

pub fn run(config: &Config, item: &str, lang: Option<&str>) -> Done {
    if let Some(lang) = lang
        && !languages().any(|tag| tag.eq_ignore_ascii_case(lang))
    {
        let all: Vec<_> = languages().collect();
        return Err(Failure::usage(format!(
            "--lang {lang}: there are no words in it; take one of {}",
            all.join(", ")
        )));
    }
    let id: ItemId = item.parse().map_err(|e| Failure::usage(format!("ITEM: {e}")))?;
    let desk = desk(config)?;
    let (open, signed) = wait(async {
        let open = desk.queue().open(id.clone()).await?.ok_or_else(|| inspect::no_such_item(&id))?;
        let mut signed = Vec::new();
        for past in open.past.iter().rev().filter(|past| past.item == id) {
            signed.push((past.clone(), desk.queue().texts(past.decision).await?));
        }
        Ok::<_, Failure>((open, signed))
    })??;
    let mut out = std::io::stdout().lock();
    for line in explain(&open, &signed, lang) {
        writeln!(out, "{}", visible::line(&line))?;
    }
    Ok(())
}
