//! Decides: an action in, the model changed, effects out. No I/O and no clock.

use super::super::told::decision_of;
use super::command::{Command, Mode, command};
use super::model::{Filter, Front, Model, Opened, Queue, TextState};
use crate::console::chord::{Chord, Key};
use crate::review::{Decision, DecisionId, Stamp};
use crate::visible;

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A key.
    Press(Chord),
    /// Text from the clipboard.
    Paste(String),
    /// The screen's size.
    Resize(u16, u16),
    /// Lines of the log, each with what is wrong about it.
    Lines(Vec<(Vec<u8>, Option<String>)>),
    /// Something is wrong with the log as a whole.
    Broken(String),
    /// The queue's state, or why it cannot be told.
    Queue(Result<Queue, String>),
    /// What the store has of a decision that was to be opened.
    Text(DecisionId, Result<Option<Box<Decision>>, String>),
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Note the access in the log, then give the texts.
    Open(DecisionId),
    /// Ask how the queue stands.
    AskQueue,
    /// Draw every cell anew.
    Redraw,
    /// To the shell.
    Suspend,
    /// End.
    Quit,
}

/// An action, and what was so when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What has happened.
    pub action: Action,
    /// When.
    pub now: Stamp,
    /// How far what lies in front could be scrolled in the last frame.
    pub last_top: usize,
}

/// Takes one action.
pub fn update(model: &mut Model, input: Input) -> Vec<Effect> {
    model.now = input.now;
    match input.action {
        Action::Press(chord) => return press(model, chord, input.last_top),
        Action::Paste(text) => {
            if let Front::Filter(written) = &mut model.front {
                written.push_str(&visible::line(&text));
            }
        }
        Action::Resize(columns, rows) => model.size = (columns, rows),
        Action::Lines(lines) => {
            for (raw, fault) in lines {
                model.broken = fault.clone().or(model.broken.take());
                model.add(raw, fault);
            }
            model.count();
            model.news = true;
        }
        Action::Broken(what) => model.broken = Some(what),
        Action::Queue(Ok(queue)) => model.queue = Some(queue),
        Action::Queue(Err(why)) => model.notice = Some(why),
        Action::Text(id, text) => {
            if let Front::Decision(opened) = &mut model.front
                && opened.id == id
            {
                opened.text = match text {
                    Ok(Some(decision)) => TextState::Here(decision),
                    Ok(None) => TextState::Gone,
                    Err(why) => TextState::Failed(why),
                };
            }
        }
        Action::Tick => {}
    }
    ask_queue(model)
}

/// Asks the queue where that is due.
fn ask_queue(model: &mut Model) -> Vec<Effect> {
    if model.now < model.next_deadline() {
        return Vec::new();
    }
    (model.asked, model.news) = (model.now, false);
    vec![Effect::AskQueue]
}

fn press(model: &mut Model, chord: Chord, last_top: usize) -> Vec<Effect> {
    model.notice = None;
    let mode = model.mode();
    let Some(asked) = command(mode, chord) else {
        if mode == Mode::Filter {
            write(model, chord);
        } else {
            model.notice = Some(format!("{chord} does nothing here; ? shows the keys"));
        }
        return Vec::new();
    };
    // Where nothing can be shown only the ways out count.
    let way_out = matches!(asked, Command::Back | Command::Quit | Command::Redraw | Command::Suspend);
    if model.is_too_small() && !way_out {
        return Vec::new();
    }
    match asked {
        Command::Quit => return vec![Effect::Quit],
        Command::Redraw => return vec![Effect::Redraw],
        Command::Suspend => return vec![Effect::Suspend],
        Command::Open => return open(model),
        Command::Help => model.front = Front::Help(0),
        Command::Find => model.front = Front::Filter(model.filter.text.clone()),
        Command::Take => take(model),
        Command::Back => back(model),
        Command::Down => go(model, 1, last_top),
        Command::Up => go(model, -1, last_top),
        Command::PageDown => go(model, page(model), last_top),
        Command::PageUp => go(model, -page(model), last_top),
        Command::First => go(model, isize::MIN, last_top),
        Command::Last => go(model, isize::MAX, last_top),
    }
    Vec::new()
}

/// Rows of a page, one of the former page kept.
fn page(model: &Model) -> isize {
    isize::from(model.size.1.cast_signed()).saturating_sub(8).max(1)
}

fn write(model: &mut Model, chord: Chord) {
    let Front::Filter(written) = &mut model.front else { return };
    match chord.text() {
        Some(c) => written.push(c),
        None if chord.key == Key::Backspace && chord.ctrl => written.clear(),
        None if chord.key == Key::Backspace => drop(written.pop()),
        None if chord == Chord::ctrl('u') => written.clear(),
        None => {}
    }
}

fn take(model: &mut Model) {
    let Front::Filter(written) = &model.front else { return };
    match Filter::read(written) {
        Ok(filter) => {
            model.use_filter(filter);
            model.count();
            model.front = Front::Feed;
        }
        // What was written stays, to be put right.
        Err(why) => model.notice = Some(why.to_string()),
    }
}

fn back(model: &mut Model) {
    match model.front {
        Front::Feed if model.selected.is_some() => model.selected = None,
        Front::Feed => {
            model.use_filter(Filter::default());
            model.count();
        }
        Front::Filter(_) | Front::Decision(_) | Front::Help(_) => model.front = Front::Feed,
    }
}

fn go(model: &mut Model, by: isize, last_top: usize) {
    let scrolled = |top: usize| top.min(last_top).saturating_add_signed(by.max(-isize::MAX)).min(last_top);
    match &mut model.front {
        Front::Decision(opened) => opened.top = scrolled(opened.top),
        Front::Help(top) => *top = scrolled(*top),
        Front::Feed => {
            let rows: Vec<u64> = model.wanted().map(|e| e.n).collect();
            let Some(last) = rows.len().checked_sub(1) else { return };
            let at = model.selected.map_or(last, |n| rows.partition_point(|row| *row < n).min(last));
            let to = at.saturating_add_signed(by.max(-isize::MAX)).min(last);
            // At the newest row one goes with what comes.
            model.selected = (to < last).then(|| rows[to]);
        }
        Front::Filter(_) => {}
    }
}

fn open(model: &mut Model) -> Vec<Effect> {
    let found = model.current().and_then(|entry| Some((entry.clone(), decision_of(&entry.parsed()?)?)));
    let Some((entry, id)) = found else {
        model.notice = Some("this row is about no decision".to_owned());
        return Vec::new();
    };
    // What one looks at stays where it is while new rows come.
    model.selected = Some(entry.n);
    model.front = Front::Decision(Box::new(Opened { entry, id, text: TextState::Awaited, top: 0 }));
    vec![Effect::Open(id)]
}
