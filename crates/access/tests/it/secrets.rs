use syncline_access::secrets;

/// What a form brings is compared with a seal: neither nothing nor the beginning of one passes for it.
#[test]
fn a_text_equals_nothing_but_itself() {
    assert!(secrets::equal("seal", "seal"));
    for (left, right) in [
        ("", "seal"),
        ("sea", "seal"),
        ("seal", "sea"),
        ("seaL", "seal"),
    ] {
        assert!(!secrets::equal(left, right), "{left} {right}");
    }
    assert!(secrets::matches("x", &secrets::fingerprint("x")));
    assert!(!secrets::matches("x", ""));
}
