//! Sessions of the console: somebody who has signed in with an API key.
//!
//! Promises: a token has 256 random bits, and only its hash is stored; a session ends after 8 idle hours, after 24 hours,
//! when it is closed, and with its key. Must not decide what a session may do: that is its key's.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use buywire_schemas::ids::SessionId;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::ambient;
use crate::db::DatabaseError;
use crate::secrets::api_key::KeyHash;
use crate::store::Store;
use crate::store::sessions::SessionEntry;

/// A session that is not used for so long ends.
const IDLE_MAX: Duration = Duration::from_hours(8);
/// No session lasts longer.
const LIFETIME: Duration = Duration::from_hours(24);
/// A browser's name for itself is shown, not evaluated.
const USER_AGENT_CHARS_MAX: usize = 200;
/// 32 bytes in base64.
const TOKEN_CHARS: usize = 43;

/// Opens, finds and closes sessions. Clones share everything.
#[derive(Clone)]
pub(crate) struct Sessions {
    store: Store,
}

/// What a browser proves its session with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SessionToken(Zeroizing<String>);

impl Sessions {
    pub(crate) fn open(store: Store) -> Self {
        Self { store }
    }

    /// Signs a holder of this key in.
    pub(crate) async fn create(
        &self,
        key: &KeyHash,
        user_agent: &str,
    ) -> Result<SessionToken, DatabaseError> {
        let token = SessionToken::generate();
        let printable = user_agent.chars().filter(|letter| !letter.is_control());
        let user_agent: String = printable.take(USER_AGENT_CHARS_MAX).collect();
        self.store
            .add_session(&token.hash(), key, &user_agent, LIFETIME)
            .await?;
        Ok(token)
    }

    /// The open session with this token.
    pub(crate) async fn find(
        &self,
        token: &SessionToken,
    ) -> Result<Option<SessionEntry>, DatabaseError> {
        self.store.use_session(&token.hash(), IDLE_MAX).await
    }

    /// The open sessions of a key, newest first.
    pub(crate) async fn list(&self, key: &KeyHash) -> Result<Vec<SessionEntry>, DatabaseError> {
        self.store.sessions_of_key(key, IDLE_MAX).await
    }

    /// Ends a session of this key. Returns whether there was one.
    pub(crate) async fn close(&self, id: SessionId, key: &KeyHash) -> Result<bool, DatabaseError> {
        self.store.close_session(id, key).await
    }
}

impl SessionToken {
    fn generate() -> Self {
        let random = Zeroizing::new(ambient::random::<[u8; 32]>());
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice())))
    }

    /// Reads a token from a cookie. `None`: it cannot be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_token = text.len() == TOKEN_CHARS
            && text
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'));
        is_token.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The token in plain text, for the cookie.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What a form of this session carries, so that no other site can send one. It reveals nothing of the token.
    pub(crate) fn form_token(&self) -> String {
        let digest = Sha256::new_with_prefix("buywire form\n").chain_update(self.0.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.finalize())
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_never_made_twice() {
        let (one, two) = (SessionToken::generate(), SessionToken::generate());
        assert_ne!(one, two);
        assert_eq!(SessionToken::parse(one.reveal()), Some(one.clone()));
        assert_ne!(one.form_token(), two.form_token());
        assert!(!one.form_token().contains(one.reveal()));
        assert!(!format!("{one:?}").contains(one.reveal()));
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        let (short, long) = ("a".repeat(42), "a".repeat(44));
        let foreign = "a".repeat(42) + ";";
        for text in ["", &short, &long, &foreign] {
            assert_eq!(SessionToken::parse(text), None, "{text}");
        }
    }
}
