//! The model file: four sparse linear tables with one-byte weights, and a header of names, biases, thresholds and
//! calibration.
//!
//! Layout: [`MAGIC`], the header's length (u32, little endian), the header (JSON), then for each table its bucket
//! offsets (u32), fingerprints (u16), row scales (u8) and weights (i8). A feature's hash picks a bucket by its high
//! bits and is told from the bucket's other rows by its low 16 bits; a feature that the model does not know costs one
//! look and adds nothing. In the basic table each language has features of its own ([`salt`]): what `gift` says in
//! English and in German never meets. Invariant: a [`Model`] that was opened has tables that fit their header, so that reading
//! a message cannot fail.

mod table;

use super::features::{self, Feature};
use super::sigmoid;
use serde::{Deserialize, Serialize};
pub use table::{Part, Shape, Table, TableSource};

/// First bytes of a model file.
pub const MAGIC: &[u8; 8] = b"csemo\0\x02\n";
/// Columns of the care table: the ten labels, intensity, asks for a person.
pub const CARE: usize = 12;
/// Labels of the care view.
pub const CARE_LABELS: usize = 10;
/// Column of the intensity head.
pub const INTENSITY: usize = 10;
/// Column of the head for "asks for a person".
pub const PERSON: usize = 11;
/// Labels of the basic view.
pub const BASIC: usize = 7;
/// Labels of the shades view.
pub const SHADES: usize = 28;
/// Room for languages.
pub const TONGUES: usize = 40;
/// Inputs that the care head takes from the other two.
pub const CROSS: usize = BASIC + SHADES;

/// Labels of the basic view, in column order.
pub const BASIC_NAMES: [&str; BASIC] = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"];
/// Labels of the shades view, in `GoEmotions`' order.
pub const SHADE_NAMES: [&str; SHADES] = [
    "admiration",
    "amusement",
    "anger",
    "annoyance",
    "approval",
    "caring",
    "confusion",
    "curiosity",
    "desire",
    "disappointment",
    "disapproval",
    "disgust",
    "embarrassment",
    "excitement",
    "fear",
    "gratitude",
    "grief",
    "joy",
    "love",
    "nervousness",
    "optimism",
    "pride",
    "realization",
    "relief",
    "remorse",
    "sadness",
    "surprise",
    "neutral",
];

/// Which shades make up a basic label, by the hierarchy of the `GoEmotions` paper (Demszky et al. 2020, table 6).
pub const SHADES_OF_BASIC: [&[usize]; BASIC] = [
    &[2, 3, 10],
    &[11],
    &[14, 19],
    &[0, 1, 4, 5, 8, 13, 15, 17, 18, 20, 21, 23],
    &[9, 12, 16, 24, 25],
    &[6, 7, 22, 26],
    &[27],
];

/// Why a model file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// Other bytes than a model's at its start.
    #[error("this is no emotion model: its first bytes are not the format's")]
    Magic,
    /// The file ends inside a part.
    #[error("the emotion model ends early, in {0}")]
    Short(&'static str),
    /// The header does not read.
    #[error("the emotion model's header does not read: {0}")]
    Header(String),
    /// Trained with other features.
    #[error(
        "the emotion model was trained with features {found}, this build reads with {}",
        features::REVISION
    )]
    Revision {
        /// What the file says.
        found: u32,
    },
}

/// What the file says before its tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`features::REVISION`] at training.
    pub features: u32,
    /// Sizes of the care, basic, shades and language tables.
    pub shapes: [Shape; 4],
    /// Biases of the care table's columns.
    pub care_bias: Vec<f32>,
    /// For each of the ten labels, the weights of the basic and shades logits.
    pub cross: Vec<Vec<f32>>,
    /// What is taken off each of those logits first.
    pub cross_mean: Vec<f32>,
    /// Biases of the basic view.
    pub basic_bias: Vec<f32>,
    /// Biases of the shades view.
    pub shades_bias: Vec<f32>,
    /// Biases of the languages.
    pub tongue_bias: Vec<f32>,
    /// Language codes, in column order.
    pub tongues: Vec<String>,
    /// For English, how far the basic view follows the shades (0 not, 1 altogether), label by label.
    pub basic_of_shades: Vec<f32>,
    /// Languages whose stories are read otherwise than their comments.
    pub registers: Vec<Register>,
    /// How scores become labels.
    pub decide: Decide,
}

