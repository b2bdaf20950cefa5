//! Laws that hold for every source object, link and target.

use proptest::prelude::*;
use syncline_engine::evidence::{EvidenceForm, EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::schema::FlowTypes;
use syncline_engine::{Action, Decision, Evidence, Lifecycle};
use syncline_model::link::LinkState;
use syncline_model::{Attr, ObjectId, Value};

use crate::support::{Person, World, id, person, rule_with};

fn text() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some(String::new())),
        Just(Some("True".to_owned())),
        "[a-zäß@#.' \\[\\]\"]{1,12}".prop_map(Some)
    ]
}

prop_compose! {
    pub fn source()(
        lifecycle in 0..3,
        enabled in proptest::option::weighted(0.9, any::<bool>()),
        assigned in proptest::bool::weighted(0.7),
        guest in proptest::bool::weighted(0.1),
        texts in proptest::collection::vec(text(), 6),
        phone in text(),
        manager in proptest::option::of(1u128..4),
    ) -> Person {
        let mut source = person();
        if guest {
            source = source.with(Attr::USER_TYPE, "Guest");
        }
        source = match enabled {
            Some(enabled) => source.with(Attr::ACCOUNT_ENABLED, enabled),
            None => source.without(Attr::ACCOUNT_ENABLED),
        };
        let attrs = [
            Attr::DEPARTMENT, Attr::CITY, Attr::JOB_TITLE, Attr::EMPLOYEE_ID, Attr::MAIL, Attr::PREFERRED_LANGUAGE,
        ];
        for (attr, text) in attrs.into_iter().zip(texts) {
            source = match text {
                Some(text) => source.with(attr, text),
                None => source.without(attr),
            };
        }
        if let Some(phone) = phone {
            source = source.with(Attr::BUSINESS_PHONES, Value::List(vec![phone.into()]));
        }
        if let Some(manager) = manager {
            source = source.managed_by(id(manager));
        }
        if !assigned {
            source = source.unassigned();
        }
        match lifecycle {
            0 => source,
            1 => source.deleted(),
            _ => source.deleted_for_good(),
        }
    }
}

prop_compose! {
    fn world()(
        flow in proptest::sample::select(vec!["Add,Update,Delete", "Add,Update", "Add,Delete", "Update,Delete", "None"]),
        sync_all in any::<bool>(),
        keeping in any::<bool>(),
        target in 0..6,
        city in text(),
        state in proptest::sample::select(vec![LinkState::Live, LinkState::SoftDeleted, LinkState::Released]),
    ) -> World {
        let mut world = World::new();
        world = match target {
            0 => world,
            1 => world.invited_earlier(50),
            2 => world.invited_earlier(50).in_recycle_bin(),
            3 => world.synchronized().link_state(state),
            4 => world.synchronized().in_recycle_bin().link_state(state),
            _ => world.synchronized().target_gone(),
        };
        if let (Some(city), false) = (city, world.target.is_empty()) {
            world = world.target_has(Attr::CITY, city);
        }
        world.rule = rule_with(|mapping| mapping.flow_types = FlowTypes(flow.to_owned()));
        world.facts.sync_all = sync_all;
        world.facts.skip_out_of_scope_deletions = keeping;
        world
    }
}

