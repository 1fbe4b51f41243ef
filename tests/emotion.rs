//! The recogniser's contract: what a reading of any text holds.

use countersign::care::recognise::{self, Output, eval, json, read, reading};
use countersign::review::{Emotion, Message};
use proptest::prelude::*;
use std::time::{Duration, Instant};

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

#[test]
fn a_megabyte_is_read_in_bounded_time() {
    for unit in
        ["still no refund! ", "退款还没到，", "aaaaaaaaaaaaaaaa", "😡", "@", "!", "http://x", "\u{301}"]
    {
        let text = unit.repeat(1_048_576 / unit.len());
        let start = Instant::now();
        check(&text);
        // Two orders above what it takes with optimisation; this build has none.
        assert!(start.elapsed() < Duration::from_secs(2), "{unit:?} took {:?}", start.elapsed());
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

/// Deleting the strongest words lowers the label's score more than deleting others. The texts are our own.
#[test]
fn deleting_the_strongest_evidence_lowers_the_score_more_than_deleting_other_words() {
    let texts = [
        "I am so happy with the new sofa that arrived on Tuesday morning",
        "Your driver was rude and the whole company is a disgrace to the town",
        "Thank you so much for sorting out the booking for my mother last week",
        "The train was delayed again and nobody at the station could tell us anything",
        "I am really worried that the passport will not come before the flight on Friday",
        "опять не работает интернет в нашем доме на улице Садовой",
        "Ich bin sehr enttäuscht von dem Hotel, das wir im Mai gebucht haben",
    ];
    let score = |text: &str, label: Emotion| recognise::shares(text)[label as usize];
    let (mut strong, mut other) = (0.0, 0.0);
    for text in texts {
        let output = check(text);
        let before = score(text, output.label);
        let mut spans = output.evidence.clone();
        spans.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let cut = |ranges: &mut Vec<(usize, usize)>| {
            ranges.sort_unstable();
            let mut text = text.to_owned();
            for (start, end) in ranges.iter().rev() {
                text.replace_range(start..end, "");
            }
            before - score(&text, output.label)
        };
        let mut top: Vec<(usize, usize)> = spans.iter().take(2).map(|s| (s.start, s.end)).collect();
        strong += cut(&mut top);
        // Every other pair of words, so that no luck decides.
        let words: Vec<(usize, usize)> = text
            .split(' ')
            .map(|w| (w.as_ptr() as usize - text.as_ptr() as usize, w.len()))
            .map(|(at, len)| (at, at + len))
            .filter(|word| !top.iter().any(|t| t.0 < word.1 && word.0 < t.1))
            .collect();
        let (mut drops, mut pairs) = (0.0, 0.0);
        for pair in words.windows(2) {
            drops += cut(&mut pair.to_vec());
            pairs += 1.0;
        }
        other += drops / pairs;
    }
    assert!(strong > other * 2.0 && strong > 0.5, "strongest {strong}, others {other}");
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
