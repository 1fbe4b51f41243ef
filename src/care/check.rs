//! Checks of a draft before a person signs it. Each finding names the words it is about.
//!
//! A blocking check does not forbid: it asks for a second, different key, and the log counts it. So precision matters
//! more than reach: whoever is stopped for nothing learns to press both keys.

use crate::visible;
use std::fmt;
use std::ops::Range;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Looked for and not found.
    Pass,
    /// Look at it.
    Warn,
    /// Not to be signed with one key.
    Block,
}

/// What a check is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The draft says nothing.
    Empty,
    /// Characters that a reader would not see, or that change what is seen around them.
    Hidden {
        /// How many in the whole draft.
        count: u32,
    },
    /// A place that was to be filled in; what stands there, safe to show.
    Placeholder(String),
}

/// One finding about a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How much it weighs.
    pub level: Level,
    /// What it is about.
    pub kind: Kind,
    /// Bytes of the draft; none where it is about the whole or nothing was found.
    pub words: Option<Range<usize>>,
}

impl fmt::Display for Check {
    /// The finding in the agent's words; safe to show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.kind, self.level) {
            (Kind::Empty, _) => f.write_str("the draft is empty"),
            (Kind::Hidden { .. }, Level::Pass) => f.write_str("no hidden characters"),
            (Kind::Hidden { count: 1 }, _) => f.write_str("1 hidden character"),
            (Kind::Hidden { count }, _) => write!(f, "{count} hidden characters"),
            (Kind::Placeholder(_), Level::Pass) => f.write_str("no placeholders left"),
            (Kind::Placeholder(what), _) => write!(f, "placeholder left: {what}"),
        }
    }
}

impl Level {
    /// Its glyph: colour repeats, never tells.
    pub const fn glyph(self) -> &'static str {
        match self {
            Self::Pass => "✓",
            Self::Warn => "!",
            Self::Block => "✗",
        }
    }
}

/// Looks at a draft, the worst first, then in the order of the text. `draft` is the text as it came in.
pub fn checks(draft: &str) -> Vec<Check> {
    let shown = visible::text(draft);
    let hidden = shown.hidden();
    // Blanks alone say nothing, and neither do blanks that only look like text.
    let nothing = |c: char| c.is_whitespace() || visible::hidden_chars(c.encode_utf8(&mut [0; 4])) > 0;
    let mut found = Vec::new();
    if draft.chars().all(nothing) {
        found.push(Check { level: Level::Block, kind: Kind::Empty, words: None });
    }
    let first = shown.hidden_pieces().next().map(|piece| piece.original.clone());
    let level = if hidden == 0 { Level::Pass } else { Level::Block };
    found.push(Check { level, kind: Kind::Hidden { count: hidden }, words: first });
    let placeholders = placeholders(draft);
    if placeholders.is_empty() {
        found.push(Check { level: Level::Pass, kind: Kind::Placeholder(String::new()), words: None });
    }
    for words in placeholders {
        let text = visible::clip(&visible::line(&draft[words.clone()]), 40).into_owned();
        found.push(Check { level: Level::Block, kind: Kind::Placeholder(text), words: Some(words) });
    }
    found.sort_by_key(|check| std::cmp::Reverse(check.level));
    found
}

/// Places that were to be filled in, in order and apart from each other.
fn placeholders(draft: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(c) = draft[at..].chars().next() {
        match length(draft, at) {
            Some(length) => {
                found.push(at..at + length);
                at += length;
            }
            None => at += c.len_utf8(),
        }
    }
    found
}

/// The length in bytes of the placeholder that begins at this byte.
fn length(draft: &str, at: usize) -> Option<usize> {
    let rest = &draft[at..];
    let before = draft[..at].chars().next_back();
    match rest.chars().next()? {
        '{' => enclosed(rest, "{{", "}}", |_| true)
            .or_else(|| enclosed(rest, "{%", "%}", |_| true))
            .or_else(|| enclosed(rest, "{", "}", is_field)),
        '$' => enclosed(rest, "${", "}", |_| true),
        '[' => enclosed(rest, "[[", "]]", |_| true).or_else(|| bracketed(rest)),
        '<' => enclosed(rest, "<<", ">>", is_field)
            .or_else(|| enclosed(rest, "<%", "%>", |_| true))
            .or_else(|| enclosed(rest, "<", ">", is_angle_field)),
        '%' => percent(rest, before),
        '_' if before != Some('_') => blank(rest),
        'X' | 'T' | 'x' if !before.is_some_and(is_word) => marker(rest),
        _ => None,
    }
}

/// Between `open` and `close` on one line, if what stands between them is of the right kind.
fn enclosed(rest: &str, open: &str, close: &str, fits: impl Fn(&str) -> bool) -> Option<usize> {
    let inner = near(rest.strip_prefix(open)?);
    let end = inner.find(close)?;
    let text = &inner[..end];
    let one = !text.contains(['\n', '{', '}', '<', '>']);
    (one && !text.trim().is_empty() && fits(text.trim())).then_some(open.len() + end + close.len())
}

