//! The terminal's background colour: asked for once, and its answer taken out of what is typed, whenever it comes.
//!
//! Nobody waits for it: what is typed meanwhile counts, a mute terminal costs nothing, and over a slow line the answer
//! may come seconds later without being read as keys. Invariant: what is not the answer goes on, in order.

use super::super::theme::Rgb;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The question, as xterm has it; with a bell at its end, since some answer the other end wrongly.
pub(super) const ASK: &[u8] = b"\x1b]11;?\x07";

/// The answer: this, three numbers of one to four hexadecimal digits, and a bell or ESC \.
const BEGINNINGS: [&str; 2] = ["11;rgb:", "11;rgba:"];
/// Longer than any answer.
const MAX_CHARS: usize = 40;

/// Takes the answer out of the keys as which crossterm reads it: Alt-], its letters one by one, then Ctrl-G or Alt-\.
#[derive(Debug, Default)]
pub struct Answer {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Waiting,
    /// An Esc has gone on; it may have been the first half of the answer's beginning, cut in two.
    AfterEsc,
    /// What may become the answer.
    Within { text: String, keys: Vec<Event> },
    /// The answer has come: from now on all are keys.
    Over,
}

/// One key as the answer's letter.
enum Letter {
    Begin,
    Bracket,
    Esc,
    Char(char),
    End,
    Other,
}

fn letter(event: &Event) -> Letter {
    let Event::Key(KeyEvent { code, modifiers, kind: KeyEventKind::Press, .. }) = event else {
        return Letter::Other;
    };
    match (code, *modifiers - KeyModifiers::SHIFT) {
        (KeyCode::Char(']'), KeyModifiers::ALT) => Letter::Begin,
        (KeyCode::Char(']'), KeyModifiers::NONE) => Letter::Bracket,
        (KeyCode::Char('\\'), KeyModifiers::ALT) | (KeyCode::Char('g'), KeyModifiers::CONTROL) => Letter::End,
        (KeyCode::Esc, KeyModifiers::NONE) => Letter::Esc,
        (KeyCode::Char(c), KeyModifiers::NONE) => Letter::Char(*c),
        _ => Letter::Other,
    }
}

/// Whether `text` is the answer as far as it goes.
fn fits(text: &str) -> bool {
    text.len() <= MAX_CHARS
        && BEGINNINGS.iter().any(|beginning| match text.strip_prefix(beginning) {
            Some(colour) => colour.chars().all(|c| c.is_ascii_hexdigit() || c == '/'),
            None => beginning.starts_with(text),
        })
}

/// `11;rgb:1e1e/2020/2020`
fn colour(text: &str) -> Option<Rgb> {
    let mut parts = text.split_once(':')?.1.split('/').map(|part| {
        let most = (1_u32 << (4 * u32::try_from(part.len()).ok()?.min(4))) - 1;
        let value = u32::from_str_radix(part, 16).ok()?.checked_mul(255)?.checked_div(most)?;
        u8::try_from(value).ok()
    });
    Some(Rgb(parts.next()??, parts.next()??, parts.next()??))
}

impl Answer {
    /// Keys without the answer, and the background if this completed it.
    pub fn sift(&mut self, read: Vec<Event>) -> (Vec<Event>, Option<Rgb>) {
        if matches!(self.state, State::Over) {
            return (read, None);
        }
        let mut keys = Vec::with_capacity(read.len());
        let mut found = None;
        for event in read {
            found = found.or(self.one(event, &mut keys));
        }
        (keys, found)
    }

