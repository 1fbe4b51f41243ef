//! Reads the labelled sets into one list of documents; each says for which heads it has labels.
//!
//! Nothing from a test part is read: a file with `test` in its name is left out by name, wherever it lies.

use countersign::care::recognise::model::{BASIC, BASIC_NAMES, CARE, CARE_LABELS, INTENSITY, PERSON, SHADES};
use countersign::review::Emotion;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

/// Targets of a group of heads: the value, and whether it is known.
#[derive(Clone, Debug)]
pub struct Targets<const W: usize> {
    pub value: [f32; W],
    pub known: [bool; W],
}

impl<const W: usize> Default for Targets<W> {
    fn default() -> Self {
        Self { value: [0.0; W], known: [false; W] }
    }
}

impl<const W: usize> Targets<W> {
    fn set(&mut self, at: usize, value: f32) {
        self.value[at] = value;
        self.known[at] = true;
    }
    pub fn any(&self) -> bool {
        self.known.iter().any(|k| *k)
    }
}

/// One text with what is known about it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub set: &'static str,
    pub lang: String,
    pub text: String,
    pub weight: f32,
    pub care: Targets<CARE>,
    pub basic: Targets<BASIC>,
    pub shades: Targets<SHADES>,
}

pub type Documents = Vec<Document>;
type Res<T> = Result<T, Box<dyn Error>>;

/// One line of the care corpus.
#[derive(Clone, Debug, Deserialize)]
pub struct CareLine {
    pub id: String,
    pub lang: String,
    pub text: String,
    pub labels: Vec<Emotion>,
    pub intensity: f32,
    pub asks_person: bool,
    pub first: Pass,
    pub second: Pass,
}

/// What one labelling pass said.
#[derive(Clone, Debug, Deserialize)]
pub struct Pass {
    pub labels: Vec<Emotion>,
    pub asks_person: bool,
}

/// One line of the care development part.
#[derive(Clone, Debug, Deserialize)]
pub struct CareDev {
    pub lang: String,
    pub src: String,
    pub text: String,
    pub primary: Emotion,
    pub labels: Vec<Emotion>,
    pub intensity: f32,
    pub asks_person: bool,
}

pub fn column(emotion: Emotion) -> usize {
    Emotion::ALL.iter().position(|e| *e == emotion).expect("ALL holds every label")
}

pub fn care_corpus(folder: &Path) -> Res<Vec<CareLine>> {
    let mut files: Vec<_> = fs::read_dir(folder)?.filter_map(Result::ok).map(|e| e.path()).collect();
    files.sort();
    let mut out = Vec::new();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "jsonl")) {
        for (at, line) in fs::read_to_string(file)?.lines().enumerate() {
            out.push(serde_json::from_str(line).map_err(|e| format!("{}:{}: {e}", file.display(), at + 1))?);
        }
    }
    Ok(out)
}

pub fn care_dev(data: &Path) -> Res<Vec<CareDev>> {
    let text = fs::read_to_string(data.join("care/dev.jsonl"))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// The corpus as documents. The target is what both passes and the decision say, each with the same vote: 0.75 for
/// its first label, the rest for its others.
/// `plain` weighs the second part of the corpus, which is nearer to what people really write.
pub fn care_documents(lines: &[CareLine], plain: f32) -> Documents {
    lines
        .iter()
        .map(|line| {
            let mut d = Document {
                set: "care",
                lang: line.lang.clone(),
                text: line.text.clone(),
                weight: if line.id.contains("-r-") { plain } else { 1.0 },
                ..Document::default()
            };
            for at in 0..CARE_LABELS {
                d.care.set(at, 0.0);
            }
            for labels in [&line.labels, &line.first.labels, &line.second.labels] {
                let others = labels.len().saturating_sub(1);
                for (at, label) in labels.iter().enumerate() {
                    let share = match (at, others) {
                        (0, 0) => 1.0,
                        (0, _) => 0.75,
                        (_, n) => 0.25 / n as f32,
                    };
                    d.care.value[column(*label)] += share / 3.0;
                }
            }
            d.care.set(INTENSITY, line.intensity / 3.0);
            d.care.set(PERSON, f32::from(u8::from(line.asks_person)));
            d
        })
        .collect()
}

/// A line of the `corrections.jsonl` that the desk keeps.
#[derive(Deserialize)]
struct Correction {
    id: String,
    lang: Option<String>,
    text: String,
    label: Option<Emotion>,
}

/// Agents' corrections as documents; of lines with the same id the last one holds. What the reading was is not learnt
/// from.
pub fn corrections(file: &Path, weight: f32) -> Res<Documents> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut last: BTreeMap<String, Correction> = BTreeMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let one: Correction =
            serde_json::from_str(line).map_err(|e| format!("{}:{}: {e}", file.display(), at + 1))?;
        last.insert(one.id.clone(), one);
    }
    let documents = last.into_values().filter_map(|one| {
        // `en-GB` learns as `en`; without a language the text says it.
        let lang = one.lang.as_deref().and_then(|tag| tag.split('-').next()).unwrap_or("und").to_lowercase();
        Some(labelled("corrections", lang, one.text, one.label?, weight))
    });
    Ok(documents.collect())
}

