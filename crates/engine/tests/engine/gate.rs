use syncline_engine::gate::{Gate, Verdict, deletes_setting};

#[test]
fn on_at_five_hundred_unless_switched_off() {
    let of = |settings| {
        let (gate, wrong) = Gate::in_force(settings);
        assert_eq!(wrong, None, "{settings:?}");
        gate
    };
    let on = Gate {
        enabled: true,
        threshold: 500,
    };
    assert_eq!(of(None), on);
    assert_eq!(of(Some("{}")), on);
    assert_eq!(
        of(Some(r#"{"Enabled":true,"DeleteThresholdEnabled":true}"#)),
        on
    );
    let how_to = r#"{"Enabled":false,"DeleteThresholdEnabled":false,"HumanResourcesLookaheadQueryEnabled":false}"#;
    assert!(!of(Some(how_to)).enabled);
    assert_eq!(
        of(Some(
            r#"{"DeleteThresholdEnabled":true,"DeleteThresholdValue":3}"#
        )),
        Gate {
            enabled: true,
            threshold: 3
        }
    );
    assert_eq!(
        of(Some(
            r#"{"DeleteThresholdEnabled":"True","DeleteThresholdValue":"3"}"#
        )),
        Gate {
            enabled: true,
            threshold: 3
        }
    );
}

/// Stored before it was checked, or by hand.
#[test]
fn settings_that_can_not_be_read_switch_nothing_off_and_say_so() {
    for (settings, threshold, said) in [
        ("not json", 500, "no JSON object"),
        (
            r#"{"DeleteThresholdEnabled":"no"}"#,
            500,
            "DeleteThresholdEnabled",
        ),
        (
            r#"{"DeleteThresholdEnabled":false,"DeleteThresholdValue":-1}"#,
            500,
            "DeleteThresholdValue",
        ),
        (
            r#"{"DeleteThresholdEnabled":false,"Threshold":5}"#,
            500,
            "`Threshold`",
        ),
        (
            r#"{"deleteThresholdEnabled":true,"deleteThresholdValue":5}"#,
            5,
            "did you mean `DeleteThresholdValue`?",
        ),
        (
            r#"{"DeleteThresholdEnabled":"on","DeleteThresholdValue":"7"}"#,
            7,
            "DeleteThresholdEnabled",
        ),
        (
            r#"{"deleteThresholdValue":100000}"#,
            500,
            "deleteThresholdValue",
        ),
    ] {
        let (gate, wrong) = Gate::in_force(Some(settings));
        let enabled = true;
        assert_eq!(gate, Gate { enabled, threshold }, "{settings}");
        let wrong = wrong.expect(settings);
        assert!(wrong.contains(said), "{settings}: {wrong}");
    }
}

/// Graph has a setting of the job beside the one in the secrets.
#[test]
fn the_stricter_of_two_thresholds_is_in_force() {
    let of = |enabled, threshold, name: &str, value: &str| {
        let gate = Gate { enabled, threshold };
        let settings = [
            ("LookaheadQueryEnabled".to_owned(), "5".to_owned()),
            (name.to_owned(), value.to_owned()),
        ];
        let (gate, wrong) = gate.with_settings(&settings);
        assert_eq!(wrong, deletes_setting::wrong(&settings));
        (gate.enabled.then_some(gate.threshold), wrong)
    };
    let name = "QuarantineTooManyDeletesThreshold";
    for (enabled, threshold, value, expected) in [
        (true, 500, "10", Some(10)),
        (true, 5, "10", Some(5)),
        (true, 500, "600", Some(500)),
        (true, 500, "0", Some(0)),
        (false, 500, "600", Some(600)),
        (true, 7, "", Some(7)),
        (false, 7, "", None),
    ] {
        assert_eq!(of(enabled, threshold, name, value), (expected, None));
        let other_case = of(enabled, threshold, &name.to_lowercase(), value);
        assert_eq!(other_case, (expected, None));
    }
    // Stored before it was checked.
    for (enabled, threshold, name, value, expected, said) in [
        (true, 700, name, "ten", 500, "`ten`, not a whole number"),
        (false, 700, name, "-1", 500, "`-1`, not a whole number"),
        (true, 20, name, "ten", 20, "`ten`"),
        (
            false,
            700,
            "QuarantineToManyDeleteThreshold",
            "10",
            10,
            "did you mean `QuarantineTooManyDeletesThreshold`?",
        ),
        (
            true,
            700,
            "DeleteThresholdValue",
            "900",
            500,
            "`SyncNotificationSettings`",
        ),
    ] {
        let (gate, wrong) = of(enabled, threshold, name, value);
        assert_eq!(gate, Some(expected), "{name} {value}");
        let wrong = wrong.expect(name);
        assert!(wrong.contains(said), "{wrong}");
    }
}

#[test]
fn depends_on_what_is_held_where_the_others_alone_would_go_through() {
    let gate = Gate {
        enabled: true,
        threshold: 3,
    };
    assert!(gate.depends_on(3, 3), "nobody else is left");
    assert!(gate.depends_on(3, 5));
    assert!(!gate.depends_on(3, 6), "three others close it as well");
    assert!(!gate.depends_on(2, 2), "it is open");
    assert!(!gate.depends_on(0, 3));
    let off = Gate {
        enabled: false,
        ..gate
    };
    assert!(!off.depends_on(3, 3));
}

#[test]
fn holds_when_the_threshold_is_met() {
    let gate = Gate {
        enabled: true,
        threshold: 3,
    };
    assert_eq!(gate.verdict(2), Verdict::Open);
    assert_eq!(gate.verdict(3), Verdict::Held);
    assert_eq!(gate.verdict(4), Verdict::Held);
    assert_eq!(
        Gate {
            enabled: false,
            threshold: 3
        }
        .verdict(4),
        Verdict::Open
    );
    assert_eq!(
        Gate {
            enabled: true,
            threshold: 0
        }
        .verdict(0),
        Verdict::Open,
        "nothing to hold"
    );
}
