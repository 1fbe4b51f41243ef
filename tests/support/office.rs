//! An office for one story: a folder of its own, and the real program in it as a user types it.
#![allow(dead_code)]

use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder with `data/` and `config/`, and nothing else of this machine.
pub struct Office {
    dir: tempfile::TempDir,
}

/// What came of a command line.
#[derive(Debug)]
pub struct Shown {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: Vec<u8>,
}

impl Shown {
    /// What stands on the terminal: output, then errors.
    pub fn screen(&self) -> String {
        let text = [&self.out[..], &self.err[..]].concat();
        String::from_utf8(text).expect("what is printed is UTF-8")
    }
    /// The lines of `--json`.
    pub fn json(&self) -> Vec<Value> {
        let out = String::from_utf8(self.out.clone()).unwrap();
        assert!(out.is_ascii(), "JSON is printed in ASCII: {out}");
        out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}

impl Office {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    /// The program with these arguments, as anna, in this office.
    pub fn command<A: AsRef<OsStr>>(&self, args: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_clear()
            .env("HOME", self.path("home"))
            .env("TZ", "UTC")
            .env("COUNTERSIGN_DATA", self.data())
            .env("COUNTERSIGN_CONFIG", self.config())
            .env("COUNTERSIGN_AGENT", "anna")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
    fn config(&self) -> PathBuf {
        let path = self.path("config/config.toml");
        if !path.exists() {
            self.write("config/config.toml", "");
        }
        path
    }
    pub fn run<A: AsRef<OsStr>>(&self, args: &[A], input: &[u8]) -> Shown {
        let mut child = self.command(args).spawn().unwrap();
        // A program that refuses its arguments does not read.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        Shown { code: output.status.code().unwrap_or(-1), out: output.stdout, err: output.stderr }
    }
    /// What `countersign LINE` does; words are parted by blanks.
    pub fn types(&self, line: &str) -> Shown {
        self.run(&line.split_whitespace().collect::<Vec<_>>(), b"")
    }
    /// `countersign LINE` ends with this code and shows these pieces in this order.
    pub fn check(&self, line: &str, code: i32, sees: &[&str]) -> Shown {
        let shown = self.types(line);
        check(line, &shown, code, sees);
        shown
    }
    /// The token of what `show ITEM` shows now.
    pub fn seen(&self, item: &str) -> String {
        let shown = self.check(&format!("show {item} --json"), 0, &[]);
        shown.json()[0]["seen"].as_str().unwrap().to_owned()
    }
    /// What left, oldest first.
    pub fn replies(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.data().join("replies.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
    /// The entries of the log of one type.
    pub fn entries(&self, kind: &str) -> Vec<Value> {
        let all = self.check("tail -n 1000", 0, &[]).json();
        all.into_iter().filter(|entry| entry["type"] == kind).collect()
    }
}

/// The command ended with this code and showed these pieces in this order.
pub fn check(line: &str, shown: &Shown, code: i32, sees: &[&str]) {
    let screen = shown.screen();
    let told = format!("$ countersign {line}\n{screen}[{}]", shown.code);
    assert_eq!(shown.code, code, "{told}");
    let mut rest = &screen[..];
    for piece in sees {
        let at =
            rest.find(piece).unwrap_or_else(|| panic!("no {piece:?} here or not in this order:\n{told}"));
        rest = &rest[at + piece.len()..];
    }
}