/// Thresholds and calibration, all from development parts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decide {
    /// Added to the ten logits: how the labels' share in messages to companies differs from the training set's.
    pub care_offset: Vec<f32>,
    /// Divides the ten logits.
    pub care_temperature: f32,
    /// From the top probability to how often it is right: `sigmoid(a * logit(p) + b)`.
    pub care_platt: [f32; 2],
    /// A label beside the first is reported from this probability on.
    pub care_also: Vec<f32>,
    /// Below this confidence a reading is unsure.
    pub sure: f32,
    /// Probability from which the head alone says that a person is asked for.
    pub person: f32,
    /// The same where a rule says so too.
    pub person_with_rule: f32,
    /// Added to the score of a story, one row per register and a column per basic label: how sure it must be that a
    /// text is one.
    pub stories: Vec<Vec<f32>>,
    /// Logit thresholds of the basic view, one row per language.
    pub basic: Vec<Vec<f32>>,
    /// Logit thresholds of the shades view.
    pub shades: Vec<f32>,
    /// From a basic logit to a probability: slope and shift per label.
    pub basic_platt: Vec<[f32; 2]>,
    /// From a shades logit to a probability.
    pub shades_platt: Vec<[f32; 2]>,
}

/// A language with a second register: people who tell what happened to them use the same words otherwise than people
/// who comment, and fear, say, is thirty times as frequent. How far a text is a story is one more column of the
/// language table, behind the languages' own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Column of the language.
    pub tongue: usize,
    /// Added to a story's basic logits.
    pub bias: Vec<f32>,
    /// Bias of the column that tells stories from comments.
    pub story_bias: f32,
}

/// An opened model; borrows the file's bytes.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    /// What the file says before its tables.
    pub header: Header,
    /// Care labels, intensity, asks for a person.
    pub care: Table<'a>,
    /// Basic view.
    pub basic: Table<'a>,
    /// Shades view.
    pub shades: Table<'a>,
    /// Languages.
    pub tongue: Table<'a>,
    salts: Vec<Salts>,
}

/// What a language's features are mixed with in the basic table.
#[derive(Clone, Copy, Debug)]
struct Salts {
    plain: u64,
    /// Index into the header's registers, and the salt of a story's features.
    story: Option<(usize, u64)>,
}

/// Languages that learn together, the first from the second: one script, many words in common, and few texts.
const KIN: [(&str, &str); 1] = [("mr", "hi")];

/// What a language's features are mixed with in the basic table, and those of its stories.
pub fn salt(language: &str, story: bool) -> u64 {
    let language = KIN.iter().find(|(code, _)| *code == language).map_or(language, |(_, kin)| *kin);
    features::mixed(language.bytes().chain(story.then_some(b'/')))
}

/// Sums of one message, before anything is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    /// Ten labels (with what the other views add), intensity, asks for a person.
    pub care: [f32; CARE],
    /// Basic view, the text taken as a comment.
    pub basic: [f32; BASIC],
    /// What is added to that if it is a story.
    pub story: [f32; BASIC],
    /// The logit of its being a story; minus infinity in languages with one register.
    pub register: f32,
    /// Shades view.
    pub shades: [f32; SHADES],
    /// Column of the language that was taken.
    pub tongue: usize,
}

/// Where a message's features stand in the tables: the part of a reading that evidence is made from.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// Which feature.
    pub feature: u32,
    /// Row in the care table.
    pub care: Option<u32>,
    /// Row in the basic table.
    pub basic: Option<u32>,
    /// Row in the shades table.
    pub shades: Option<u32>,
}

/// Every feature of a message weighs the same, and together they weigh as one of unit length.
#[expect(clippy::cast_precision_loss, reason = "a message has far fewer than 2^24 features")]
pub fn unit(features: usize) -> f32 {
    1.0 / (features.max(1) as f32).sqrt()
}

