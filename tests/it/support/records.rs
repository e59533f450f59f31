//! What a gateway has on record: waits for a number of orders, deliveries, callbacks or posts.
//!
//! Stories name the records, and only this file names their tables.

use super::app::TestApp;

impl TestApp {
    pub(crate) async fn wait_for_orders(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM orders", count)
            .await;
    }

    pub(crate) async fn wait_for_events(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM events", count)
            .await;
    }

    /// Waits for deliveries that are not finished.
    pub(crate) async fn wait_for_pending(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM deliveries", count)
            .await;
    }

    /// Waits for deliveries whose acceptance is recorded.
    pub(crate) async fn wait_for_delivered(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM delivered", count)
            .await;
    }

    pub(crate) async fn wait_for_dead_letters(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM dead_deliveries", count)
            .await;
    }

    pub(crate) async fn wait_for_attempts(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM attempts", count)
            .await;
    }

    pub(crate) async fn wait_for_callbacks(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM callbacks", count)
            .await;
    }

    pub(crate) async fn wait_for_applied_callbacks(&self, count: i64) {
        let applied = "SELECT count(*) FROM callbacks WHERE state = 'applied'";
        self.wait_for_count(applied, count).await;
    }

    /// Waits for callbacks that no order matches yet.
    pub(crate) async fn wait_for_unmatched_callbacks(&self, count: i64) {
        let unmatched =
            "SELECT count(*) FROM callbacks WHERE state = 'unmatched' AND order_id IS NULL";
        self.wait_for_count(unmatched, count).await;
    }

    /// Waits for callbacks that the partner's own record has not confirmed.
    pub(crate) async fn wait_for_unverified_callbacks(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM unverified_callbacks", count)
            .await;
    }

    /// Waits until no callback is due.
    pub(crate) async fn wait_until_callbacks_processed(&self) {
        let due = "SELECT count(*) FROM callbacks WHERE due_at IS NOT NULL";
        self.wait_for_count(due, 0).await;
    }

    pub(crate) async fn wait_for_posts(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM posts", count)
            .await;
    }

    pub(crate) async fn wait_for_live_posts(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM posts WHERE state = 'live'", count)
            .await;
    }

    pub(crate) async fn wait_for_draft_posts(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM posts WHERE state = 'draft'", count)
            .await;
    }

    /// Waits for feeds that were read and applied.
    pub(crate) async fn wait_for_applied_runs(&self, count: i64) {
        let applied = "SELECT count(*) FROM feed_runs WHERE status = 'applied'";
        self.wait_for_count(applied, count).await;
    }

    /// Waits for products whose record the next feed is to read again.
    pub(crate) async fn wait_for_products_to_reread(&self, count: i64) {
        let unhashed = "SELECT count(*) FROM products WHERE raw_hash IS NULL";
        self.wait_for_count(unhashed, count).await;
    }

    /// Waits for products whose image was refused.
    pub(crate) async fn wait_for_refused_images(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM products WHERE image_refused", count)
            .await;
    }

    pub(crate) async fn wait_for_images(&self, count: i64) {
        self.wait_for_count("SELECT count(*) FROM images", count)
            .await;
    }
}
