//! `/v1.0` and `/beta`.

/// The API version a path begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    V1,
    Beta,
}

impl Version {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// The version and the rest of a raw path; the whole path when it names no version.
pub fn split_version(raw: &str) -> (Option<Version>, &str) {
    let trimmed = raw.trim_start_matches('/');
    let (first, rest) = match trimmed.find('/') {
        Some(at) => trimmed.split_at(at),
        None => (trimmed, ""),
    };
    for version in [Version::V1, Version::Beta] {
        if first.eq_ignore_ascii_case(version.as_str()) {
            return (Some(version), rest);
        }
    }
    (None, raw)
}
