//! The demo's HTTP client: it trusts the generated CA and nothing else, and prints each request
//! with its status.

use std::net::SocketAddr;
use std::path::Path;

use http::{Method, StatusCode};
use serde_json::Value;

use crate::commands::tenant_create::Created;
use crate::failure::Failure;
use crate::output;

/// Speaks to the demo's own server.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
}

/// Speaks for one tenant's application.
#[derive(Clone, Debug)]
pub struct Tenant {
    client: Client,
    pub id: String,
    token: String,
}

impl Client {
    pub fn new(origin: &str, ca: &Path, address: SocketAddr) -> Result<Self, Failure> {
        let broken = |error: &dyn std::fmt::Display| {
            Failure::new(format!("cannot make an HTTPS client: {error}"))
        };
        // Already installed is as good.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let pem = std::fs::read(ca).map_err(|error| Failure::file("read", ca, &error))?;
        let certificate = reqwest::Certificate::from_pem(&pem).map_err(|error| broken(&error))?;
        let http = reqwest::Client::builder()
            .tls_certs_only([certificate])
            // `localhost` is us, whatever the machine's resolver thinks.
            .resolve("localhost", address)
            .build()
            .map_err(|error| broken(&error))?;
        Ok(Self {
            http,
            origin: origin.to_owned(),
        })
    }

    /// Signs in as the tenant's application.
    pub async fn sign_in(&self, tenant: &Created) -> Result<Tenant, Failure> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &tenant.application.client_id)
            .append_pair("client_secret", &tenant.application.client_secret)
            .append_pair("scope", &format!("{}/.default", self.origin))
            .finish();
        let path = format!("/{}/oauth2/v2.0/token", tenant.tenant_id);
        let request = self
            .http
            .post(format!("{}{path}", self.origin))
            .header(
                http::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded",
            )
            .body(form);
        let answer = finish(request, &Method::POST, &path, StatusCode::OK).await?;
        let token = text(&answer, "/access_token")?;
        Ok(Tenant {
            client: self.clone(),
            id: tenant.tenant_id.to_string(),
            token,
        })
    }
}

impl Tenant {
    /// Sends a request, prints it, and demands a status.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        expected: StatusCode,
    ) -> Result<Value, Failure> {
        let mut request = self
            .client
            .http
            .request(method.clone(), format!("{}{path}", self.client.origin))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        finish(request, &method, path, expected).await
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Method::GET, path, None, StatusCode::OK).await
    }

    pub async fn post(
        &self,
        path: &str,
        body: Value,
        expected: StatusCode,
    ) -> Result<Value, Failure> {
        self.call(Method::POST, path, Some(body), expected).await
    }
}

async fn finish(
    request: reqwest::RequestBuilder,
    method: &Method,
    path: &str,
    expected: StatusCode,
) -> Result<Value, Failure> {
    let unreachable = |error: reqwest::Error| Failure::new(format!("{method} {path}: {error:?}"));
    let response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    output::line(&format!(
        "  {}  {:<6} {path}",
        status.as_u16(),
        method.as_str()
    ));
    let body = response.bytes().await.map_err(unreachable)?;
    if status != expected {
        return Err(Failure::new(format!(
            "{method} {path} answered {status} instead of {expected}: {}",
            String::from_utf8_lossy(&body)
        )));
    }
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&body)
        .map_err(|error| Failure::new(format!("{method} {path} did not answer JSON: {error}")))
}

/// The text at a place of an answer.
pub fn text(answer: &Value, pointer: &str) -> Result<String, Failure> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("the answer has no {pointer}: {answer}")))
}
