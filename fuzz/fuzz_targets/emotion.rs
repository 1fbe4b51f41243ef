//! Any bytes: a reading ends, its numbers are in range, its evidence lies on characters of the text and in order, and
//! it is the same a second time. A labelled file of any bytes is measured or refused.
#![no_main]

use countersign::care::recognise::{eval, json, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let output = read(&text, None);
    let mut last = 0;
    for span in &output.evidence {
        assert!(
            last <= span.start && span.start < span.end && text.get(span.start..span.end).is_some(),
            "{span:?}"
        );
        assert!(span.weight.is_finite());
        last = span.end;
    }
    assert!((0.0..=1.0).contains(&output.confidence) && (0.0..=1.0).contains(&output.intensity));
    assert_eq!(output.labels.first(), Some(&output.label));
    assert!(output.basic.scores.iter().chain(&output.shades.scores).all(|p| (0.0..=1.0).contains(p)));
    assert_eq!(read(&text, None), output);
    assert!(serde_json::from_str::<serde_json::Value>(&json(&text)).is_ok());
    if let Ok(report) = eval(&text) {
        assert!(!report.to_string().is_empty());
    }
});
