//! Escapes that .NET and the regex crates read differently, in classes and outside.

use super::Letters;

/// Letters that mean something behind a backslash in .NET, everywhere and outside of classes.
const EVERYWHERE: &str = "abcdefnprstuvwxDPSW";
const OUTSIDE: &str = "zABGZ";

/// Behind a backslash. In a pattern that was `accepted` once, letters may stand there that only the regex crates know.
pub(in crate::dotnet_pattern) fn escape(
    letters: &mut Letters<'_>,
    out: &mut String,
    in_class: bool,
    accepted: bool,
) -> Result<(), String> {
    let Some(letter) = letters.next() else {
        return Err("it ends with a backslash".to_owned());
    };
    let is_known = EVERYWHERE.contains(letter) || (!in_class && OUTSIDE.contains(letter));
    if letter.is_ascii_alphabetic() && !is_known && !accepted {
        return Err(format!("`\\{letter}` means nothing there in .NET"));
    }
    match letter {
        'Z' if !in_class => out.push_str("(?=\\n?\\z)"),
        'e' => out.push_str("\\x1B"),
        'b' if in_class => out.push_str("\\x08"),
        'u' => {
            let digits: String = letters.by_ref().take(4).collect();
            if digits.len() != 4 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
                return Err("`\\u` needs four hexadecimal digits".to_owned());
            }
            out.push_str(&format!("\\x{{{digits}}}"));
        }
        'c' => {
            let control = letters.next().map(|it| it.to_ascii_uppercase());
            match control.filter(|it| ('@'..='_').contains(it)) {
                Some(control) => {
                    let code = u32::from(control) - u32::from('@');
                    out.push_str(&format!("\\x{code:02X}"));
                }
                None => return Err("`\\c` needs a letter".to_owned()),
            }
        }
        // The braces of a class are none of a repetition.
        'p' | 'P' if letters.peek() == Some(&'{') => {
            out.push('\\');
            out.push(letter);
            out.extend(letters.by_ref().take_while(|it| *it != '}'));
            out.push('}');
        }
        // The regex crates read these as the edges of a word.
        '<' | '>' => out.push(letter),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
    Ok(())
}

/// A letter that stands for itself wherever it is.
pub(in crate::dotnet_pattern) fn by_number(letter: char, out: &mut String) {
    out.push_str(&format!("\\x{{{:X}}}", u32::from(letter)));
}
