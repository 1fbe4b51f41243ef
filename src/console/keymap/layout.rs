//! Which key of an American keyboard a letter of another layout is on, so that command keys need no switching.
//!
//! Only letters that no Latin layout has: a comma or a full stop may have moved, but it also means itself.

use crate::console::chord::{Chord, Key};

/// Letters of a layout, and below each the key it is on.
const LAYOUTS: [(&str, &str); 5] = [
    // Russian; Ukrainian and Belarusian letters are where the Russian ones they replace would be.
    ("йцукенгшщзхъфывапролджэячсмитьбюёіїєґў", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`s]'\\o"),
    ("ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮЁІЇЄҐЎ", "QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>~S}\"|O"),
    // Greek; its q is a semicolon.
    (
        "ςερτυθιοπασδφγηξκλζχψωβνμΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ",
        "wertyuiopasdfghjklzxcvbnmERTYUIOPASDFGHJKLZXCVBNM",
    ),
    // Hebrew, which has no capitals; its q and w are a slash and an apostrophe.
    ("קראטוןםפשדגכעיחלךזסבהנמצתץ", "ertyuiopasdfghjklzxcvbnm,."),
    // Arabic; its b is two letters.
    ("ضصثقفغعهخحشسيبلاتنمئءؤرىة", "qwertyuiopasdfghjklzxcvnm"),
];

/// The chord on the same key in a Latin layout; none if there is none or it is Latin already.
pub(super) fn latin(chord: Chord) -> Option<Chord> {
    let Key::Char(c) = chord.key else { return None };
    let key = match c {
        '\0'..='\u{7f}' => return None,
        // Full-width ASCII, as East Asian input methods send it.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0)?,
        _ => LAYOUTS.iter().find_map(|(letters, keys)| {
            letters.chars().zip(keys.chars()).find(|(letter, _)| *letter == c).map(|(_, key)| key)
        })?,
    };
    Some(Chord { key: Key::Char(key), ..chord }.normal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_other_layouts_are_on_their_keys() {
        for (letters, keys) in LAYOUTS {
            assert_eq!(letters.chars().count(), keys.chars().count(), "{letters}");
        }
        for (letter, key) in [
            ('ф', Some('a')),
            ('Ж', Some(':')),
            ('о', Some('j')),
            ('П', Some('G')),
            ('і', Some('s')),
            ('ξ', Some('j')),
            ('ש', Some('a')),
            ('ض', Some('q')),
            ('？', Some('?')),
            ('a', None),
            ('é', None),
            ('王', None),
        ] {
            assert_eq!(latin(Chord::char(letter)), key.map(Chord::char), "{letter}");
        }
    }
}
