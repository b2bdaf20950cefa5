//! Page and delta tokens.

use syncline_model::{ProblemKind, TenantId, Timestamp};
use syncline_odata::limits;
use syncline_odata::options::OptionTexts;
use syncline_odata::skiptoken::{DeltaToken, PageToken, start_again};

use crate::check_problem;

fn contoso() -> TenantId {
    TenantId::from_bytes([1; 16])
}

fn fabrikam() -> TenantId {
    TenantId::from_bytes([2; 16])
}

fn page() -> PageToken {
    PageToken {
        resource: "users".to_owned(),
        last_key: vec![0, 255, 7, 8],
        texts: OptionTexts {
            select: Some("id,displayName".to_owned()),
            filter: Some("surname eq 'Ø'".to_owned()),
            top: Some(5),
            count: true,
            ..OptionTexts::default()
        },
    }
}

fn delta() -> DeltaToken {
    DeltaToken {
        resource: "groups".to_owned(),
        sequence: i64::MAX as u64,
        position: vec![1, 2],
        select: Some("members".to_owned()),
        filter: None,
        issued_at: Timestamp::parse("2026-01-02T03:04:05Z").unwrap(),
    }
}

#[test]
fn they_come_back_and_fit_into_a_url() {
    let text = page().encode(contoso());
    assert!(
        text.bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)),
        "{text}"
    );
    assert_eq!(
        PageToken::decode(&text, "users", contoso()).unwrap(),
        page()
    );
    assert_eq!(
        PageToken::decode(&format!("{text}=="), "users", contoso()).unwrap(),
        page()
    );
    assert_eq!(
        DeltaToken::decode(&delta().encode(contoso()), "groups", contoso()).unwrap(),
        delta()
    );
}

#[test]
fn a_page_token_that_is_not_ours_has_expired() {
    let text = page().encode(contoso());
    let expired = "Directory_ExpiredPageToken";
    check_problem(
        PageToken::decode(&text, "groups", contoso()),
        expired,
        "has expired",
    );
    check_problem(
        PageToken::decode(&delta().encode(contoso()), "groups", contoso()),
        expired,
        "has expired",
    );
    check_problem(
        PageToken::decode("AAAAAAAAAAAA", "users", contoso()),
        expired,
        "has expired",
    );
    check_problem(
        PageToken::decode(&text[..text.len() - 4], "users", contoso()),
        expired,
        "has expired",
    );
    check_problem(
        PageToken::decode(&format!("{text}AAAA"), "users", contoso()),
        expired,
        "has expired",
    );
}

#[test]
fn no_changed_letter_goes_unnoticed() {
    let text = page().encode(contoso());
    for at in 0..text.len() {
        let mut letters = text.clone().into_bytes();
        letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(letters).unwrap();
        assert!(
            PageToken::decode(&changed, "users", contoso()).is_err(),
            "letter {at}"
        );
    }
}

#[test]
fn text_that_is_no_token_is_malformed() {
    for text in ["", "AA", "not a token!", "ä", &"A".repeat(40_000)] {
        check_problem(
            PageToken::decode(text, "users", contoso()),
            "BadRequest",
            "$skiptoken is malformed",
        );
        check_problem(
            DeltaToken::decode(text, "users", contoso()),
            "BadRequest",
            "$deltatoken is malformed",
        );
    }
}

#[test]
fn a_delta_token_of_a_sequence_that_can_not_be_is_gone() {
    let made_up = DeltaToken {
        sequence: i64::MAX as u64 + 1,
        ..delta()
    };
    let problem = DeltaToken::decode(&made_up.encode(contoso()), "groups", contoso()).unwrap_err();
    assert_eq!(problem.code, "syncStateNotFound");
}

