//! Durations: shown in ISO 8601, read in that and in the form that the official Python client sends.

/// `PT40M`; seconds only when there are any. A whole day is `PT24H`.
pub fn show(seconds: u32) -> String {
    if seconds == 0 {
        return "PT0S".to_owned();
    }
    let part = |amount: u32, unit: &str| {
        if amount > 0 {
            format!("{amount}{unit}")
        } else {
            String::new()
        }
    };
    let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    format!(
        "PT{}{}{}",
        part(hours, "H"),
        part(minutes, "M"),
        part(rest, "S")
    )
}

/// Seconds of `PT40M`, `PT1H30M`, `PT300S`, `P1D`; of `0:40:00` and `1 day, 0:00:00`, too, because
/// the Python SDK writes a duration as Python prints it. `None`: neither.
pub fn parse(text: &str) -> Option<u32> {
    iso(text).or_else(|| python(text))
}

fn iso(text: &str) -> Option<u32> {
    let (days, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((days, time)) if !time.is_empty() => (days, time),
        Some(_) => return None,
        None => (text.strip_prefix('P')?, ""),
    };
    let mut seconds: u32 = 0;
    if !days.is_empty() {
        seconds = number(days.strip_suffix('D')?)?.checked_mul(86_400)?;
    }
    let mut rest = time;
    for (unit, factor) in [('H', 3600), ('M', 60), ('S', 1)] {
        if let Some((amount, after)) = rest.split_once(unit) {
            seconds = seconds.checked_add(number(amount)?.checked_mul(factor)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && (!days.is_empty() || !time.is_empty())).then_some(seconds)
}

fn python(text: &str) -> Option<u32> {
    let (days, clock) = match text.split_once(", ") {
        Some((days, clock)) => (
            number(
                days.strip_suffix(" days")
                    .or_else(|| days.strip_suffix(" day"))?,
            )?,
            clock,
        ),
        None => (0, text),
    };
    let mut parts = clock.split(':').map(number);
    let (Some(hours), Some(minutes), Some(seconds), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let (hours, minutes, seconds) = (hours?, minutes?, seconds?);
    if hours >= 24 || minutes >= 60 || seconds >= 60 {
        return None;
    }
    days.checked_mul(86_400)?
        .checked_add(hours * 3600 + minutes * 60 + seconds)
}

/// Digits only: no sign, no blank.
fn number(text: &str) -> Option<u32> {
    text.parse()
        .ok()
        .filter(|_| text.bytes().all(|it| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_and_read_alike() {
        for (text, seconds) in [
            ("PT40M", 2400),
            ("PT1H", 3600),
            ("PT1H30M", 5400),
            ("PT5M30S", 330),
            ("PT24H", 86_400),
            ("PT0S", 0),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
            assert_eq!(show(seconds), text);
        }
        assert_eq!(parse("P1D"), Some(86_400));
        assert_eq!(parse("P1DT1H"), Some(90_000));
    }

    #[test]
    fn what_python_prints_is_read() {
        for (text, seconds) in [
            ("0:40:00", 2400),
            ("1:30:05", 5405),
            ("1 day, 0:00:00", 86_400),
            ("2 days, 0:00:01", 172_801),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "40M",
            "PTM",
            "PT4X",
            "P1M",
            "PT+5M",
            "-PT5M",
            "40",
            "0:40",
            "0:60:00",
            "0:00:60",
            "25:00:00",
            "1 day",
            "1 day, ",
            "a:b:c",
            "-1 day, 0:00:00",
            "P10675199DT2H48M5.4775807S",
            "99999999999 days, 0:00:00",
            "P99999999999D",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
