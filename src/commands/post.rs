//! `buywire post`: create, publish and withdraw buyable tweets.

use buywire_schemas::money::Currency;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::client::Remote;
use super::print::{field, fields, print_document, table, text};

const COLUMNS: &[&str] = &[
    "id",
    "state",
    "reason",
    "partner",
    "item_id",
    "price",
    "availability",
    "url",
];

/// Buyable tweets.
#[derive(Subcommand)]
pub(crate) enum Post {
    /// Create a post that sells a product. It is a draft, unless --live is given.
    Create(Box<Create>),
    /// List posts, newest first.
    List {
        /// Filter by state: draft, scheduled, live, sold_out, ended or withdrawn.
        #[arg(long)]
        state: Option<String>,
        /// Filter by partner slug.
        #[arg(long)]
        partner: Option<String>,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show a post: its text, product and state.
    Show(PostRef),
    /// Publish a post, now or at its start time.
    Publish(PostRef),
    /// Withdraw a post. It can be published again.
    Withdraw(PostRef),
    /// Create a post for every matching product that has none. They are drafts, unless --live is given.
    Bulk(Box<Bulk>),
}

/// A post.
#[derive(Args)]
pub(crate) struct PostRef {
    /// Post id (`pst_…`).
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// The options of `post create`.
#[derive(Args)]
pub(crate) struct Create {
    /// Product id (`prd_…`).
    #[arg(long, conflicts_with_all = ["partner", "item"], required_unless_present = "partner")]
    product: Option<String>,
    /// Partner slug. Needs --item.
    #[arg(long, requires = "item")]
    partner: Option<String>,
    /// The partner's item id. Needs --partner.
    #[arg(long, requires = "partner")]
    item: Option<String>,
    /// Post text, with or without the link. Generated if omitted.
    #[arg(long, conflicts_with = "template")]
    text: Option<String>,
    #[command(flatten)]
    options: PostOptions,
    /// Publish the post right away.
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    remote: Remote,
}

/// The options of `post bulk`.
#[derive(Args)]
pub(crate) struct Bulk {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    options: PostOptions,
    /// Publish the posts right away.
    #[arg(long)]
    live: bool,
    /// Create a post for each variant instead of each product. Use {options} to tell them apart.
    #[arg(long)]
    each_variant: bool,
    /// Report what would be created, and create nothing.
    #[arg(long)]
    dry_run: bool,
    /// Maximum number of posts to create.
    #[arg(long, default_value_t = 1_000)]
    limit: u32,
    #[command(flatten)]
    remote: Remote,
}

/// Filters over items, of which at least one is needed. Items must match all of them.
#[derive(Args)]
struct Filter {
    /// Filter by partner slug.
    #[arg(long)]
    partner: Option<String>,
    /// Filter by category, with its subcategories, such as "Apparel > Shirts".
    #[arg(long)]
    category: Option<String>,
    /// Minimum price in minor units, such as cents. Needs --currency.
    #[arg(long, requires = "currency")]
    min: Option<i64>,
    /// Maximum price in minor units, such as cents. Needs --currency.
    #[arg(long, requires = "currency")]
    max: Option<i64>,
    /// Filter by currency, such as USD.
    #[arg(long)]
    currency: Option<String>,
    /// Filter by availability: in_stock, limited_stock, preorder or backorder.
    #[arg(long)]
    availability: Option<String>,
    /// Filter by text in the title or item id.
    #[arg(long)]
    search: Option<String>,
}

/// The options of created posts.
#[derive(Args)]
struct PostOptions {
    /// Text template, with {title}, {brand}, {options}, {description}, {price}, {was}, {merchant} and {url}.
    #[arg(long)]
    template: Option<String>,
    /// Start time (RFC 3339). Default: now.
    #[arg(long)]
    starts: Option<String>,
    /// End time (RFC 3339). Default: none.
    #[arg(long)]
    ends: Option<String>,
    /// Percentage of viewers who can buy. Default: 100.
    #[arg(long)]
    percent: Option<f64>,
    /// Country where viewers can buy, such as US. Repeatable. Default: all.
    #[arg(long = "country")]
    countries: Vec<String>,
    /// Platform on which viewers can buy, such as ios. Repeatable. Default: all.
    #[arg(long = "platform")]
    platforms: Vec<String>,
    /// Language of viewers who can buy, such as en. Repeatable. Default: all.
    #[arg(long = "language")]
    languages: Vec<String>,
    /// Publisher to hand the post to, such as platform or web_intent. Repeatable.
    #[arg(long)]
    publish: Vec<String>,
}

/// Run it.
///
/// # Errors
/// When the gateway refuses the request.
pub(crate) async fn run(command: Post) -> anyhow::Result<()> {
    match command {
        Post::Create(create) => create.run().await,
        Post::List {
            state,
            partner,
            remote,
        } => {
            let state = state.as_deref().map(|state| ("state", state));
            let partner = partner.as_deref().map(|partner| ("partner", partner));
            let query: Vec<_> = state.into_iter().chain(partner).collect();
            let posts = remote.client()?.list(&["posts"], &query).await?;
            print_document(remote.json, &posts, list);
            Ok(())
        }
        Post::Show(one) => {
            let post = one.remote.client()?.get(&["posts", &one.id]).await?;
            print_document(one.remote.json, &post, post_text);
            Ok(())
        }
        Post::Publish(one) => one.post("publish").await,
        Post::Withdraw(one) => one.post("withdraw").await,
        Post::Bulk(bulk) => bulk.run().await,
    }
}

impl PostRef {
    async fn post(&self, verb: &str) -> anyhow::Result<()> {
        let path = ["posts", &self.id, verb];
        let post = self.remote.client()?.post(&path, &json!({})).await?;
        print_document(self.remote.json, &post, post_text);
        Ok(())
    }
}

impl Create {
    async fn run(&self) -> anyhow::Result<()> {
        let mut body = self.options.body();
        let item = json!({"partner": self.partner, "item_id": self.item});
        body.insert(
            "product".to_owned(),
            self.product.as_deref().map_or(item, Value::from),
        );
        put(&mut body, "text", self.text.as_deref());
        let client = self.remote.client()?;
        let mut post = client.post(&["posts"], &body.into()).await?;
        if self.live {
            let id = text(field(&post, "id"));
            post = client.post(&["posts", &id, "publish"], &json!({})).await?;
        }
        print_document(self.remote.json, &post, post_text);
        Ok(())
    }
}

impl Bulk {
    async fn run(&self) -> anyhow::Result<()> {
        let mut body = self.options.body();
        body.insert("filter".to_owned(), self.filter.body());
        body.insert("go_live".to_owned(), self.live.into());
        body.insert("each_variant".to_owned(), self.each_variant.into());
        body.insert("dry_run".to_owned(), self.dry_run.into());
        body.insert("limit".to_owned(), self.limit.into());
        let client = self.remote.client()?;
        let made = client.post(&["posts", "bulk"], &body.into()).await?;
        print_document(self.remote.json, &made, bulk_text);
        Ok(())
    }
}

impl Filter {
    fn body(&self) -> Value {
        let mut filter = Map::new();
        put(&mut filter, "partner", self.partner.as_deref());
        put(&mut filter, "category", self.category.as_deref());
        put(&mut filter, "availability", self.availability.as_deref());
        put(&mut filter, "q", self.search.as_deref());
        if self.currency.is_some() {
            let mut price = Map::new();
            put(&mut price, "min", self.min);
            put(&mut price, "max", self.max);
            put(&mut price, "currency", self.currency.as_deref());
            filter.insert("price".to_owned(), price.into());
        }
        filter.into()
    }
}

impl PostOptions {
    fn body(&self) -> Map<String, Value> {
        let mut rollout = Map::new();
        put(&mut rollout, "percent", self.percent);
        let lists = [
            ("countries", &self.countries),
            ("platforms", &self.platforms),
            ("languages", &self.languages),
        ];
        for (name, list) in lists {
            put(&mut rollout, name, non_empty(list));
        }
        let mut body = Map::new();
        put(&mut body, "template", self.template.as_deref());
        put(&mut body, "starts_at", self.starts.as_deref());
        put(&mut body, "ends_at", self.ends.as_deref());
        put(&mut body, "publish", non_empty(&self.publish));
        if !rollout.is_empty() {
            body.insert("rollout".to_owned(), rollout.into());
        }
        body
    }
}

/// Options that are not given are not sent: the gateway has the defaults.
fn put(body: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body.insert(name.to_owned(), value.into());
    }
}

fn non_empty(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}

fn list(posts: &Value) -> String {
    let rows = field(posts, "data").as_array().into_iter().flatten();
    table(
        &json!({"data": rows.map(with_card).collect::<Vec<_>>()}),
        COLUMNS,
    )
}

/// The text, then the fields.
fn post_text(post: &Value) -> String {
    let mut lines = Map::new();
    let flat = with_card(post);
    let own = ["reason", "weighted_length", "starts_at", "ends_at"];
    for name in COLUMNS.iter().chain(&own) {
        let value = field(&flat, name);
        if !value.is_null() {
            lines.insert((*name).to_owned(), value.clone());
        }
    }
    let publications = field(post, "publications").as_array().into_iter().flatten();
    for publication in publications {
        let name = format!("by {}", text(field(publication, "publisher")));
        let (state, url) = (field(publication, "state"), field(publication, "url"));
        lines.insert(name, format!("{} {}", text(state), text(url)).into());
    }
    format!("{}\n\n{}", text(field(post, "text")), fields(&lines.into()))
}

/// The counts, why items were skipped, and the first created posts.
fn bulk_text(made: &Value) -> String {
    let count = |name: &str| text(field(made, name));
    let mut lines = format!("{} matched, {} created\n", count("matched"), count("made"));
    for skipped in field(made, "skipped").as_array().into_iter().flatten() {
        let (reason, count) = (field(skipped, "reason"), field(skipped, "count"));
        lines.push_str(&format!("{} skipped: {}\n", text(count), text(reason)));
    }
    for id in field(made, "posts").as_array().into_iter().flatten() {
        lines.push_str(&format!("{}\n", text(id)));
    }
    lines
}

/// A post with the important fields at the top level.
fn with_card(post: &Value) -> Value {
    let mut row = post.clone();
    let (product, card) = (field(post, "product"), field(post, "card"));
    let extra = [
        ("partner", field(product, "partner").clone()),
        ("item_id", field(product, "item_id").clone()),
        ("availability", field(card, "availability").clone()),
        ("price", money(field(card, "price")).into()),
    ];
    if let Some(row) = row.as_object_mut() {
        row.extend(extra.map(|(name, value)| (name.to_owned(), value)));
    }
    row
}

fn money(price: &Value) -> String {
    let currency = Currency::parse(field(price, "currency").as_str().unwrap_or_default());
    match (currency, field(price, "amount").as_i64()) {
        (Ok(currency), Some(amount)) => currency.format_amount(amount),
        _ => text(price),
    }
}
