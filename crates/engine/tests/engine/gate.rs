use syncline_engine::gate::{Gate, Verdict};

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