/// A text with one care label.
fn labelled(set: &'static str, lang: String, text: String, label: Emotion, weight: f32) -> Document {
    let mut d = Document { set, lang, text, weight, ..Document::default() };
    for at in 0..CARE_LABELS {
        d.care.set(at, 0.0);
    }
    d.care.value[column(label)] = 1.0;
    d
}

/// Short turns of phrase by language and label, `language|label|phrase|phrase|...`: what people write in three words
/// and the corpus' longer messages say in thirty.
pub fn phrases(folder: &Path, weight: f32) -> Res<Documents> {
    let mut out = Vec::new();
    for line in fs::read_to_string(folder.join("phrases.txt"))?.lines().filter(|l| !l.is_empty()) {
        let mut parts = line.split('|');
        let (Some(lang), Some(label)) = (parts.next(), parts.next()) else { continue };
        let label: Emotion = label.parse()?;
        out.extend(parts.map(|phrase| labelled("phrases", lang.into(), phrase.into(), label, weight)));
    }
    Ok(out)
}

fn separated(path: &Path, by: u8) -> Res<Vec<Vec<String>>> {
    let text = fs::read(path)?;
    let text = String::from_utf8_lossy(&text);
    Ok(if by == b',' {
        comma(&text)
    } else {
        text.lines().map(|l| l.split('\t').map(str::to_owned).collect()).collect()
    })
}

/// RFC 4180: quoted fields may hold commas, line ends and doubled quotes.
fn comma(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            c => field.push(c),
        }
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows
}

fn basic_column(name: &str) -> Option<usize> {
    BASIC_NAMES.iter().position(|n| *n == name)
}

/// `GoEmotions`: 28 labels, and the basic view by the paper's hierarchy.
pub fn goemotions(data: &Path, part: &str) -> Res<Documents> {
    let rows = separated(&data.join(format!("goemotions/original/{part}.tsv")), b'\t')?;
    let ekman = separated(&data.join(format!("goemotions/ekman/{part}.tsv")), b'\t')?;
    let names = fs::read_to_string(data.join("goemotions/ekman/labels.txt"))?;
    let names: Vec<&str> = names.lines().map(str::trim).collect();
    let mut out = Vec::new();
    for (row, basic) in rows.iter().zip(&ekman) {
        let mut d = Document {
            set: "goemotions",
            lang: "en".into(),
            text: row[0].clone(),
            weight: 1.0,
            ..Document::default()
        };
        d.shades.known = [true; SHADES];
        d.basic.known = [true; BASIC];
        let ids: Vec<usize> = row[1].split(',').map(str::parse).collect::<Result<_, _>>()?;
        for id in &ids {
            d.shades.value[*id] = 1.0;
        }
        for id in basic[1].split(',') {
            let name = names[id.parse::<usize>()?];
            d.basic.value[basic_column(name).ok_or("an Ekman label we do not know")?] = 1.0;
        }
        out.push(d);
    }
    Ok(out)
}

/// BRIGHTER's names of languages and ours (ISO 639, with the country where the sets differ by it).
pub const BRIGHTER: [(&str, &str); 28] = [
    ("afr", "af"),
    ("amh", "am"),
    ("arq", "arq"),
    ("ary", "ary"),
    ("chn", "zh"),
    ("deu", "de"),
    ("eng", "en"),
    ("esp", "es"),
    ("hau", "ha"),
    ("hin", "hi"),
    ("ibo", "ig"),
    ("kin", "rw"),
    ("mar", "mr"),
    ("orm", "om"),
    ("pcm", "pcm"),
    ("ptbr", "pt"),
    ("ptmz", "pt-MZ"),
    ("ron", "ro"),
    ("rus", "ru"),
    ("som", "so"),
    ("sun", "su"),
    ("swa", "sw"),
    ("swe", "sv"),
    ("tat", "tt"),
    ("tir", "ti"),
    ("ukr", "uk"),
    ("vmw", "vmw"),
    ("yor", "yo"),
];