/// As much as a placeholder may hold: a draft of nothing but braces must not be searched again for each of them.
fn near(rest: &str) -> &str {
    rest.char_indices().nth(64).map_or(rest, |(end, _)| &rest[..end])
}

/// `name`, `first_name`, `0`, `order.id`, `customer name`, in braces.
fn is_field(inner: &str) -> bool {
    inner.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ' '))
        && inner.split(' ').count() <= 4
}

/// `[NAME]`, `[Your Name]`, `[insert date]`; not `[1]`, `[sic]`, `[Refund policy]`, a link or a box to tick.
fn bracketed(rest: &str) -> Option<usize> {
    let length = enclosed(rest, "[", "]", |inner| {
        let words: Vec<String> = inner
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let letters = || inner.chars().filter(|c| c.is_alphabetic());
        // Whole words in capitals, as form letters have them; a lone letter or an acronym with a number is a reference.
        let shouted = letters().count() >= 4
            && letters().all(char::is_uppercase)
            && inner.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '_' | '-' | '/' | '\''));
        let short = words.len() <= 6;
        let lead = words.first().is_some_and(|first| LEADS.contains(&first.as_str()));
        let ends = words.len() <= 3 && words.last().is_some_and(|last| FIELDS.contains(&last.as_str()));
        shouted || short && (lead && words.len() > 1 || ends) || CJK_FIELDS.contains(&inner)
    })?;
    // `[your account](https://…)` is a link.
    (!rest[length..].starts_with('(')).then_some(length)
}

/// First words that only an instruction to the writer has.
const LEADS: [&str; 17] = [
    "your",
    "insert",
    "enter",
    "add",
    "fill",
    "customer",
    "agent",
    "company",
    "ihr",
    "ihre",
    "hier",
    "su",
    "tu",
    "inserte",
    "укажите",
    "вставьте",
    "ваше",
];

/// Last words of what a form letter leaves open.
const FIELDS: [&str; 21] = [
    "name",
    "firstname",
    "lastname",
    "surname",
    "date",
    "amount",
    "email",
    "phone",
    "address",
    "order_number",
    "placeholder",
    "vorname",
    "nachname",
    "datum",
    "betrag",
    "nombre",
    "fecha",
    "importe",
    "имя",
    "дата",
    "сумма",
];

/// The same in Chinese, whole.
const CJK_FIELDS: [&str; 8] = ["姓名", "您的姓名", "客户姓名", "日期", "订单号", "金额", "电话", "公司名称"];

/// `<first name>`, `<NAME>`, `<order_id>`; not an address, a link or a tag that a reader knows.
fn is_angle_field(inner: &str) -> bool {
    let last = inner.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let lead = inner.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
    let many = inner.contains(' ');
    let shouted =
        inner.chars().filter(|c| c.is_alphabetic()).count() >= 4 && !inner.chars().any(char::is_lowercase);
    is_field(inner)
        && (FIELDS.contains(&last.as_str())
            || inner.contains('_')
            || many && LEADS.contains(&lead.as_str())
            || shouted && !inner.contains('.'))
}

/// `%s`, `%d`, `%(name)s`, `%1$s`, `%NAME%`; not `20 %`, `100%d` or a percent sign in running text.
fn percent(rest: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|c| c.is_alphanumeric() || c == '%') {
        return None;
    }
    let after = near(&rest[1..]);
    let ends = |text: &str| !text.chars().next().is_some_and(is_word);
    if let Some(inner) = after.strip_prefix('(') {
        let end = inner.find(")s").filter(|end| is_name(&inner[..*end]))?;
        return Some(1 + 1 + end + 2);
    }
    let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 && after[digits..].starts_with("$s") {
        return Some(1 + digits + 2);
    }
    if let Some(end) = after.find('%').filter(|end| is_name(&after[..*end]) && *end >= 3) {
        return Some(1 + end + 1);
    }
    // `5 %d`: a space and a number before make it a percentage of something.
    (after.starts_with(['s', 'd']) && ends(&after[1..])).then_some(2)
}

/// `____` and more: a line to write on. A whole line of them is a rule.
fn blank(rest: &str) -> Option<usize> {
    let length = rest.len() - rest.trim_start_matches('_').len();
    (4..=20).contains(&length).then_some(length)
}

