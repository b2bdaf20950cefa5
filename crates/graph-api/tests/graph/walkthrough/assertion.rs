//! One numbered line of the checklist: compares, and says its number when it fails.

use std::fmt::Debug;

use serde_json::Value as Json;

use crate::world::Answer;

/// A line of the checklist in one variant of the walk.
pub struct Assertion {
    label: String,
}

impl Assertion {
    pub fn new(variant: &str, number: &str) -> Self {
        Self {
            label: format!("{variant}: {number}"),
        }
    }

    #[track_caller]
    fn status(&self, answer: &Answer, status: u16) {
        assert_eq!(answer.status, status, "{}: {}", self.label, answer.text());
    }

    /// 200 with JSON.
    #[track_caller]
    pub fn ok(&self, answer: &Answer) -> Json {
        self.status(answer, 200);
        answer.json()
    }

    /// 201 with JSON.
    #[track_caller]
    pub fn created(&self, answer: &Answer) -> Json {
        self.status(answer, 201);
        let content_type = answer.header("content-type");
        assert!(
            content_type.starts_with("application/json"),
            "{}: content type {content_type}",
            self.label
        );
        answer.json()
    }

    /// 204 and no body.
    #[track_caller]
    pub fn no_content(&self, answer: &Answer) {
        self.status(answer, 204);
        assert!(
            answer.body.is_empty(),
            "{}: 204 has a body: {}",
            self.label,
            answer.text()
        );
    }

    /// The error envelope; returns `error`.
    #[track_caller]
    pub fn problem(&self, answer: &Answer, status: u16, code: &str) -> Json {
        self.status(answer, status);
        let error = answer.json()["error"].clone();
        assert_eq!(error["code"], code, "{}: {}", self.label, answer.text());
        error
    }

    #[track_caller]
    pub fn equal<T, U>(&self, actual: T, expected: U)
    where
        T: PartialEq<U> + Debug,
        U: Debug,
    {
        assert_eq!(actual, expected, "{}", self.label);
    }

    #[track_caller]
    pub fn holds(&self, it: bool, what: &str) {
        assert!(it, "{}: {what}", self.label);
    }

    /// Every member of `expected` stands in `actual` with the same value; a null must be there as
    /// null. Further members are fine; lists must be equal item by item.
    #[track_caller]
    pub fn contains(&self, actual: &Json, expected: &Json) {
        if let Some(difference) = missing(actual, expected, "") {
            panic!("{}: {difference}\nin {actual:#}", self.label);
        }
    }
}

fn missing(actual: &Json, expected: &Json, path: &str) -> Option<String> {
    match (actual, expected) {
        (Json::Object(actual), Json::Object(expected)) => {
            expected.iter().find_map(|(name, expected)| {
                let path = format!("{path}/{name}");
                match actual.get(name) {
                    None => Some(format!("{path} is missing, expected {expected}")),
                    Some(actual) => missing(actual, expected, &path),
                }
            })
        }
        (Json::Array(actual), Json::Array(expected)) if actual.len() == expected.len() => actual
            .iter()
            .zip(expected)
            .enumerate()
            .find_map(|(at, (actual, expected))| {
                missing(actual, expected, &format!("{path}/{at}"))
            }),
        _ if actual == expected => None,
        _ => Some(format!("{path} is {actual}, expected {expected}")),
    }
}
