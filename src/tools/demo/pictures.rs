//! Product images, which the demo's merchant serves itself, so that its pages have some.

/// Path and content.
const PICTURES: [(&str, &[u8]); 9] = [
    ("/pictures/cap.png", include_bytes!("pictures/cap.png")),
    (
        "/pictures/hoodie.png",
        include_bytes!("pictures/hoodie.png"),
    ),
    ("/pictures/mug.png", include_bytes!("pictures/mug.png")),
    ("/pictures/pins.png", include_bytes!("pictures/pins.png")),
    (
        "/pictures/poster.png",
        include_bytes!("pictures/poster.png"),
    ),
    ("/pictures/scarf.png", include_bytes!("pictures/scarf.png")),
    ("/pictures/tote.png", include_bytes!("pictures/tote.png")),
    (
        "/pictures/tshirt.png",
        include_bytes!("pictures/tshirt.png"),
    ),
    ("/pictures/vinyl.png", include_bytes!("pictures/vinyl.png")),
];

pub(crate) fn find(path: &str) -> Option<&'static [u8]> {
    let mut all = PICTURES.into_iter();
    all.find(|(served_path, _)| *served_path == path)
        .map(|(_, bytes)| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_of_the_feed_is_there() {
        let feed = include_str!("feed.csv");
        let links = feed
            .split(',')
            .filter_map(|cell| cell.strip_prefix("{shop}"));
        let paths: Vec<_> = links.collect();
        assert!(paths.len() > 9, "{paths:?}");
        for path in paths {
            assert!(find(path).is_some(), "{path}");
        }
    }
}
