//! The recogniser's contract: what a reading of any text holds.

use countersign::care::recognise::features::{Features, MAX_BYTES};
use countersign::care::recognise::{self, Output, eval, json, read, reading};
use countersign::review::{Emotion, Message};
use proptest::prelude::*;

const SCRIPTS: [&str; 12] = [
    "Third email, still no refund. This is ridiculous!!",
    "опять не работает интернет, сколько можно",
    "第三次报修了，还是没人来！太过分了",
    "届いた〜！！色が完璧すぎて嬉しい",
    "لم يصلني الطلب حتى الآن، هذا مزعج جدًا",
    "यह तीसरी बार है, कोई जवाब नहीं देता",
    "ስልኬ አይሰራም፣ በጣም ተናድጃለሁ",
    "Ще жодної відповіді, я дуже розчарована 😡",
    "Schon wieder verspätet, ich bin enttäuscht",
    "ขอบคุณมากค่ะ บริการดีมาก",
    "배송이 너무 늦어요, 화가 나네요",
    "👩‍👩‍👧‍👦 e\u{301}e\u{301} ❤️‍🔥 <3",
];

fn check(text: &str) -> Output {
    let output = read(text, None);
    for span in &output.evidence {
        assert!(span.start < span.end && span.end <= text.len(), "{text:?} {span:?}");
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{text:?} {span:?}");
        assert!(span.weight.is_finite());
    }
    assert!(output.evidence.windows(2).all(|pair| pair[0].end <= pair[1].start), "{text:?}");
    assert!((0.0..=1.0).contains(&output.confidence) && (0.0..=1.0).contains(&output.intensity), "{text:?}");
    assert_eq!(output.labels.first(), Some(&output.label));
    output
}

#[test]
fn evidence_lies_on_character_boundaries_in_every_script() {
    for text in SCRIPTS {
        let output = check(text);
        // A script that the model never saw has no evidence, and then the reading says that it is unsure.
        assert!(output.unsure || !output.evidence.is_empty(), "{text}");
    }
    for text in &SCRIPTS[..9] {
        assert!(!check(text).evidence.is_empty(), "{text}");
    }
}

#[test]
fn an_empty_message_is_neutral_with_confidence_zero() {
    for text in ["", " ", "\n\t  \r\n", "\u{200b}\u{feff}", "\u{3000}"] {
        let output = check(text);
        assert_eq!((output.label, output.confidence), (Emotion::Neutral, 0.0), "{text:?}");
        assert!(output.unsure && output.evidence.is_empty() && !output.asks_person);
    }
}

#[test]
fn the_same_text_gives_the_same_reading_whatever_was_read_before() {
    let first: Vec<Output> = SCRIPTS.iter().map(|text| read(text, None)).collect();
    for (text, before) in SCRIPTS.iter().zip(&first).rev() {
        assert_eq!(&read(text, None), before);
    }
}

/// Bounded by what is looked at, which no clock has to say: the middle of an endless message may be anything.
#[test]
fn of_a_megabyte_only_the_start_and_the_end_are_read_so_that_its_time_is_bounded() {
    for unit in
        ["still no refund! ", "退款还没到，", "aaaaaaaaaaaaaaaa", "😡", "@", "!", "http://x", "\u{301}"]
    {
        let side = unit.repeat(MAX_BYTES / unit.len() + 1);
        let middle = 1_048_576 - 2 * side.len();
        let with = |filling: &str| {
            let filling = filling.repeat(middle / filling.len());
            check(&format!("{side}{filling}{:>1$}{side}", "", middle - filling.len()))
        };
        assert_eq!(with("thank you, I love it! "), with("你们这些骗子，"), "{unit:?}");
    }
}

#[test]
fn plain_cases_read_as_a_person_would() {
    let cases = [
        ("You are thieves and liars, worst company ever, give me my money back!", Emotion::Anger),
        ("I have been waiting for two weeks and still no reply, this is so annoying", Emotion::Frustration),
        ("Thank you so much for your help, I really appreciate it!", Emotion::Gratitude),
        ("I love it, best service ever, so happy!", Emotion::Joy),
        ("What time do you open on Sunday?", Emotion::Neutral),
        ("Верните деньги, воры! Ненавижу ваш банк!", Emotion::Anger),
        ("Подскажите, какая комиссия за перевод?", Emotion::Neutral),
        ("请问营业时间是几点到几点？", Emotion::Neutral),
    ];
    for (text, label) in cases {
        assert_eq!(check(text).label, label, "{text}");
    }
}