impl<'a> Model<'a> {
    /// Opens a model file.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ModelFault> {
        let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(ModelFault::Magic)?;
        let (size, rest) = rest.split_first_chunk::<4>().ok_or(ModelFault::Short("the header"))?;
        let size = u32::from_le_bytes(*size) as usize;
        let (header, mut rest) = rest.split_at_checked(size).ok_or(ModelFault::Short("the header"))?;
        let header: Header =
            serde_json::from_slice(header).map_err(|fault| ModelFault::Header(fault.to_string()))?;
        if header.features != features::REVISION {
            return Err(ModelFault::Revision { found: header.features });
        }
        header.check()?;
        let [care, basic, shades, tongue] = header.shapes;
        let salts = (0..)
            .zip(&header.tongues)
            .map(|(at, code)| Salts {
                plain: salt(code, false),
                story: header.registers.iter().position(|r| r.tongue == at).map(|r| (r, salt(code, true))),
            })
            .collect();
        Ok(Self {
            salts,
            care: Table::cut(care, &mut rest, "the care table")?,
            basic: Table::cut(basic, &mut rest, "the basic table")?,
            shades: Table::cut(shades, &mut rest, "the shades table")?,
            tongue: Table::cut(tongue, &mut rest, "the language table")?,
            header,
        })
    }

    /// The column of a language code, or of its main language (`pt` of `pt-MZ`).
    pub fn tongue_named(&self, code: &str) -> Option<usize> {
        let code = code.trim().to_ascii_lowercase().replace('_', "-");
        let main = code.split('-').next().unwrap_or_default();
        let find = |c: &str| self.header.tongues.iter().position(|t| t.eq_ignore_ascii_case(c));
        find(&code).or_else(|| find(main))
    }

    /// Scores of the languages, then of the registers.
    pub(super) fn tongue_sums(&self, items: &[Feature]) -> [f32; TONGUES] {
        let mut sums = [0.0; TONGUES];
        for item in items {
            if let Some(row) = self.tongue.find(item.hash) {
                self.tongue.add(row, &mut sums);
            }
        }
        let unit = unit(items.len());
        let biases = self.header.tongue_bias.iter().copied();
        let biases = biases.chain(self.header.registers.iter().map(|register| register.story_bias));
        for (sum, bias) in sums.iter_mut().zip(biases) {
            *sum = *sum * unit + bias;
        }
        sums
    }

    /// The best of the languages' scores.
    pub(super) fn tongue_of(&self, sums: &[f32; TONGUES]) -> usize {
        best(sums[..self.header.tongues.len()].iter().copied()).unwrap_or_default()
    }

    /// Sums up a message. `tongues` are the scores of [`Self::tongue_sums`], `tongue` is the column of its language;
    /// `hits` is emptied first.
    pub(super) fn logits(
        &self,
        items: &[Feature],
        tongues: &[f32; TONGUES],
        tongue: usize,
        hits: &mut Vec<Hit>,
    ) -> Logits {
        hits.clear();
        let (mut care, mut basic, mut story, mut shades) =
            ([0.0; CARE], [0.0; BASIC], [0.0; BASIC], [0.0; SHADES]);
        let salts = self.salts[tongue];
        let narrow = |row: usize| u32::try_from(row).ok();
        for (feature, item) in (0_u32..).zip(items) {
            let care = self.care.take(item.hash, &mut care);
            let basic = self.basic.take(item.hash ^ salts.plain, &mut basic);
            if let Some((_, salt)) = salts.story {
                self.basic.take(item.hash ^ salt, &mut story);
            }
            let shades = self.shades.take(item.hash, &mut shades);
            if care.is_some() || basic.is_some() || shades.is_some() {
                hits.push(Hit {
                    feature,
                    care: care.and_then(narrow),
                    basic: basic.and_then(narrow),
                    shades: shades.and_then(narrow),
                });
            }
        }
        let unit = unit(items.len());
        let close = |sums: &mut [f32], bias: &[f32]| {
            for (sum, bias) in sums.iter_mut().zip(bias) {
                *sum = *sum * unit + bias;
            }
        };
        close(&mut care, &self.header.care_bias);
        close(&mut basic, &self.header.basic_bias);
        close(&mut shades, &self.header.shades_bias);
        let mut register = f32::NEG_INFINITY;
        if let Some((at, _)) = salts.story {
            close(&mut story, &self.header.registers[at].bias);
            register = tongues[self.header.tongues.len() + at];
        }
        let crossed = self.cross(&basic, &shades, tongue);
        for (label, weights) in self.header.cross.iter().enumerate() {
            care[label] += weights.iter().zip(&crossed).map(|(w, x)| w * x).sum::<f32>();
        }
        Logits { care, basic, story, register, shades, tongue }
    }

    /// What the care labels take from the other views. The shades are English: elsewhere they count as average.
    pub fn cross(&self, basic: &[f32; BASIC], shades: &[f32; SHADES], tongue: usize) -> [f32; CROSS] {
        let mean = &self.header.cross_mean;
        let english = self.speaks_shades(tongue);
        std::array::from_fn(|n| match n.checked_sub(BASIC) {
            None => basic[n] - mean[n],
            Some(_) if !english => 0.0,
            Some(shade) => shades[shade] - mean[n],
        })
    }

    /// The basic view's logits: a comment's, for English mixed with the chance that any of a label's shades holds,
    /// and a story's, each as far as the text is one.
    pub fn basic_view(&self, logits: &Logits) -> [f32; BASIC] {
        let english = self.speaks_shades(logits.tongue);
        let stories =
            self.salts[logits.tongue].story.map(|(register, _)| &self.header.decide.stories[register]);
        std::array::from_fn(|n| {
            let follow = if english { self.header.basic_of_shades[n] } else { 0.0 };
            logits.basic_mixed(n, follow, stories.map_or(0.0, |row| row[n]))
        })
    }

    /// Whether the shades were trained on this language.
    pub fn speaks_shades(&self, tongue: usize) -> bool {
        self.header.tongues.get(tongue).is_some_and(|code| code == "en")
    }
}

