//! What a round of changes is about: fixed by its first request, carried in the tokens.

use std::collections::BTreeSet;

use syncline_model::{Attr, EntityKind, ObjectId, Problem, Schema};
use syncline_odata::options::OptionTexts;
use syncline_odata::{QueryOptions, Rules, Selection, navigation, values_of};

use crate::Call;
use crate::wire::entity_out::Columns;

/// The bound `$select` and `$filter` of a round.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) kind: EntityKind,
    pub(super) select: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) selection: Selection,
    pub(super) columns: Columns,
    /// Only these objects; `None`: all.
    pub(super) only: Option<BTreeSet<ObjectId>>,
}

impl Request {
    /// `schema` is the tenant's.
    pub(super) fn bind(
        schema: &Schema,
        kind: EntityKind,
        select: Option<String>,
        filter: Option<String>,
    ) -> Result<Self, Problem> {
        let texts = OptionTexts {
            select: select.clone(),
            filter: filter.clone(),
            ..OptionTexts::default()
        };
        let options = QueryOptions::from_texts(&texts)?;
        let entity = schema.of(kind);
        let query = options.bind(entity, &Rules::directory())?;
        let only = match &query.predicate {
            None => None,
            Some(predicate) => {
                let values = values_of(predicate, Attr::ID).ok_or_else(|| {
                    Problem::unsupported_query(
                        "Delta queries support only filters on ids: id eq '…' or id eq '…'.",
                    )
                })?;
                Some(
                    values
                        .iter()
                        .filter_map(|it| it.display_text().parse().ok())
                        .collect(),
                )
            }
        };
        let selection = options.selection(entity)?;
        Ok(Self {
            kind,
            columns: Columns::of(entity, &selection),
            selection,
            select,
            filter,
            only,
        })
    }

    /// The references that rounds of this kind tell of.
    pub(super) fn reference(kind: EntityKind) -> &'static str {
        match kind {
            EntityKind::Group => "members",
            _ => "manager",
        }
    }

    /// The same as a first request sends it. Links that are out there go on with what they were given for.
    ///
    /// # Errors
    /// 400 for references that no round tells of: whoever waits for them would think that nothing changes there.
    pub(super) fn begun(self) -> Result<Self, Problem> {
        let followed = Self::reference(self.kind);
        let mut named = self.selection.navigation.iter();
        match named.find(|it| **it != followed) {
            None => Ok(self),
            Some(name) => Err(Problem::unsupported_query(format!(
                "'{name}' cannot be selected in this delta query: of references it tells of '{followed}' alone. Read the others of each object."
            ))),
        }
    }

    /// Whether a first request may select a name, see [`begun`](Self::begun).
    pub(super) fn may_begin_with(kind: EntityKind, name: &str) -> bool {
        // With a cast in front of it or without.
        let bare = name.rsplit('/').next().unwrap_or(name);
        navigation::find(kind, bare).is_none_or(|it| it == Self::reference(kind))
    }

    /// Whether the round is about the references of this name.
    pub(super) fn follows(&self, reference: &str) -> bool {
        !self.selection.explicit || self.selection.navigation.contains(&reference)
    }

    /// Names the collection in tokens.
    pub(super) fn resource(kind: EntityKind) -> &'static str {
        match kind {
            EntityKind::Group => "groups/delta",
            _ => "users/delta",
        }
    }

    pub(super) fn context(&self) -> String {
        let set = if self.kind == EntityKind::Group {
            "groups"
        } else {
            "users"
        };
        match &self.select {
            Some(names) => format!("{set}({names})"),
            None => set.to_owned(),
        }
    }
}

/// Options that Graph knows elsewhere and refuses here.
pub(super) fn refuse_unsupported(call: &Call<'_>) -> Result<(), Problem> {
    let texts = &call.query.texts;
    let unsupported = [
        ("$expand", texts.expand.is_some()),
        ("$orderby", texts.orderby.is_some()),
        ("$search", texts.search.is_some()),
        ("$top", texts.top.is_some()),
        ("$skip", call.query.skip.is_some()),
        ("$count", texts.count),
    ];
    match unsupported.into_iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Problem::unsupported_query(format!(
            "{name} is not supported in delta queries."
        ))),
        None => Ok(()),
    }
}
