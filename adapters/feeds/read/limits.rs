//! Limits for a document, and what is known about it beforehand.

/// The limits of a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest record, and the largest gap between two, in bytes of UTF-8. The largest known
    /// limit elsewhere is about 5 MB per line; real records are about 1 kB.
    pub record_bytes_max: usize,
    /// The most bytes a compressed document may expand to: 8 GiB, the size of the largest plain feed that a
    /// social network accepts.
    pub expanded_bytes_max: u64,
    /// Bytes that one compressed byte may expand to. Generated feeds compress 10 to 50 times.
    pub ratio_max: u64,
    /// Expanded bytes below which the ratio is not checked.
    pub ratio_floor_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            record_bytes_max: 4 << 20,
            expanded_bytes_max: 8 << 30,
            ratio_max: 100,
            ratio_floor_bytes: 16 << 20,
        }
    }
}

/// The feed's settings and its transport's metadata. Settings are obeyed. The rest only decides
/// what the bytes leave open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// Setting: the charset by its web label, such as `windows-1252`. Only a byte order mark beats it.
    pub charset: Option<String>,
    /// Setting: the table's delimiter.
    pub delimiter: Option<u8>,
    /// Setting: whether `"` quotes cells.
    pub quoting: Option<bool>,
    /// The transport's `Content-Type`.
    pub content_type: Option<String>,
    /// The transport's `Content-Encoding`, if it is still applied.
    pub content_encoding: Option<String>,
    /// The file's name, or the URL's last part.
    pub file_name: Option<String>,
}

impl Hints {
    /// The parameter `charset` of the content type.
    pub(super) fn content_type_charset(&self) -> Option<&str> {
        let (_, parameters) = self.content_type.as_deref()?.split_once(';')?;
        parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("charset").then_some(value)
        })
    }

    /// Whether name or type indicates JSON Lines.
    pub(super) fn is_json_lines(&self) -> bool {
        let name = self.file_name.as_deref().unwrap_or_default();
        let kind = self.content_type.as_deref().unwrap_or_default();
        [".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz"]
            .iter()
            .any(|end| name.ends_with(end))
            || ["jsonl", "ndjson", "json-seq", "jsonlines"]
                .iter()
                .any(|word| kind.contains(word))
    }
}