    fn one(&mut self, event: Event, out: &mut Vec<Event>) -> Option<Rgb> {
        let letter = letter(&event);
        match (std::mem::take(&mut self.state), letter) {
            (State::Over, _) => {
                self.state = State::Over;
                out.push(event);
            }
            (State::Within { text, keys }, Letter::End) => {
                if let Some(background) = colour(&text) {
                    self.state = State::Over;
                    return Some(background);
                }
                out.extend(keys);
                out.push(event);
            }
            (State::Within { mut text, mut keys }, Letter::Char(c)) => {
                text.push(c);
                keys.push(event);
                if fits(&text) {
                    self.state = State::Within { text, keys };
                } else {
                    out.append(&mut keys);
                }
            }
            (State::Within { keys, .. }, _) => {
                out.extend(keys);
                return self.one(event, out);
            }
            (_, Letter::Begin) | (State::AfterEsc, Letter::Bracket) => {
                self.state = State::Within { text: String::new(), keys: vec![event] };
            }
            (_, letter) => {
                if matches!(letter, Letter::Esc) {
                    self.state = State::AfterEsc;
                }
                out.push(event);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes as crossterm makes keys of them; one read each.
    fn keys(typed: &str) -> Vec<Event> {
        let mut keys = Vec::new();
        let mut alt = KeyModifiers::NONE;
        let mut chars = typed.chars().peekable();
        while let Some(c) = chars.next() {
            let (code, mut modifiers) = match c {
                '\x1b' if chars.peek().is_some() => {
                    alt = KeyModifiers::ALT;
                    continue;
                }
                '\x1b' => (KeyCode::Esc, KeyModifiers::NONE),
                '\x07' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                c if c.is_uppercase() => (KeyCode::Char(c), KeyModifiers::SHIFT),
                c => (KeyCode::Char(c), KeyModifiers::NONE),
            };
            modifiers |= std::mem::replace(&mut alt, KeyModifiers::NONE);
            keys.push(Event::Key(KeyEvent::new(code, modifiers)));
        }
        keys
    }

    #[track_caller]
    fn check(reads: &[&str], left: &[&str], found: Option<Rgb>) {
        let (mut answer, mut rest, mut background) = (Answer::default(), Vec::new(), None);
        for read in reads {
            let (keys, colour) = answer.sift(keys(read));
            rest.extend(keys);
            background = background.or(colour);
        }
        let left: Vec<Event> = left.iter().flat_map(|read| keys(read)).collect();
        assert_eq!((rest, background), (left, found), "{reads:?}");
    }

    #[test]
    fn the_answer_is_taken_out_of_what_is_typed_and_nothing_else_is() {
        let dark = Some(Rgb(16, 16, 16));
        check(&["\x1b]11;rgb:1010/1010/1010\x1b\\"], &[], dark);
        check(&["\x1b]11;rgb:1010/1010/1010\x07"], &[], dark);
        check(&["j\x1b]11;rgb:1010/1010/1010\x07k"], &["jk"], dark);
        check(&["\x1b]11;rgb:fF/80/0\x07"], &[], Some(Rgb(255, 128, 0)));
        check(&["\x1b]11;rgba:ffff/ffff/ffff/ffff\x1b\\"], &[], Some(Rgb(255, 255, 255)));
        // Cut in two anywhere, after a while.
        check(&["j", "\x1b]11;rg", "b:1010/1010/1010\x1b\\", "k"], &["jk"], dark);
        check(&["\x1b", "]11;rgb:1010/1010/1010\x07", "k"], &["\x1b", "k"], dark);
        // What only begins like it was typed.
        check(&["\x1b]", "j"], &["\x1b]j"], None);
        check(&["\x1b]11;rgb:10", "x\x07"], &["\x1b]11;rgb:10x\x07"], None);
        check(&["\x1b]11;rgb:/\x07j"], &["\x1b]11;rgb:/\x07j"], None);
        check(&["\x1b]\x1b]11;rgb:1010/1010/1010\x07"], &["\x1b]"], dark);
        check(&["\x1b", "j]\x1b"], &["\x1b", "j]\x1b"], None);
        let long = format!("\x1b]11;rgb:{}\x07", "f".repeat(60));
        check(&[&long], &[&long], None);
        // A second one was not asked for.
        check(
            &["\x1b]11;rgb:1010/1010/1010\x07\x1b]11;rgb:ff/ff/ff\x07"],
            &["\x1b]11;rgb:ff/ff/ff\x07"],
            dark,
        );
    }
}