#[test]
fn a_question_or_a_closing_thanks_is_no_emotion() {
    for text in ["Can I change my delivery address?", "Please send the invoice to the office. Thanks, Ann"] {
        assert_eq!(check(text).label, Emotion::Neutral, "{text}");
    }
}

#[test]
fn a_name_after_an_at_sign_carries_no_label() {
    let read = |name: &str| check(&format!("@{name} my parcel has not arrived")).label;
    assert_eq!(read("KestrelMobile"), read("JoyfulHappyLove"));
}

#[test]
fn the_json_object_has_the_commands_keys_in_order() {
    let line = json("Third email, still no refund.");
    assert!(!line.contains('\n'));
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    let names = [
        "language",
        "label",
        "labels",
        "confidence",
        "intensity",
        "unsure",
        "asks_person",
        "basic",
        "shades",
        "evidence",
    ];
    assert_eq!(keys, names);
    assert_eq!(value["language"], "en");
    assert_eq!(value["basic"]["scores"].as_object().unwrap().len(), 7);
    assert_eq!(value["shades"]["scores"].as_object().unwrap().len(), 28);
    assert!(!value["basic"]["labels"].as_array().unwrap().is_empty());
    for part in value["evidence"].as_array().unwrap() {
        let at = |key: &str| usize::try_from(part[key].as_u64().unwrap()).unwrap();
        assert_eq!(part["text"], &"Third email, still no refund."[at("start")..at("end")]);
    }
}

#[test]
fn a_hint_names_the_language_and_an_unknown_one_is_guessed_over() {
    assert_eq!(read("ok", Some("de-AT")).language, "de-AT");
    assert_eq!(read("Подскажите, как подключить роуминг", Some("xx")).language, "ru");
}

#[test]
fn where_no_letter_says_which_language_it_is_none_is_named() {
    let strange =
        ["ขอบคุณมากค่ะ", "ქართული ძალიან ცუდი", "Ελληνικά πολύ κακό", "עברית אני כועס מאוד!!", "배송이 늦어요"];
    for text in ["123", "!!!", "😡", "???  45"].into_iter().chain(strange) {
        assert_eq!(read(text, None).language, "und", "{text}");
    }
    for (text, language) in [("ok", "en"), ("退款还没到", "zh"), ("Где посылка?", "ru"), ("届いた", "zh")]
    {
        assert_eq!(read(text, None).language, language, "{text}");
    }
    assert_eq!(read("123", Some("de")).language, "de");
}

#[test]
fn a_message_becomes_the_domains_reading() {
    let message: Message = serde_json::from_str(
        r#"{"id":"m1","from":"customer","text":"Let me talk to a human, this is a joke!"}"#,
    )
    .unwrap();
    let reading = reading(&message, Some("en"));
    assert!(reading.asks_person && reading.emotion.is_negative());
    assert!(reading.confidence_milli <= 1_000 && reading.intensity_milli <= 1_000);
    assert_eq!(reading.message, message.id);
    assert!(recognise::asks_person(&message.text));
}

#[test]
fn a_labelled_file_is_measured_and_a_bad_line_is_named() {
    let file = "I love it, thank you!\tjoy,gratitude\ten\n\
                {\"text\":\"Worst company ever, thieves!\",\"primary\":\"anger\",\"asks_person\":false}\n\n\
                What time do you open?\tneutral\n";
    let report = eval(file).unwrap();
    assert_eq!((report.view, report.messages), ("care", 3));
    let text = report.to_string();
    assert!(text.contains("macro-F1") && text.contains("calibration error"), "{text}");
    assert_eq!(eval("so proud\tpride\nhm\tneutral").unwrap().view, "shades");
    assert!(eval("no label here").unwrap_err().to_string().starts_with("line 1 "));
    assert!(eval("a\tjoy\nb\thunger").unwrap_err().to_string().contains("hunger"));
    assert!(eval("\n").is_err());
}

/// One line of a held-back file: ours, and no training ever reads it.
#[derive(serde::Deserialize)]
struct Held {
    text: String,
    lang: String,
}

const HELD_BACK: &str = include_str!("../training/held_back.jsonl");
const PERSON: &str = include_str!("../training/person.jsonl");

fn without(text: &str, ranges: &[(usize, usize)]) -> String {
    let mut ranges = ranges.to_vec();
    ranges.sort_unstable();
    let mut text = text.to_owned();
    for (start, end) in ranges.into_iter().rev() {
        text.replace_range(start..end, "");
    }
    text
}

