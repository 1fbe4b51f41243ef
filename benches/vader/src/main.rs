//! Our recogniser and VADER's Rust port on the same labelled messages, in one process: time per message and how
//! often each is right about negative, neutral or positive.
//!
//! `cargo run --release --target-dir target/vader --manifest-path benches/vader/Cargo.toml -- FILE [ROUNDS]`
//!
//! FILE holds one JSON object per line with `text`, `lang` and `primary` (care view); English lines are read. VADER
//! says a compound score, cut at -0.05 and 0.05 as its authors do. Surprise is neither and is left out.

use countersign::care::recognise::read;
use countersign::review::Emotion;
use std::error::Error;
use std::time::Instant;
use vader_sentiment::SentimentIntensityAnalyzer;

const SIDES: [&str; 3] = ["negative", "neutral", "positive"];

fn side(emotion: Emotion) -> Option<usize> {
    match emotion {
        Emotion::Neutral => Some(1),
        Emotion::Gratitude | Emotion::Joy => Some(2),
        Emotion::Surprise => None,
        _ => Some(0),
    }
}

fn cut(compound: f64) -> usize {
    if compound <= -0.05 {
        0
    } else if compound < 0.05 {
        1
    } else {
        2
    }
}

/// Seconds of the fastest round, per message.
fn fastest(rounds: usize, texts: &[String], mut each: impl FnMut(&str)) -> f64 {
    (0..rounds)
        .map(|_| {
            let start = Instant::now();
            texts.iter().for_each(|text| each(text));
            start.elapsed().as_secs_f64()
        })
        .fold(f64::MAX, f64::min)
        / texts.len() as f64
}

fn row(name: &str, seconds: f64, is: &[usize], said: &[Option<usize>]) {
    let right = is.iter().zip(said).filter(|(is, said)| Some(**is) == **said).count();
    let f1 = |label: usize| {
        let hit = is.iter().zip(said).filter(|(is, said)| **is == label && **said == Some(label)).count();
        let all = is.iter().filter(|is| **is == label).count();
        let named = said.iter().filter(|said| **said == Some(label)).count();
        if all + named == 0 { 0.0 } else { 2.0 * hit as f64 / (all + named) as f64 }
    };
    let each: Vec<f64> = (0..3).map(f1).collect();
    println!(
        "{name:<24} {:>9.1} us  accuracy {:.3}  macro-F1 {:.3}  F1 {} {:.2} {} {:.2} {} {:.2}",
        seconds * 1e6,
        right as f64 / is.len() as f64,
        each.iter().sum::<f64>() / 3.0,
        SIDES[0],
        each[0],
        SIDES[1],
        each[1],
        SIDES[2],
        each[2],
    );
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let file =
        args.next().ok_or("which labelled file? one JSON object with text, lang and primary per line")?;
    let rounds = args.next().map_or(Ok(9), |n| n.parse::<usize>())?.max(1);
    let (mut texts, mut is) = (Vec::new(), Vec::new());
    for line in std::fs::read_to_string(&file).map_err(|e| format!("{file}: {e}"))?.lines() {
        let value: serde_json::Value = serde_json::from_str(line)?;
        if value["lang"] != "en" {
            continue;
        }
        let emotion: Emotion = serde_json::from_value(value["primary"].clone())?;
        if let (Some(text), Some(side)) = (value["text"].as_str(), side(emotion)) {
            texts.push(text.to_owned());
            is.push(side);
        }
    }
    if texts.is_empty() {
        return Err(format!("{file} holds no English message").into());
    }
    let vader = SentimentIntensityAnalyzer::new();
    println!("{} English messages, fastest of {rounds} rounds", texts.len());

    let said: Vec<_> = texts.iter().map(|text| side(read(text, None).label)).collect();
    let time = fastest(rounds, &texts, |text| drop(std::hint::black_box(read(text, None))));
    row("countersign, evidence", time, &is, &said);

    let said: Vec<_> = texts.iter().map(|text| Some(cut(vader.polarity_scores(text)["compound"]))).collect();
    let time = fastest(rounds, &texts, |text| drop(std::hint::black_box(vader.polarity_scores(text))));
    row("vader_sentiment (Rust)", time, &is, &said);
    Ok(())
}
