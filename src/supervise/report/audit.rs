//! `report --audit DIR`: a folder for those who check: the proof, what changed in the rules, a sample of decisions that nobody
//! picked, who looked, and what was erased. Lines of the log are copied byte for byte, so that each can be checked by
//! itself.

use crate::ledger::scan::{Key, Text, Value, each_line};
use crate::ledger::{self, ReadError};
use crate::visible;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The pack cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is something in the folder already.
    #[error("{0} is not empty; name a folder that is empty or not there yet")]
    NotEmpty(PathBuf),
    /// The folder or a file in it cannot be written.
    #[error("{path} cannot be written ({why}); name another folder")]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The log's folder.
    pub log: &'a Path,
    /// What `verify` found.
    pub proof: &'a ledger::Report,
    /// Decides which decisions are in the sample.
    pub seed: &'a str,
    /// How many.
    pub sample: usize,
}

/// What was packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Decisions in the log.
    pub decisions: u64,
    /// Of those, in the sample.
    pub sampled: usize,
    /// Lines about changed rules.
    pub policy: u64,
    /// Lines about who looked.
    pub accesses: u64,
    /// Lines about erasures.
    pub erasures: u64,
}

/// Packs `dir`, which must be empty or absent; 0700, its files 0600.
///
/// # Errors
/// The folder is not empty, it cannot be written, or the log not read.
pub fn pack(dir: &Path, ask: &Ask<'_>) -> Result<Packed, AuditError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |why| AuditError::Write { path, why }
    };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed(dir))?;
    if std::fs::read_dir(dir).map_err(failed(dir))?.next().is_some() {
        return Err(AuditError::NotEmpty(dir.to_owned()));
    }
    let (packed, [policy, accesses, erasures, sample]) = collect(ask)?;
    let files = [
        ("README.txt", readme(ask, packed)),
        ("verification.txt", visible::text(&ask.proof.to_string()).to_string().into_bytes()),
        ("policy.jsonl", policy),
        ("accesses.jsonl", accesses),
        ("erasures.jsonl", erasures),
        ("sample.jsonl", sample),
    ];
    for (name, bytes) in files {
        let path = dir.join(name);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed(&path))?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed(&path))?;
    }
    Ok(packed)
}

/// One pass over the log. The sample are the decisions whose id, hashed together with the seed, comes first: nobody who
/// does not know the seed can steer what gets in, and who knows it can repeat the choice.
fn collect(ask: &Ask<'_>) -> Result<(Packed, [Vec<u8>; 4]), AuditError> {
    let (kind, id) = (Key::new("type"), Key::new("id"));
    let mut packed = Packed::default();
    let [mut policy, mut accesses, mut erasures] = [const { Vec::new() }; 3];
    let mut chosen: BTreeMap<[u8; 32], (u64, Vec<u8>)> = BTreeMap::new();
    let mut rev = String::new();
    let rev_key = Key::new("policy_rev");
    each_line(ask.log, None, |line| {
        let word = |key: &Key| key.find(line).and_then(Value::text).map(Text::escaped).map(str::to_owned);
        let keep = |lines: &mut Vec<u8>, count: &mut u64| {
            lines.extend_from_slice(line);
            lines.push(b'\n');
            *count += 1;
        };
        match word(&kind).as_deref() {
            Some("decision") => {
                packed.decisions += 1;
                let place = Sha256::digest(format!("{}:{}", ask.seed, word(&id).unwrap_or_default()));
                chosen.insert(place.into(), (packed.decisions, line.to_vec()));
                if chosen.len() > ask.sample {
                    chosen.pop_last();
                }
            }
            Some("policy_change") => keep(&mut policy, &mut packed.policy),
            // A session that begins under other rules than the one before tells of a change, too.
            Some("session") if word(&rev_key).is_some_and(|found| found != rev) => {
                rev = word(&rev_key).unwrap_or_default();
                keep(&mut policy, &mut packed.policy);
            }
            Some("access") => keep(&mut accesses, &mut packed.accesses),
            Some("erasure") => keep(&mut erasures, &mut packed.erasures),
            _ => {}
        }
        ControlFlow::Continue(())
    })?;
    packed.sampled = chosen.len();
    let mut lines: Vec<_> = chosen.into_values().collect();
    lines.sort();
    let sample = lines.into_iter().flat_map(|(_, line)| line.into_iter().chain([b'\n'])).collect();
    Ok((packed, [policy, accesses, erasures, sample]))
}

