//! One agent at one screen: keys in, screen out.

use super::world::{self, NOW, World};
use countersign::console::chord::Chord;
use countersign::console::keymap::Keymap;
use countersign::console::keys::Keys;
use countersign::console::message::{Action, Effect, Input, Outcome, Shown};
use countersign::console::model::{KeyNames, Model, Setup};
use countersign::console::theme::{Depth, Role, Theme};
use countersign::console::update::update;
use countersign::console::view::View;
use countersign::review::{Span, Stamp};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::collections::VecDeque;
use uuid::Uuid;

pub struct Stage {
    pub model: Model,
    pub world: World,
    pub keymap: Keymap,
    keys: Keys,
    view: View,
    pub shown: Shown,
    pub now: Stamp,
    next_id: u128,
    /// Every effect, in order, as `Debug` begins it.
    pub effects: Vec<Effect>,
    pub caret: Option<Position>,
    /// How many actions needed no frame.
    pub unseen: usize,
    /// What is on the screen; none once that may have to change.
    drawn: Option<Buffer>,
}

impl Stage {
    /// The console of `anna` on the sample queue.
    pub fn sample(columns: u16, rows: u16) -> Self {
        Self::on(sample(), columns, rows)
    }

    pub fn on(world: World, columns: u16, rows: u16) -> Self {
        let keymap = Keymap::default();
        let setup = Setup {
            agent: "anna".to_owned(),
            session: world::session(),
            place: "embedded".to_owned(),
            policy_rev: "built-in".to_owned(),
            zone: jiff::tz::TimeZone::UTC,
            themes: ["dark", "light", "mono"].map(str::to_owned).to_vec(),
            theme: "dark".to_owned(),
            keys: KeyNames::from(&keymap),
            first_start: false,
        };
        let mut stage = Self {
            model: Model::new(setup, columns, rows, NOW),
            world,
            keymap,
            keys: Keys::default(),
            view: View::new(),
            shown: Shown::default(),
            now: NOW,
            next_id: 1_000,
            effects: Vec::new(),
            caret: None,
            unseen: 0,
            drawn: None,
        };
        stage.act(Action::Start);
        stage.act(Action::Outcome(Outcome::Log(countersign::console::message::LogStatus {
            level: "L1".to_owned(),
            entries: 1_204,
            closed: None,
        })));
        stage.wait(1_000);
        stage
    }

    /// One action; effects are answered until all is quiet, then a frame is drawn.
    pub fn act(&mut self, action: Action) {
        let mut queue = VecDeque::from([action]);
        while let Some(action) = queue.pop_front() {
            if self.drawn.is_none() && self.model.is_unseen(&action, self.now) {
                self.draw(&Theme::roles());
            }
            for effect in self.step(action) {
                self.effects.push(effect.clone());
                let outcomes = self.world.answer(effect, self.now);
                queue.extend(outcomes.into_iter().map(Action::Outcome));
            }
        }
        self.draw(&Theme::roles());
    }

    /// One action, its effects not answered, nothing drawn.
    pub fn step(&mut self, action: Action) -> Vec<Effect> {
        self.next_id += 1;
        let fresh = Uuid::from_u128(self.next_id);
        let unseen = self.model.is_unseen(&action, self.now);
        let input = Input { action, shown: self.shown.clone(), now: self.now, fresh };
        let effects = update(&mut self.model, input);
        match &self.drawn {
            Some(drawn) if unseen => {
                self.unseen += 1;
                assert_eq!(self.picture(), *drawn, "a frame is left out that would not be the same");
            }
            _ => self.drawn = None,
        }
        effects
    }

    /// What would be drawn now.
    fn picture(&self) -> Buffer {
        let area = Rect::new(0, 0, self.model.size.0, self.model.size.1);
        let mut buffer = Buffer::empty(area);
        View::new().render(&self.model, &Theme::roles(), area, &mut buffer);
        buffer
    }

    pub fn draw(&mut self, theme: &Theme) -> Buffer {
        let area = Rect::new(0, 0, self.model.size.0, self.model.size.1);
        let mut buffer = Buffer::empty(area);
        let (shown, caret) = self.view.render(&self.model, theme, area, &mut buffer);
        self.shown = shown;
        self.caret = caret;
        self.drawn = (*theme == Theme::roles()).then(|| buffer.clone());
        buffer
    }

