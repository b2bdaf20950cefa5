//! Patterns.

use syncline_odata::path::{Captures, Key, Pattern, resolve};

fn matches(pattern: &str, raw: &str) -> Option<Captures> {
    Pattern::parse(pattern)
        .unwrap()
        .matches(&resolve(raw).unwrap())
}

#[test]
fn ids_in_both_syntaxes() {
    let pattern = "/servicePrincipals/{id}/synchronization/jobs/{jobId}/start";
    for raw in [
        "/beta/servicePrincipals/SP/synchronization/jobs/Azure2Azure.a.b/start",
        "/SERVICEPRINCIPALS('SP')/Synchronization/jobs('Azure2Azure.a.b')/START",
        "/servicePrincipals/SP/synchronization/jobs/Azure2Azure.a.b/microsoft.graph.start()/",
    ] {
        let captures = matches(pattern, raw).unwrap_or_else(|| panic!("{raw}"));
        assert_eq!(captures.id("id"), Some("SP"), "{raw}");
        assert_eq!(captures.id("jobId"), Some("Azure2Azure.a.b"), "{raw}");
        assert_eq!(captures.len(), 2);
    }
    assert_eq!(
        matches(pattern, "/servicePrincipals/SP/synchronization/jobs/J"),
        None
    );
    assert_eq!(
        matches(
            pattern,
            "/servicePrincipals/SP/synchronization/jobs/J/start/x"
        ),
        None
    );
}

#[test]
fn alternate_keys() {
    for (pattern, raw, name, value) in [
        (
            "/servicePrincipals/{id}",
            "/servicePrincipals(appId='a')",
            "appId",
            "a",
        ),
        (
            "/applications/{id}",
            "/applications(APPID='a')",
            "appId",
            "a",
        ),
        (
            "/groups/{id}/members",
            "/groups(uniqueName='a b')/members",
            "uniqueName",
            "a b",
        ),
        (
            "/users/{id}",
            "/users(userPrincipalName='a%23EXT%23@b')",
            "userPrincipalName",
            "a#EXT#@b",
        ),
        (
            "/directoryRoles/{id}",
            "/directoryRoles(roleTemplateId='a')",
            "roleTemplateId",
            "a",
        ),
    ] {
        let captures = matches(pattern, raw).unwrap_or_else(|| panic!("{raw}"));
        let key = captures.key("id").unwrap();
        assert_eq!(key.alternate(name), Some(value), "{raw}");
        assert_eq!(key.value(), value);
        assert_eq!(captures.id("id"), None, "{raw}");
    }
    assert_eq!(matches("/users/{id}", "/users(a='1',b='2')"), None);
}

#[test]
fn functions_in_four_spellings() {
    for spelling in [
        "delta",
        "delta()",
        "microsoft.graph.delta",
        "microsoft.graph.delta()",
        "Delta",
        "graph.delta()",
    ] {
        assert!(
            matches("/users/delta", &format!("/users/{spelling}")).is_some(),
            "{spelling}"
        );
    }
    assert!(matches("/users/delta()", "/users/microsoft.graph.delta").is_some());
    assert!(matches("/users/delta", "/users/microsoft.delta").is_none());
    assert!(matches("/users/delta", "/users('delta')").is_none());
}

#[test]
fn functions_with_parameters() {
    let pattern = "/tenantRelationships/findTenantInformationByTenantId(tenantId={tenantId})";
    for raw in [
        "/tenantRelationships/findTenantInformationByTenantId(tenantId='T')",
        "/tenantRelationships/microsoft.graph.findTenantInformationByTenantId(TENANTID='T')",
        "/tenantRelationships/findTenantInformationByTenantId(tenantId=T)",
    ] {
        assert_eq!(
            matches(pattern, raw)
                .unwrap_or_else(|| panic!("{raw}"))
                .id("tenantId"),
            Some("T")
        );
    }
    assert!(
        matches(
            pattern,
            "/tenantRelationships/findTenantInformationByTenantId(domainName='T')"
        )
        .is_none()
    );
    assert!(
        matches(
            pattern,
            "/tenantRelationships/findTenantInformationByTenantId"
        )
        .is_none()
    );
    let two = matches("/f(a={x},b={y})", "/f(B='2',A='1')").unwrap();
    assert_eq!((two.id("x"), two.id("y")), (Some("1"), Some("2")));
}

#[test]
fn casts_in_both_spellings() {
    for raw in [
        "/groups/g/members/graph.user",
        "/groups/g/members/microsoft.graph.user",
        "/groups/g/members/MICROSOFT.Graph.User",
    ] {
        assert!(
            matches("/groups/{id}/members/microsoft.graph.user", raw).is_some(),
            "{raw}"
        );
        let captures = matches("/groups/{id}/members/{cast}", raw).unwrap();
        assert!(captures.id("cast").unwrap().eq_ignore_ascii_case("user"));
        // A cast is no id.
        assert!(
            matches("/groups/{id}/members/{memberId}", raw).is_none(),
            "{raw}"
        );
    }
    assert!(
        matches(
            "/groups/{id}/members/microsoft.graph.user",
            "/groups/g/members/user"
        )
        .is_none()
    );
    assert!(matches("/groups/{id}/members/{cast}", "/groups/g/members/user").is_none());
}

#[test]
fn dollar_segments_are_names_not_ids() {
    assert!(matches("/users/$count", "/users/$COUNT").is_some());
    assert!(matches("/users/{id}", "/users/$count").is_none());
    assert!(
        matches(
            "/groups/{id}/members/{memberId}/$ref",
            "/groups/g/members('m')/$ref"
        )
        .is_some()
    );
}

#[test]
fn ids_keep_their_case_and_oddities() {
    for (raw, id) in [
        ("/users/O'Brien@X", "O'Brien@X"),
        (
            "/users/graph.user@contoso.example",
            "graph.user@contoso.example",
        ),
        ("/users('')", ""),
        ("/users/a%2Fb", "a/b"),
    ] {
        let captures = matches("/users/{id}", raw).unwrap_or_else(|| panic!("{raw}"));
        assert_eq!(captures.key("id"), Some(&Key::Id(id.to_owned())));
    }
}

#[test]
fn patterns_that_can_not_be_read() {
    for text in [
        "/users/{}",
        "/users/{id",
        "/users/id}",
        "/a/{id}/{id}",
        "/f(a={x}",
        "/f(a)",
        "/f(a=x)",
        "/f(a={})",
    ] {
        let error = Pattern::parse(text).expect_err(text);
        assert!(error.to_string().contains(text), "{error}");
    }
}
