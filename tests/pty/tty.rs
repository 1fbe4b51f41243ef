//! A terminal for the program under test: reads all it writes, keeps the last whole frame, answers queries, types keys.

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take to come on screen. Generous: the machine may be busy; nothing waits it out when well.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// After this long a verdict key counts again.
const REPEAT: Duration = Duration::from_millis(1_050);
/// After this long the screen counts as looked at.
const SETTLE: Duration = Duration::from_millis(330);

/// Everything in the output that is not text, colour or a place on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Window titles and icon names, clipboard writes, unknown sequences: nothing of ours.
    pub acts: Vec<String>,
    /// Between the beginning and the end of a frame.
    in_frame: bool,
    answers: Vec<&'static str>,
    ground: Option<Ground>,
}

/// What a terminal says its background is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    Dark,
    Light,
}

impl Heard {
    fn act(&mut self, what: impl Into<String>) {
        self.acts.push(what.into());
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl vt100::Callbacks for Heard {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.act("bell");
    }
    fn visual_bell(&mut self, _: &mut vt100::Screen) {
        self.act("visual bell");
    }
    fn resize(&mut self, _: &mut vt100::Screen, to: (u16, u16)) {
        self.act(format!("resize {to:?}"));
    }
    fn set_window_icon_name(&mut self, _: &mut vt100::Screen, name: &[u8]) {
        self.act(format!("icon {}", lossy(name)));
    }
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.act(format!("title {}", lossy(title)));
    }
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.act(format!("clipboard {}", lossy(data)));
    }
    fn paste_from_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8]) {
        self.act("clipboard read");
    }
    fn unhandled_char(&mut self, _: &mut vt100::Screen, c: char) {
        self.act(format!("char {c:?}"));
    }
    fn unhandled_control(&mut self, _: &mut vt100::Screen, b: u8) {
        self.act(format!("control {b:#x}"));
    }
    fn unhandled_escape(&mut self, _: &mut vt100::Screen, i1: Option<u8>, i2: Option<u8>, b: u8) {
        self.act(format!("escape {i1:?} {i2:?} {b:#x}"));
    }
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        i1: Option<u8>,
        i2: Option<u8>,
        params: &[&[u16]],
        c: char,
    ) {
        let numbers: Vec<u16> = params.iter().flat_map(|p| p.iter().copied()).collect();
        match (i1, numbers.as_slice(), c) {
            // Frames, focus and the cursor's shape are the program's own.
            (Some(b'?'), [2026], 'h') => self.in_frame = true,
            (Some(b'?'), [2026], 'l') => self.in_frame = false,
            (Some(b'?'), [1004], 'h' | 'l') | (Some(b' '), _, 'q') => {}
            _ => self.act(format!("csi {i1:?} {i2:?} {numbers:?} {c}")),
        }
    }
    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        match (params, self.ground) {
            ([b"11", b"?"], Some(Ground::Dark)) => self.answers.push("\x1b]11;rgb:1010/1010/1010\x1b\\"),
            ([b"11", b"?"], Some(Ground::Light)) => self.answers.push("\x1b]11;rgb:fafa/fafa/fafa\x1b\\"),
            ([b"11", b"?"], None) => {}
            _ => {
                let words: Vec<String> = params.iter().map(|p| lossy(p)).collect();
                self.act(format!("osc {words:?}"));
            }
        }
    }
}

struct Glass {
    parser: vt100::Parser<Heard>,
    /// All bytes ever written.
    raw: Vec<u8>,
    /// The last whole frame.
    screen: String,
    /// When it last changed.
    since: Instant,
}

/// A program on a terminal.
pub struct Tty {
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Arc<Mutex<Option<Box<dyn Write + Send>>>>,
    child: Box<dyn Child + Send + Sync>,
    glass: Arc<(Mutex<Glass>, Condvar)>,
    deaf: Arc<AtomicBool>,
    reader: Option<std::thread::JoinHandle<()>>,
    last: Mutex<Option<(String, Instant)>>,
    /// How the terminal was set before the program began.
    pub termios_before: String,
}