    /// The queue says that an item has changed.
    pub fn hears_of(&mut self, item: &str) {
        let items = vec![item.parse().unwrap()];
        self.act(Action::Outcome(Outcome::Changed { items, all: false }));
    }

    /// Time passes; deadlines are met as they come.
    pub fn wait(&mut self, ms: i64) {
        let end = self.now.plus(Span(ms));
        while let Some(next) = self.model.next_deadline(self.now).filter(|next| *next <= end) {
            self.now = Stamp(next.0.max(self.now.0 + 1)).min(end);
            self.act(Action::Tick);
            if self.now >= end {
                break;
            }
        }
        self.now = end;
    }

    /// Chords, typed by a calm person: `a`, `ctrl-s`, `o h`, `text:hello`, `wait:700`, `paste:…`.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split(' ').filter(|w| !w.is_empty()) {
            if let Some(ms) = word.strip_prefix("wait:") {
                self.wait(ms.parse().unwrap());
            } else if let Some(text) = word.strip_prefix("text:") {
                for c in text.replace('_', " ").chars() {
                    self.wait(40);
                    self.chord(Chord::char(c), true);
                }
            } else if let Some(text) = word.strip_prefix("paste:") {
                self.act(Action::Paste(text.replace('_', " ")));
            } else {
                self.wait(1_100);
                self.chord(word.parse().unwrap_or_else(|e| panic!("{word}: {e}")), true);
            }
        }
        self
    }

    /// One chord right now.
    pub fn chord(&mut self, chord: Chord, alone: bool) {
        if let Some(action) = self.action(chord, alone) {
            self.act(action);
        }
    }

    /// What a chord means now.
    pub fn action(&mut self, chord: Chord, alone: bool) -> Option<Action> {
        self.keys.press(&self.keymap, self.model.mode(), chord, self.now, alone)
    }

    /// The screen as text, trailing blanks cut.
    pub fn screen(&mut self) -> String {
        let buffer = self.draw(&Theme::roles());
        grid(&buffer, |buffer, x, y| buffer[(x, y)].symbol().to_owned())
    }

    /// The screen as text, below it one letter per cell for its role, and what these roles look like in the dark theme.
    pub fn dark(&mut self) -> String {
        dark(&self.draw(&Theme::roles()))
    }

    /// The screen without colour, and below it the weight of each cell.
    pub fn mono(&mut self) -> String {
        weights(&self.draw(&Theme::mono()))
    }

    pub fn last_commit(&self) -> Option<&countersign::review::Decision> {
        self.effects.iter().rev().find_map(|e| match e {
            Effect::Commit { decision, .. } => Some(&**decision),
            _ => None,
        })
    }

    pub fn notice(&self) -> &str {
        self.model.notice.as_ref().map_or("", |n| n.text.as_str())
    }
}

/// A screen drawn with [`Theme::roles`] as text, below it one letter per cell for its role, and what these roles look like
/// in the dark theme.
pub fn dark(buffer: &Buffer) -> String {
    let text = grid(buffer, |buffer, x, y| buffer[(x, y)].symbol().to_owned());
    let role_at = |buffer: &Buffer, x, y| {
        let cell = &buffer[(x, y)];
        let (role, ground) = Theme::role_of(cell);
        role.filter(|_| cell.symbol() != " ").or(ground)
    };
    let roles = grid(buffer, |buffer, x, y| role_at(buffer, x, y).map_or(' ', Role::letter).to_string());
    let met = |role: &&Role| roles.contains(role.letter());
    let theme = Theme::shipped("dark", None, Depth::True).unwrap();
    let looks: Vec<String> = Role::ALL.iter().filter(met).map(|role| look(&theme, *role)).collect();
    let rule = "=".repeat(usize::from(buffer.area.width));
    format!("{text}\n{rule}\n{roles}\n{rule}\n{}", looks.join("\n"))
}

/// `A anger #f47067 bold`.
fn look(theme: &Theme, role: Role) -> String {
    use ratatui::style::Color;
    let colour = |lead: &str, colour: Option<Color>| match colour {
        Some(Color::Rgb(r, g, b)) => format!(" {lead}#{r:02x}{g:02x}{b:02x}"),
        _ => String::new(),
    };
    let style = theme.style(role);
    let weight = format!("{:?}", style.add_modifier).to_lowercase().replace(" | ", " ");
    let weight = if style.add_modifier.is_empty() { String::new() } else { format!(" {weight}") };
    format!("{} {}{}{}{weight}", role.letter(), role.name(), colour("", style.fg), colour("on ", style.bg))
}