/// `XXX`, `XX.XX`, `TODO`, `TBD` as words of their own.
fn marker(rest: &str) -> Option<usize> {
    let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    match &rest[..end] {
        "TODO" | "TBD" | "TBC" => Some(end),
        word if word.len() >= 3 && (word.bytes().all(|b| b == b'X') || word.bytes().all(|b| b == b'x')) => {
            Some(end)
        }
        // An amount or a date left open: `XX.XX`, `XX/XX/XXXX`.
        "XX" => {
            let rest = rest[end..].strip_prefix(['.', ',', '/', ':'])?;
            let tail = rest.len() - rest.trim_start_matches(['X', '.', ',', '/', ':']).len();
            let open = rest[..tail].trim_end_matches(['.', ',', '/', ':']).len();
            let closed = !rest[open..].chars().next().is_some_and(is_word);
            (open >= 2 && closed).then_some(end + 1 + open)
        }
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.as_bytes()[0].is_ascii_digit()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The placeholders found in a draft.
    fn left(draft: &str) -> Vec<&str> {
        placeholders(draft).into_iter().map(|words| &draft[words]).collect()
    }

    #[test]
    fn unfilled_places_are_found() {
        for (draft, found) in [
            ("Dear {{name}}, {{ customer.first_name }}!", &["{{name}}", "{{ customer.first_name }}"][..]),
            ("Hi {name}, order {0} of {order_id}", &["{name}", "{0}", "{order_id}"]),
            ("Hello ${user} {% if x %}", &["${user}", "{% if x %}"]),
            ("Dear [NAME], on [DATE]", &["[NAME]", "[DATE]"]),
            ("Best, [Your Name] of [Company Name]", &["[Your Name]", "[Company Name]"]),
            ("by [insert date here]", &["[insert date here]"]),
            ("Hallo [Name], am [Datum]", &["[Name]", "[Datum]"]),
            ("Здравствуйте, [имя]! Estimado [nombre]", &["[имя]", "[nombre]"]),
            ("尊敬的[姓名]，您好", &["[姓名]"]),
            ("Dear <first name>, <NAME>, <order_number>", &["<first name>", "<NAME>", "<order_number>"]),
            (
                "Dear %s, you owe %d; %(name)s %1$s %FIRST_NAME%",
                &["%s", "%d", "%(name)s", "%1$s", "%FIRST_NAME%"],
            ),
            ("call XXX-XXX or xxx", &["XXX", "XXX", "xxx"]),
            ("a refund of $XX.XX on XX/XX/XXXX.", &["XX.XX", "XX/XX/XXXX"]),
            ("TODO: ask billing. Date TBD.", &["TODO", "TBD"]),
            ("Dear ______,", &["______"]),
        ] {
            assert_eq!(left(draft), found, "{draft}");
        }
    }

    #[test]
    fn ordinary_brackets_signs_and_words_are_left_alone() {
        for draft in [
            "as stated in [1] and [2, 3]; see [12]",
            "[sic] [Refund policy §2] [x] [ ] [A] [ISO 9001] [...] [EU]",
            "[Your account](https://shop.example/account)",
            "write to <help@shop.example> or <https://shop.example/?q=%s1>",
            "<b>bold</b> <br> a < b and c > d, <3",
            "20 % discount, 100%, 50%de descuento, 5% sale, 10 % service, 100%d",
            "a set {1, 2} and {\"a\": 1}, an empty {} or { }",
            "size XXL, XL, XX, Linux, maxxx, Texas, TODOS los días, todo bien, xx",
            "snake_case, __init__, a _ b",
            "--------------------\n________________________________________\n",
            "J'ai payé 30 €; смайлик :] и :[",
            "$5 {unbalanced, [unbalanced, <unbalanced",
            "",
        ] {
            assert_eq!(left(draft), [""; 0], "{draft}");
        }
    }

    #[test]
    fn findings_come_worst_first_in_plain_words() {
        let say = |draft: &str| -> Vec<String> {
            checks(draft).iter().map(|check| format!("{} {check}", check.level.glyph())).collect()
        };
        assert_eq!(say("All is well."), ["✓ no hidden characters", "✓ no placeholders left"]);
        assert_eq!(
            say(" \n\u{200b}"),
            ["✗ the draft is empty", "✗ 1 hidden character", "✓ no placeholders left"]
        );
        assert_eq!(
            say("Dear {{name}},\u{202e} {{a\u{1b}b}}"),
            ["✗ 2 hidden characters", "✗ placeholder left: {{name}}", "✗ placeholder left: {{a␛b}}",]
        );
    }

    proptest! {
        #[test]
        fn p6_what_a_check_says_is_safe_and_its_words_are_there(draft in "(?s)[\\[\\]{}<>%_$XTODsname0-9 .\u{200b}\u{1b}\u{202e}王é\n]{0,40}") {
            for check in checks(&draft) {
                prop_assert_eq!(visible::hidden_chars(&check.to_string()), 0);
                if let Some(words) = check.words {
                    prop_assert!(draft.get(words).is_some_and(|words| !words.is_empty()));
                }
            }
        }
    }
}