/// What the label's share loses by the two strongest pieces of evidence, and by as many other words, meant over every
/// place where they can be taken, so that no luck decides; `None` where there are no two such places.
fn losses(text: &str) -> Option<(f32, f32)> {
    let label = check(text).label as usize;
    let score = |text: &str| recognise::shares(text)[label];
    let before = score(text);
    let mut spans = recognise::read(text, None).evidence;
    spans.retain(|span| span.weight > 0.0);
    spans.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let top: Vec<(usize, usize)> = spans.iter().take(2).map(|span| (span.start, span.end)).collect();
    let mut features = Features::default();
    features.extract(text);
    let (taken, left): (Vec<_>, Vec<_>) = features
        .words
        .iter()
        .map(|word| (word.start, word.end))
        .partition(|word| top.iter().any(|span| span.0 < word.1 && word.0 < span.1));
    if top.len() < 2 || left.len() <= taken.len() {
        return None;
    }
    let others: Vec<f32> =
        left.windows(taken.len()).map(|words| before - score(&without(text, words))).collect();
    let count = f32::from(u16::try_from(others.len()).expect("a message of few words"));
    Some((before - score(&without(text, &top)), others.iter().sum::<f32>() / count))
}

#[test]
fn deleting_the_two_strongest_pieces_of_evidence_costs_the_label_far_more_than_deleting_as_many_other_words()
{
    let (mut strong, mut other, mut count) = (0.0, 0.0, 0.0);
    for line in HELD_BACK.lines() {
        let held: Held = serde_json::from_str(line).unwrap();
        if let Some((by_evidence, by_others)) = losses(&held.text) {
            strong += by_evidence;
            other += by_others;
            count += 1.0;
        }
    }
    let (strong, other) = (strong / count, other / count);
    println!("{count} held-back messages: the share falls by {strong:.3}, by as many other words {other:.3}");
    assert!(count > 50.0 && strong > 0.1 && strong > other * 3.0, "{count}: {strong}, others {other}");
}

#[test]
fn what_says_its_feeling_outright_is_read_as_that_in_every_language_of_the_held_back_lines() {
    let report = eval(HELD_BACK).unwrap();
    assert!(report.accuracy >= 0.85, "{report}");
    for language in ["en", "ru", "zh", "de", "es", "fr"] {
        let lines: Vec<&str> = HELD_BACK
            .lines()
            .filter(|line| serde_json::from_str::<Held>(line).unwrap().lang == language)
            .collect();
        let report = eval(&lines.join("\n")).unwrap();
        assert!(report.accuracy >= 0.7, "{language}: {report}");
    }
}

/// The goal is higher (the model card has it); these are the levels below which a change has made it worse.
#[test]
fn who_asks_for_a_person_in_the_held_back_lines_is_found_and_who_only_speaks_of_one_is_not() {
    let report = eval(PERSON).unwrap();
    assert_eq!((report.view, report.names.len()), ("person", 0));
    assert!(report.messages >= 300);
    let person = report.person.unwrap();
    println!("{report}");
    assert!(person.precision() >= 0.9 && person.recall() >= 0.7, "{report}");
}

#[test]
fn a_file_that_says_only_who_asks_for_a_person_may_not_mix_in_lines_with_labels() {
    let bare = "{\"text\":\"get me your boss\",\"asks_person\":true}";
    let report = eval(bare).unwrap().to_string();
    assert!(report.contains("asks for a person") && !report.contains("macro-F1"), "{report}");
    let mixed = format!("hm\tneutral\n{bare}");
    assert!(eval(&mixed).unwrap_err().to_string().starts_with("line 2 "));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_it_fail(text in any::<String>()) {
        check(&text);
        json(&text);
    }

    #[test]
    fn no_bytes_make_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_mix_of_scripts_makes_it_fail(parts in proptest::collection::vec(0..SCRIPTS.len(), 1..6), cut in 0..40_usize) {
        let text: String = parts.iter().map(|n| SCRIPTS[*n]).collect();
        let text = &text[text.floor_char_boundary(cut)..];
        check(text);
    }
}

#[test]
fn who_asks_for_a_number_or_books_for_one_asks_for_no_person() {
    for text in [
        "what is the phone number of the branch in Leeds please",
        "send me the contact number for the depot",
        "I only need their telephone number",
        "a table for one person please, at eight",
    ] {
        assert!(!read(text, None).asks_person, "{text}");
    }
    assert!(read("that phone number is dead, put me through to a human", None).asks_person);
}
