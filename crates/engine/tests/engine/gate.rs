use syncline_engine::gate::{Gate, Verdict};

#[test]
fn on_at_five_hundred_unless_switched_off() {
    let of = Gate::from_notification_settings;
    let on = Gate {
        enabled: true,
        threshold: 500,
    };
    assert_eq!(of(None), on);
    assert_eq!(of(Some("{}")), on);
    assert_eq!(of(Some("not json")), on);
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
