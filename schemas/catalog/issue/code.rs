//! The finding codes: each with its name, severity, scope, and help text in the partner's terms.
//!
//! The list is closed and its names never change: partners filter by them. A help text stands
//! alone, says what to do and repeats no value. A code has one severity: where the same fault is
//! sometimes fatal and sometimes not, there are two codes.

use super::formats::FORMAT_UNKNOWN_HELP;
use super::{Scope, Severity};

macro_rules! codes {
    ($($name:ident $text:literal $severity:ident $scope:ident $help:literal)*) => {
        /// What can be wrong with a feed or an item.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $help] $name,)*
        }

        impl Code {
            /// Every code, run level first.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable name, in snake_case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The severity.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Whether the code concerns the whole run or one item.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
            }

            /// What to do, in one or two sentences for the partner.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self {
                    Self::FormatUnknown => FORMAT_UNKNOWN_HELP,
                    $(#[allow(unreachable_patterns, reason = "its text has a list")] Self::$name => $help,)*
                }
            }
        }
    };
}

codes! {
    // Fetching.
    FetchFailed "fetch_failed" Error Run "The feed URL did not return the feed. Check that it can be downloaded without a browser."
    FetchAuth "fetch_auth" Error Run "The feed URL rejected our credentials. Correct the user name and password, or the token, in the feed source."
    FetchTimeout "fetch_timeout" Error Run "The download took too long. Serve the feed as a finished file, compressed with gzip."
    FetchTooLarge "fetch_too_large" Error Run "The feed exceeds 4 GiB. Compress it, or leave out what is not for sale."
    FetchTruncated "fetch_truncated" Error Run "The download is shorter than its Content-Length. Publish the whole file again."
    NotModified "not_modified" Info Run "The feed has not changed since the last download, so there was nothing to do."
    SameContent "same_content" Info Run "The feed has the same content as last time, so there was nothing to do."

    // Unpacking and decoding.
    DecompressFailed "decompress_failed" Error Run "The compressed file cannot be unpacked. Use plain gzip, or zip with the deflate method and no password."
    DecompressTruncated "decompress_truncated" Error Run "The compressed file ends too early. Finish writing it before you send it."
    DecompressCrc "decompress_crc" Error Run "The compressed file is damaged: its checksum does not match. Pack it again and send it in binary mode."
    DecompressBomb "decompress_bomb" Error Run "The file unpacks to more than 8 GiB, or to more than 100 times its size. Split it, or send it uncompressed."
    ArchiveMultipleEntries "archive_multiple_entries" Error Run "The zip file must contain exactly one file: the feed."
    EncodingUndetected "encoding_undetected" Error Run "The character encoding could not be detected. Save the feed as UTF-8, or name its charset in the Content-Type."
    EncodingUnknown "encoding_unknown" Error Run "The declared character encoding is not supported. Save the feed as UTF-8."
    EncodingInvalidBytes "encoding_invalid_bytes" Error Run "Some bytes are not valid in the feed's character encoding. Save the whole feed as UTF-8, or declare its actual charset."

    // The document.
    NotAFeed "not_a_feed" Error Run "This is not a feed. It looks like a web page or an error message. Check the URL or the file."
    FormatUnknown "format_unknown" Error Run "The document matches none of the supported formats."
    EmptyFeed "empty_feed" Error Run "The feed has no items. To stop selling, mark the items as deleted instead of sending an empty feed."
    XmlMalformed "xml_malformed" Error Run "The XML is not well-formed at the given place. In text, write `&` as `&amp;` and `<` as `&lt;`, and close every element."
    XmlTruncated "xml_truncated" Error Run "The XML ends before its first element is closed. Finish writing the file before you send it."
    XmlDoctypeRefused "xml_doctype_refused" Error Run "Remove the DOCTYPE. A feed must not declare entities."
    NamespaceUndeclared "namespace_undeclared" Warning Run "A prefix, such as the `g` of `g:price`, is used without its namespace. Declare it: `xmlns:g=\"http://base.google.com/ns/1.0\"`."
    AmpersandUnescaped "ampersand_unescaped" Warning Run "The XML contains an `&` that does not begin a reference. It was read literally. Write it as `&amp;`."
    CsvUnterminatedQuote "csv_unterminated_quote" Error Run "A quoted cell is never closed. Double each quote inside a quoted cell, and close the cell."
    CsvNoHeader "csv_no_header" Error Run "The first row must contain the column names."
    JsonMalformed "json_malformed" Error Run "The JSON is not well-formed at the given place. Generate it with a JSON library."
    JsonTruncated "json_truncated" Error Run "The JSON ends before its list is closed. Finish writing the file before you send it."
    FeedTruncated "feed_truncated" Warning Run "The feed ends inside its last row or with an error message. That row was ignored, and no item counts as missing. Send the complete feed, with a line end after each row."
    HeaderMissingRequired "header_missing_required" Error Run "A column that this format requires is missing. Add it to the header."
    HeaderDuplicate "header_duplicate" Error Run "Two columns have the same name, so neither can be relied on. Remove or rename one."
    HeaderUnknown "header_unknown" Warning Run "This column name is unknown. Its values are kept as extra attributes. Check the spelling."
    QuantityColumnMissing "quantity_column_missing" Warning Run "The export says that stock is tracked but has no quantity column, so every item counts as in stock. Export the quantities, or send an inventory feed."
    PriceWithoutTax "price_without_tax" Warning Run "The export has prices without tax only, and a buyer pays the tax too. Taxed items have no price. Export the price with tax as well."
    RecordTooLarge "record_too_large" Error Run "One item exceeds 4 MiB. Look for a quote or an element that is never closed."
    ItemLimit "item_limit" Error Run "The feed has more than 5,000,000 items. Split it."
    DomainsUndeclared "domains_undeclared" Warning Run "Your shop's domains are not declared, so links to any host are accepted. Ask for your domains to be set."

    // The gate.
    TooFewItems "too_few_items" Error Run "Almost all items are missing, so nothing was changed. Send the complete feed, or approve this run."
    LargeDropHeld "large_drop_held" Error Run "This run would remove unusually many items, so it waits for approval. Approve it if this is intended."
    TooManyErrorsHeld "too_many_errors_held" Error Run "Too many items have errors, so the run waits for approval. Correct them and send the feed again."
    StockDropHeld "stock_drop_held" Error Run "This run would make unusually many items unavailable, so it waits for approval. Approve it if this is intended."
    TitlesChangedHeld "titles_changed_held" Error Run "Too many titles change completely at once, so the run waits for approval. Check that this is the right shop's feed and that ids are not reused."
    LinksMovedHeld "links_moved_held" Error Run "Too many links move to another host at once, so the run waits for approval. Check that this is the right shop's feed. Approve the run if the shop has moved."
    PriceChangeHeld "price_change_held" Error Run "Too many prices change by too much at once, so the run waits for approval. Check the currency and the decimal point."
    DuplicateIdsExcess "duplicate_ids_excess" Error Run "More than 10 items, and more than 10 % of the feed, share an id with another item. Give every item and every variant its own id."

    // The row.
    RecordMalformed "record_malformed" Error Item "This item cannot be read. The others can. Generate the file with a library, and check the given place."
    RowTooWide "row_too_wide" Error Item "The row has more cells than the header. Quote the cells that contain the delimiter."
    RowPadded "row_padded" Warning Item "The row has fewer cells than the header. The missing cells count as empty. Write empty cells too."
    QuoteUnescaped "quote_unescaped" Warning Item "A quoted cell contains a single quote character. It was read literally. Double each quote inside a quoted cell."
    ItemUnknown "item_unknown" Warning Item "The catalog has no item with this id, and this kind of feed cannot add one. Send it in the main feed first."
    SpreadsheetGuard "spreadsheet_guard" Warning Item "A spreadsheet artifact, such as `'0012`, `=\"0012\"` or `12.0`, was removed from the number. Export the column as text."
    SupplementIgnored "supplement_ignored" Info Item "A supplemental feed only describes items. Price, stock, link and group come from the main feed. Remove this attribute from the supplement."
    ChangeIgnored "change_ignored" Warning Item "A row without title, link and image changes only price and stock, so this attribute was ignored. Send the whole item to change it."

    // Id and group.
    IdMissing "id_missing" Error Item "Give the item an id that never changes, such as its SKU."
    IdTooLong "id_too_long" Error Item "Shorten the id to at most 128 characters."
    IdLong "id_long" Warning Item "The id has more than 50 characters, which other channels reject. Consider a shorter one before you depend on it."
    IdBadChars "id_bad_chars" Error Item "Use only visible characters and plain spaces in the id."
    IdPlaceholder "id_placeholder" Error Item "The id is a leftover of a spreadsheet or program, such as `1.23457E+12` or `#N/A`. Format the column as text and enter the id again."
    ItemChangedIdentity "item_changed_identity" Warning Item "This id belonged to a different item before. Posts with a text of their own are paused until someone reviews them. Give each new item an id that was never used."
    IdCaseConflict "id_case_conflict" Warning Item "Another item's id differs from this one only in upper and lower case. If both are the same item, use one spelling."
    IdDuplicate "id_duplicate" Error Item "Several items have this id, so all of them were rejected. Give each its own."
    GroupIdInvalid "group_id_invalid" Warning Item "The group id must have at most 128 visible characters. Until it does, the item is treated as having no variants."
    GroupCurrencyConflict "group_currency_conflict" Error Item "Price all variants of one product in the same currency."
    GroupAttributeConflict "group_attribute_conflict" Warning Item "The variants of one product differ where they should agree, for example in brand. Make them agree, or split the group."
    LinkSharedByVariants "link_shared_by_variants" Warning Item "Several variants have the same link. Link each to a page on which that variant is selected."

    // Text.
    TitleMissing "title_missing" Error Item "Give the item a title."
    TitlePlaceholder "title_placeholder" Error Item "The title is a leftover of a program, such as `undefined` or `{{ title }}`. Give the item a real title."
    TitleTruncated "title_truncated" Warning Item "The title was cut to 150 characters. Shorten it so that it ends where you want."
    DescriptionTruncated "description_truncated" Warning Item "The description was cut to 5,000 characters. Shorten it."
    TextTruncated "text_truncated" Warning Item "The value is longer than this attribute allows and was cut. Shorten it."
    HtmlInText "html_in_text" Warning Item "Markup was removed. Send plain text."
    HtmlInDescription "html_in_description" Warning Item "Markup was removed from the description. Send plain text, or use the field for HTML."
    EntityInText "entity_in_text" Warning Item "The text is escaped twice, as in `&amp;amp;`. Escape it once."
    TextMojibake "text_mojibake" Warning Item "The text was decoded with the wrong encoding before it was sent, so that one accented letter shows as two other characters. Save it as UTF-8 at its source."
    TextWindows1252 "text_windows_1252" Warning Item "The text contains Windows-1252 characters encoded as control characters. They were converted. Convert the text to UTF-8."
    ControlCharsRemoved "control_chars_removed" Warning Item "Invisible control characters were removed. Send text without them."

    // Links and images.
    LinkMissing "link_missing" Error Item "Add the URL of the item's page. If an export has no links, set the shop's URL: `shop_url` in the settings, `--shop-url` on the command line."
    LinkInvalid "link_invalid" Error Item "Use the full URL of the item's page, such as `https://shop.example/shirt`."
    LinkTooLong "link_too_long" Error Item "Shorten the link to at most 2,000 characters."
    LinkCredentials "link_credentials" Error Item "Remove the user name and password from the URL, and change the password: it may have been exposed."
    LinkForeignDomain "link_foreign_domain" Error Item "The link's host is not one of your declared domains. Link to your own shop, or have the domain added."
    LinkNotPublic "link_not_public" Error Item "The link's host is not reachable from the public internet, such as `localhost`. Use the URL that your customers use."
    LinkSameAsSiteRoot "link_same_as_site_root" Warning Item "The link leads to the home page of a web site. Use the URL of the item's own page."
    HttpNotHttps "http_not_https" Warning Item "Use a URL that begins with https."
    ImageMissing "image_missing" Error Item "Add the URL of an image of the item."
    ImageInvalid "image_invalid" Error Item "Use the full URL of the image, such as `https://shop.example/shirt.jpg`, with at most 2,000 characters."
    ImageCredentials "image_credentials" Error Item "Remove the user name and password from the image URL, and change the password: it may have been exposed."
    ImageNotPublic "image_not_public" Error Item "The image's host is not reachable from the public internet, such as `localhost`. Use a URL that anyone can load."
    ImageSameAsSiteRoot "image_same_as_site_root" Error Item "The image URL is that of a web site's home page. Use the URL of the image itself."
    ImageDropped "image_dropped" Warning Item "This image URL is not usable and was left out. Use a full URL with at most 2,000 characters."
    DuplicateImage "duplicate_image" Warning Item "The same image is listed more than once. It is shown once."
    TooManyImages "too_many_images" Warning Item "The item has more than 11 images. Only the first 11 are kept."
    ImageNotFound "image_not_found" Error Item "There is no image at this URL. Use one that anyone can load."
    ImageWrongType "image_wrong_type" Error Item "The file at this URL is not a supported image. Use JPEG, PNG, WebP or GIF."
    ImageTiff "image_tiff" Error Item "Browsers do not show TIFF. Use JPEG, PNG, WebP or GIF."
    ImageTooSmall "image_too_small" Error Item "The image is too small. Use at least 100 by 100 pixels."
    ImageTooLarge "image_too_large" Error Item "The image is too large. Use at most 16 MiB and 64 megapixels."

    // Prices.
    PriceMissing "price_missing" Error Item "Give the price with its currency, such as `15.00 USD`."
    PriceUnparsable "price_unparsable" Error Item "Write the price as digits with a decimal point and a currency code, such as `15.00 USD`, without a symbol."
    PriceCurrencyMissing "price_currency_missing" Error Item "Add the currency code to the price, such as `15.00 USD`. If a format has none, set the feed's currency: `default_currency` in the settings, `--currency` on the command line."
    PriceCurrencyUnknown "price_currency_unknown" Error Item "Use the currency's three-letter ISO 4217 code, such as `USD` or `EUR`."
    PriceCurrencyMismatch "price_currency_mismatch" Warning Item "This amount is in a different currency from the item's price, so it was ignored. Use one currency for the whole item."
    PriceTooPrecise "price_too_precise" Error Item "The price has more decimals than its currency. Round it to what a customer pays, such as `15.00 USD`."
    PriceAmbiguous "price_ambiguous" Error Item "The separator before three digits could mark decimals or thousands. Write `1250.00 EUR`, or have `decimal` set to `point` or `comma` in the settings."
    AmountAmbiguous "amount_ambiguous" Warning Item "The separator before three digits could mark decimals or thousands, so this number was ignored. Remove thousands separators, or have `decimal` set."
    DecimalSignByFile "decimal_sign_by_file" Info Item "The separator before three digits was read the way other numbers in this file show. Write prices such as `1250.00 EUR`."
    PriceNegative "price_negative" Error Item "A price cannot be negative."
    PriceZero "price_zero" Error Item "Give a price above zero."
    PriceOverflow "price_overflow" Error Item "The price is implausibly high. Check the decimal point."
    DecimalsPadded "decimals_padded" Info Item "The price has fewer decimals than its currency. It was read as if zeros followed."
    DefaultCurrencyUsed "default_currency_used" Warning Item "The price has no currency, so the feed's default was used. Write it with the price, such as `15.00 USD`."
    SalePriceNotLower "sale_price_not_lower" Warning Item "The sale price is not lower than the price, so it was ignored. Leave it empty when there is no sale."
    SaleIgnored "sale_ignored" Warning Item "The sale price or its dates cannot be read, so the regular price applies. Write the sale price like the price, such as `12.00 USD`, and dates in ISO 8601."
    SaleWindowInverted "sale_window_inverted" Warning Item "The sale ends before it begins, so the regular price applies. Swap the two dates."
    WindowIgnored "window_ignored" Warning Item "There are sale dates without a usable sale price. Give both or neither."
    ListPriceIgnored "list_price_ignored" Warning Item "The former price cannot be read or is lower than the price, so it was ignored. Use a higher one in the same currency."

    // Availability and time.
    AvailabilityMissing "availability_missing" Error Item "Give the availability: `in_stock`, `out_of_stock`, `preorder` or `backorder`."
    AvailabilityUnknown "availability_unknown" Error Item "Use one of `in_stock`, `limited_stock`, `out_of_stock`, `preorder`, `backorder` or `discontinued`."
    AvailabilityDateMissing "availability_date_missing" Error Item "Give the date from which an item on preorder is available, such as `2027-03-01`."
    BackorderDateMissing "backorder_date_missing" Warning Item "Give the date from which an item on backorder is available, such as `2027-03-01`."
    AvailabilityDateImplausible "availability_date_implausible" Warning Item "The date from which the item is available is in the past or more than a year ahead. Correct it."
    AvailabilityInStoreOnly "availability_in_store_only" Warning Item "The item is available in a store only, and was read as in stock. Leave it out if it cannot be shipped."
    StockConflict "stock_conflict" Warning Item "The quantity is 0 but the availability says otherwise, so the item counts as out of stock. Make the two agree."
    QuantityInvalid "quantity_invalid" Warning Item "Give the quantity as a whole number. A negative one counts as 0, an unreadable one as missing."
    QuantityAmbiguous "quantity_ambiguous" Warning Item "The separator before three digits could mark decimals or thousands. The smaller reading was used. Write the quantity without a separator."
    DateInvalid "date_invalid" Warning Item "The time cannot be read and was ignored. Write it in ISO 8601, such as `2027-03-01T08:00:00Z`."
    DateWithoutTimezone "date_without_timezone" Warning Item "The time has no zone and was read as UTC. Add one, such as `Z` or `+01:00`, or have `time_zone` set in the settings."
    Expired "expired" Warning Item "The offer has ended, so the item cannot be bought. Remove the date, or move it."

    // Identity and kind.
    GtinNotDigits "gtin_not_digits" Warning Item "A GTIN has digits only. This one was ignored. Leave the field empty when there is none."
    GtinBadLength "gtin_bad_length" Warning Item "A GTIN has 8, 12, 13 or 14 digits. This one was ignored. A spreadsheet may have dropped leading zeros: format the column as text."
    GtinBadCheckDigit "gtin_bad_check_digit" Warning Item "The GTIN's check digit does not match, so it was ignored. Copy it again from the package."
    GtinRestricted "gtin_restricted" Warning Item "This GTIN is reserved for in-store use and was ignored. Use the manufacturer's GTIN."
    GtinCoupon "gtin_coupon" Warning Item "This GTIN belongs to a coupon, not to a product, and was ignored."
    GtinScientific "gtin_scientific" Warning Item "A spreadsheet has rounded this GTIN, as in `8.71213E+12`. Format the column as text and enter the number again."
    GtinDuplicateAcrossItems "gtin_duplicate_across_items" Warning Item "Several items have this GTIN. Give each variant its own."
    BrandMissing "brand_missing" Warning Item "Give the brand or a GTIN, so that the item can be identified, or state that no identifier exists."
    IdentifierConflict "identifier_conflict" Warning Item "The item states that no identifier exists, but gives one. Correct one of them."
    GpcUnknown "gpc_unknown" Warning Item "The category is neither an id nor a path of Google's taxonomy. Use one of these, or leave it out."
    UnknownEnum "unknown_enum" Warning Item "This attribute does not accept the value, so the most cautious one was used. Use one that the format lists."
    OptionCountMismatch "option_count_mismatch" Warning Item "Each option needs one name and one value, and each name may occur once. Options that do not fit were left out."
    TooManyValues "too_many_values" Warning Item "There are more values than this attribute allows. Only the first ones are kept."
    ShippingInvalid "shipping_invalid" Warning Item "This shipping entry was ignored. Write it as `country:region:service:price`, such as `US:CA:Express:5.00 USD`."
    CountryUk "country_uk" Warning Item "The country code of the United Kingdom is `GB`. `UK` was read as `GB`. Write `GB`."
    CountryInvalid "country_invalid" Error Item "A part of this list of countries is no ISO 3166-1 code, so it is not known where the item may be sold. Write two-letter codes, such as `US, CA`."
    WeightInvalid "weight_invalid" Warning Item "The weight was ignored. Write it as a number and a unit, such as `1.5 kg`."
}
