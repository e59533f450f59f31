//! The console's style, scripts and icon: in the binary, under names that hold their hashes, so that browsers keep them.

use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// A file that pages load.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Such as `console-9f86d081.css`.
    pub name: String,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
    /// The same, compressed with gzip.
    pub gzip: Vec<u8>,
}

/// Where pages load them from.
#[derive(Debug)]
pub(crate) struct AssetUrls {
    pub style: String,
    pub script: String,
    pub htmx: String,
    pub sse: String,
    pub icon: String,
}

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files, in the order of [`AssetUrls`].
static FILES: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    [
        Asset::new("console", "css", CSS, include_bytes!("style/console.css")),
        Asset::new("console", "js", SCRIPT, include_bytes!("script/console.js")),
        Asset::new(
            "htmx",
            "js",
            SCRIPT,
            include_bytes!("vendor/htmx-2.0.11.min.js"),
        ),
        Asset::new(
            "htmx-sse",
            "js",
            SCRIPT,
            include_bytes!("vendor/htmx-ext-sse-2.2.4.min.js"),
        ),
        Asset::new(
            "icon",
            "svg",
            "image/svg+xml",
            include_bytes!("script/icon.svg"),
        ),
    ]
});

/// Their URLs. Both the console and the portal use these.
pub(crate) static ASSETS: LazyLock<AssetUrls> = LazyLock::new(|| {
    let [style, script, htmx, sse, icon] = FILES.each_ref().map(Asset::url);
    AssetUrls {
        style,
        script,
        htmx,
        sse,
        icon,
    }
});

/// The file with this name.
pub(crate) fn find(name: &str) -> Option<&'static Asset> {
    FILES.iter().find(|asset| asset.name == name)
}

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash: String = Sha256::digest(bytes)
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            name: format!("{stem}-{hash}.{ending}"),
            content_type,
            bytes,
            gzip: compress(bytes),
        }
    }

    fn url(&self) -> String {
        format!("/console/assets/{}", self.name)
    }
}

/// Writing to memory does not fail; if it did, the file would be sent as it is.
fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let compressed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    compressed.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the console promises to need at most.
    const ALL_BYTES_MAX: usize = 40_000;
    const OWN_SCRIPT_BYTES_MAX: usize = 6_200;

    #[test]
    fn all_of_it_is_small() {
        let all: usize = FILES.iter().map(|asset| asset.gzip.len()).sum();
        assert!(all <= ALL_BYTES_MAX, "{all} bytes");
        let own = include_bytes!("script/console.js").len();
        assert!(own <= OWN_SCRIPT_BYTES_MAX, "{own} bytes");
    }

    #[test]
    fn vendored_scripts_are_unchanged() {
        let table = include_str!("vendor/README.md");
        for (name, bytes) in [
            ("htmx-2.0.11", FILES[2].bytes),
            ("htmx-ext-sse-2.2.4", FILES[3].bytes),
        ] {
            let digest = Sha256::digest(bytes);
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            let line = table
                .lines()
                .find(|line| line.contains(&format!("`{name}.min.js`")));
            assert!(
                line.is_some_and(|line| line.contains(&hash)),
                "{name}: {hash}"
            );
        }
    }
}