impl Logits {
    /// One label's logit of the basic view, where a comment follows the shades by a share of `follow` and `story` is
    /// added to the score of a story.
    pub fn basic_mixed(&self, label: usize, follow: f32, story: f32) -> f32 {
        let plain = self.basic[label];
        let comment =
            if follow > 0.0 { plain + follow * (any_shade(&self.shades, label) - plain) } else { plain };
        comment + sigmoid(self.register + story) * (plain + self.story[label] - comment)
    }
}

impl Header {
    fn check(&self) -> Result<(), ModelFault> {
        let tongues = self.tongues.len();
        let d = &self.decide;
        let widths = self.shapes.map(|shape| shape.width);
        let sound = widths == [CARE, BASIC, SHADES, TONGUES]
            && self.care_bias.len() == CARE
            && self.cross.len() == CARE_LABELS
            && self.cross.iter().all(|row| row.len() == CROSS)
            && self.cross_mean.len() == CROSS
            && self.basic_bias.len() == BASIC
            && self.basic_of_shades.len() == BASIC
            && self.shades_bias.len() == SHADES
            && self.tongue_bias.len() == tongues
            && (1..=TONGUES).contains(&(tongues + self.registers.len()))
            && self.registers.iter().all(|r| r.tongue < tongues && r.bias.len() == BASIC)
            && d.care_offset.len() == CARE_LABELS
            && d.care_also.len() == CARE_LABELS
            && d.basic.len() == tongues
            && d.basic.iter().all(|row| row.len() == BASIC)
            && d.shades.len() == SHADES
            && d.basic_platt.len() == BASIC
            && d.shades_platt.len() == SHADES
            && d.stories.len() == self.registers.len()
            && d.stories.iter().all(|row| row.len() == BASIC)
            && d.care_temperature > 0.0;
        if sound { Ok(()) } else { Err(ModelFault::Header("a part has another size than it must".into())) }
    }
}

/// Logit of the chance that at least one of a basic label's shades holds, were they independent.
pub fn any_shade(shades: &[f32; SHADES], label: usize) -> f32 {
    // log(1 - p) of a logit z is -log(1 + e^z).
    let none: f32 =
        SHADES_OF_BASIC[label].iter().map(|shade| -(1.0 + shades[*shade].min(30.0).exp()).ln()).sum();
    let some = (1.0 - none.exp()).max(1e-6);
    some.ln() - none
}

/// The first of the largest.
pub fn best(scores: impl Iterator<Item = f32>) -> Option<usize> {
    let mut top: Option<(usize, f32)> = None;
    for (at, score) in scores.enumerate() {
        if top.is_none_or(|(_, held)| score > held) {
            top = Some((at, score));
        }
    }
    top.map(|(at, _)| at)
}

/// Writes a model file. `tables` are in the order of [`Header::shapes`]; rows are sorted into their buckets here.
pub fn write(mut header: Header, tables: [Part<'_>; 4]) -> Vec<u8> {
    let mut blobs = Vec::new();
    for (at, table) in tables.into_iter().enumerate() {
        header.shapes[at] = match table {
            Part::New(source) => source.write(&mut blobs),
            Part::Kept(table) => table.write(&mut blobs),
        };
    }
    let json = serde_json::to_vec(&header).unwrap_or_default();
    let mut out = MAGIC.to_vec();
    out.extend(u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(json);
    out.extend(blobs);
    out
}

/// The same tables under another header of the same shapes: for calibration after training.
pub fn with_header(bytes: &[u8], header: &Header) -> Result<Vec<u8>, ModelFault> {
    let rest = bytes.strip_prefix(MAGIC.as_slice()).ok_or(ModelFault::Magic)?;
    let (size, rest) = rest.split_first_chunk::<4>().ok_or(ModelFault::Short("the header"))?;
    let tables = rest.get(u32::from_le_bytes(*size) as usize..).ok_or(ModelFault::Short("the header"))?;
    let json = serde_json::to_vec(header).map_err(|fault| ModelFault::Header(fault.to_string()))?;
    let mut out = MAGIC.to_vec();
    out.extend(u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(json);
    out.extend(tables);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::{Model, ModelFault};

    const SHIPPED: &[u8] = include_bytes!("model.bin");

    #[test]
    fn the_shipped_model_opens_and_is_within_its_size() {
        let model = Model::open(SHIPPED).unwrap();
        assert!(model.header.tongues.len() > 30);
        assert!(SHIPPED.len() <= 8 << 20, "{} bytes", SHIPPED.len());
    }

    #[test]
    fn a_cut_or_foreign_file_is_refused_and_never_read_past_its_end() {
        assert_eq!(Model::open(b"PNG").unwrap_err(), ModelFault::Magic);
        for cut in (0..SHIPPED.len()).step_by(SHIPPED.len() / 97) {
            assert!(Model::open(&SHIPPED[..cut]).is_err(), "{cut}");
        }
    }
}
