//! Rows of the log as each version has written them. They stand in people's databases: rows are added
//! here, and none is ever changed.

use syncline_engine::evidence::{
    Evidence, EvidenceOutcome, Import, Keeping, Matching, Modified, ReferenceEvidence,
    ReferenceState, Scoping,
};
use syncline_engine::{Failure, SkipReason};
use syncline_model::{EntityKind, ObjectId, Text};

fn id(byte: u8) -> ObjectId {
    ObjectId::from_bytes([byte; 16])
}

fn pair(name: &str, value: &str) -> (Text, Text) {
    (name.into(), value.into())
}

fn modified(name: &str, old: Option<&str>, new: Option<&str>) -> Modified {
    Modified {
        name: name.into(),
        old: old.map(Text::from),
        new: new.map(Text::from),
    }
}

/// Everything that evidence can hold.
fn full() -> Evidence {
    Evidence {
        kind: EntityKind::User,
        source: id(1),
        source_display_name: "Zoë Ågren".into(),
        source_name: "zoe@contoso.example".into(),
        import: Import::Update,
        imported: vec![
            pair("objectId", "01010101-0101-0101-0101-010101010101"),
            pair("displayName", "Zoë Ågren"),
            pair("accountEnabled", "True"),
            pair("extension_badge", "A-17"),
            pair("city", ""),
        ],
        scoping: Some(Scoping {
            active: true,
            assigned: false,
            sync_all: true,
            has_role: true,
            filter_passed: true,
            clauses: vec![
                ("only.city EQUALS ''".into(), true),
                ("only.department EQUALS 'Sales'".into(), false),
            ],
        }),
        matching: Some(Matching {
            attribute: Some(pair("alternativeSecurityIds", "5::0101")),
            found: vec![id(2), id(3)],
        }),
        target: Some(id(2)),
        target_display_name: "Zoë".into(),
        target_name: "zoe_contoso.example#EXT#@fabrikam.onmicrosoft.com".into(),
        outcome: EvidenceOutcome::Updated { adopted: true },
        keeping: None,
        modified: vec![
            modified("displayName", Some("Zoë"), Some("Zoë Ågren")),
            modified("city", Some("Lund"), None),
            modified("jobTitle", None, Some("Zoë")),
            modified("state", None, None),
        ],
        references: vec![
            ReferenceEvidence {
                name: "manager".into(),
                source: Some(id(4)),
                state: ReferenceState::Set(id(5)),
                fills: false,
            },
            ReferenceEvidence {
                name: "manager".into(),
                source: None,
                state: ReferenceState::Removed(id(6)),
                fills: false,
            },
            ReferenceEvidence {
                name: "manager".into(),
                source: Some(id(7)),
                state: ReferenceState::Waiting,
                fills: false,
            },
        ],
        source_system: "Azure Active Directory".into(),
        target_system: "Azure Active Directory (target tenant)".into(),
    }
}

/// The same, and her manager was given where there was none.
fn filling() -> Evidence {
    let mut evidence = full();
    evidence.references[0].fills = true;
    evidence
}

/// The same, and she was let go as she was changed.
fn keeping() -> Evidence {
    let (before, after) = (true, false);
    Evidence {
        keeping: Some(Keeping { before, after }),
        ..filling()
    }
}

/// Next to nothing, and a failure.
fn failed() -> Evidence {
    Evidence {
        kind: EntityKind::Group,
        import: Import::Add,
        imported: Vec::new(),
        scoping: None,
        matching: None,
        target: None,
        outcome: EvidenceOutcome::Failed(Failure {
            code: "Conflict".to_owned(),
            reason: "taken".to_owned(),
            recommended_action: "rename".to_owned(),
            transient: true,
            held_by: None,
        }),
        modified: Vec::new(),
        references: Vec::new(),
        ..full()
    }
}

/// More than is written uncompressed.
fn long() -> Evidence {
    let names = (0..90).map(|number| pair(&format!("extension_{number:03}"), "[Redact]"));
    Evidence {
        outcome: EvidenceOutcome::Skipped(SkipReason::NotInProvisioningScope),
        imported: names.collect(),
        ..full()
    }
}

fn row(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
    let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    hex.chunks(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

#[test]
fn rows_of_every_version_are_read() {
    for (hex, evidence) in [
        (include_str!("samples/evidence/v1-full.hex"), full()),
        (include_str!("samples/evidence/v1-failed.hex"), failed()),
        (include_str!("samples/evidence/v2-full.hex"), full()),
        (include_str!("samples/evidence/v2-failed.hex"), failed()),
        (include_str!("samples/evidence/v3-full.hex"), full()),
        (include_str!("samples/evidence/v3-failed.hex"), failed()),
        (include_str!("samples/evidence/v3-filling.hex"), filling()),
        (include_str!("samples/evidence/v3-keeping.hex"), keeping()),
        (include_str!("samples/evidence/v4-long.hex"), long()),
    ] {
        let row = row(hex);
        assert_eq!(Evidence::decode(&row), Some(evidence), "version {}", row[0]);
    }
}

/// What is written today is one of them.
#[test]
fn rows_are_written_as_they_stand_here() {
    for (hex, evidence) in [
        (include_str!("samples/evidence/v3-full.hex"), full()),
        (include_str!("samples/evidence/v3-failed.hex"), failed()),
        (include_str!("samples/evidence/v3-filling.hex"), filling()),
        (include_str!("samples/evidence/v3-keeping.hex"), keeping()),
    ] {
        assert_eq!(evidence.encode(), row(hex));
    }
}

/// They read a row as far as they know it, and this is more behind its end.
#[test]
fn versions_that_know_less_read_the_row_without_it() {
    let rows = [full(), filling(), keeping()].map(|it| it.encode());
    for pair in rows.windows(2) {
        assert!(pair[1].len() > pair[0].len() && pair[1].starts_with(&pair[0]));
    }
    // Also where there is nothing between.
    let alone = Evidence {
        keeping: keeping().keeping,
        ..full()
    };
    assert_eq!(Evidence::decode(&alone.encode()), Some(alone));
}

/// A damaged row is told as one, and not read half.
#[test]
fn a_filling_of_no_reference_is_damage() {
    let mut row = filling().encode();
    *row.last_mut().unwrap() = 3;
    assert_eq!(Evidence::decode(&row), None);
}
