//! What the target would refuse, as it says when it is asked beforehand: of creates, a value that is no
//! good, a name that another object has; of updates and restores, a name or an address that is another tenant's.
//! Whoever fails because of an object of this job is tried once more behind the removals, as in a cycle, when there
//! are any; who gives up his name before that is known by then. Whoever gave it up before, as in an earlier page, is in nobody's way.

use std::collections::{BTreeMap, HashMap, HashSet};

use syncline_connector::Refused;
use syncline_engine::{Action, Change, Creation, Failure, LookupQuery, Operation};
use syncline_model::fold::fold;
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, Problem, Value};

use crate::settle;
use crate::unavailable::unavailable;
use crate::view::{Decided, View};

/// Behind what the target says of whoever leaves.
const SWITCHED_OFF: &str = " The account is switched off all the same.";

#[derive(Debug, Default)]
pub(crate) struct Refusals {
    /// Who is tried once more.
    again: BTreeMap<ObjectId, EntityKind>,
    /// Target objects that would be removed, or lose names.
    freed: HashMap<ObjectId, Freed>,
    /// Source objects of which the account is switched off although what else was to be written is refused.
    switched_off: HashSet<ObjectId>,
    tries: Tries,
}

/// Which try it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tries {
    #[default]
    First,
    /// Behind the removals.
    Last,
    /// Nobody is tried once more: what was refused at first stays refused.
    Over,
}

/// What of an object would be free.
#[derive(Debug)]
enum Freed {
    Everything,
    Values(EntityKind, HashSet<Name>),
}

/// A value that one object has at a time, folded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Name {
    SignIn(String),
    Address(String),
}

impl Name {
    /// Those of an attribute's value.
    fn of(attr: Attr, value: &Value) -> Vec<Self> {
        let texts = || value.as_slice().iter().filter_map(Value::as_text);
        match attr {
            Attr::USER_PRINCIPAL_NAME => texts().map(|it| Self::SignIn(fold(it))).collect(),
            Attr::MAIL => texts().map(|it| Self::Address(fold(it))).collect(),
            // `SMTP:a@b.example`, `smtp:a@b.example`
            Attr::PROXY_ADDRESSES => texts()
                .map(|it| it.split_once(':').map_or(it, |(_, address)| address))
                .map(|it| Self::Address(fold(it)))
                .collect(),
            _ => Vec::new(),
        }
    }

    fn of_all(attrs: &Attrs) -> HashSet<Self> {
        [Attr::USER_PRINCIPAL_NAME, Attr::MAIL, Attr::PROXY_ADDRESSES]
            .into_iter()
            .filter_map(|attr| Some((attr, attrs.get(attr)?)))
            .flat_map(|(attr, value)| Self::of(attr, value))
            .collect()
    }

    /// Those that go with these changes.
    fn given_up(changes: &[Change]) -> HashSet<Self> {
        let names = |value: fn(&Change) -> Option<&Value>| -> HashSet<Self> {
            let values = changes.iter().filter_map(|it| Some((it.attr, value(it)?)));
            values
                .flat_map(|(attr, value)| Self::of(attr, value))
                .collect()
        };
        let (old, new) = (names(|it| it.old.as_ref()), names(|it| it.new.as_ref()));
        old.difference(&new).cloned().collect()
    }
}

impl Refusals {
    /// Of one object alone: nobody else makes room for it.
    pub(crate) fn over() -> Self {
        Self {
            tries: Tries::Over,
            ..Self::default()
        }
    }

    /// Asks the target about the creates of a page: those that would fail do, and those that are tried
    /// once more are taken out, and returned beside the others.
    pub(crate) fn of_page(
        &mut self,
        view: &View<'_, '_>,
        mut decided: Vec<Decided>,
    ) -> Result<(Vec<Decided>, Vec<Decided>), Problem> {
        self.refuse_changes(view, &mut decided)?;
        self.fail_besides(&mut decided);
        for it in &decided {
            let kind = view.configuration.target_kind(it.decision.kind);
            self.note(kind, &it.decision.action);
        }
        let target = &view.configuration.connected.target;
        let creates: Vec<_> = decided
            .iter()
            .filter_map(|it| {
                let kind = view.configuration.target_kind(it.decision.kind);
                Creation::of(kind, &it.decision.action)
            })
            .collect();
        if creates.is_empty() {
            return Ok((decided, Vec::new()));
        }
        let refused = target.foresee(view.reader, &creates);
        let mut refused = refused.map_err(unavailable)?.into_iter();
        let mut left = Vec::with_capacity(decided.len());
        let mut again = Vec::new();
        for mut it in decided {
            let Action::Create { attrs, .. } = &it.decision.action else {
                left.push(it);
                continue;
            };
            if let Some(refused) = refused.next().flatten()
                && !self.has_passed(view, attrs, &refused)?
            {
                let fault = &refused.fault;
                let is_later = fault.transient && fault.code == Failure::CONFLICT;
                let is_again = self.tries == Tries::First && is_later && refused.holder.is_some();
                fail(view, &mut it, refused);
                if is_again {
                    self.again.insert(it.decision.source, it.decision.kind);
                    again.push(it);
                    continue;
                }
            }
            left.push(it);
        }
        Ok((left, again))
    }