proptest! {
    /// Law "converges": with the target as the first decision left it, there is nothing to do.
    #[test]
    fn deciding_twice_changes_nothing(source in source(), mut world in world()) {
        let first = world.decide(&source.0);
        world.carry_out(&first);
        let second = world.decide(&source.0);
        let settled = matches!(
            second.action,
            Action::Unchanged { adopt: false, .. } | Action::Skip(_) | Action::Fail(_)
        );
        prop_assert!(settled, "{:?} then {:?}", first.action, second.action);
    }

    /// Law "no surprise deletes": a wanted source object never loses its target object.
    #[test]
    fn only_who_left_is_deleted(source in source(), world in world()) {
        let wanted = source.0.lifecycle == Lifecycle::Live
            && (world.facts.sync_all || !source.0.assigned_roles.is_empty())
            && source.0.entry.as_ref().is_some_and(|entry| entry.text(Attr::USER_TYPE) == Some("Member"));
        let action = world.decide(&source.0).action;
        if wanted {
            let deleted = matches!(action, Action::SoftDelete { .. } | Action::HardDelete { .. } | Action::Release { .. });
            prop_assert!(!deleted, "{action:?}");
        } else {
            let written = matches!(
                action,
                Action::Create { .. } | Action::Update { .. } | Action::Restore { .. } | Action::Disable { .. }
            );
            prop_assert!(!written, "{action:?}");
        }
        if !world.rule.flow.delete {
            let deleted = matches!(action, Action::SoftDelete { .. } | Action::HardDelete { .. });
            prop_assert!(!deleted, "{action:?}");
        }
    }

    #[test]
    fn evidence_survives_storing(source in source(), world in world()) {
        let evidence = world.decide(&source.0).evidence;
        prop_assert_eq!(Evidence::decode(&evidence.encode()), Some(evidence));
    }

    #[test]
    fn damaged_evidence_is_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut first = vec![1];
        first.extend(&body);
        let _ = Evidence::decode(&first);
        // With the right length what is packed is reached.
        for (version, body) in [
            (2, body.clone()),
            (2, lz4_flex::compress_prepend_size(&body)),
            (3, body.clone()),
            (4, body.clone()),
            (4, lz4_flex::compress_prepend_size(&body)),
        ] {
            let mut row = vec![version];
            row.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
            row.extend(&body);
            let _ = Evidence::decode(&row);
        }
    }

    /// A byte of what is packed is another one, and all around it is right.
    #[test]
    fn packed_evidence_with_another_byte_is_no_panic(
        source in source(),
        world in world(),
        at in any::<prop::sample::Index>(),
        byte: u8,
    ) {
        let mut row = world.decide(&source.0).evidence.encode();
        let body = 5..row.len();
        let at = body.start + at.index(body.len());
        row[at] = byte;
        let _ = Evidence::decode(&row);
    }

    #[test]
    fn evidence_that_is_cut_short_or_changed_is_no_panic(
        source in source(),
        world in world(),
        at in any::<prop::sample::Index>(),
        byte: u8,
    ) {
        let row = world.decide(&source.0).evidence.encode();
        let at = at.index(row.len());
        let _ = Evidence::decode(&row[..at]);
        let mut changed = row;
        changed[at] = byte;
        let _ = Evidence::decode(&changed);
    }

    /// What is packed ahead is sealed with what became of it.
    #[test]
    fn packed_evidence_tells_what_became_of_it(source in source(), world in world(), target: [u8; 16]) {
        let mut evidence = world.decide(&source.0).evidence;
        let packed = evidence.pack();
        evidence.target = Some(ObjectId::from_bytes(target));
        evidence.outcome = EvidenceOutcome::ReferencesOnly;
        evidence.references.push(ReferenceEvidence {
            name: "manager".into(),
            source: Some(source.0.id),
            state: ReferenceState::Set(source.0.id),
            fills: true,
        });
        prop_assert_eq!(Evidence::decode(&packed.seal(&evidence)), Some(evidence));
    }

    /// Whichever form was asked for, the log tells the same.
    #[test]
    fn evidence_that_is_decided_in_packed_form_is_the_open_one(source in source(), world in world()) {
        let open = world.decide(&source.0);
        let Decision { evidence, packed, ..  } = world.decide_in(EvidenceForm::Packed, &source.0);
        prop_assert_eq!(packed.is_some(), !open.action.is_silent() && !open.action.is_removal());
        let row = match packed {
            Some(packed) => {
                let lists = [evidence.imported.len(), evidence.modified.len()];
                prop_assert_eq!(lists, [0, 0]);
                packed.seal(&evidence)
            }
            None => evidence.encode(),
        };
        prop_assert_eq!(&row, &open.evidence.encode());
        prop_assert_eq!(Evidence::decode(&row), Some(open.evidence));
    }

    /// Rows that earlier versions wrote stay readable.
    #[test]
    fn evidence_of_earlier_versions_is_read(source in source(), world in world()) {
        // Which they did not say.
        let evidence = Evidence { keeping: None, ..world.decide(&source.0).evidence };
        let plain = lz4_flex::compress_prepend_size(&postcard::to_allocvec(&evidence).unwrap());
        let mut first = vec![1];
        first.extend(&plain);
        prop_assert_eq!(Evidence::decode(&first), Some(evidence.clone()));

        let mut second = vec![2];
        second.extend(u32::try_from(plain.len()).unwrap().to_le_bytes());
        second.extend(&plain);
        let settled = (evidence.target, &evidence.outcome, &evidence.references);
        second.extend(postcard::to_allocvec(&settled).unwrap());
        prop_assert_eq!(Evidence::decode(&second), Some(evidence));
    }
}

proptest! {
    // With so many texts it takes far longer than the others.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]

    /// However many texts there are, however long, and however often one stands there.
    #[test]
    fn evidence_with_any_texts_survives_storing(
        source in source(),
        world in world(),
        texts in proptest::collection::vec("(\\PC{0,3}|True|displayName|[a-z]{0,200})", 0..1500),
    ) {
        let mut evidence = world.decide(&source.0).evidence;
        let id = source.0.id.to_string();
        evidence.imported = texts
            .windows(2)
            .map(|pair| (pair[0].as_str().into(), pair[1].as_str().into()))
            .chain([(id.as_str().into(), id.to_uppercase().as_str().into())])
            .collect();
        let row = evidence.encode();
        prop_assert_eq!(Evidence::decode(&row), Some(evidence));
        for at in (0..row.len()).step_by(97) {
            let _ = Evidence::decode(&row[..at]);
        }
    }
}
