//! Someone who calls the service, and what is answered.

use crate::contract;
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::Value;

/// Someone who calls the service: with a token, or without.
#[derive(Clone)]
pub struct Caller {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pub(crate) address: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: header::HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub body: Value,
    asked: String,
}

impl Caller {
    /// A caller of the server at `base`.
    pub fn new(base: &str, token: Option<String>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: base.to_owned(), token, address: None }
    }

    /// The same caller at another server.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same caller with another access token.
    #[must_use]
    pub fn with_token(&self, token: String) -> Self {
        Self { token: Some(token), ..self.clone() }
    }

    /// The same caller at another address.
    #[must_use]
    pub fn from(&self, address: &str) -> Self {
        Self { address: Some(address.to_owned()), ..self.clone() }
    }

    /// The access token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// A request to be completed and [sent](Self::send).
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let mut request = self.http.request(method, url);
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        self.try_send(request).await.unwrap()
    }

    /// Sends a request; the server may not answer.
    pub async fn try_send(&self, request: RequestBuilder) -> reqwest::Result<Reply> {
        let request = request.build()?;
        let asked = format!("{} {}", request.method(), request.url());
        let question = contract::Question::of(&request);
        let answer = self.http.execute(request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        contract::check(&question, status, &headers, &text);
        Ok(Reply { status, headers, text, body, asked })
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// `POST` of nothing, as to a `:verb`.
    pub async fn act(&self, path: &str) -> Reply {
        self.send(self.request(Method::POST, path)).await
    }

    /// `PUT` of JSON whatever the version.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PUT, path).header(header::IF_MATCH, "*").json(&body)).await
    }

    /// `PATCH` of the version that was seen.
    pub async fn patch(&self, path: &str, version: i64, body: Value) -> Reply {
        let request = self.request(Method::PATCH, path).header(header::IF_MATCH, format!("\"{version}\"")).json(&body);
        self.send(request).await
    }

    /// `PATCH` whatever the version.
    pub async fn change(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).header(header::IF_MATCH, "*").json(&body)).await
    }

    /// `DELETE` whatever the version.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path).header(header::IF_MATCH, "*")).await
    }

    /// All items of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        // A list that is always whole takes no limit.
        let mut page = self.get(path).await;
        loop {
            let body = page.expect(200);
            items.extend(body["items"].as_array().expect("items").iter().cloned());
            let Some(next) = body["next"].as_str() else { return items };
            let join = if path.contains('?') { '&' } else { '?' };
            page = self.get(&format!("{path}{join}limit=200&cursor={next}")).await;
        }
    }
}

impl Reply {
    /// The body, where the status is the expected one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.asked, self.text);
        self.body
    }

    /// Asserts that it is a problem of this status and code; answers the body.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{}: {}",
            self.asked,
            self.text
        );
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.asked);
        self.body
    }

    /// The version of the aggregate, as the entity tag says.
    #[track_caller]
    pub fn version(&self) -> i64 {
        let tag = self.header("etag").and_then(|tag| tag.trim_matches('"').split('.').next()?.parse().ok());
        tag.unwrap_or_else(|| panic!("{} has no version: {}", self.asked, self.text))
    }

    /// A header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The identifier in an answer.
#[track_caller]
pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap_or_else(|| panic!("no id: {body}")).to_owned()
}
