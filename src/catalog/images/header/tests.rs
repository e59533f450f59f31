//! Headers as programs write them, truncated at any byte and damaged at random.

use proptest::prelude::*;

use super::*;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(b"\x08\x06\0\0\0\0\0\0\0");
    file
}

/// With a comment before the size.
fn jpeg(width: u16, height: u16, comment: u16) -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xfe".to_vec();
    file.extend((comment + 2).to_be_bytes());
    file.resize(file.len() + usize::from(comment), b'x');
    file.extend(b"\xff\xc0\x00\x11\x08");
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01");
    file
}

fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"GIF89a".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file.extend(b"\x80\0\0\0\0\0\xff\xff\xff;");
    file
}

fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    file.extend(&(width - 1).to_le_bytes()[..3]);
    file.extend(&(height - 1).to_le_bytes()[..3]);
    file
}

fn bmp(width: u32, height: i32) -> Vec<u8> {
    let mut file = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    file.extend(width.to_le_bytes());
    file.extend(height.to_le_bytes());
    file
}

fn tiff(width: u16, height: u16) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0\x02\0".to_vec();
    for (tag, value) in [(0x100_u16, width), (0x101, height)] {
        file.extend(tag.to_le_bytes());
        file.extend(b"\x03\0\x01\0\0\0");
        file.extend(value.to_le_bytes());
        file.extend(b"\0\0");
    }
    file
}

fn avif(width: u32, height: u32) -> Vec<u8> {
    let boxed = |tag: &[u8], inside: &[u8]| {
        let length = u32::try_from(inside.len() + 8).unwrap().to_be_bytes();
        [&length, tag, inside].concat()
    };
    let size = [[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat();
    let ipco = boxed(b"ipco", &boxed(b"ispe", &size));
    let meta = [vec![0; 4], boxed(b"iprp", &ipco)].concat();
    [
        boxed(b"ftyp", b"avif\0\0\0\0avifmif1"),
        boxed(b"meta", &meta),
    ]
    .concat()
}

fn all(width: u16, height: u16) -> [(&'static str, Vec<u8>); 7] {
    let (w, h) = (u32::from(width), u32::from(height));
    [
        ("png", png(w, h)),
        ("jpeg", jpeg(width, height, 3)),
        ("gif", gif(width, height)),
        ("webp", webp(w, h)),
        ("bmp", bmp(w, i32::from(height))),
        ("tiff", tiff(width, height)),
        ("avif", avif(w, h)),
    ]
}

#[test]
fn each_format_is_known_with_its_size() {
    for (kind, file) in all(640, 480) {
        let image = ImageHeader::Image {
            kind,
            width: 640,
            height: 480,
        };
        assert_eq!(read(&file, true), image, "{kind}");
        assert_eq!(read(&file, false), image, "{kind}");
    }
    let from_the_top = ImageHeader::Image {
        kind: "bmp",
        width: 640,
        height: 480,
    };
    assert_eq!(read(&bmp(640, -480), true), from_the_top);
}

#[test]
fn a_beginning_asks_for_more_and_an_end_that_comes_too_early_is_not_called_another_file() {
    for (kind, file) in all(640, 480) {
        for length in 0..file.len() {
            let (open, complete) = (read(&file[..length], false), read(&file[..length], true));
            assert!(
                matches!(open, ImageHeader::Incomplete | ImageHeader::Image { .. }),
                "{kind} {length} {open:?}"
            );
            assert_ne!(complete, ImageHeader::Incomplete, "{kind} {length}");
            // HEIF is only recognisable after its first box.
            if length >= 24 {
                assert_ne!(complete, ImageHeader::NotAnImage, "{kind} {length}");
            }
        }
    }
}

#[test]
fn what_is_no_picture_is_told() {
    let page = b"<!DOCTYPE html><html><title>Not found</title></html>";
    let film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\0";
    let phone = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1\0\0\0\0";
    let drawing = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for other in [&page[..], film, phone, drawing, b"gone", b"{\"error\":404}"] {
        assert_eq!(read(other, true), ImageHeader::NotAnImage);
    }
    assert_eq!(read(b"", true), ImageHeader::Unreadable);
    assert_eq!(read(&png(0, 480), true), ImageHeader::Unreadable);
    assert_eq!(
        read(b"\xff\xd8\xff\xe0\0\x02no marker", false),
        ImageHeader::Unreadable
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), whole: bool) {
        let _ = read(&bytes, whole);
    }

    #[test]
    fn no_damage_to_a_header_makes_it_panic(
        which in 0..7_usize,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        tail in proptest::collection::vec(any::<u8>(), 0..40),
        whole: bool,
    ) {
        let mut bytes = all(640, 480)[which].1.clone();
        bytes.extend(tail);
        for (index, value) in damage {
            let offset = index.index(bytes.len());
            bytes[offset] = value;
        }
        let _ = read(&bytes, whole);
    }
}
