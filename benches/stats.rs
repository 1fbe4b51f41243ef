//! What `stats` costs over a long log: bytes a CPU second and memory, beside `DuckDB` and `jq` on the same files.
//!
//! `cargo bench --bench stats [-- LINES]`; `DuckDB` is measured where `python3` (or the program that `PYTHON` names) has it.

#[path = "support/bench.rs"]
mod bench;
#[path = "support/log.rs"]
mod log;

use bench::{count, folder};
use std::path::Path;
use std::process::Command;

/// The plainest question: decisions by emotion. Ours answers more in the same run: shares, intervals, times, and only of
/// decisions that stand.
const DUCKDB: &str = "import duckdb, sys; db = duckdb.connect(); db.execute('SET threads = 2'); \
    print(db.execute(\"SELECT emotion, count(*) FROM read_ndjson(?, columns = {type: 'VARCHAR', emotion: 'VARCHAR'}) \
    WHERE type = 'decision' GROUP BY emotion\", [sys.argv[1]]).fetchall())";
const JQ: &str = "cat decisions-*.jsonl | jq -r 'select(.type == \"decision\").emotion' | sort | uniq -c";

fn row(what: &str, bytes: f64, command: &mut Command) {
    // The better of two: another program on this machine only ever takes time away.
    let runs = [log::measured(command), log::measured(command)];
    match runs.into_iter().flatten().min_by_key(|(cpu, ..)| *cpu) {
        Some((cpu, peak, _)) => {
            let rate = bytes / 1e9 / cpu.as_secs_f64();
            println!("| {what} | {rate:.2} | {:.2} | {} |", cpu.as_secs_f64(), peak >> 20);
        }
        None => println!("| {what} | is not here | | |"),
    }
}

fn ours(data: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(["--agent", "supervisor", "--data"]).arg(data).args(words.split_whitespace());
    command
}

fn main() {
    let lines = count(1_000_000);
    let data = folder();
    let dir = data.path().join("log");
    let bytes = log::write(&dir, lines);
    println!("| over {lines} lines, {:.0} MB | GB a CPU second | CPU seconds | MiB |", bytes / 1e6);
    println!("|---|---|---|---|");
    for words in ["stats --by emotion", "stats --by emotion,verdict", "stats --by emotion --since 2026-02-01"]
    {
        row(&format!("`{words}`"), bytes, &mut ours(data.path(), words));
    }
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let files = dir.join("decisions-*.jsonl");
    row("DuckDB, `GROUP BY emotion`", bytes, Command::new(python).args(["-c", DUCKDB]).arg(files));
    row("`jq \\| sort \\| uniq -c`", bytes, Command::new("sh").args(["-c", JQ]).current_dir(&dir));
}