    /// Whether what is in the way would be gone by now.
    fn has_passed(
        &self,
        view: &View<'_, '_>,
        wanted: &Attrs,
        refused: &Refused,
    ) -> Result<bool, Problem> {
        let Some(holder) = refused.holder.filter(|_| refused.fault.transient) else {
            return Ok(false);
        };
        if self.tries == Tries::Over {
            return Ok(false);
        }
        let (kind, free) = match self.freed.get(&holder) {
            None => return Ok(false),
            Some(Freed::Everything) => return Ok(true),
            Some(Freed::Values(kind, free)) => (*kind, free),
        };
        let query = LookupQuery::Linked {
            kind,
            target: holder,
        };
        let target = &view.configuration.connected.target;
        let found = target
            .find(view.reader, &[query])
            .map_err(unavailable)?
            .into_iter()
            .flatten();
        let held: HashSet<Name> = found.flat_map(|it| Name::of_all(&it.entry.attrs)).collect();
        let wanted = Name::of_all(wanted);
        let mut in_the_way = wanted.intersection(&held).peekable();
        Ok(in_the_way.peek().is_some() && in_the_way.all(|it| free.contains(it)))
    }

    /// Whether this object's account is switched off although what was to be written with that is refused.
    pub(crate) fn has_switched_off(&self, source: &ObjectId) -> bool {
        self.switched_off.contains(source)
    }

    /// Fails the updates and restores of which the target says that it would refuse them whoever makes room.
    fn refuse_changes(
        &mut self,
        view: &View<'_, '_>,
        decided: &mut [Decided],
    ) -> Result<(), Problem> {
        let foresee = |operations: &[Operation]| {
            let target = &view.configuration.connected.target;
            target
                .foresee_changes(view.reader, operations)
                .map_err(unavailable)
        };
        let mut of = Vec::new();
        let mut operations = Vec::new();
        for (at, it) in decided.iter().enumerate() {
            let kind = view.configuration.target_kind(it.decision.kind);
            if let Some(operation) = settle::changing(kind, &it.decision.action) {
                of.push(at);
                operations.push(operation);
            }
        }
        if operations.is_empty() {
            return Ok(());
        }
        let refused = foresee(&operations)?;
        for ((at, operation), fault) in of.into_iter().zip(&operations).zip(refused) {
            let (Some(mut fault), Some(it)) = (fault, decided.get_mut(at)) else {
                continue;
            };
            let decision = &mut it.decision;
            let kind = view.configuration.target_kind(decision.kind);
            let instead = settle::instead(kind, &decision.action, &fault);
            if let Some(rule) = view.configuration.rule_for(decision.kind) {
                fault = rule.hiding(operation, fault);
            }
            if let Some(instead) = instead
                && foresee(&[instead])?.iter().all(Option::is_none)
            {
                self.switched_off.insert(decision.source);
                fault.message.push_str(SWITCHED_OFF);
            }
            **decision = decision.clone().failed(Failure::from(fault));
        }
        Ok(())
    }

    /// Fails those of whom a mapping does, whose accounts are switched off all the same.
    fn fail_besides(&mut self, decided: &mut [Decided]) {
        for it in decided {
            let decision = &mut it.decision;
            if let Some(mut failure) = decision.besides.take() {
                self.switched_off.insert(decision.source);
                failure.reason.push_str(SWITCHED_OFF);
                **decision = decision.clone().failed(*failure);
            }
        }
    }

    fn note(&mut self, kind: EntityKind, action: &Action) {
        match action {
            Action::SoftDelete { target } | Action::HardDelete { target } => {
                self.freed.insert(*target, Freed::Everything);
            }
            Action::Update {
                target, changes, ..
            }
            | Action::Disable { target, changes }
            | Action::Release { target, changes } => {
                let free = Name::given_up(changes);
                if !free.is_empty() {
                    self.freed.insert(*target, Freed::Values(kind, free));
                }
            }
            _ => {}
        }
    }

    /// Those who are tried once more, which is the last time; when nothing was removed before, their
    /// first try was, and they are only told.
    pub(super) fn for_the_last_time(&mut self, removed: bool) -> Vec<(EntityKind, ObjectId)> {
        self.tries = if removed { Tries::Last } else { Tries::Over };
        let again = std::mem::take(&mut self.again);
        again.into_iter().map(|(id, kind)| (kind, id)).collect()
    }
}

fn fail(view: &View<'_, '_>, decided: &mut Decided, refused: Refused) {
    let decision = &mut decided.decision;
    let mut fault = refused.fault;
    if let Some(rule) = view.configuration.rule_for(decision.kind)
        && let Some(create) = Creation::of(rule.target, &decision.action)
    {
        fault = rule.hiding(&create.operation(), fault);
    }
    **decision = decision.clone().failed(Failure::from(fault));
}