fn readme(ask: &Ask<'_>, packed: Packed) -> Vec<u8> {
    let Packed { decisions, sampled, policy, accesses, erasures } = packed;
    format!(
        "What is in this folder\n\n\
         verification.txt  what countersign verify found when this was packed\n\
         policy.jsonl      {policy} lines: changes of the rules, and the first session under each\n\
         accesses.jsonl    {accesses} lines: who looked at texts or at figures about one person\n\
         erasures.jsonl    {erasures} lines: customers who were forgotten\n\
         sample.jsonl      {sampled} of {decisions} decisions\n\n\
         Each line stands in the log as it stands here. To check one:\n\n\
         \x20   printf '\\0%s' \"${{line%,\\\"hash\\\"*}}\" | sha256sum      prints the line's own hash\n\n\
         How the sample was chosen\n\n\
         seed: {}\n\
         Take SHA-256 of the seed, a colon and each decision's id; the {sampled} smallest are in the sample.\n\
         Whoever did not know the seed could not steer the choice: agree on the next one, or let a person outside pick it.\n",
        visible::line(ask.seed)
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &[String]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("decisions-2026-11-20-00.jsonl"), lines.concat()).unwrap();
        dir
    }

    fn entry(kind: &str, n: usize, more: &str) -> String {
        let id = uuid::Uuid::from_u128(n as u128);
        format!(
            "{{\"v\":1,\"seq\":{n},\"ts\":\"2026-11-20T09:00:00.000Z\",\"type\":\"{kind}\",\"id\":\"{id}\"{more}}}\n"
        )
    }

    fn read(dir: &Path, name: &str) -> String {
        std::fs::read_to_string(dir.join(name)).unwrap()
    }

    #[test]
    fn the_pack_holds_the_lines_as_they_stand_and_repeats_its_sample() {
        let mut lines: Vec<String> = (0..200).map(|n| entry("decision", n, "")).collect();
        let rev = |rev: &str| format!(",\"policy_rev\":\"{rev}\"");
        lines.push(entry("session", 200, &rev("a")));
        lines.push(entry("session", 201, &rev("a")));
        lines.push(entry("session", 202, &rev("b")));
        lines.push(entry("access", 203, ""));
        lines.push(entry("erasure", 204, ""));
        let log = log(&lines);
        let proof = ledger::verify(log.path(), &mut |_| ()).unwrap();
        let there = tempfile::tempdir().unwrap();
        let packs: Vec<_> = ["one", "again", "other"]
            .map(|name| {
                let seed = if name == "other" { "s-2" } else { "s-1" };
                let dir = there.path().join(name);
                let ask = Ask { log: log.path(), proof: &proof, seed, sample: 20 };
                let packed = pack(&dir, &ask).unwrap();
                assert_eq!(
                    packed,
                    Packed { decisions: 200, sampled: 20, policy: 2, accesses: 1, erasures: 1 }
                );
                dir
            })
            .into();
        let sample = read(&packs[0], "sample.jsonl");
        assert!(sample.lines().all(|line| lines.contains(&format!("{line}\n"))), "byte for byte");
        assert_eq!(sample, read(&packs[1], "sample.jsonl"));
        assert_ne!(sample, read(&packs[2], "sample.jsonl"), "another seed, another sample");
        assert_eq!(read(&packs[0], "policy.jsonl"), lines[200].clone() + &lines[202]);
        assert!(read(&packs[0], "README.txt").contains("seed: s-1"));
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let log = log(&[entry("decision", 0, "")]);
        let proof = ledger::verify(log.path(), &mut |_| ()).unwrap();
        let ask = Ask { log: log.path(), proof: &proof, seed: "s", sample: 5 };
        let there = tempfile::tempdir().unwrap();
        std::fs::write(there.path().join("mine.txt"), "mine").unwrap();
        let error = pack(there.path(), &ask).unwrap_err();
        assert!(error.to_string().ends_with("is not empty; name a folder that is empty or not there yet"));
        assert_eq!(std::fs::read_dir(there.path()).unwrap().count(), 1);
        let error = pack(Path::new("/proc/none/of/this"), &ask).unwrap_err();
        assert!(matches!(error, AuditError::Write { .. }), "{error}");
    }

    #[test]
    fn the_pack_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let log = log(&[entry("decision", 0, "")]);
        let proof = ledger::verify(log.path(), &mut |_| ()).unwrap();
        let there = tempfile::tempdir().unwrap();
        let dir = there.path().join("pack");
        pack(&dir, &Ask { log: log.path(), proof: &proof, seed: "s", sample: 5 }).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        for file in std::fs::read_dir(&dir).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    }
}
