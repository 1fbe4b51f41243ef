//! A folder with items, and the program run on it.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longer than anything here takes, so that a test that hangs fails.
pub const LONG: Duration = Duration::from_secs(20);

pub struct Desk {
    pub dir: tempfile::TempDir,
}

/// What a run printed and how it ended.
pub struct Ran {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

/// One item of a customer with one message and a draft; earlier numbers are more urgent. It brings its own emotion, so
/// that reading in the background leaves the order as it is.
pub fn item(n: u32, name: &str, says: &str, draft: &str) -> Value {
    json!({
        "schema": "countersign.item/1", "id": format!("i{n}"), "due_at": format!("2026-01-01T10:{n:02}:00Z"),
        "conversation": {
            "id": format!("c{n}"), "channel": "email", "language": "en",
            "customer": {"id": format!("u{n}"), "name": name, "ai_consent": true},
            "messages": [{"id": "m1", "from": "customer", "at": "2026-01-01T09:00:00Z", "text": says}],
        },
        "draft": {"id": format!("d{n}"), "version": 1, "text": draft},
        "emotion": {"label": "neutral"},
    })
}

impl Desk {
    pub fn with(items: &[Value]) -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        desk.import(items);
        desk
    }

    pub fn data(&self) -> &Path {
        self.dir.path()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.arg("--data").arg(self.data()).args(["--agent", "anna"]);
        command.env("TZ", "UTC").env("HOME", self.data()).env("XDG_CONFIG_HOME", self.data());
        command
    }

    pub fn import(&self, items: &[Value]) {
        let mut child = self.command().args(["import", "-"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        for item in items {
            writeln!(input, "{item}").unwrap();
        }
        drop(input);
        assert!(child.wait().unwrap().success());
    }

    /// Runs the plain front on a script to its end.
    pub fn script(&self, script: &str) -> Ran {
        let mut live = self.live();
        let mut input = live.input.take().unwrap();
        // A script that stops early no longer reads.
        let _ = input.write_all(script.as_bytes());
        drop(input);
        live.end()
    }

    /// The plain front, spoken to line by line.
    pub fn live(&self) -> Live {
        let mut child = self
            .command()
            .arg("--plain")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        Live { child, input, lines: read(output), heard: String::new() }
    }

    /// The texts that left, with their items, in order.
    pub fn replies(&self) -> Vec<(String, String)> {
        let path = self.data().join("replies.jsonl");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let word = |v: &Value, key: &str| v[key].as_str().unwrap().to_owned();
        let replies = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
        replies.map(|v| (word(&v, "item"), word(&v, "text"))).collect()
    }

    pub fn verify(&self) -> String {
        let output = self.command().arg("verify").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A run that goes on.
pub struct Live {
    pub child: Child,
    pub input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    heard: String,
}

fn read(output: ChildStdout) -> mpsc::Receiver<String> {
    let (tell, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            if tell.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    lines
}

impl Live {
    pub fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits for a line that holds `words`.
    pub fn hear(&mut self, words: &str) {
        loop {
            match self.lines.recv_timeout(LONG) {
                Ok(line) => {
                    self.heard.push_str(&line);
                    self.heard.push('\n');
                    if line.contains(words) {
                        return;
                    }
                }
                Err(why) => panic!("{why}: never said {words:?}, but\n{}", self.heard),
            }
        }
    }

    /// Waits for the end.
    pub fn end(mut self) -> Ran {
        drop(self.input.take());
        while let Ok(line) = self.lines.recv_timeout(LONG) {
            self.heard.push_str(&line);
            self.heard.push('\n');
        }
        let output = self.child.wait_with_output().unwrap();
        Ran { out: self.heard, err: String::from_utf8(output.stderr).unwrap(), code: output.status.code() }
    }
}

impl Ran {
    /// The lines were printed in this order, other lines between them.
    pub fn says(&self, lines: &[&str]) {
        let mut rest = self.out.as_str();
        for line in lines {
            match rest.find(line) {
                Some(at) => rest = &rest[at + line.len()..],
                None => panic!("{line:?} is not in its place in\n{}{}", self.out, self.err),
            }
        }
    }
}

impl Live {
    /// Stops listening, says something more, and waits for the end.
    pub fn end_deaf(mut self) -> Option<i32> {
        drop(self.lines);
        let mut input = self.input.take().unwrap();
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(50));
            if writeln!(input, "~p").is_err() {
                break;
            }
        }
        drop(input);
        self.child.wait().unwrap().code()
    }
}
