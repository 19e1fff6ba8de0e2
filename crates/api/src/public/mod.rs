//! What people outside see and send, without a login.

pub mod code_page;
pub mod form;
pub mod leave;
pub mod limit;
pub mod opinion_page;
pub mod page;
pub mod posted;
pub mod published;
pub mod qr;
pub mod receipt_page;
pub mod receipts;
pub mod replies;
pub mod reports;
mod said;
pub mod source;
pub mod survey;

use actix_web::{HttpMessage as _, HttpRequest};
use app::opinions::Door;
use uuid::Uuid;

use crate::middleware::RequestId;
use crate::problem::ApiError;
use crate::state::ApiState;

/// The tenant that somebody outside turns to. Of one that is not there nothing is said but that.
pub(crate) async fn door(
    state: &ApiState,
    request: &HttpRequest,
    slug: &str,
) -> Result<Door, ApiError> {
    let id = request.extensions().get::<RequestId>().map_or_else(Uuid::now_v7, |id| id.0);
    Ok(state.app.door(slug, id).await?)
}
