//! `import FILE…|-`

use super::{Done, Failure, desk, print_json, wait};
use crate::config::Config;
use crate::desk::{News, RefusedLine, Tally};
use crate::visible;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// At most so many refusals of a file are printed; all are counted.
const MAX_TOLD: u64 = 100;

/// An open input: its name, its lines, and its length where that is known.
type Input = (String, Box<dyn BufRead + Send>, Option<u64>);

fn open(path: &Path) -> Result<Input, Failure> {
    if path == Path::new("-") {
        return Ok(("standard input".to_owned(), Box::new(BufReader::new(std::io::stdin())), None));
    }
    let name = visible::line(&path.display().to_string()).into_owned();
    let bad = |e: std::io::Error| Failure::usage(format!("{name}: cannot be read ({e})"));
    let file = File::open(path).map_err(bad)?;
    let about = file.metadata().map_err(bad)?;
    if about.is_dir() {
        return Err(Failure::usage(format!(
            "{name}: is a folder; name its files, for instance {name}/*.jsonl"
        )));
    }
    let length = about.is_file().then_some(about.len());
    Ok((name, Box::new(BufReader::with_capacity(1 << 20, file)), length))
}

/// A progress bar on a terminal.
pub fn bar(length: Option<u64>, name: &str) -> ProgressBar {
    match length {
        Some(length) if std::io::stderr().is_terminal() => {
            let style = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {eta}");
            let bar = ProgressBar::new(length).with_message(name.to_owned());
            match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }
        _ => ProgressBar::hidden(),
    }
}

pub fn run(config: &Config, files: &[PathBuf], json: bool) -> Done {
    // All files are opened first: a name mistyped stops before anything is stored.
    let inputs = files.iter().map(|f| open(f)).collect::<Result<Vec<_>, _>>()?;
    let desk = desk(config)?;
    let mut all = Tally::default();
    for (name, mut lines, length) in inputs {
        let bar = bar(length, &name);
        let mut told = 0;
        let tally = wait(desk.import(&mut lines, |news| match news {
            News::Progress(bytes) => bar.set_position(bytes),
            News::Refused(refused) => {
                told += 1;
                if told <= MAX_TOLD {
                    // An output that cannot be written must not stop the import.
                    bar.suspend(|| drop(tell(&name, refused, json)));
                }
            }
        }))?;
        bar.finish_and_clear();
        let tally = tally.map_err(|e| Failure::usage(format!("{name}: {e}")))?;
        if told > MAX_TOLD && !json {
            writeln!(std::io::stderr(), "{name}: {} further refusals", told - MAX_TOLD)?;
        }
        summary(&name, tally, json)?;
        all += tally;
    }
    if all.refused > 0 {
        return Err(Failure { code: Failure::SOME_REFUSED, message: String::new() });
    }
    Ok(())
}

fn tell(name: &str, refused: &RefusedLine, json: bool) -> Done {
    let RefusedLine { line, field, reason } = refused;
    if json {
        return print_json(&serde_json::json!({
            "refused": { "file": name, "line": line, "field": field, "reason": reason }
        }));
    }
    let text = format!("{name}:{line}: {field}: {reason}");
    writeln!(std::io::stderr(), "{}", visible::line(&text))?;
    Ok(())
}

fn summary(name: &str, tally: Tally, json: bool) -> Done {
    let Tally { new, superseded, unchanged, refused } = tally;
    if json {
        return print_json(&serde_json::json!({
            "file": name, "new": new, "superseded": superseded, "unchanged": unchanged, "refused": refused
        }));
    }
    writeln!(
        std::io::stdout(),
        "{name}: {new} new, {superseded} superseded, {unchanged} unchanged, {refused} refused"
    )?;
    Ok(())
}
