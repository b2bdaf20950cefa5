//! What is known of people, and what Fabrikam should show of them.

/// What is known of one person.
#[derive(Clone, Debug)]
pub struct Facts {
    pub name: String,
    pub life: Life,
    pub enabled: bool,
    pub department: &'static str,
    pub assigned: bool,
    pub member: bool,
    pub manager: Option<usize>,
    /// Has been in Fabrikam: as long as he is not gone from there for good, he is there whenever he is wanted, enabled
    /// or not.
    pub known: bool,
    /// Somebody of another home who has the same anchor was invited into Fabrikam.
    pub has_namesake: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    NotHired,
    Live,
    Deleted,
}

/// What Fabrikam should show of one person.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    Live {
        department: String,
        enabled: bool,
        manager: Option<String>,
    },
    NotLive,
}

impl Facts {
    pub const NOBODY: Self = Self {
        name: String::new(),
        life: Life::NotHired,
        enabled: true,
        department: "",
        assigned: false,
        member: false,
        manager: None,
        known: false,
        has_namesake: false,
    };

    /// Somebody new.
    pub fn hired_as(name: String) -> Self {
        Self {
            name,
            life: Life::Live,
            department: "Sales",
            ..Self::NOBODY
        }
    }
}