#[test]
fn an_unknown_or_old_delta_token_is_gone() {
    let unknown = DeltaToken::decode(&delta().encode(contoso()), "users", contoso()).unwrap_err();
    assert_eq!(
        (unknown.kind, unknown.code.as_ref()),
        (ProblemKind::Gone, "syncStateNotFound")
    );
    let week = 7 * 24 * 3600;
    let issued = delta().issued_at;
    assert!(delta().check_age(issued.plus_seconds(week), week).is_ok());
    let old = delta()
        .check_age(issued.plus_seconds(week + 1), week)
        .unwrap_err();
    assert_eq!(
        (old.kind, old.code.as_ref()),
        (ProblemKind::Gone, "resyncRequired")
    );
}

#[test]
fn a_token_of_another_tenant_is_not_ours() {
    check_problem(
        PageToken::decode(&page().encode(contoso()), "users", fabrikam()),
        "Directory_ExpiredPageToken",
        "has expired",
    );
    let of_contoso = delta().encode(contoso());
    let unknown = DeltaToken::decode(&of_contoso, "groups", fabrikam()).unwrap_err();
    assert_eq!(
        (unknown.kind, unknown.code.as_ref()),
        (ProblemKind::Gone, "syncStateNotFound")
    );
    // Whoever has to start again keeps the options.
    assert_eq!(
        start_again(&format!("$deltatoken={of_contoso}"), "groups", |_| true),
        "$deltatoken=&$select=members"
    );
    // But for what is refused by now.
    assert_eq!(
        start_again(&format!("$deltatoken={of_contoso}"), "groups", |it| it
            != "members"),
        "$deltatoken=&$select=id"
    );
}

/// A list of ids, as long as a query string may be.
fn longest() -> String {
    let ids = (0..1_000u128).map(|number| {
        format!(
            "'{}'",
            uuid::Uuid::from_u128((number << 64) | (number * 7_919))
        )
    });
    let mut filter = format!("id in ({})", ids.collect::<Vec<_>>().join(","));
    filter.truncate(limits::MAX_TEXT_BYTES - "$filter=".len());
    filter
}

#[test]
fn a_token_carries_whatever_had_room_in_a_request() {
    // The second does not shrink.
    let digits = (0u64..).flat_map(|it| it.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    let letters = digits.map(|it| {
        char::from(
            b"!*-._~()0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                [usize::from(it) % 70],
        )
    });
    let random: String = letters.take(longest().len()).collect();
    for filter in [longest(), random] {
        let mut page = page();
        page.texts.filter = Some(filter.clone());
        let text = page.encode(contoso());
        assert!(text.len() <= limits::MAX_TOKEN_BYTES, "{}", text.len());
        assert_eq!(PageToken::decode(&text, "users", contoso()).unwrap(), page);
        let delta = DeltaToken {
            filter: Some(filter),
            ..delta()
        };
        let text = delta.encode(contoso());
        assert_eq!(
            DeltaToken::decode(&text, "groups", contoso()).unwrap(),
            delta
        );
        let fabrikam = DeltaToken::decode(&text, "groups", fabrikam()).unwrap_err();
        assert_eq!(fabrikam.code, "syncStateNotFound");
    }
}

#[test]
fn a_list_of_ids_takes_less_room_in_a_token_than_it_did_in_the_request() {
    let mut page = page();
    page.texts.filter = Some(longest());
    let text = page.encode(contoso());
    assert!(text.len() < longest().len(), "{}", text.len());
}

/// They were given before tokens were of one tenant.
#[test]
fn tokens_of_earlier_builds_are_followed_to_their_end() {
    const PAGE: &str = "AaSt_OcFdXNlcnMEAP8HCAEOaWQsZGlzcGxheU5hbWUBD3N1cm5hbWUgZXEgJ8OYJwAAAAEFAQ";
    const DELTA: &str = "AlEXeLoGZ3JvdXBz__________9_AgECAQdtZW1iZXJzAICCjPCz7eQ-";
    for tenant in [contoso(), fabrikam()] {
        assert_eq!(PageToken::decode(PAGE, "users", tenant).unwrap(), page());
        assert_eq!(
            DeltaToken::decode(DELTA, "groups", tenant).unwrap(),
            delta()
        );
    }
}
