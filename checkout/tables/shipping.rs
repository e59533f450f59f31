//! What delivery costs, by zone.

use buywire_schemas::money::Currency;
use buywire_schemas::problem::{BodyError, Violation};
use buywire_schemas::read::{Reader, amount, name, string, text};
use buywire_schemas::text::parse_country;

use super::option::{DELIVERY_OPTIONS_MAX, DeliveryKind, DeliveryOption, days, kind, refuse_twins};

/// Zones of one table: one for each country, and some of regions.
const ZONES_MAX: usize = 500;
/// Countries or regions of one zone: all countries there are.
const MEMBERS_MAX: usize = 260;
const ID_CHARS_MAX: usize = 64;
const TITLE_CHARS_MAX: usize = 100;
const REGION_CHARS_MAX: usize = 50;
/// Stands for every country that no other zone names.
const REST_OF_WORLD: &str = "*";

/// A partner's delivery prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingTable {
    currency: Currency,
    zones: Vec<ShippingZone>,
}

/// Countries, regions of one country, or the rest of the world, with the same options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingZone {
    /// `*` alone for the rest of the world.
    countries: Vec<String>,
    /// Empty for whole countries.
    regions: Vec<String>,
    options: Vec<ShippingOption>,
}

/// A delivery option with its rule of price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingOption {
    id: String,
    kind: DeliveryKind,
    title: String,
    price: i64,
    free_from: Option<i64>,
    days: Option<(u16, u16)>,
}

impl ShippingTable {
    /// Reads a table, or returns everything that is wrong with it.
    pub fn parse(body: &[u8]) -> Result<Self, BodyError> {
        let mut body = Reader::object(body)?;
        let currency = body.required("currency", string(Currency::parse));
        let zones = body.list("zones", 1..=ZONES_MAX, zone);
        refuse_overlaps(&mut body, zones.as_deref().unwrap_or_default());
        body.finish(|| {
            Some(Self {
                currency: currency?,
                zones: zones?,
            })
        })
    }

    /// The currency of every price.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The options for an address, and for lines that cost `subtotal` after discount. Empty where nothing is delivered. A zone
    /// of the region comes before one of its country, and the zone of the rest of the world is the last resort.
    #[must_use]
    pub fn options(
        &self,
        country: &str,
        region: Option<&str>,
        subtotal: i64,
    ) -> Vec<DeliveryOption> {
        let of_country = |name: &str, region: Option<&str>| {
            self.zones.iter().find(|zone| zone.covers(name, region))
        };
        let of_region = region.and_then(|region| of_country(country, Some(region)));
        let zone = of_region
            .or_else(|| of_country(country, None))
            .or_else(|| of_country(REST_OF_WORLD, None));
        let options = zone.map(|zone| zone.options.as_slice()).unwrap_or_default();
        options
            .iter()
            .map(|option| option.priced(subtotal))
            .collect()
    }
}

impl ShippingZone {
    /// Whether it is a zone of this region, or without a region of the whole country.
    fn covers(&self, country: &str, region: Option<&str>) -> bool {
        let has_region = match region {
            Some(region) => self.regions.iter().any(|one| one == region),
            None => self.regions.is_empty(),
        };
        has_region && self.countries.iter().any(|one| one == country)
    }
}

impl ShippingOption {
    fn priced(&self, subtotal: i64) -> DeliveryOption {
        let is_free = self
            .free_from
            .is_some_and(|free_from| free_from <= subtotal);
        DeliveryOption {
            id: self.id.clone(),
            kind: self.kind,
            title: self.title.clone(),
            price: if is_free { 0 } else { self.price },
            days: self.days,
        }
    }
}

fn zone(zone: &mut Reader<'_>) -> Option<ShippingZone> {
    let countries = zone.optional_values("countries", 1..=MEMBERS_MAX, string(parse_member));
    let regions = zone.optional_values("regions", 1..=MEMBERS_MAX, text(1..=REGION_CHARS_MAX));
    let options = zone.list("options", 1..=DELIVERY_OPTIONS_MAX, option);
    let ids = options.iter().flatten().map(|option| option.id.as_str());
    refuse_twins(zone, ids);
    let Some(countries) = countries else {
        zone.refuse("/countries", Violation::new("missing", "is required"));
        return None;
    };
    let is_rest = countries.iter().any(|country| country == REST_OF_WORLD);
    if is_rest && countries.len() != 1 {
        let detail = "must be alone if it is `*`, the rest of the world";
        zone.refuse("/countries", Violation::new("rest_of_world", detail));
    }
    if regions.is_some() && (is_rest || countries.len() != 1) {
        let detail = "must be regions of one country: give one country";
        zone.refuse("/regions", Violation::new("regions_of_several", detail));
    }
    Some(ShippingZone {
        countries,
        regions: regions.unwrap_or_default(),
        options: options?,
    })
}

/// A country, or the rest of the world.
fn parse_member(text: &str) -> Result<String, Violation> {
    match text {
        REST_OF_WORLD => Ok(REST_OF_WORLD.to_owned()),
        _ => parse_country(text),
    }
}

fn option(option: &mut Reader<'_>) -> Option<ShippingOption> {
    let id = option.required("id", name(1..=ID_CHARS_MAX));
    let kind = kind(option);
    let title = option.required("title", name(1..=TITLE_CHARS_MAX));
    let price = option.required("price", amount(0));
    let free_from = option.optional("free_from", amount(0));
    let days = days(option);
    Some(ShippingOption {
        id: id?,
        kind: kind?,
        title: title?,
        price: price?,
        free_from,
        days,
    })
}

/// A country or region in two zones would have two prices.
fn refuse_overlaps(body: &mut Reader<'_>, zones: &[ShippingZone]) {
    let mut taken = std::collections::BTreeSet::new();
    for (index, zone) in zones.iter().enumerate() {
        for country in &zone.countries {
            let regions = zone.regions.iter().map(|region| Some(region.as_str()));
            let whole = zone.regions.is_empty().then_some(None);
            for region in regions.chain(whole) {
                if !taken.insert((country.as_str(), region)) {
                    let detail = "must not name a country or region that an earlier zone names";
                    let location = format!("/zones/{index}/countries");
                    body.refuse(&location, Violation::new("zones_overlap", detail));
                }
            }
        }
    }
}
