//! A failure as it is printed: `{"code": …, "message": …}`, for `#[serde(with = "coded")]` on its code and message.
//! A pair, which earlier builds wrote, is read as well.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize)]
struct Told<'t> {
    code: &'t str,
    message: &'t str,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Read {
    Told { code: String, message: String },
    Pair(String, String),
}

/// # Errors
/// The serializer's.
pub fn serialize<S: Serializer>(
    failure: &Option<(String, String)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let told = failure
        .as_ref()
        .map(|(code, message)| Told { code, message });
    told.serialize(serializer)
}

/// # Errors
/// For what is neither.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<(String, String)>, D::Error> {
    let read = Option::<Read>::deserialize(deserializer)?;
    Ok(read.map(|it| match it {
        Read::Told { code, message } | Read::Pair(code, message) => (code, message),
    }))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Report {
        #[serde(default, with = "super", skip_serializing_if = "Option::is_none")]
        error: Option<(String, String)>,
    }

    #[test]
    fn a_failure_is_written_with_names_and_read_as_a_pair_too() {
        let error = Some(("Code".to_owned(), "What is wrong.".to_owned()));
        let failed = Report { error };
        let written = r#"{"error":{"code":"Code","message":"What is wrong."}}"#;
        assert_eq!(serde_json::to_string(&failed).unwrap(), written);
        for text in [written, r#"{"error":["Code","What is wrong."]}"#] {
            assert_eq!(serde_json::from_str::<Report>(text).unwrap(), failed);
        }
        let good = Report { error: None };
        for text in ["{}", r#"{"error":null}"#] {
            assert_eq!(serde_json::from_str::<Report>(text).unwrap(), good);
        }
    }
}
