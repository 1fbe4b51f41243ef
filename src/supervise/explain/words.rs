//! What a customer is told, in five languages. `{…}` is filled in.

/// All sentences of one language.
pub struct Words {
    /// Its tag.
    pub tag: &'static str,
    /// `{item}`
    pub about: &'static str,
    /// `{at}`: the reply left, is on its way, did not arrive, may have arrived.
    pub replies: [&'static str; 4],
    /// Who wrote it, `{model}` and `{share}`: approved, edited, taken over, written by a person.
    pub wrote: [&'static str; 4],
    /// `{name}`: a model.
    pub model: &'static str,
    /// Before a list of sources.
    pub sources: &'static str,
    /// The draft named none.
    pub no_sources: &'static str,
    /// The draft's sources are not kept any more.
    pub sources_gone: &'static str,
    /// `{n}` messages, `{more}` particulars: before AI and person, before the person alone.
    pub data: [&'static str; 2],
    /// Before the particulars of the customer.
    pub record: &'static str,
    /// Name, segment, tier, preferences.
    pub particulars: [&'static str; 4],
    /// `{emotion}`, `{sure}`: read by our own program.
    pub read: &'static str,
    /// `{emotion}`: read by the system that the message came through.
    pub brought: &'static str,
    /// A person put it right: `{emotion}`.
    pub corrected: &'static str,
    /// A reading only orders the queue.
    pub reading_use: &'static str,
    /// The customer does not want AI.
    pub no_ai: &'static str,
    /// Nothing was signed: without a draft, with one that waits.
    pub nothing_yet: [&'static str; 2],
    /// How to object.
    pub object: &'static str,
    /// The ten emotions, in the order of `Emotion::ALL`.
    pub emotions: [&'static str; 10],
}

/// All languages; the first one stands for those that are missing.
pub const LANGUAGES: &[Words] = &[
    Words {
        tag: "en",
        about: "About our replies to you (case {item})",
        replies: [
            "On {at} we sent you a reply.",
            "On {at} a reply to you was signed; it is on its way.",
            "On {at} a reply to you was signed, but it could not be delivered.",
            "On {at} we sent you a reply; we do not know whether it arrived.",
        ],
        wrote: [
            "An AI program{model} wrote it. A person read it and approved it without a change.",
            "An AI program{model} wrote a draft. A person changed it and approved the result; about {share} % of the text is the AI's.",
            "A person wrote it, and has looked after this conversation since; no AI answers here.",
            "A person wrote it. No AI text was sent.",
        ],
        model: " ({name})",
        sources: "The AI named these sources:",
        no_sources: "The AI named no sources.",
        sources_gone: "Which sources the AI named is not kept any more.",
        data: [
            "This lay before the AI and the person: the messages of this conversation ({n}){more}.",
            "This lay before the person who answered: the messages of this conversation ({n}){more}.",
        ],
        record: "; and of your customer record: ",
        particulars: ["name", "customer group", "customer level", "preferences"],
        read: "A program on our own computers read the feeling in your newest message as {emotion} ({sure} % sure).",
        brought: "The system that your message came through marked the feeling in it as {emotion}.",
        corrected: "A person found that it was {emotion}.",
        reading_use: "It is used to decide how soon you are answered and to help the person who answers, for nothing else.",
        no_ai: "You said no to AI: no AI text is sent to you, and no program reads the feeling in your messages.",
        nothing_yet: [
            "No reply to you has been signed yet.",
            "No reply to you has been signed yet. An AI draft waits for a person, who may send it, change it or throw it away.",
        ],
        object: "Is something wrong? Answer ERROR and say what. Do you want a person? Answer HUMAN. You may say no to AI, or ask us to erase your data, at any time.",
        emotions: [
            "anger",
            "frustration",
            "disappointment",
            "worry",
            "sadness",
            "confusion",
            "surprise",
            "gratitude",
            "joy",
            "neutral",
        ],
    },
    Words {
        tag: "de",
        about: "Zu unseren Antworten an Sie (Vorgang {item})",
        replies: [
            "Am {at} haben wir Ihnen eine Antwort gesandt.",
            "Am {at} wurde eine Antwort an Sie freigegeben; sie ist unterwegs.",
            "Am {at} wurde eine Antwort an Sie freigegeben, sie konnte aber nicht zugestellt werden.",
            "Am {at} haben wir Ihnen eine Antwort gesandt; ob sie angekommen ist, wissen wir nicht.",
        ],
        wrote: [
            "Ein KI-Programm{model} hat sie geschrieben. Ein Mensch hat sie gelesen und unverändert freigegeben.",
            "Ein KI-Programm{model} hat einen Entwurf geschrieben. Ein Mensch hat ihn geändert und freigegeben; etwa {share} % des Textes stammen von der KI.",
            "Ein Mensch hat sie geschrieben und betreut dieses Gespräch seither; hier antwortet keine KI.",
            "Ein Mensch hat sie geschrieben. Es wurde kein KI-Text gesendet.",
        ],
        model: " ({name})",
        sources: "Die KI hat diese Quellen genannt:",
        no_sources: "Die KI hat keine Quellen genannt.",
        sources_gone: "Welche Quellen die KI genannt hat, ist nicht mehr gespeichert.",
        data: [
            "Das lag der KI und dem Menschen vor: die Nachrichten dieses Gesprächs ({n}){more}.",
            "Das lag dem Menschen vor, der geantwortet hat: die Nachrichten dieses Gesprächs ({n}){more}.",
        ],
        record: "; und aus Ihren Kundendaten: ",
        particulars: ["Name", "Kundengruppe", "Kundenstufe", "Vorlieben"],
        read: "Ein Programm auf unseren eigenen Rechnern hat das Gefühl in Ihrer neuesten Nachricht als {emotion} gelesen (zu {sure} % sicher).",
        brought: "Das System, über das Ihre Nachricht kam, hat das Gefühl darin als {emotion} vermerkt.",
        corrected: "Ein Mensch hat festgestellt, dass es {emotion} war.",
        reading_use: "Das bestimmt, wie bald Sie Antwort bekommen, und hilft dem Menschen, der antwortet; sonst dient es zu nichts.",
        no_ai: "Sie haben Nein zu KI gesagt: Es wird Ihnen kein KI-Text gesendet, und kein Programm liest das Gefühl in Ihren Nachrichten.",
        nothing_yet: [
            "Es wurde noch keine Antwort an Sie freigegeben.",
            "Es wurde noch keine Antwort an Sie freigegeben. Ein KI-Entwurf wartet auf einen Menschen, der ihn senden, ändern oder verwerfen kann.",
        ],
        object: "Stimmt etwas nicht? Antworten Sie FEHLER und sagen Sie, was. Möchten Sie einen Menschen? Antworten Sie MENSCH. Sie können jederzeit Nein zu KI sagen oder uns bitten, Ihre Daten zu löschen.",
        emotions: [
            "Ärger",
            "Frust",
            "Enttäuschung",
            "Sorge",
            "Trauer",
            "Verwirrung",
            "Überraschung",
            "Dankbarkeit",
            "Freude",
            "neutral",
        ],
    },
    Words {
        tag: "es",
        about: "Sobre nuestras respuestas (caso {item})",
        replies: [
            "El {at} le enviamos una respuesta.",
            "El {at} se aprobó una respuesta para usted; está en camino.",
            "El {at} se aprobó una respuesta para usted, pero no se pudo entregar.",
            "El {at} le enviamos una respuesta; no sabemos si llegó.",
        ],
        wrote: [
            "La escribió un programa de IA{model}. Una persona la leyó y la aprobó sin cambios.",
            "Un programa de IA{model} escribió un borrador. Una persona lo modificó y aprobó el resultado; alrededor del {share} % del texto es de la IA.",
            "La escribió una persona, que desde entonces atiende esta conversación; aquí no responde ninguna IA.",
            "La escribió una persona. No se envió ningún texto de IA.",
        ],
        model: " ({name})",
        sources: "La IA indicó estas fuentes:",
        no_sources: "La IA no indicó ninguna fuente.",
        sources_gone: "Ya no se conserva qué fuentes indicó la IA.",
        data: [
            "La IA y la persona tuvieron a la vista: los mensajes de esta conversación ({n}){more}.",
            "La persona que respondió tuvo a la vista: los mensajes de esta conversación ({n}){more}.",
        ],
        record: "; y de su ficha de cliente: ",
        particulars: ["nombre", "grupo de cliente", "nivel de cliente", "preferencias"],
        read: "Un programa en nuestros propios ordenadores leyó el sentimiento de su último mensaje como {emotion} (con un {sure} % de seguridad).",
        brought: "El sistema por el que llegó su mensaje marcó su sentimiento como {emotion}.",
        corrected: "Una persona determinó que era {emotion}.",
        reading_use: "Sirve para decidir cuándo se le responde y para ayudar a la persona que responde, y para nada más.",
        no_ai: "Usted dijo no a la IA: no se le envía ningún texto de IA y ningún programa lee el sentimiento de sus mensajes.",
        nothing_yet: [
            "Todavía no se ha aprobado ninguna respuesta para usted.",
            "Todavía no se ha aprobado ninguna respuesta para usted. Un borrador de IA espera a una persona, que puede enviarlo, cambiarlo o descartarlo.",
        ],
        object: "¿Algo no es correcto? Responda ERROR y diga qué. ¿Quiere hablar con una persona? Responda PERSONA. Puede decir no a la IA o pedirnos que borremos sus datos en cualquier momento.",
        emotions: [
            "enfado",
            "frustración",
            "decepción",
            "preocupación",
            "tristeza",
            "confusión",
            "sorpresa",
            "gratitud",
            "alegría",
            "neutro",
        ],
    },
    Words {
        tag: "ru",
        about: "О наших ответах вам (обращение {item})",
        replies: [
            "{at} мы отправили вам ответ.",
            "{at} ответ вам был подписан; он в пути.",
            "{at} ответ вам был подписан, но доставить его не удалось.",
            "{at} мы отправили вам ответ; дошёл ли он, мы не знаем.",
        ],
        wrote: [
            "Его написала программа ИИ{model}. Человек прочитал его и одобрил без изменений.",
            "Программа ИИ{model} написала черновик. Человек изменил его и одобрил; около {share} % текста принадлежит ИИ.",
            "Его написал человек и с тех пор занимается этой перепиской; ИИ здесь не отвечает.",
            "Его написал человек. Текст ИИ не отправлялся.",
        ],
        model: " ({name})",
        sources: "ИИ назвал такие источники:",
        no_sources: "ИИ не назвал источников.",
        sources_gone: "Какие источники назвал ИИ, уже не хранится.",
        data: [
            "Перед ИИ и человеком были сообщения этой переписки: {n}{more}.",
            "Перед человеком, который ответил, были сообщения этой переписки: {n}{more}.",
        ],
        record: "; а также ваши данные: ",
        particulars: ["имя", "группа клиента", "уровень клиента", "пожелания"],
        read: "Программа на наших собственных компьютерах определила чувство в вашем последнем сообщении так: {emotion} (уверенность {sure} %).",
        brought: "Система, через которую пришло ваше сообщение, отметила чувство в нём так: {emotion}.",
        corrected: "Человек поправил: {emotion}.",
        reading_use: "Это влияет на то, как скоро вам ответят, и помогает тому, кто отвечает; больше ни для чего не используется.",
        no_ai: "Вы отказались от ИИ: вам не отправляют текст ИИ, и программа не определяет чувства в ваших сообщениях.",
        nothing_yet: [
            "Ответ вам ещё не подписан.",
            "Ответ вам ещё не подписан. Черновик ИИ ждёт человека, который может отправить, изменить или отклонить его.",
        ],
        object: "Что-то неверно? Ответьте ОШИБКА и напишите, что именно. Нужен человек? Ответьте ЧЕЛОВЕК. Вы можете в любое время отказаться от ИИ или попросить удалить ваши данные.",
        emotions: [
            "гнев",
            "раздражение",
            "разочарование",
            "беспокойство",
            "грусть",
            "растерянность",
            "удивление",
            "благодарность",
            "радость",
            "нейтрально",
        ],
    },
    Words {
        tag: "zh",
        about: "关于我们给您的回复（编号 {item}）",
        replies: [
            "{at}，我们向您发送了回复。",
            "{at}，给您的回复已签发，正在发送。",
            "{at}，给您的回复已签发，但未能送达。",
            "{at}，我们向您发送了回复，但不确定是否送达。",
        ],
        wrote: [
            "回复由 AI 程序{model}撰写，经人工阅读，未作修改即批准。",
            "AI 程序{model}撰写了草稿，经人工修改后批准；约 {share} % 的文字出自 AI。",
            "回复由人工撰写，此后由此人负责本对话，不再由 AI 回复。",
            "回复由人工撰写，没有发送 AI 文字。",
        ],
        model: "（{name}）",
        sources: "AI 列出了以下来源：",
        no_sources: "AI 没有列出来源。",
        sources_gone: "AI 列出的来源已不再保存。",
        data: [
            "AI 和工作人员看到的内容：本对话的 {n} 条消息{more}。",
            "回复您的工作人员看到的内容：本对话的 {n} 条消息{more}。",
        ],
        record: "；以及您的客户资料：",
        particulars: ["姓名", "客户类别", "客户等级", "偏好"],
        read: "我们自己计算机上的程序将您最新消息中的情绪识别为“{emotion}”（把握 {sure} %）。",
        brought: "接收您消息的系统将其中的情绪标记为“{emotion}”。",
        corrected: "工作人员更正为“{emotion}”。",
        reading_use: "它只用于决定多快回复您，并帮助回复您的人，不作他用。",
        no_ai: "您已拒绝 AI：不会向您发送 AI 文字，也没有程序识别您消息中的情绪。",
        nothing_yet: [
            "给您的回复尚未签发。",
            "给您的回复尚未签发。一份 AI 草稿正等待人工处理，可能被发送、修改或弃用。",
        ],
        object: "有不对的地方吗？请回复“有误”并说明。需要人工服务吗？请回复“人工”。您可以随时拒绝 AI，或要求我们删除您的数据。",
        emotions: ["愤怒", "沮丧", "失望", "担忧", "悲伤", "困惑", "惊讶", "感激", "喜悦", "中性"],
    },
];

/// The words of a language, by the first part of its tag.
pub fn words(tag: Option<&str>) -> &'static Words {
    let primary = tag.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
    LANGUAGES.iter().find(|words| words.tag.eq_ignore_ascii_case(primary)).unwrap_or(&LANGUAGES[0])
}
