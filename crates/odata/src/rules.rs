//! What a resource allows beyond its entity type: page size, `contains`, how texts compare.

use syncline_model::predicate::Case;
use syncline_model::{Attr, Problem, ProblemKind};

/// The rules of one collection.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Largest `$top`.
    pub max_top: u32,
    /// Whether `$skip` is known; directory objects page by token only.
    pub skip: bool,
    /// Whether `contains` is allowed on properties that can be searched by prefix.
    pub contains: bool,
    /// How texts compare.
    pub case: Case,
    /// Attributes that compare insensitively although `case` is sensitive.
    pub insensitive: &'static [Attr],
    /// Whether any single-valued property may be a sort key, not only sortable ones.
    pub sort_any: bool,
    /// Attributes that may be filtered here although the entity type says they may not.
    pub also_filterable: &'static [Attr],
    /// References that a filter may ask for their number (`owners/$count eq 0`), and for nothing else. Whoever evaluates it
    /// puts as many values in their place.
    pub counted: &'static [Attr],
    /// What `$search` may name; empty when the collection can not be searched.
    pub searchable: &'static [Attr],
    /// Which words a refusal uses.
    pub workload: Workload,
}

/// The service behind a collection: the codes of its refusals differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Refusals are `Request_UnsupportedQuery` and `Request_BadRequest`.
    Directory,
    /// Refusals are `BadRequest`.
    AuditLogs,
}

impl Rules {
    /// Users, groups, applications, service principals and their collections.
    pub fn directory() -> Self {
        Self {
            max_top: 999,
            skip: false,
            contains: false,
            case: Case::Insensitive,
            insensitive: &[],
            sort_any: false,
            also_filterable: &[],
            counted: &[],
            searchable: &[],
            workload: Workload::Directory,
        }
    }

    /// `/users`.
    pub fn users() -> Self {
        Self {
            searchable: &[
                Attr::DISPLAY_NAME,
                Attr::MAIL,
                Attr::USER_PRINCIPAL_NAME,
                Attr::GIVEN_NAME,
                Attr::SURNAME,
                Attr::MOBILE_PHONE,
                Attr::OTHER_MAILS,
                Attr::PROXY_ADDRESSES,
            ],
            ..Self::directory()
        }
    }

    /// `/groups`.
    pub fn groups() -> Self {
        Self {
            counted: &[Attr::OWNERS],
            searchable: &[Attr::DISPLAY_NAME, Attr::DESCRIPTION],
            ..Self::directory()
        }
    }

    /// `/applications`, `/servicePrincipals`.
    pub fn applications() -> Self {
        Self {
            counted: &[Attr::OWNERS],
            searchable: &[Attr::DISPLAY_NAME],
            ..Self::directory()
        }
    }

    /// `/directory/deletedItems/{cast}`, which is filtered and sorted by the time of deletion.
    pub fn deleted_items() -> Self {
        Self {
            also_filterable: &[Attr::DELETED_DATE_TIME],
            searchable: &[Attr::DISPLAY_NAME],
            ..Self::directory()
        }
    }

    /// `/auditLogs/provisioning`. Values compare exactly, but for the two enumerations: the status
    /// is documented so, and the old name `action` was written `Create`.
    pub fn provisioning_log() -> Self {
        Self {
            max_top: 1_000,
            contains: true,
            case: Case::Sensitive,
            insensitive: &[Attr::LOG_STATUS, Attr::LOG_ACTION],
            workload: Workload::AuditLogs,
            ..Self::directory()
        }
    }

    /// How the texts of one attribute compare.
    pub(crate) fn case_of(&self, attr: Option<Attr>) -> Case {
        match attr {
            Some(attr) if self.insensitive.contains(&attr) => Case::Insensitive,
            _ => self.case,
        }
    }

    /// 400: understood, but not to be had here.
    pub(crate) fn unsupported(&self, message: impl Into<String>) -> Problem {
        let code = match self.workload {
            Workload::Directory => "Request_UnsupportedQuery",
            Workload::AuditLogs => "BadRequest",
        };
        Problem::new(ProblemKind::BadRequest, code, message)
    }

    /// 400: wrong names or values.
    pub(crate) fn invalid(&self, message: impl Into<String>) -> Problem {
        let code = match self.workload {
            Workload::Directory => "Request_BadRequest",
            Workload::AuditLogs => "BadRequest",
        };
        Problem::new(ProblemKind::BadRequest, code, message)
    }
}
