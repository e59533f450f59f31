//! Gzip and zip: whole, damaged, hostile.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive
            .start_file(
                *name,
                SimpleFileOptions::default().compression_method(method),
            )
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Written without seeking: lengths and checksum follow the data.
fn zip_streamed(bytes: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new_stream(Vec::new());
    archive
        .start_file("feed.xml", SimpleFileOptions::default())
        .unwrap();
    archive.write_all(bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    zip(&[("feed.xml", bytes)], CompressionMethod::Deflated)
}

/// The fault, whether it comes when the document is opened or later.
fn fault(bytes: &[u8]) -> &'static str {
    match open(Cursor::new(bytes.to_vec()), &Hints::default()) {
        Ok(document) => Reading::of(document)
            .end
            .map_or_else(|fault| fault.code(), |()| "none"),
        Err(fault) => fault.code(),
    }
}

#[test]
fn gzip_is_unpacked_member_after_member_and_twice() {
    assert_eq!(read(gzip(RSS)).records, read(RSS).records);
    let (first, second) = RSS.split_at(400);
    assert_eq!(
        read([gzip(first), gzip(second)].concat()).records,
        read(RSS).records
    );
    assert_eq!(read(gzip(&gzip(RSS))).records, read(RSS).records);
    assert_eq!(fault(&gzip(&gzip(&gzip(RSS)))), "decompress_bomb");
}

#[test]
fn gzip_must_be_whole_and_right() {
    let packed = gzip(RSS);
    for length in [packed.len() - 1, packed.len() - 8, packed.len() - 20, 30, 5] {
        assert_eq!(fault(&packed[..length]), "decompress_truncated", "{length}");
    }
    let two = [gzip(&RSS[..400]), gzip(&RSS[400..])].concat();
    assert_eq!(fault(&two[..two.len() - 1]), "decompress_truncated");
    for at in [packed.len() - 6, packed.len() - 2, packed.len() / 2] {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x10;
        assert_eq!(fault(&damaged), "decompress_crc", "{at}");
    }
    assert_eq!(
        fault(&[packed, b"something that is no member".to_vec()].concat()),
        "decompress_crc"
    );
}

#[test]
fn what_expands_too_much_is_stopped() {
    let spaces = vec![b' '; 1 << 20];
    for packed in [gzip(&spaces), deflated(&spaces)] {
        assert_eq!(
            read_in_pieces(&packed, &[100], &small()).unwrap_err(),
            Fault::DecompressBomb
        );
    }
    let long = format!("id,title\n{}", "1,a\n".repeat(4_000));
    let limits = Limits {
        expanded_bytes_max: 15_000,
        ..small()
    };
    let packed = gzip(long.as_bytes());
    assert_eq!(
        read_in_pieces(&packed, &[100], &limits).unwrap_err(),
        Fault::DecompressBomb
    );
    assert!(
        read_in_pieces(&packed, &[100], &small())
            .unwrap()
            .end
            .is_ok()
    );
}

#[test]
fn a_zip_of_one_file_is_unpacked() {
    for packed in [
        deflated(RSS),
        zip(&[("a", RSS)], CompressionMethod::Stored),
        zip_streamed(RSS),
    ] {
        assert_eq!(read(&packed).records, read(RSS).records);
    }
}

#[test]
fn a_zip_must_be_whole_and_right() {
    for packed in [
        deflated(RSS),
        zip(&[("a", RSS)], CompressionMethod::Stored),
        zip_streamed(RSS),
    ] {
        for length in [
            packed.len() - 1,
            packed.len() - 30,
            packed.len() - 80,
            40,
            6,
        ] {
            assert_eq!(fault(&packed[..length]), "decompress_truncated", "{length}");
        }
        let directory = packed
            .windows(4)
            .position(|bytes| bytes == b"PK\x01\x02")
            .unwrap();
        // The directory's checksum and length, and a byte of the data.
        for at in [directory + 16, directory + 24, 60] {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x10;
            assert_eq!(fault(&damaged), "decompress_crc", "{at}");
        }
    }
}

#[test]
fn an_archive_holds_one_file_and_nothing_else() {
    let method = CompressionMethod::Deflated;
    assert_eq!(
        fault(&zip(&[("a", RSS), ("b", RSS)], method)),
        "archive_multiple_entries"
    );
    assert_eq!(
        fault(&zip(&[("folder/a", RSS), ("folder/b", RSS)], method)),
        "archive_multiple_entries"
    );
    assert_eq!(fault(&zip(&[], method)), "empty_feed");
    // A second entry that only the directory has.
    let one = deflated(RSS);
    let directory = one
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    let twice = [&one[..one.len() - 22], &one[directory..]].concat();
    assert_eq!(fault(&twice), "archive_multiple_entries");
    let mut locked = deflated(RSS);
    locked[6] |= 1;
    assert_eq!(fault(&locked), "archive_unsupported");
    assert_eq!(
        fault(&[0x28, 0xb5, 0x2f, 0xfd, 0, 0]),
        "archive_unsupported"
    );
}

#[test]
fn folders_and_what_systems_put_beside_the_file_do_not_count() {
    let aside: &[u8] = b"Mac OS X";
    let many: [&[(&str, &[u8])]; 5] = [
        &[("feeds/2026/products.xml", RSS)],
        &[("feeds\\products.xml", RSS)],
        &[("products.xml", RSS), ("__MACOSX/._products.xml", aside)],
        &[
            (".DS_Store", aside),
            ("feeds/.hidden", aside),
            ("feeds/products.xml", RSS),
        ],
        &[
            ("Thumbs.db", aside),
            ("products.xml", RSS),
            ("desktop.ini", aside),
        ],
    ];
    for files in many {
        for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
            let packed = zip(files, method);
            assert_eq!(read(&packed).records, read(RSS).records, "{:?}", files[0].0);
            assert_eq!(fault(&packed[..packed.len() - 1]), "decompress_truncated");
        }
    }
    // Written without seeking, with a folder of its own.
    let mut archive = ZipWriter::new_stream(Vec::new());
    let options = SimpleFileOptions::default();
    archive.add_directory("feeds/", options).unwrap();
    for (name, bytes) in [
        ("feeds/.note", aside),
        ("feeds/a.xml", RSS),
        ("__MACOSX/feeds/._a.xml", aside),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    let packed = archive.finish().unwrap().into_inner();
    assert_eq!(read(&packed).records, read(RSS).records);
    // An archive with only such entries is not a feed, and a large entry is a file.
    let method = CompressionMethod::Deflated;
    assert_eq!(
        fault(&zip(&[("__MACOSX/._a", aside)], method)),
        "empty_feed"
    );
    let large = vec![b' '; 2 << 20];
    assert_eq!(
        fault(&zip(&[(".large", &large), ("a", RSS)], method)),
        "archive_multiple_entries"
    );
}

#[test]
fn the_bytes_decide_and_not_the_declaration() {
    let declared = |encoding: &str| Hints {
        content_encoding: Some(encoding.to_owned()),
        ..Hints::default()
    };
    assert_eq!(read_with(RSS, &declared("gzip")).records.len(), 2);
    assert_eq!(read_with(gzip(RSS), &declared("identity")).records.len(), 2);
    assert_eq!(
        refused_with(RSS, &declared("br")).code(),
        "archive_unsupported"
    );
}
