//! A hand at a terminal that cannot move its cursor.

use super::desk::{Desk, LONG, item};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::{Duration, Instant};

struct Hand {
    keys: Box<dyn Write + Send>,
    heard: mpsc::Receiver<Vec<u8>>,
    text: String,
    child: Box<dyn Child + Send + Sync>,
    _pty: Box<dyn MasterPty + Send>,
}

impl Hand {
    fn at(desk: &Desk, args: &[&str]) -> Self {
        Self::with_editor(desk, args, "sed -i s/Dear/Dearest/")
    }

    fn with_editor(desk: &Desk, args: &[&str], editor: &str) -> Self {
        let pty = native_pty_system()
            .openpty(PtySize { rows: 24, cols: 60, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["--data", desk.data().to_str().unwrap(), "--agent", "anna"]);
        command.args(args);
        for (name, value) in [("TERM", "dumb"), ("TZ", "UTC"), ("EDITOR", editor)] {
            command.env(name, value);
        }
        command.env("HOME", desk.data());
        command.env("XDG_CONFIG_HOME", desk.data());
        let child = pty.slave.spawn_command(command).unwrap();
        let mut output = pty.master.try_clone_reader().unwrap();
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(n @ 1..) = output.read(&mut bytes) {
                if tell.send(bytes[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pty.master.take_writer().unwrap();
        Self { keys, heard, text: String::new(), child, _pty: pty.master }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until `words` were printed since the last time.
    fn hears(&mut self, words: &str) -> &mut Self {
        let until = Instant::now() + LONG;
        while !self.text.contains(words) {
            let left = until.saturating_duration_since(Instant::now());
            match self.heard.recv_timeout(left) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(why) => panic!("{why}: never said {words:?}, but {}", self.text),
            }
        }
        let end = self.text.find(words).unwrap() + words.len();
        assert!(!self.text.contains('\u{1b}'), "no terminal is asked for anything: {:?}", self.text);
        self.text.drain(..end);
        self
    }

    fn ends(mut self) -> u32 {
        self.child.wait().unwrap().exit_code()
    }
}

/// A page is read before it is signed.
fn read_on() {
    std::thread::sleep(Duration::from_millis(400));
}

fn two() -> Desk {
    Desk::with(&[item(1, "Ana", "Where is it?", "Dear Ana"), item(2, "Ben", "Hello", "Dear Ben")])
}

#[test]
fn a_dumb_terminal_gets_the_plain_front_by_itself() {
    let desk = two();
    let mut hand = Hand::at(&desk, &[]);
    hand.hears("item 1 of 2: i1, Ana").hears("closes with").hears("> ");
    read_on();
    hand.types("approve\n");
    hand.hears("i1, Ana, approved: signed").hears("item 1 of 1: i2, Ben").hears("> ");
    hand.types("approve\n");
    hand.hears("`approve` was not taken:").hears("> ");
    std::thread::sleep(Duration::from_millis(1_100));
    hand.types("approve\n");
    hand.hears("i2, Ben, approved: signed").hears("nothing waits").hears("> ");
    hand.types("quit\n");
    hand.hears("2 replies are still held").hears("1 cancel").hears("3 send, send them now").hears("number: ");
    hand.types("3\n");
    assert_eq!(hand.ends(), 0);
    assert_eq!(desk.replies().len(), 2);
}

#[test]
fn a_verdict_that_came_together_with_other_lines_is_a_paste() {
    let desk = two();
    let mut hand = Hand::at(&desk, &["--plain"]);
    hand.hears("closes with").hears("> ");
    read_on();
    hand.types("approve\nlist\n");
    hand.hears("not taken: it came together with other lines").hears("1 i1, Ana").hears("> ");
    hand.types("list\napprove\n");
    hand.hears("1 i1, Ana").hears("not taken: it came together with other lines").hears("> ");
    hand.types("close spam\nclose spam\n");
    hand.hears("not taken").hears("not taken").hears("> ");
    // What is pasted into a text is text, whatever it looks like; only a dot at its very end ends it.
    hand.types("edit\n");
    hand.hears("text: ");
    hand.types("one\n.\n~q\nsign\n");
    std::thread::sleep(Duration::from_millis(300));
    hand.types("~p\n");
    hand.hears("2  one").hears("3  .").hears("4  ~q").hears("5  sign").hears("text: ");
    hand.types("~q\n");
    hand.hears("your text is kept");
    hand.types("quit\n");
    assert_eq!(hand.ends(), 0);
    assert!(desk.replies().is_empty());
}

#[test]
fn an_editor_has_the_terminal_to_itself_and_comes_back_to_the_difference() {
    let desk = two();
    let mut hand = Hand::at(&desk, &["--plain"]);
    hand.hears("closes with").hears("> ");
    hand.types("edit\n");
    hand.hears("text: ");
    hand.types("~e\n");
    hand.hears("put in").hears("Dearest Ana").hears("`sign` sends it").hears("> ");
    read_on();
    hand.types("sign\n");
    hand.hears("i1, Ana, edited: signed").hears("> ");
    hand.types("quit send\n");
    assert_eq!(hand.ends(), 0);
    assert!(desk.replies()[0].1.starts_with("Dearest Ana"));
}

#[test]
fn p9_an_interrupt_keeps_the_text() {
    let desk = two();
    let mut hand = Hand::at(&desk, &["--plain"]);
    hand.hears("closes with").hears("> ");
    hand.types("edit\n");
    hand.hears("text: ");
    hand.types("unfinished\n");
    hand.hears("text: ");
    hand.types("\u{3}");
    assert_eq!(hand.ends(), 130, "told as a shell tells it of any program");
    desk.script("edit\n").says(&["unfinished"]);
}

#[test]
fn an_interrupt_that_an_editor_takes_is_not_the_consoles() {
    let desk = two();
    let editor = desk.data().join("editor");
    // Ctrl-C goes to all that is in front; the editor hears it and goes on.
    let script = "#!/bin/sh\ntrap 'echo HEARD' INT\necho READY\nuntil read x; do :; done\nsed -i s/Dear/Dearest/ \"$1\"\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut hand = Hand::with_editor(&desk, &["--plain"], editor.to_str().unwrap());
    hand.hears("closes with").hears("> ");
    hand.types("edit\n");
    hand.hears("text: ");
    hand.types("~e\n");
    hand.hears("READY");
    hand.types("\u{3}");
    hand.hears("HEARD");
    hand.types("\n");
    hand.hears("Dearest Ana").hears("> ");
    hand.types("cancel\n");
    hand.hears("your text is kept");
    hand.types("quit\n");
    assert_eq!(hand.ends(), 0);
}
