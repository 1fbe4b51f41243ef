//! The reply says truthfully how it was made.

use super::Verdict;
use serde::{Deserialize, Serialize};

/// How a reply was made, as the customer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    /// Written with AI, checked by a person.
    AiChecked,
    /// Written with AI, checked and changed by a person.
    AiEdited,
    /// Written by a person.
    Person,
    /// Written by a person who now answers in this conversation (P5).
    PersonTookOver,
}

impl Disclosure {
    /// What a verdict must disclose.
    pub const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Approve => Self::AiChecked,
            Verdict::Edit => Self::AiEdited,
            Verdict::TakeOver => Self::PersonTookOver,
            Verdict::Reply => Self::Person,
        }
    }
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AiChecked => "ai_checked",
            Self::AiEdited => "ai_edited",
            Self::Person => "person",
            Self::PersonTookOver => "person_took_over",
        }
    }
}

/// The built-in lines, one row a language: AI checked, AI edited, person, person took over.
const LINES: &[(&str, [&str; 4])] = &[
    (
        "en",
        [
            "Written with AI, checked by a person. Reply HUMAN to reach us, ERROR to tell us what is wrong.",
            "Written with AI, checked and changed by a person. Reply HUMAN to reach us, ERROR to tell us what is wrong.",
            "Written by a person.",
            "Written by a person. I am looking after this conversation now; no AI answers here.",
        ],
    ),
    (
        "de",
        [
            "Mit KI geschrieben, von einem Menschen geprüft. Antworten Sie MENSCH, um uns zu erreichen, FEHLER, wenn etwas nicht stimmt.",
            "Mit KI geschrieben, von einem Menschen geprüft und geändert. Antworten Sie MENSCH, um uns zu erreichen, FEHLER, wenn etwas nicht stimmt.",
            "Von einem Menschen geschrieben.",
            "Von einem Menschen geschrieben. Ich betreue dieses Gespräch ab jetzt; hier antwortet keine KI.",
        ],
    ),
    (
        "es",
        [
            "Escrito con IA y revisado por una persona. Responda PERSONA para hablar con nosotros, ERROR si algo no es correcto.",
            "Escrito con IA, revisado y modificado por una persona. Responda PERSONA para hablar con nosotros, ERROR si algo no es correcto.",
            "Escrito por una persona.",
            "Escrito por una persona. A partir de ahora atiendo yo esta conversación; aquí no responde ninguna IA.",
        ],
    ),
    (
        "ru",
        [
            "Написано с помощью ИИ, проверено человеком. Ответьте ЧЕЛОВЕК, чтобы связаться с нами, ОШИБКА, если что-то неверно.",
            "Написано с помощью ИИ, проверено и исправлено человеком. Ответьте ЧЕЛОВЕК, чтобы связаться с нами, ОШИБКА, если что-то неверно.",
            "Написано человеком.",
            "Написано человеком. Теперь этой перепиской занимаюсь я; ИИ здесь не отвечает.",
        ],
    ),
    (
        "zh",
        [
            "本回复由 AI 撰写，并经人工审核。回复“人工”可联系我们，回复“有误”可指出错误。",
            "本回复由 AI 撰写，经人工审核并修改。回复“人工”可联系我们，回复“有误”可指出错误。",
            "本回复由人工撰写。",
            "本回复由人工撰写。此对话现由我负责，不再由 AI 回复。",
        ],
    ),
];

/// The lines that close a reply in `language` (BCP 47; English where we have no words in it).
pub fn closing_lines(disclosure: Disclosure, language: Option<&str>) -> &'static str {
    let primary = language.unwrap_or("en").split(['-', '_']).next().unwrap_or("en");
    let row = LINES.iter().find(|(tag, _)| primary.eq_ignore_ascii_case(tag)).unwrap_or(&LINES[0]);
    row.1[match disclosure {
        Disclosure::AiChecked => 0,
        Disclosure::AiEdited => 1,
        Disclosure::Person => 2,
        Disclosure::PersonTookOver => 3,
    }]
}
