//! A running server with three imported people, some of whom are deleted over Graph.

use reqwest::Method;
use serde_json::Value;

use crate::support::{Server, Syncline, token};

pub const PEOPLE: &str = "userPrincipalName,displayName,mail,department\n\
    ana@contoso.example,Ana,ana@contoso.example,Sales\n\
    bo@contoso.example,Bo,bo@contoso.example,Sales\n\
    cy@contoso.example,Cy,,Sales\n";

/// A running server with imported people.
pub struct World {
    pub syncline: Syncline,
    pub server: Server,
    token: String,
    file: String,
}

impl World {
    pub async fn new() -> Self {
        let syncline = Syncline::new();
        let tenant = syncline.tenant("contoso");
        let server = syncline.serve(&["--no-scheduler"]);
        let token = token(&server, &tenant).await;
        let file = syncline.file("users.csv", PEOPLE.as_bytes());
        let world = Self {
            syncline,
            server,
            token,
            file,
        };
        assert_eq!(world.import(&[])["created"], 3);
        world
    }

    pub fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let all = ["import", "--tenant", "contoso.example", &self.file];
        all.into_iter().chain(more.iter().copied()).collect()
    }

    pub fn import(&self, more: &[&str]) -> Value {
        self.syncline.json(&self.arguments(more))
    }

    pub async fn graph(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/v1.0/{path}", self.server.origin);
        let request = self.server.client().request(method, url);
        let request = request.bearer_auth(&self.token).json(&body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default()
    }

    pub async fn id(&self, name: &str) -> String {
        let user = self
            .graph(
                Method::GET,
                &format!("users/{name}@contoso.example"),
                Value::Null,
            )
            .await;
        user["id"].as_str().unwrap().to_owned()
    }

    pub async fn delete(&self, name: &str) -> String {
        let id = self.id(name).await;
        self.graph(Method::DELETE, &format!("users/{id}"), Value::Null)
            .await;
        id
    }

    pub fn users(&self) -> Value {
        self.syncline.json(&["tenant", "list"])["tenants"][0]["users"].clone()
    }
}
