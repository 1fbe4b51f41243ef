//! Characters and words as the features see them: what a character starts, what is written either way, what is
//! masked, what denies. Part of [`super::REVISION`].

/// What kind of thing a character starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Letter,
    Ideograph,
    Digit,
    Emoji,
    Space,
    Silent,
    Mark,
}

/// What a character starts.
pub(super) fn kind(c: char) -> Kind {
    match c {
        'a'..='z' | 'A'..='Z' => Kind::Letter,
        '0'..='9' => Kind::Digit,
        '\u{0}'..=' ' | '\u{7f}'..='\u{a0}' => Kind::Space,
        '!'..='~' => Kind::Mark,
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => Kind::Silent,
        '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30fa}'
        | '\u{30fc}'..='\u{312f}'
        | '\u{31a0}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3fffd}'
        | '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}' => Kind::Ideograph,
        '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}'
        | '\u{1f000}'..='\u{1faff}'
        | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}' => Kind::Emoji,
        c if c.is_alphabetic() => Kind::Letter,
        c if c.is_numeric() => Kind::Digit,
        c if c.is_whitespace() => Kind::Space,
        _ => Kind::Mark,
    }
}

/// Letters that people write either way.
pub(super) const fn plain_letter(c: char) -> char {
    match c {
        'ё' => 'е',
        'ß' => 's',
        'أ' | 'إ' | 'آ' => 'ا',
        'ى' => 'ي',
        '’' | 'ʼ' => '\'',
        _ => c,
    }
}

/// Marks that mean the same in another script or shape.
pub(super) const fn plain_mark(c: char) -> char {
    match c {
        '！' => '!',
        '？' | '؟' => '?',
        '，' | '、' | '،' => ',',
        '。' | '।' => '.',
        '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' => '"',
        '）' => ')',
        '（' => '(',
        '：' => ':',
        '—' | '–' => '-',
        _ => c,
    }
}

/// Length in bytes of a name after `@`, or of the rest of an address.
pub(super) fn handle(rest: &str) -> Option<usize> {
    let name = rest.strip_prefix(['@', '＠'])?;
    let length = name
        .char_indices()
        .find(|(_, c)| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-' | '·'))
        .map_or(name.len(), |(at, _)| at);
    (length > 0).then(|| rest.len() - name.len() + name[..length].trim_end_matches(['.', '-']).len())
}

/// Length in bytes of a link.
pub(super) fn link(rest: &str) -> Option<usize> {
    let starts = |p: &str| rest.get(..p.len()).is_some_and(|s| s.eq_ignore_ascii_case(p));
    if !(starts("http://") || starts("https://") || starts("www.")) {
        return None;
    }
    Some(rest.find(|c: char| c.is_whitespace() || kind(c) == Kind::Ideograph).unwrap_or(rest.len()))
}

/// Words that turn what follows into its opposite.
pub(super) fn denies(word: &[char]) -> bool {
    const WORDS: &[&str] = &[
        "not",
        "no",
        "never",
        "without",
        "cannot",
        "cant",
        "can't",
        "dont",
        "don't",
        "doesn't",
        "doesnt",
        "didn't",
        "didnt",
        "won't",
        "wont",
        "isn't",
        "isnt",
        "wasn't",
        "aren't",
        "haven't",
        "hasn't",
        "couldn't",
        "wouldn't",
        "shouldn't",
        "nor",
        "neither",
        "hardly",
        "nothing",
        "nobody",
        "none",
        "не",
        "ни",
        "нет",
        "без",
        "нельзя",
        "никогда",
        "ні",
        "немає",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "nie",
        "ohne",
        "nichts",
        "sin",
        "nunca",
        "jamás",
        "ningún",
        "nada",
        "pas",
        "jamais",
        "sans",
        "ne",
        "aucun",
        "aucune",
        "rien",
        "não",
        "nem",
        "sem",
        "non",
        "mai",
        "senza",
        "niet",
        "geen",
        "nooit",
        "zonder",
        "nie",
        "bez",
        "brak",
        "nu",
        "fără",
        "inte",
        "ej",
        "aldrig",
        "utan",
        "değil",
        "yok",
        "hiç",
        "لا",
        "لم",
        "لن",
        "ليس",
        "ما",
        "बिना",
        "नहीं",
        "मत",
        "nahi",
        "nahin",
    ];
    // The longest word of the list has nine letters.
    word.len() <= 9 && WORDS.iter().any(|w| w.chars().eq(word.iter().copied()))
}