/// One BRIGHTER language, track A (labels) or B (grades, which go to the intensity head).
pub fn brighter(data: &Path, track: char, part: &str, name: &str, lang: &str) -> Res<Documents> {
    let path = data.join(format!("brighter/track_{track}/{part}/{name}.csv"));
    if !path.exists() {
        return Ok(Vec::new());
    }
    let rows = separated(&path, b',')?;
    let head = &rows[0];
    let mut out = Vec::new();
    for row in rows[1..].iter().filter(|r| r.len() == head.len()) {
        let mut d = Document {
            set: "brighter",
            lang: lang.into(),
            text: row[1].clone(),
            weight: 1.0,
            ..Document::default()
        };
        let mut most: f32 = 0.0;
        let mut columns = 0;
        for (name, value) in head.iter().zip(row).skip(2) {
            let Some(at) = basic_column(name) else { continue };
            let Ok(value) = value.trim().parse::<f32>() else { continue };
            most = most.max(value);
            columns += 1;
            if track == 'a' {
                d.basic.set(at, value.min(1.0));
            }
        }
        if track == 'a' && columns >= 5 {
            d.basic.set(6, f32::from(u8::from(most == 0.0)));
        }
        if track == 'b' {
            d.care.set(INTENSITY, most / 3.0);
            d.weight = 0.3;
        }
        out.push(d);
    }
    Ok(out)
}

/// CEDR (Russian). The set has no development part: every tenth row is held back.
pub fn cedr(data: &Path, held_back: bool) -> Res<Documents> {
    const COLUMNS: [usize; 5] = [3, 4, 5, 2, 0];
    let rows = separated(&data.join("cedr/train.csv"), b',')?;
    let mut out = Vec::new();
    for (at, row) in rows[1..].iter().enumerate().filter(|(_, r)| r.len() >= 2) {
        if (at % 10 == 9) != held_back {
            continue;
        }
        let mut d = Document {
            set: "cedr",
            lang: "ru".into(),
            text: row[0].clone(),
            weight: 1.0,
            ..Document::default()
        };
        for column in COLUMNS {
            d.basic.set(column, 0.0);
        }
        let ids: Vec<usize> = row[1]
            .split(|c: char| !c.is_ascii_digit())
            .filter(|p| !p.is_empty())
            .filter_map(|p| p.parse().ok())
            .collect();
        for id in &ids {
            d.basic.set(COLUMNS[*id], 1.0);
        }
        d.basic.set(6, f32::from(u8::from(ids.is_empty())));
        out.push(d);
    }
    Ok(out)
}

/// XED: film subtitles, noisy, many languages.
pub fn xed(data: &Path, weight: f32) -> Res<Documents> {
    const COLUMNS: [Option<usize>; 9] =
        [None, Some(0), None, Some(1), Some(2), Some(3), Some(4), Some(5), None];
    let files = [
        ("en-annotated.tsv", "en"),
        ("cn-projections.tsv", "zh"),
        ("tw-projections.tsv", "zh"),
        ("zh-projections.tsv", "zh"),
        ("de-projections.tsv", "de"),
        ("es-projections.tsv", "es"),
        ("fr-projections.tsv", "fr"),
        ("it-projections.tsv", "it"),
        ("pl-projections.tsv", "pl"),
        ("pt-projections.tsv", "pt"),
        ("ru-projections.tsv", "ru"),
    ];
    let mut out = Vec::new();
    let fresh = |lang: &str, text: &str| Document {
        set: "xed",
        lang: lang.into(),
        text: text.trim().to_owned(),
        weight,
        ..Document::default()
    };
    for (file, lang) in files {
        for row in separated(&data.join("xed").join(file), b'\t')?.iter().filter(|r| r.len() >= 2) {
            let mut d = fresh(lang, &row[0]);
            for at in 0..6 {
                d.basic.set(at, 0.0);
            }
            let mut found = false;
            for code in row[1].split(',').filter_map(|c| c.trim().parse::<usize>().ok()) {
                if let Some(at) = COLUMNS.get(code).copied().flatten() {
                    d.basic.set(at, 1.0);
                    found = true;
                }
            }
            if found {
                d.basic.set(6, 0.0);
            }
            out.push(d);
        }
    }
    let neutral = fs::read_to_string(data.join("xed/neu_en.txt"))?;
    for line in neutral.lines() {
        let mut d = fresh("en", line.split('\t').next().unwrap_or_default());
        for at in 0..6 {
            d.basic.set(at, 0.0);
        }
        d.basic.set(6, 1.0);
        out.push(d);
    }
    Ok(out)
}
