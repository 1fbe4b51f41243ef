//! Writing line by line, as in mail: text, `.` to end it, and lines that begin with `~` for everything else.

use super::super::command::Command;
use super::super::message::{Action, Base, EditKey};
use super::super::model::Front;
use super::lines::Line;
use super::{Plain, page};

/// What lines that begin with `~` do.
pub(super) const HELP: &str = "\
.          alone in its line: the text is done; it is shown once more before it is signed
~p         print the text with its line numbers
~3 TEXT    put TEXT in the place of line 3
~i 3 TEXT  put TEXT in before line 3
~d 3       take line 3 out
~c         begin with an empty text
~u         take the last change back
~e         go on in $EDITOR
~q         leave; the text is kept
~x         throw the text away; asks first
~.  ~~     a line that begins with a dot or a ~ of its own";

/// A line while a text is written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Written {
    /// The text is done.
    End,
    /// One more line of it.
    More(String),
    /// The text is another one.
    Anew(Rewrite),
    Print,
    Undo,
    Outside,
    Leave,
    Discard,
    Help,
}

/// A change of lines; numbers count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rewrite {
    Replace(usize, String),
    Insert(usize, String),
    Delete(usize),
    Clear,
}

/// Reads a line; none if it begins with `~` and means nothing.
fn read(line: &str) -> Option<Written> {
    if line == "." {
        return Some(Written::End);
    }
    let Some(escaped) = line.strip_prefix('~') else { return Some(Written::More(line.to_owned())) };
    if escaped.starts_with(['.', '~']) {
        return Some(Written::More(escaped.to_owned()));
    }
    // Only the word and one space go: what follows may begin with spaces of its own.
    let (word, rest) = escaped.split_once(' ').unwrap_or((escaped, ""));
    let numbered = |text: &str| {
        let (number, rest) = text.split_once(' ').unwrap_or((text, ""));
        number.parse::<usize>().ok().filter(|n| *n > 0).map(|n| (n, rest.to_owned()))
    };
    let alone = rest.trim().is_empty();
    match word {
        "i" => numbered(rest).map(|(n, text)| Written::Anew(Rewrite::Insert(n, text))),
        "d" => numbered(rest.trim()).map(|(n, _)| Written::Anew(Rewrite::Delete(n))),
        "c" if alone => Some(Written::Anew(Rewrite::Clear)),
        "p" if alone => Some(Written::Print),
        "u" if alone => Some(Written::Undo),
        "e" if alone => Some(Written::Outside),
        "q" if alone => Some(Written::Leave),
        "x" if alone => Some(Written::Discard),
        "h" | "?" if alone => Some(Written::Help),
        _ => numbered(escaped).map(|(n, text)| Written::Anew(Rewrite::Replace(n, text))),
    }
}

/// The text after a change; none where there is no such line.
fn rewritten(text: &str, change: &Rewrite) -> Option<String> {
    let mut lines: Vec<&str> = text.split('\n').collect();
    match change {
        Rewrite::Clear => return Some(String::new()),
        Rewrite::Replace(n, new) => *lines.get_mut(n - 1)? = new,
        Rewrite::Insert(n, new) if *n <= lines.len() => lines.insert(n - 1, new),
        Rewrite::Delete(n) if *n <= lines.len() => {
            lines.remove(n - 1);
        }
        Rewrite::Insert(..) | Rewrite::Delete(_) => return None,
    }
    Some(lines.join("\n"))
}

impl Plain {
    /// A line while a text is written. In a paste everything is text, but for the dot that ends it.
    pub(super) fn write(&mut self, text: &str, line: &Line) {
        let said = match read(text) {
            Some(Written::End) if line.more => Some(Written::More(text.to_owned())),
            Some(Written::End) => Some(Written::End),
            _ if line.together => Some(Written::More(text.to_owned())),
            said => said,
        };
        match said {
            Some(Written::End) => self.send(Command::ShowDifference, None, None),
            Some(Written::More(line)) => self.add(&line),
            Some(Written::Anew(change)) => self.rewrite(&change),
            Some(Written::Print) => self.print_numbered(),
            Some(Written::Undo) => {
                self.send(Command::UndoTyping, None, None);
                self.print_numbered();
            }
            Some(Written::Outside) if self.seat.by_hand => self.send(Command::EditExternal, None, None),
            Some(Written::Outside) => self.puzzled("an editor needs a terminal"),
            Some(Written::Leave) => self.send(Command::Cancel, None, None),
            Some(Written::Discard) => self.send(Command::Discard, None, None),
            Some(Written::Help) => self.paper.quote(HELP),
            None => self.puzzled("no such `~` command; `~h` lists them, `~~` begins a line with a ~"),
        }
    }

