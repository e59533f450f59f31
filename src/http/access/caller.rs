//! An authenticated caller: the holder of a key, and its role.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::text::Slug;

use crate::http::problem::{ApiError, Kind};
use crate::partners::Principal;
use crate::store::audit::Actor;
use crate::store::partners::api_keys::{KeyHolder, KeyLimits};

/// The role of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// Orders and posts, and the endpoints of the reserved partner.
    Platform,
    /// Its own endpoints, feeds, deliveries and events.
    Partner(PartnerId, Slug),
    /// Its own checkout sessions.
    Agent,
    /// Everything.
    Operator,
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub role: Role,
    /// Whether its partner is suspended.
    pub(super) is_suspended: bool,
    /// The key's own limits.
    limits: KeyLimits,
    /// The key, for the audit log.
    pub(super) actor: Actor,
}

impl From<KeyHolder> for Caller {
    fn from(holder: KeyHolder) -> Self {
        let role = match (holder.partner, holder.role.as_str()) {
            (Some((id, slug)), _) => Role::Partner(id, slug),
            (None, "operator") => Role::Operator,
            (None, "agent") => Role::Agent,
            (None, _) => Role::Platform,
        };
        Self {
            is_suspended: holder.is_suspended,
            limits: holder.limits,
            ..Self::new(role, Some(holder.id), holder.label)
        }
    }
}

impl Role {
    const fn name(&self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Partner(..) => "partner",
            Self::Agent => "agent",
            Self::Operator => "operator",
        }
    }
}

impl Caller {
    pub(super) fn new(role: Role, key: Option<KeyId>, label: String) -> Self {
        let partner = match &role {
            Role::Partner(_, slug) => Some(slug.clone()),
            Role::Platform | Role::Agent | Role::Operator => None,
        };
        let actor = Actor {
            label,
            key,
            role: role.name(),
            partner,
        };
        Self {
            role,
            is_suspended: false,
            limits: KeyLimits::default(),
            actor,
        }
    }

    /// The actor for the audit log.
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The partner that objects must belong to; none for operators.
    pub(crate) fn partner(&self) -> Option<(PartnerId, &Slug)> {
        match &self.role {
            Role::Partner(id, slug) => Some((*id, slug)),
            _ => None,
        }
    }

    /// The caller for the room of partners.
    pub(crate) fn principal(&self) -> Principal<'_> {
        Principal {
            actor: &self.actor,
            is_operator: self.is_operator(),
        }
    }

    /// The key's own limits.
    pub(crate) fn limits(&self) -> KeyLimits {
        self.limits
    }

    /// Whether its partner is suspended.
    pub(crate) fn is_suspended(&self) -> bool {
        self.is_suspended
    }

    pub(crate) fn is_platform(&self) -> bool {
        self.role == Role::Platform
    }

    pub(crate) fn is_operator(&self) -> bool {
        self.role == Role::Operator
    }
}

/// The caller, for handlers behind `require_access`.
impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .extensions()
                .get::<Self>()
                .cloned()
                .ok_or_else(|| ApiError::new(Kind::KeyMissing)),
        )
    }
}
