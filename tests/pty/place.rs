//! A data folder with items in it, consoles on it, and what is left in its files.

use super::tty::{Ground, Tty};
use portable_pty::CommandBuilder;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

/// A folder of its own for one test.
pub struct Place {
    pub dir: tempfile::TempDir,
}

/// How a console starts.
pub struct Start<'a> {
    place: &'a Place,
    agent: &'a str,
    size: (u16, u16),
    env: BTreeMap<&'a str, String>,
    args: Vec<&'a str>,
    ground: Option<Ground>,
    shell: Option<&'a str>,
}

/// One item as a JSON value, to be patched and imported.
pub fn item(id: &str, name: &str, text: &str, draft: &str) -> Value {
    json!({"schema": "countersign.item/1", "id": id,
        "conversation": {"id": format!("c-{id}"), "channel": "email", "language": "en", "subject": format!("About {id}"),
            "customer": {"id": format!("u-{id}"), "name": name},
            "messages": [{"id": "m1", "from": "customer", "name": name, "at": "2026-11-20T09:00:00Z", "text": text}]},
        "draft": {"id": format!("d-{id}"), "version": 1, "text": draft, "model": "m-1"}})
}

/// The names of [`some`], in the queue's order.
pub const NAMES: [&str; 10] = [
    "Ada Able",
    "Ben Birch",
    "Cyd Cole",
    "Dov Dunn",
    "Eve East",
    "Fay Ford",
    "Gus Gray",
    "Hal Hill",
    "Ida Ives",
    "Jon Jack",
];

/// The first `n` of ten plain items, whose order is by priority.
pub fn some(n: usize) -> Vec<Value> {
    NAMES[..n]
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let first = name.split(' ').next().unwrap();
            let mut value = item(
                &format!("i{at}"),
                name,
                &format!("Where is my parcel, asks {first}?"),
                &format!("Dear {first}, it comes tomorrow."),
            );
            value["priority"] = json!(9 - at);
            value["due_at"] = json!("2099-01-01T00:00:00Z");
            value
        })
        .collect()
}

impl Place {
    /// `window_ms` is the undo window of mail.
    pub fn new(items: &[Value], window_ms: u32) -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        let policy = format!("[policy]\nemail_window_ms = {window_ms}\nchat_window_ms = {window_ms}\n");
        std::fs::write(place.root().join("config.toml"), policy).unwrap();
        let lines: String = items.iter().map(|i| format!("{i}\n")).collect();
        place.import(&lines);
        place
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn data(&self) -> PathBuf {
        self.root().join("data")
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A program to be called by the shell.
    pub fn script(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.file(name, &format!("#!/bin/sh\n{text}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn import(&self, lines: &str) {
        let file = self.file("items.jsonl", lines);
        let output = self.run(&["import", file.to_str().unwrap()]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn global(&self) -> Vec<String> {
        let path = |p: PathBuf| p.to_str().unwrap().to_owned();
        vec![
            "--data".to_owned(),
            path(self.data()),
            "--config".to_owned(),
            path(self.root().join("config.toml")),
        ]
    }

    /// A command without a terminal.
    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(PROGRAM).args(self.global()).args(args).output().unwrap()
    }

    pub fn as_agent(&self, agent: &str, args: &[&str]) -> Output {
        Command::new(PROGRAM).args(self.global()).args(["--agent", agent]).args(args).output().unwrap()
    }

    /// The row of an item in `list --all`.
    pub fn row(&self, id: &str) -> Value {
        let output = self.run(&["list", "--all", "--json", "-n", "5000"]);
        lines(&output.stdout).into_iter().find(|r| r["id"] == id).unwrap_or(Value::Null)
    }

    pub fn replies(&self) -> Vec<Value> {
        std::fs::read(self.data().join("replies.jsonl")).map(|b| lines(&b)).unwrap_or_default()
    }

    /// All entries of the log; one told twice counts once.
    pub fn log(&self) -> Vec<Value> {
        let output = self.run(&["tail", "-n", "100000"]);
        let mut met = BTreeSet::new();
        let id = |e: &Value| format!("{} {}", e["type"], e["id"]);
        lines(&output.stdout).into_iter().filter(|e| e["type"] == "header" || met.insert(id(e))).collect()
    }

    pub fn decisions(&self) -> Vec<Value> {
        self.log().into_iter().filter(|e| e["type"] == "decision").collect()
    }

    /// Entries of a type, as `field` of each.
    pub fn logged(&self, kind: &str, field: &str) -> Vec<String> {
        self.log()
            .into_iter()
            .filter(|e| e["type"] == kind)
            .map(|e| e[field].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// The log is whole, to the level that its head proves.
    #[track_caller]
    pub fn verifies(&self) {
        let output = self.run(&["verify", "--json"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && (text.contains("\"L1\"") || text.contains("\"L2\"")), "{text}");
    }

    pub fn console<'a>(&'a self, agent: &'a str) -> Start<'a> {
        Start {
            place: self,
            agent,
            size: (120, 40),
            env: BTreeMap::new(),
            args: Vec::new(),
            ground: None,
            shell: None,
        }
    }
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(bytes).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

impl<'a> Start<'a> {
    pub const fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }
    pub fn env(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.env.insert(name, value.into());
        self
    }
    pub fn args(mut self, args: &[&'a str]) -> Self {
        self.args.extend(args);
        self
    }
    /// The theme is `auto`, and this is what the terminal answers when asked for its colours; None: it is mute.
    /// Without this the theme is named, and nothing is asked.
    pub fn asked(mut self, ground: Option<Ground>) -> Self {
        self.ground = ground;
        self.args.extend(["--theme", "auto"]);
        self
    }
    /// A shell script that starts the console as `$CONSOLE`.
    pub const fn shell(mut self, script: &'a str) -> Self {
        self.shell = Some(script);
        self
    }

    pub fn go(self) -> Tty {
        let mut all: Vec<String> = vec![PROGRAM.to_owned()];
        all.extend(self.place.global());
        all.extend(["--agent".to_owned(), self.agent.to_owned()]);
        if self.args.is_empty() {
            all.extend(["--theme".to_owned(), "dark".to_owned()]);
        }
        all.extend(self.args.iter().map(|a| (*a).to_owned()));
        let mut command = match self.shell {
            None => {
                let mut command = CommandBuilder::new(&all[0]);
                command.args(&all[1..]);
                command
            }
            Some(script) => {
                let mut command = CommandBuilder::new("sh");
                let words: Vec<String> = all.iter().map(|w| format!("'{w}'")).collect();
                command.args(["-c", &script.replace("$CONSOLE", &words.join(" "))]);
                command
            }
        };
        let keep = |name: &str| std::env::var(name).unwrap_or_default();
        let path = keep("PATH");
        command.env_clear();
        let home = self.place.root().to_str().unwrap();
        for (name, value) in [
            ("PATH", path.as_str()),
            ("HOME", home),
            ("TERM", "xterm-256color"),
            ("COLORTERM", "truecolor"),
            ("TZ", "UTC"),
            ("LANG", "C.UTF-8"),
        ] {
            command.env(name, value);
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        command.cwd(home);
        Tty::start(command, self.size.0, self.size.1, self.ground)
    }
}