    fn text(&self) -> String {
        self.model.front.edit().map(|e| e.editor.text()).unwrap_or_default()
    }

    fn add(&mut self, line: &str) {
        let lead = if self.text().is_empty() { "" } else { "\n" };
        self.act(Action::Edit(EditKey::TextEnd));
        self.act(Action::Paste(format!("{lead}{line}")));
    }

    fn rewrite(&mut self, change: &Rewrite) {
        match rewritten(&self.text(), change) {
            Some(text) => {
                self.act(Action::Rewrite(text));
                if self.seat.by_hand {
                    self.print_numbered();
                }
            }
            None => self.puzzled("there is no line of that number; `~p` prints them"),
        }
    }

    fn print_numbered(&mut self) {
        let text = self.text();
        if text.is_empty() {
            self.paper.say("the text is empty");
        } else {
            self.paper.numbered(&text);
        }
    }

    /// A text is begun, or gone on with.
    pub(super) fn tell_writing(&mut self) {
        let Front::Edit(edit) = &self.model.front else { return };
        let (base, item) = (edit.base.clone(), edit.item.clone());
        let open = self.model.looking.as_ref().and_then(|l| l.open.clone());
        if let (Base::TakeOver, Some(open)) = (&base, &open) {
            page::packet(&mut self.paper, &self.model, open);
        }
        let what = match base {
            Base::Draft { .. } => "this is the draft; what you type is put at its end, `~c` begins anew",
            Base::Reply | Base::TakeOver => "your own words",
        };
        self.paper.say(&format!("writing for {item}: {what}; a line with `.` alone ends it, `~h` helps"));
        if !self.text().is_empty() {
            self.print_numbered();
        }
    }

    /// What would leave, and how to sign it.
    pub(super) fn print_written(&mut self) {
        let Front::Difference(edit, _) = &self.model.front else { return };
        let Some(open) = self.model.looking.as_ref().and_then(|l| l.open.clone()) else { return };
        page::written(&mut self.paper, &open, edit);
        let sign = if self.seat.by_hand { "`sign`".to_owned() } else { format!("`sign {}`", edit.item) };
        self.paper.say(&format!("{sign} sends it; `edit` goes on writing, `cancel` keeps it for later"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_text_unless_it_is_a_dot_or_begins_with_a_tilde() {
        let more = |t: &str| Some(Written::More(t.to_owned()));
        for (line, said) in [
            ("Dear Ana,", more("Dear Ana,")),
            ("", more("")),
            (".", Some(Written::End)),
            (". ", more(". ")),
            ("~.", more(".")),
            ("~~p", more("~p")),
            ("~p", Some(Written::Print)),
            ("~3  two spaces", Some(Written::Anew(Rewrite::Replace(3, " two spaces".to_owned())))),
            ("~3", Some(Written::Anew(Rewrite::Replace(3, String::new())))),
            ("~i 1 first", Some(Written::Anew(Rewrite::Insert(1, "first".to_owned())))),
            ("~d 2", Some(Written::Anew(Rewrite::Delete(2)))),
            ("~quit", None),
            ("~0 x", None),
            ("~", None),
        ] {
            assert_eq!(read(line), said, "{line:?}");
        }
    }

    #[test]
    fn lines_are_replaced_put_in_and_taken_out() {
        let text = "one\ntwo\nthree";
        for (change, after) in [
            (Rewrite::Replace(2, "2".to_owned()), Some("one\n2\nthree")),
            (Rewrite::Replace(4, "x".to_owned()), None),
            (Rewrite::Insert(1, "0".to_owned()), Some("0\none\ntwo\nthree")),
            (Rewrite::Insert(4, "x".to_owned()), None),
            (Rewrite::Delete(3), Some("one\ntwo")),
            (Rewrite::Delete(4), None),
            (Rewrite::Clear, Some("")),
        ] {
            assert_eq!(rewritten(text, &change).as_deref(), after, "{change:?}");
        }
    }
}