fn cells(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Tty {
    pub fn start(command: CommandBuilder, columns: u16, rows: u16, ground: Option<Ground>) -> Self {
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let termios_before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut from = pair.master.try_clone_reader().unwrap();
        let keyboard = Arc::new(Mutex::new(Some(pair.master.take_writer().unwrap())));
        let heard = Heard { ground, ..Heard::default() };
        let glass = Glass {
            parser: vt100::Parser::new_with_callbacks(cells(rows), cells(columns), 200, heard),
            raw: Vec::new(),
            screen: String::new(),
            since: Instant::now(),
        };
        let glass = Arc::new((Mutex::new(glass), Condvar::new()));
        let deaf = Arc::new(AtomicBool::new(false));
        let (seen, stop, answer) = (glass.clone(), deaf.clone(), keyboard.clone());
        let reader = std::thread::spawn(move || {
            let mut bytes = [0_u8; 16_384];
            while let Ok(n) = from.read(&mut bytes) {
                if n == 0 || stop.load(Ordering::SeqCst) {
                    return;
                }
                let mut glass = seen.0.lock().unwrap();
                glass.raw.extend_from_slice(&bytes[..n]);
                glass.parser.process(&bytes[..n]);
                let answers = std::mem::take(&mut glass.parser.callbacks_mut().answers);
                if !glass.parser.callbacks().in_frame {
                    let screen = glass.parser.screen().contents();
                    if screen != glass.screen {
                        glass.screen = screen;
                        glass.since = Instant::now();
                    }
                }
                drop(glass);
                if let Some(keyboard) = answer.lock().unwrap().as_mut() {
                    for text in answers {
                        let _ = keyboard.write_all(text.as_bytes()).and_then(|()| keyboard.flush());
                    }
                }
                seen.1.notify_all();
            }
        });
        Self {
            master: Some(pair.master),
            keyboard,
            child,
            glass,
            deaf,
            reader: Some(reader),
            last: Mutex::default(),
            termios_before,
        }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.process_id().unwrap()).unwrap()
    }

    /// Children of the program that ended and were not waited for.
    pub fn zombies(&self) -> usize {
        let parent = self.pid().to_string();
        let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
        processes
            .filter_map(|p| std::fs::read_to_string(p.ok()?.path().join("stat")).ok())
            .filter(|stat| {
                // `pid (name) state ppid ...`; the name may hold anything.
                let after = stat.rsplit(") ").next().unwrap_or_default();
                let mut fields = after.split(' ');
                fields.next() == Some("Z") && fields.next() == Some(&parent)
            })
            .count()
    }

    pub fn termios(&self) -> String {
        format!("{:?}", self.master.as_ref().unwrap().get_termios())
    }

    /// All bytes written so far.
    pub fn raw(&self) -> Vec<u8> {
        self.glass.0.lock().unwrap().raw.clone()
    }

    /// What the output did beside showing text.
    pub fn acts(&self) -> Vec<String> {
        self.glass.0.lock().unwrap().parser.callbacks().acts.clone()
    }

    /// The last whole frame.
    pub fn screen(&self) -> String {
        self.glass.0.lock().unwrap().screen.clone()
    }

    /// Looks at the terminal's state.
    pub fn with<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.glass.0.lock().unwrap().parser.screen())
    }

    /// Waits until a whole frame is as wanted.
    #[track_caller]
    pub fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        match self.wait_for(PATIENCE, wanted) {
            Some(screen) => screen,
            None => panic!("never came: {what}\n{}", self.screen()),
        }
    }

    fn wait_for(&self, patience: Duration, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let deadline = Instant::now() + patience;
        let mut glass = self.glass.0.lock().unwrap();
        while !wanted(&glass.screen) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            glass = self.glass.1.wait_timeout(glass, left).unwrap().0;
        }
        Some(glass.screen.clone())
    }

    #[track_caller]
    pub fn sees(&self, text: &str) -> &Self {
        self.until(text, |screen| screen.contains(text));
        self
    }

    #[track_caller]
    pub fn sees_not(&self, text: &str) -> &Self {
        self.until(&format!("the end of {text}"), |screen| !screen.contains(text));
        self
    }

    /// Waits until the raw output holds these bytes.
    #[track_caller]
    pub fn writes(&self, bytes: &[u8]) {
        let deadline = Instant::now() + PATIENCE;
        let mut glass = self.glass.0.lock().unwrap();
        while !glass.raw.windows(bytes.len()).any(|w| w == bytes) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "never written: {:?}\n{}", lossy(bytes), glass.screen);
            glass = self.glass.1.wait_timeout(glass, left).unwrap().0;
        }
    }

    /// Sends bytes as they are.
    pub fn send(&self, bytes: &[u8]) {
        if let Some(keyboard) = self.keyboard.lock().unwrap().as_mut() {
            // The program may have ended, and the terminal with it.
            let _ = keyboard.write_all(bytes).and_then(|()| keyboard.flush());
        }
    }

    /// One key by name.
    pub fn key(&self, name: &str) -> &Self {
        *self.last.lock().unwrap() = Some((name.to_owned(), Instant::now()));
        self.send(&chord(name));
        if name == "esc" {
            // Esc and what follows it in one read would be one Alt chord.
            std::thread::sleep(Duration::from_millis(60));
        }
        self
    }

    /// A key as often as it takes, for instance Esc out of several things.
    #[track_caller]
    pub fn key_until(&self, name: &str, wanted: impl Fn(&str) -> bool) -> &Self {
        for _ in 0..10 {
            if wanted(&self.screen()) {
                return self;
            }
            self.key(name);
            if self.wait_for(Duration::from_millis(500), &wanted).is_some() {
                return self;
            }
        }
        panic!("{name} did not bring it\n{}", self.screen());
    }

    /// Text, as one types it.
    pub fn types(&self, text: &str) -> &Self {
        self.send(text.as_bytes());
        self
    }

    pub fn pastes(&self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes());
    }

    /// A verdict key, pressed as a person would: alone, not right after the screen changed, not twice in a second.
    #[track_caller]
    pub fn verdict(&self, name: &str, taken: impl Fn(&str) -> bool) -> String {
        for _ in 0..8 {
            let quiet = self.glass.0.lock().unwrap().since.elapsed();
            std::thread::sleep(SETTLE.saturating_sub(quiet));
            let last = self.last.lock().unwrap().clone();
            if let Some((_, at)) = last.filter(|(key, _)| key == name) {
                std::thread::sleep(REPEAT.saturating_sub(at.elapsed()));
            }
            // The notice of an earlier press may still stand.
            let patience = if careful(&self.screen()) { REPEAT } else { PATIENCE };
            self.key(name);
            let screen = self.wait_for(patience, |s| taken(s) || (patience == PATIENCE && careful(s)));
            if let Some(screen) = screen.filter(|s| taken(s)) {
                return screen;
            }
        }
        panic!("{name} was never taken\n{}", self.screen());
    }

    /// The terminal's device.
    pub fn name(&self) -> std::path::PathBuf {
        self.master.as_ref().unwrap().tty_name().unwrap()
    }

    /// Somebody else writes on this terminal.
    pub fn scribble(&self, bytes: &[u8]) {
        let mut line = std::fs::OpenOptions::new().write(true).open(self.name()).unwrap();
        line.write_all(bytes).unwrap();
        let text = lossy(bytes);
        let last = text.rsplit('l').next().unwrap().as_bytes().to_vec();
        drop(line);
        self.writes(&last);
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.glass.0.lock().unwrap().parser.set_size(cells(rows), cells(columns));
        self.master.as_ref().unwrap().resize(pty_size(columns, rows)).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    /// Stops reading: the program's next large write will block.
    pub fn go_deaf(&mut self) {
        self.deaf.store(true, Ordering::SeqCst);
        self.send(b"\x0c");
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }

    /// The terminal goes away, as when its window is closed or the line drops.
    pub fn hang_up(&mut self) {
        self.go_deaf();
        self.keyboard.lock().unwrap().take();
        self.master.take();
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        self.ends_within(PATIENCE)
    }

    #[track_caller]
    pub fn ends_within(&mut self, limit: Duration) -> ExitStatus {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // All it wrote is read before anybody looks.
                if let Some(reader) = self.reader.take() {
                    while !reader.is_finished() && Instant::now() < deadline {
                        std::thread::sleep(Duration::from_millis(2));
                    }
                }
                return status;
            }
            assert!(Instant::now() < deadline, "still running after {limit:?}\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn careful(screen: &str) -> bool {
    screen.contains("was not taken")
}

/// The bytes a terminal sends for a key.
fn chord(name: &str) -> Vec<u8> {
    let special = match name {
        "enter" => "\r",
        "esc" => "\x1b",
        "tab" => "\t",
        "backspace" => "\x7f",
        "space" => " ",
        "up" => "\x1b[A",
        "down" => "\x1b[B",
        "right" => "\x1b[C",
        "left" => "\x1b[D",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "pgup" => "\x1b[5~",
        "pgdn" => "\x1b[6~",
        "f1" => "\x1bOP",
        "f3" => "\x1bOR",
        "f4" => "\x1bOS",
        "f8" => "\x1b[19~",
        _ => "",
    };
    match (special, name.strip_prefix("ctrl-")) {
        ("", Some(letter)) => vec![letter.as_bytes()[0] & 0x1f],
        ("", None) => name.as_bytes().to_vec(),
        (special, _) => special.as_bytes().to_vec(),
    }
}
