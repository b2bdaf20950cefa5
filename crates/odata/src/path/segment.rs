//! One step of a path.

/// A step of a resolved path. Texts are percent-decoded and keep their case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// `/users`, `/delta()`, `/$ref`, or the id in `/users/{id}`: which of them, the pattern decides.
    Name(String),
    /// `('id')`: a key that can be nothing else.
    Key(String),
    /// `(appId='…')`: an alternate key or the parameters of a function. Never empty.
    Arguments(Vec<(String, String)>),
}

impl Segment {
    /// The segment as one would type it, for messages.
    pub fn display(&self) -> String {
        match self {
            Self::Name(text) => text.clone(),
            Self::Key(key) => format!("('{key}')"),
            Self::Arguments(named) => {
                let named: Vec<String> = named
                    .iter()
                    .map(|(name, value)| format!("{name}='{value}'"))
                    .collect();
                format!("({})", named.join(","))
            }
        }
    }
}
