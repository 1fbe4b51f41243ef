//! The lines that come in, one for each that is asked for, so that an editor that has the terminal gets its own keys.
//!
//! Invariant: a line from a terminal says whether others came with it. A hand types one line at a time; what comes in
//! several is a paste, and a paste gives no verdict.

use std::io::{self, BufRead, Read};
use std::sync::mpsc;
use std::time::Duration;

/// The longest line that is read; a text may have 200,000 characters of up to four bytes.
const LONGEST: usize = 1 << 20;

/// How long a pasted block may pause between two of its lines.
const PAUSE: Duration = Duration::from_millis(25);

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What it says, without its end; none if it is not UTF-8, or too long.
    pub(super) text: Option<String>,
    /// Others came before or after it in the same moment.
    pub(super) together: bool,
    /// Others have come after it already.
    pub(super) more: bool,
}

/// What a line was waited for, and what came: a line, the end, or the system's word.
pub(super) type Came = io::Result<Option<Line>>;

/// The thread that reads standard input.
pub(super) struct Reader {
    ask: mpsc::Sender<()>,
}

impl Reader {
    /// Begins; nothing is read until [`Self::next`]. `tell` gets each line, and then the end.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(terminal: bool, tell: impl Fn(Came) -> bool + Send + 'static) -> io::Result<Self> {
        let (ask, asked) = mpsc::channel();
        std::thread::Builder::new().name("lines".to_owned()).spawn(move || {
            // A buffer that reads ahead would take lines from an editor; a terminal gives one line a read.
            let mut input = io::BufReader::new(io::stdin());
            let mut before = false;
            while asked.recv().is_ok() {
                let came = one(&mut input).map(|text| {
                    text.map(|text| {
                        let more = terminal && follows(&input);
                        let together = before || more;
                        before = more;
                        Line { text: text.ok(), together, more }
                    })
                });
                let over = !matches!(came, Ok(Some(_)));
                if !tell(came) || over {
                    return;
                }
            }
        })?;
        Ok(Self { ask })
    }

    /// Asks for the next line.
    pub(super) fn next(&self) {
        // After the end nobody listens; it has been told.
        let _ = self.ask.send(());
    }
}

/// A line without its end, or its bytes if they are no text.
fn one(input: &mut impl BufRead) -> io::Result<Option<Result<String, Vec<u8>>>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    if input.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
        return Ok(None);
    }
    let whole = bytes.ends_with(b"\n") || bytes.len() < LONGEST;
    if !whole {
        input.skip_until(b'\n')?;
        return Ok(Some(Err(Vec::new())));
    }
    for end in *b"\n\r" {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    Ok(Some(String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)))
}

/// Whether another line has come with the one just read.
fn follows(input: &io::BufReader<io::Stdin>) -> bool {
    if !input.buffer().is_empty() {
        return true;
    }
    std::thread::sleep(PAUSE);
    rustix::io::ioctl_fionread(io::stdin()).is_ok_and(|waiting| waiting > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_at_its_line_feed_and_must_be_text() {
        let long = vec![b'x'; LONGEST + 5];
        let input = [b"approve i1\r\n\n\xff\n".as_slice(), &long, b"\nlast"].concat();
        let mut input = io::Cursor::new(input);
        let mut next = || one(&mut input).unwrap();
        assert_eq!(next(), Some(Ok("approve i1".to_owned())));
        assert_eq!(next(), Some(Ok(String::new())));
        assert_eq!(next(), Some(Err(vec![0xff])));
        assert_eq!(next(), Some(Err(Vec::new())));
        assert_eq!(next(), Some(Ok("last".to_owned())));
        assert_eq!(next(), None);
    }
}
