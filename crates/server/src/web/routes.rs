//! What is answered to whom.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::credentials::{Shown, is_meant, shown};
use super::{Guest, View, metrics};
use crate::broker::greeting::Unseen;
use crate::settings::WebAuthentication;
use crate::tokens::Scope;

const PLAIN: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const METRICS: &str = "/metrics";

/// What goes with every answer. Nothing of it is to run anything that did not come from here as a file of its own, to be kept, to be taken
/// for something else, or to be shown within another page.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// All that there is.
pub fn router(view: Arc<View>) -> Router {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
    };
    Router::new()
        .route(
            "/",
            file("text/html; charset=utf-8", include_str!("page.html")),
        )
        .route(
            "/page.css",
            file("text/css; charset=utf-8", include_str!("page.css")),
        )
        .route(
            "/page.js",
            file("text/javascript; charset=utf-8", include_str!("page.js")),
        )
        .route("/icon.svg", file("image/svg+xml", include_str!("icon.svg")))
        .route("/status.json", get(status))
        .route("/history.json", get(history))
        .route(METRICS, get(figures))
        .fallback(nothing)
        .layer(middleware::from_fn_with_state(Arc::clone(&view), guard))
        .with_state(view)
}

async fn status(State(view): State<Arc<View>>) -> Response {
    match view.status().await {
        Some(status) => answer(JSON, serde_json::to_vec(&*status)),
        None => busy(),
    }
}

/// `?since=N`: the samples with a number from that on.
async fn history(State(view): State<Arc<View>>, uri: Uri) -> Response {
    let first = match uri.query() {
        None => Some(0),
        Some(query) => query
            .strip_prefix("since=")
            .and_then(|number| number.parse().ok()),
    };
    match first {
        Some(first) => answer(JSON, view.history().since(first)),
        None => says(
            StatusCode::BAD_REQUEST,
            "what is asked for is written ?since=NUMBER",
        ),
    }
}

async fn figures(State(view): State<Arc<View>>) -> Response {
    match view.status().await {
        Some(status) => answer(metrics::CONTENT_TYPE, metrics::text(status)),
        None => busy(),
    }
}

async fn nothing() -> Response {
    says(
        StatusCode::NOT_FOUND,
        "there is nothing here; there are /, /status.json, /history.json and /metrics",
    )
}

/// Lets in who may see what they ask for, and says with every answer what browsers have to know.
async fn guard(State(view): State<Arc<View>>, request: Request, next: Next) -> Response {
    let mut response = match admit(&view, &request) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

/// Why somebody is not let in.
struct Refused {
    status: StatusCode,
    /// What is to be done about it, for a program.
    header: Option<(HeaderName, String)>,
    reason: String,
}

impl Refused {
    fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Refused {
            status,
            header: None,
            reason: reason.into(),
        }
    }

    fn with(self, name: HeaderName, value: impl Into<String>) -> Self {
        Refused {
            header: Some((name, value.into())),
            ..self
        }
    }

    /// It has to show a token.
    fn challenge(headers: &HeaderMap, reason: impl Into<String>) -> Self {
        // A browser opens a dialogue for Basic. For what a page asks by itself that would be in nobody's interest.
        let accepts = headers.get(header::ACCEPT);
        let challenge = match accepts.is_some_and(|accepts| accepts == JSON) {
            true => "Bearer realm=\"Pillion\"",
            false => "Basic realm=\"Pillion\", charset=\"UTF-8\"",
        };
        Self::new(StatusCode::UNAUTHORIZED, reason).with(header::WWW_AUTHENTICATE, challenge)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let said = says(self.status, &self.reason);
        match self.header {
            Some(header) => ([header], said).into_response(),
            None => said,
        }
    }
}

fn admit(view: &View, request: &Request) -> Result<(), Refused> {
    let headers = request.headers();
    if has_body(request) {
        // So that nobody has to take what comes.
        return Err(
            Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "nothing is read here")
                .with(header::CONNECTION, "close"),
        );
    }
    let Some(guest) = request.extensions().get::<Arc<Guest>>() else {
        let reason = "nobody knows where this comes from";
        return Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, reason));
    };
    let authority = request.uri().authority();
    match view.authentication {
        WebAuthentication::None if !is_meant(headers, authority.map(|name| name.as_str())) => {
            return Err(Refused::new(
                StatusCode::MISDIRECTED_REQUEST,
                "this page asks nobody who they are, so it is shown only where it is asked for by an address or as localhost",
            ));
        }
        WebAuthentication::None => {}
        WebAuthentication::Token => {
            let scope = match request.uri().path() {
                METRICS => Scope::Metrics,
                _ => Scope::Admin,
            };
            token(view, headers, guest, scope)?;
        }
    }
    view.guests().know(guest.number);
    Ok(())
}

fn has_body(request: &Request) -> bool {
    let headers = request.headers();
    headers.contains_key(header::TRANSFER_ENCODING) || !request.body().is_end_stream()
}

fn token(view: &View, headers: &HeaderMap, guest: &Guest, scope: Scope) -> Result<(), Refused> {
    let token = match shown(headers) {
        Shown::Token(token) => token,
        Shown::Nothing => {
            return Err(Refused::challenge(
                headers,
                "this page wants a token of the server's that is good for administration (`pillion token create NAME --scope admin`), \
                 or for /metrics alone one with the scope metrics, as the password, with any name",
            ));
        }
        Shown::Malformed => {
            let reason = "a token is shown by Basic, as the password, or by Bearer";
            return Err(Refused::challenge(headers, reason));
        }
    };
    let seen = view.gate.admits_viewer(&token, &guest.peer, scope);
    seen.map_err(|unseen| {
        // That is where programs have it; not here.
        let reason = unseen.to_string().replace(" in PILLION_TOKEN", "");
        match unseen {
            Unseen::Token(_) => Refused::challenge(headers, reason),
            Unseen::Scope(_) => Refused::new(StatusCode::FORBIDDEN, reason),
            Unseen::TooOften(wait) => {
                let seconds = wait.max(Duration::from_secs(1)).as_secs_f64().ceil();
                Refused::new(StatusCode::TOO_MANY_REQUESTS, reason)
                    .with(header::RETRY_AFTER, seconds.to_string())
            }
        }
    })
}

fn busy() -> Response {
    says(
        StatusCode::SERVICE_UNAVAILABLE,
        "the server is too busy to tell its state: try again",
    )
}

fn answer<E>(kind: &'static str, made: Result<impl Into<Body>, E>) -> Response {
    match made {
        Ok(body) => ([(header::CONTENT_TYPE, kind)], body.into()).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn says(status: StatusCode, sentence: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, PLAIN)];
    (status, kind, format!("{sentence}\n")).into_response()
}