/// A screen drawn without colour as text, and below it the weight of each cell.
pub fn weights(buffer: &Buffer) -> String {
    use ratatui::style::Modifier;
    let text = grid(buffer, |buffer, x, y| buffer[(x, y)].symbol().to_owned());
    let weights = grid(buffer, |buffer, x, y| {
        let modifier = buffer[(x, y)].modifier;
        let all = [
            (Modifier::REVERSED, "r"),
            (Modifier::UNDERLINED, "u"),
            (Modifier::CROSSED_OUT, "x"),
            (Modifier::BOLD, "b"),
            (Modifier::DIM, "d"),
        ];
        all.iter().find(|(m, _)| modifier.contains(*m)).map_or(" ", |(_, letter)| letter).to_owned()
    });
    format!("{text}\n{}\n{weights}", "=".repeat(usize::from(buffer.area.width)))
}

pub fn grid(buffer: &Buffer, cell: impl Fn(&Buffer, u16, u16) -> String) -> String {
    let area = buffer.area;
    let mut out = String::new();
    for y in 0..area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = cell(buffer, x, y);
            let width = countersign::visible::width(buffer[(x, y)].symbol());
            line.push_str(&symbol);
            // The second half of a wide character has no symbol of its own.
            skip = width.saturating_sub(1);
            if width > 1 && symbol.len() == 1 {
                line.push_str(&symbol);
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The screen as a terminal gets it, for looking at.
pub fn ansi(buffer: &Buffer) -> String {
    use ratatui::style::{Color, Modifier};
    use std::fmt::Write;
    let color = |out: &mut String, base: u8, color: Color| match color {
        Color::Rgb(r, g, b) => write!(out, "\x1b[{};2;{r};{g};{b}m", base + 8).unwrap(),
        Color::Indexed(n) => write!(out, "\x1b[{};5;{n}m", base + 8).unwrap(),
        _ => {}
    };
    let mut out = "\x1b[?25l\x1b[H".to_owned();
    for y in 0..buffer.area.height {
        write!(out, "\x1b[{};1H", y + 1).unwrap();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let cell = &buffer[(x, y)];
            out.push_str("\x1b[0m");
            color(&mut out, 30, cell.fg);
            color(&mut out, 40, cell.bg);
            for (modifier, code) in [
                (Modifier::BOLD, 1),
                (Modifier::DIM, 2),
                (Modifier::ITALIC, 3),
                (Modifier::UNDERLINED, 4),
                (Modifier::REVERSED, 7),
                (Modifier::CROSSED_OUT, 9),
            ] {
                if cell.modifier.contains(modifier) {
                    write!(out, "\x1b[{code}m").unwrap();
                }
            }
            out.push_str(cell.symbol());
            skip = countersign::visible::width(cell.symbol()).saturating_sub(1);
        }
    }
    out + "\x1b[0m"
}

pub fn line(patch: &serde_json::Value) -> String {
    let mut base = serde_json::json!({"schema": "countersign.item/1"});
    for (key, value) in patch.as_object().unwrap() {
        base[key] = value.clone();
    }
    base.to_string()
}

/// Ten customers, as on the intended pictures.
pub fn sample() -> World {
    use serde_json::json;
    let mut world = World::default();
    let mut add = |minutes: i64, value: serde_json::Value| {
        world.add_at(&line(&value), NOW.minus(Span::minutes(minutes)))
    };
    add(
        4,
        json!({"id":"i-maria","conversation":{"id":"c-1","channel":"email","language":"en",
        "customer":{"id":"u-1","name":"Мария Ковалёва","tier":"gold","ai_consent":true},
        "messages":[
          {"id":"m1","from":"customer","name":"Мария Ковалёва","at":"2026-11-19T16:02:00Z","text":"Hello, the kettle I bought leaks. Order 58-1142. How do I return it?"},
          {"id":"m2","from":"ai","name":"AI, approved by ben","at":"2026-11-19T16:40:00Z","text":"Please send it back with the enclosed label. Your refund arrives within 5 days of receipt."},
          {"id":"m3","from":"customer","name":"Мария Ковалёва","at":"2026-11-20T09:01:00Z","text":"I am writing for the third time. The parcel reached you nine days ago and nobody answers. This is a joke. Can I please talk to a person?"}]},
        "draft":{"id":"d-1","version":2,"text":"Dear Maria,\n\nI am sorry. You had to write three times, and our answer was late. Your parcel arrived on 11 November. I have released the refund of €42.90 today; it will be in your account by Tuesday.\n\nIf you would rather talk, I will call you at the number in your account. When suits you, {{name}}?",
          "sources":[{"title":"Order 58-1142","quote":"received 11 Nov, €42.90"},{"title":"Refund policy §2","quote":"within 5 working days"}]},
        "emotion":{"label":"anger","confidence":0.83,"intensity":1.0,"asks_person":true,"evidence":[{"text":"third time","weight":0.5},{"text":"nobody answers","weight":0.4},{"text":"a joke","weight":0.3}]},
        "topics":["refund"],"due_at":"2026-11-20T13:00:00Z"}),
    );
    let simple = |id: &str, name: &str, emotion: &str, intensity: f64, text: &str, draft: &str, due: &str| {
        json!({"id":id,"conversation":{"id":format!("c-{id}"),"channel":"email","language":"en",
          "customer":{"id":format!("u-{id}"),"name":name},
          "messages":[{"id":"m1","from":"customer","name":name,"at":"2026-11-20T09:00:00Z","text":text}]},
          "draft":{"id":format!("d-{id}"),"text":draft},
          "emotion":{"label":emotion,"confidence":0.77,"intensity":intensity},"due_at":due})
    };
    add(
        18,
        simple(
            "i-jorge",
            "Jorge Ortiz",
            "worry",
            0.7,
            "Two payments on my card that I did not make. Please help before they go through.",
            "Dear Jorge,\n\nwe have stopped both payments. Nothing was taken from your account.\n\nKind regards",
            "2026-11-20T09:02:00Z",
        ),
    );
    add(
        9,
        simple(
            "i-wang",
            "王小明",
            "frustration",
            0.7,
            "我已经第三次联系你们了，快递还是没有到。",
            "王先生您好，\n\n非常抱歉让您久等。您的包裹今天下午会送到。",
            "2026-11-20T09:04:00Z",
        ),
    );
    add(
        12,
        simple(
            "i-lena",
            "Lena Brandt",
            "disappointment",
            0.5,
            "I expected better from you.",
            "Dear Lena,\n\nthank you for telling us. I have credited the delivery fee.",
            "2026-11-20T09:13:00Z",
        ),
    );
    add(
        6,
        simple(
            "i-tom",
            "Tom Okafor",
            "confusion",
            0.4,
            "Which of the two invoices do I pay?",
            "Dear Tom,\n\nplease pay the second one; the first was cancelled.",
            "2026-11-20T09:29:00Z",
        ),
    );
    let mut ana = simple(
        "i-ana",
        "Ana Ruiz",
        "sadness",
        0.5,
        "My father has died and his contract still runs.",
        "Dear Ana,\n\nI am very sorry for your loss. The contract has ended.",
        "2026-11-20T11:00:00Z",
    );
    ana["topics"] = json!(["bereavement"]);
    add(2, ana);
    add(
        31,
        simple(
            "i-dmitri",
            "Дмитрий П.",
            "neutral",
            0.0,
            "Подскажите, до какого часа вы работаете?",
            "Здравствуйте!\n\nМы работаем до 20:00.",
            "2026-11-20T10:05:00Z",
        ),
    );
    let mut priya = simple(
        "i-priya",
        "Priya Nair",
        "gratitude",
        0.4,
        "Thank you, that solved it! One more question: can I change the date?",
        "",
        "2026-11-20T12:00:00Z",
    );
    priya["conversation"]["customer"]["ai_consent"] = json!(false);
    add(3, priya);
    let lindqvist = add(
        44,
        simple(
            "i-lind",
            "S. Lindqvist",
            "neutral",
            0.0,
            "Where is my invoice?",
            "It is attached.",
            "2026-11-20T12:30:00Z",
        ),
    );
    add(
        1,
        simple(
            "i-chen",
            "陈静",
            "joy",
            0.4,
            "太好了，谢谢！",
            "不客气！祝您生活愉快。",
            "2026-11-20T11:05:00Z",
        ),
    );
    world.held_by(&lindqvist, "ben");
    world
}

/// Names of roles on screen, for assertions about colour.
pub fn has_role(stage: &mut Stage, role: Role) -> bool {
    let buffer = stage.draw(&Theme::roles());
    buffer.content.iter().any(|cell| Theme::role_of(cell).0 == Some(role))
}
