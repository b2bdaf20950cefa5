//! `NormalizeDiacritics(source)`

use std::collections::HashMap;
use std::sync::LazyLock;

use syncline_model::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "NormalizeDiacritics",
    summary: "Replaces letters with accents by plain ones, e.g. for user names. Letters outside the table stay as they are.",
    parameters: &[P::required(
        "source",
        Type::TEXT,
        "the text, usually a name",
    )],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "NormalizeDiacritics([givenName])",
            r#"{"givenName": "Zoë"}"#,
            r#""Zoe""#,
        ),
        Example::new(
            r#"NormalizeDiacritics("Jürgen Sørensen-Æther Groß")"#,
            "{}",
            r#""Jurgen Soerensen-AEther Gross""#,
        ),
        Example::new(
            r#"NormalizeDiacritics("İpek Yılmaz Łódź")"#,
            "{}",
            r#""Ipek Yilmaz Lodz""#,
        ),
        Example::new(
            r#"NormalizeDiacritics("Đorđe Þór Мария")"#,
            "{}",
            r#""Đorđe Þor Мария""#,
        ),
    ],
    evaluate,
};

/// Microsoft's table, small letters; capitals follow. Combining marks are written out where there
/// is no composed letter: 0300 grave, 0301 acute, 0302 circumflex, 0303 tilde, 0304 macron,
/// 0307 dot, 0308 diaeresis, 030A ring, 0324 diaeresis below, 0331 macron below.
const TABLE: &[(&str, &str)] = &[
    (
        "a",
        "ä à â ã å á ą ă ā ā\u{301} ā\u{300} ā\u{302} ā\u{303} ā\u{308} ǟ ǡ a\u{331} å\u{304}",
    ),
    ("ae", "æ ǣ"),
    ("c", "ç č ć c\u{304} c\u{331}"),
    ("d", "ď d\u{304} ḏ"),
    (
        "e",
        "ë è é ê ę ě ė ē ḗ ḕ ē\u{302} ē\u{303} ê\u{304} e\u{331} ë\u{304} e\u{30a}\u{304}",
    ),
    ("g", "ğ ḡ g\u{331}"),
    (
        "i",
        "ï î ì í ı ī ī\u{301} ī\u{300} ī\u{302} ī\u{303} i\u{331}",
    ),
    ("l", "ľ ł l\u{304} ḹ ḻ"),
    ("n", "ñ ń ň n\u{304} ṉ"),
    (
        "o",
        "ö ò ő õ ô ó ō ṓ ṑ ō\u{302} ō\u{303} ȫ ō\u{308} ǭ ȭ ȱ o\u{331}",
    ),
    ("oe", "ø ø\u{304} œ\u{304}"),
    ("r", "ř r\u{304} ṟ ṝ"),
    ("s", "š ś ș ş s\u{304} s\u{331}"),
    ("ss", "ß"),
    ("t", "ť ț t\u{304} ṯ"),
    (
        "u",
        "ü ù û ú ů ű ū ū\u{301} ū\u{300} ū\u{302} ū\u{303} u\u{307}\u{304} ǖ ṻ u\u{324}\u{304} u\u{331}",
    ),
    ("y", "ÿ ý ȳ ȳ\u{301} ȳ\u{300} ȳ\u{303} y\u{331}"),
    ("z", "ź ž ż z\u{304} ẕ"),
];

/// By decomposed letter, so that composed and decomposed texts come out alike.
static LETTERS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut letters = HashMap::new();
    for (plain, accented) in TABLE {
        for small in accented.split(' ') {
            let capital: String = small.chars().flat_map(char::to_uppercase).collect();
            // ß has no capital in the table.
            if small != "ß" {
                letters.insert(capital.nfd().collect(), plain.to_uppercase());
            }
            letters.insert(small.nfd().collect(), (*plain).to_owned());
        }
    }
    // The capital of ı is a plain I; the table has İ in its place.
    letters.insert("İ".nfd().collect(), "I".to_owned());
    letters
});

/// Units of work for a byte of a text that is not all ASCII.
const ACCENTED: usize = 8;

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    if source.is_ascii() {
        return Ok(Some(Value::Text(source)));
    }
    call.charge(ACCENTED * source.len())?;
    Ok(Some(Value::text(normalize(&source))))
}

fn normalize(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        // Most letters have no marks.
        if letter.is_ascii() && letters.peek().is_none_or(char::is_ascii) {
            text.push(letter);
            continue;
        }
        // A letter and the marks on it.
        let mut cluster = String::from(letter);
        while let Some(mark) = letters.next_if(|it| is_combining_mark(*it)) {
            cluster.push(mark);
        }
        match LETTERS.get(&cluster.nfd().collect::<String>()) {
            Some(plain) => text.push_str(plain),
            None => text.push_str(&cluster),
        }
    }
    text
}
