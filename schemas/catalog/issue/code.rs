//! The codes: each with its name, how bad it is, what it is about, and what to do, in the partner's terms.
//!
//! The list is closed and its names never change: partners filter by them. A help sentence stands
//! alone, says what to do and repeats no value. A code has one severity; where the same fault is
//! sometimes fatal and sometimes not, it has two codes.

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

            /// Its stable name, in snake_case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// How bad it is.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Whether it is about the whole run or about one item.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)* }
            }

            /// What to do, in one or two sentences for the partner.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

codes! {
    // Fetching.
    FetchFailed "fetch_failed" Error Run "The feed's address did not answer with the feed. See that it can be downloaded without a browser."
    FetchAuth "fetch_auth" Error Run "The feed's address refused our credentials. Put the right user name and password, or token, into the feed's source."
    FetchTimeout "fetch_timeout" Error Run "The download took too long. Offer the feed as a finished file, compressed with gzip."
    FetchTooLarge "fetch_too_large" Error Run "The feed is larger than what is taken. Compress it, or leave out what is not for sale."
    FetchTruncated "fetch_truncated" Error Run "Fewer bytes came than were announced. Send the whole feed again."
    NotModified "not_modified" Info Run "The feed has not changed since the last download; nothing was to be done."
    SameContent "same_content" Info Run "The feed has the same content as the last time; nothing was to be done."

    // Unpacking and decoding.
    DecompressFailed "decompress_failed" Error Run "The compressed file cannot be unpacked. Use plain gzip, or zip with the usual method and no password."
    DecompressTruncated "decompress_truncated" Error Run "The compressed file ends too early. Write it to its end before you send it."
    DecompressCrc "decompress_crc" Error Run "The compressed file is damaged: its checksum is wrong. Pack it again and send it in binary mode."
    DecompressBomb "decompress_bomb" Error Run "The file grows too much when it is unpacked. Send it less compressed or in parts."
    ArchiveMultipleEntries "archive_multiple_entries" Error Run "The zip file must hold exactly one file: the feed."
    EncodingUndetected "encoding_undetected" Error Run "The feed's character encoding cannot be told. Save it as UTF-8, or name its charset in the Content-Type."
    EncodingUnknown "encoding_unknown" Error Run "The declared character encoding is not one that we know. Save the feed as UTF-8."
    EncodingInvalidBytes "encoding_invalid_bytes" Error Run "There are bytes that do not belong to the feed's character encoding. Save the whole feed as UTF-8, or declare its true charset."

    // The document.
    NotAFeed "not_a_feed" Error Run "This is no feed but, for example, a web page or an error message. Check the address or the file."
    FormatUnknown "format_unknown" Error Run "The document can be read, but it has the form of none of the feeds that we know. Name its format, or use one of the supported ones."
    EmptyFeed "empty_feed" Error Run "The feed has no items. If that is meant, end the sale by withdrawing the items."
    XmlMalformed "xml_malformed" Error Run "The XML is not well-formed at the place given. Write `&` as `&amp;` and `<` as `&lt;` in texts, and close every element."
    XmlTruncated "xml_truncated" Error Run "The XML ends before its first element is closed. Write the file to its end before you send it."
    XmlDoctypeRefused "xml_doctype_refused" Error Run "Remove the DOCTYPE; entities must not be declared in a feed."
    NamespaceUndeclared "namespace_undeclared" Warning Run "A prefix, such as the `g` of `g:price`, is used without its namespace. Declare it: `xmlns:g=\"http://base.google.com/ns/1.0\"`."
    AmpersandUnescaped "ampersand_unescaped" Warning Run "An `&` stands in the XML that begins no reference; it was read as it stands. Write it as `&amp;`."
    CsvUnterminatedQuote "csv_unterminated_quote" Error Run "A quoted cell is never closed. Double each quote inside a quoted cell, and close the cell."
    CsvNoHeader "csv_no_header" Error Run "The first row must hold the names of the columns."
    JsonMalformed "json_malformed" Error Run "The JSON is not well-formed at the place given. Let a JSON library write it."
    JsonTruncated "json_truncated" Error Run "The JSON ends before its list is closed. Write the file to its end before you send it."
    FeedTruncated "feed_truncated" Warning Run "The feed ends inside its last row or with an error message, so that row is not used and nothing counts as missing. Write it to its end, with a line end after each row."
    HeaderMissingRequired "header_missing_required" Error Run "A column that every feed of this format needs is missing. Add it to the header."
    HeaderDuplicate "header_duplicate" Error Run "Two columns have the same name, and only one of them can count. Remove or rename one."
    HeaderUnknown "header_unknown" Warning Run "A column's name is not known; its values are kept as further attributes. Check its spelling."
    QuantityColumnMissing "quantity_column_missing" Warning Run "The export says that stock is counted and has no column with the counts, so all of it counts as in stock. Export the quantities too, or send an inventory feed."
    RecordTooLarge "record_too_large" Error Run "One item is larger than what is taken. Look for a quote or an element that is never closed."
    ItemLimit "item_limit" Error Run "The feed has more items than what is taken. Split it."
    DomainsUndeclared "domains_undeclared" Warning Run "The web addresses that you sell from are not declared, so links to any host are taken. Ask for your domains to be set."

    // The gate.
    TooFewItems "too_few_items" Error Run "Nearly all items have disappeared, so nothing was changed. Send the complete feed, or approve this run."
    LargeDropHeld "large_drop_held" Error Run "This run would remove more items than is usual, so it waits for approval. Approve it if that is meant."
    TooManyErrorsHeld "too_many_errors_held" Error Run "Too many items have errors, so the run waits for approval. Correct them and send the feed again."
    StockDropHeld "stock_drop_held" Error Run "This run would take more items off sale than is usual, so it waits for approval. Approve it if that is meant."
    TitlesChangedHeld "titles_changed_held" Error Run "Too many titles change beyond recognition at once, so the run waits for approval. Check that the feed is this shop's and that ids are not used anew."
    LinksMovedHeld "links_moved_held" Error Run "Too many links lead to another host at once, so the run waits for approval. Check that the feed is this shop's; approve it if the shop has moved."
    PriceChangeHeld "price_change_held" Error Run "Too many prices change by too much at once, so the run waits for approval. Check the currency and the decimal point."
    DuplicateIdsExcess "duplicate_ids_excess" Error Run "Too many items share an id. Give every item, and every variant, an id of its own."

    // The row.
    RecordMalformed "record_malformed" Error Item "This item cannot be read; the others can. Let a library write the file, and look at the place given."
    RowTooWide "row_too_wide" Error Item "The row has more cells than the header. Quote the cells that hold the delimiter."
    RowPadded "row_padded" Warning Item "The row has fewer cells than the header; the missing ones count as empty. Write empty cells too."
    QuoteUnescaped "quote_unescaped" Warning Item "A quote stands inside of a quoted cell, so its text was read as it looks. Double each quote inside of a quoted cell."
    ItemUnknown "item_unknown" Warning Item "No item with this id is in the catalog, and this kind of feed does not add any. Send it in the main feed first."
    SpreadsheetGuard "spreadsheet_guard" Warning Item "A spreadsheet's mark was taken off the number, such as `'0012`, `=\"0012\"` or `12.0`. Export the column as text."
    SupplementIgnored "supplement_ignored" Info Item "A supplemental feed describes items; price, stock, link and group belong to the main feed. Leave this attribute out of the supplement."
    ChangeIgnored "change_ignored" Warning Item "A row without title, link and image changes price and stock only, so this attribute is not used. Send the whole item to change it."

    // Id and group.
    IdMissing "id_missing" Error Item "Give the item an id that stays the same for ever, such as its SKU."
    IdTooLong "id_too_long" Error Item "Shorten the id to at most 128 characters."
    IdLong "id_long" Warning Item "The id has more than 50 characters, which other channels refuse. Consider a shorter one before you depend on it."
    IdBadChars "id_bad_chars" Error Item "Use only visible characters and plain spaces in the id."
    IdPlaceholder "id_placeholder" Error Item "The id is what a spreadsheet or a program leaves instead of one, such as `1.23457E+12` or `#N/A`. Format the column as text and enter the id again."
    ItemChangedIdentity "item_changed_identity" Warning Item "This id named another item before; posts with a text of their own rest until somebody has looked. Give each new item an id that was never used."
    IdCaseConflict "id_case_conflict" Warning Item "Another item's id differs from this one only in capital letters. If both are the same item, use one spelling."
    IdDuplicate "id_duplicate" Error Item "Several items have this id, and none of them is taken. Give each its own."
    GroupIdInvalid "group_id_invalid" Warning Item "The group's id must have at most 128 visible characters; the item stands alone until then."
    GroupCurrencyConflict "group_currency_conflict" Error Item "Give all variants of one product their prices in the same currency."
    GroupAttributeConflict "group_attribute_conflict" Warning Item "The variants of one product differ where they should agree, such as in brand. Make them agree, or take them apart."
    LinkSharedByVariants "link_shared_by_variants" Warning Item "Several variants have the same link. Link each to the page where it is chosen already."

    // Text.
    TitleMissing "title_missing" Error Item "Give the item a title."
    TitlePlaceholder "title_placeholder" Error Item "The title is what a program leaves instead of one, such as `undefined` or `{{ title }}`. Give the item its title."
    TitleTruncated "title_truncated" Warning Item "The title was cut to 150 characters. Shorten it so that it ends where you want."
    DescriptionTruncated "description_truncated" Warning Item "The description was cut to 5,000 characters. Shorten it."
    TextTruncated "text_truncated" Warning Item "The value was longer than what is kept and was cut. Shorten it."
    HtmlInText "html_in_text" Warning Item "Markup was removed. Send plain text."
    HtmlInDescription "html_in_description" Warning Item "Markup was removed from the description. Send plain text, or use the field that is meant for HTML."
    EntityInText "entity_in_text" Warning Item "The text was escaped twice, such as `&amp;amp;`. Escape it once."
    TextMojibake "text_mojibake" Warning Item "The text was read in a wrong encoding before it came here, so that an umlaut is two other letters. Save it as UTF-8 at its source."
    TextWindows1252 "text_windows_1252" Warning Item "Letters of Windows-1252 came as control characters and were read as what they mean. Convert the text to UTF-8."
    ControlCharsRemoved "control_chars_removed" Warning Item "Invisible control characters were removed. Send text without them."

    // Links and images.
    LinkMissing "link_missing" Error Item "Give the address of the item's page."
    LinkInvalid "link_invalid" Error Item "Give the whole address of the item's page, such as `https://shop.example/shirt`."
    LinkTooLong "link_too_long" Error Item "Shorten the link to at most 2,000 characters."
    LinkCredentials "link_credentials" Error Item "Remove the user name and password from the address, and change the password: it may have been seen."
    LinkForeignDomain "link_foreign_domain" Error Item "The link leads to a host that is not among your declared domains. Link to your own shop, or have the domain added."
    LinkNotPublic "link_not_public" Error Item "The link leads to a host that only your own network knows, such as `localhost`. Give the address that your customers use."
    LinkSameAsSiteRoot "link_same_as_site_root" Warning Item "The link leads to the first page of a web site. Give the address of the item's own page."
    HttpNotHttps "http_not_https" Warning Item "Use an address that begins with https."
    ImageMissing "image_missing" Error Item "Give the address of an image of the item."
    ImageInvalid "image_invalid" Error Item "Give the whole address of the image, such as `https://shop.example/shirt.jpg`, with at most 2,000 characters."
    ImageCredentials "image_credentials" Error Item "Remove the user name and password from the image's address, and change the password: it may have been seen."
    ImageNotPublic "image_not_public" Error Item "The image is at a host that only your own network knows, such as `localhost`. Give an address that everybody can load."
    ImageSameAsSiteRoot "image_same_as_site_root" Error Item "The image's address is only that of a web site. Give the address of the image itself."
    ImageDropped "image_dropped" Warning Item "This image's address cannot be used and was left out. Give a whole address with at most 2,000 characters."
    DuplicateImage "duplicate_image" Warning Item "The same image is given more than once; it is shown once."
    TooManyImages "too_many_images" Warning Item "Only the first 11 images are kept."
    ImageNotFound "image_not_found" Error Item "There is no image at this address. Give one that can be loaded by everybody."
    ImageWrongType "image_wrong_type" Error Item "What lies at this address is no image that can be shown. Use JPEG, PNG, WebP or GIF."
    ImageTooSmall "image_too_small" Error Item "The image is too small. Use one of at least 100 by 100 pixels."
    ImageTooLarge "image_too_large" Error Item "The image is too large. Use one of at most 16 MB and 64 megapixels."

    // Prices.
    PriceMissing "price_missing" Error Item "Give the price with its currency, such as `15.00 USD`."
    PriceUnparsable "price_unparsable" Error Item "Write the price as digits with a decimal point and its currency's code, such as `15.00 USD`, without a symbol."
    PriceCurrencyMissing "price_currency_missing" Error Item "Add the currency's code to the price, such as `15.00 USD`, or have a default currency set for the feed."
    PriceCurrencyUnknown "price_currency_unknown" Error Item "Use the currency's three letters from ISO 4217, such as `USD` or `EUR`."
    PriceCurrencyMismatch "price_currency_mismatch" Warning Item "This amount is not in the currency of the item's price, so it is not used. Use one currency for the whole item."
    PriceTooPrecise "price_too_precise" Error Item "The price has more decimals than its currency. Round it to what a customer pays, such as `15.00 USD`."
    PriceAmbiguous "price_ambiguous" Error Item "One separator before three digits can stand before decimals or thousands. Write `1250.00 EUR`, or have `decimal` set to `point` or `comma` in the settings."
    AmountAmbiguous "amount_ambiguous" Warning Item "A separator before three digits can stand before decimals or thousands, so this number is not used. Write it without one for thousands, or have `decimal` set."
    DecimalSignByFile "decimal_sign_by_file" Info Item "A separator before three digits was read as the other numbers of this file prove it. Write prices such as `1250.00 EUR`."
    PriceNegative "price_negative" Error Item "A price cannot be negative."
    PriceZero "price_zero" Error Item "Give a price above zero."
    PriceOverflow "price_overflow" Error Item "The price is too large to be true. Check the decimal point."
    DecimalsPadded "decimals_padded" Info Item "The price was written with fewer decimals than its currency has; it was read as if zeros followed."
    DefaultCurrencyUsed "default_currency_used" Warning Item "The price came without a currency, so the feed's default was used. Write it with the price, such as `15.00 USD`."
    SalePriceNotLower "sale_price_not_lower" Warning Item "The sale price is not lower than the price, so it is not used. Leave it empty when there is no sale."
    SaleIgnored "sale_ignored" Warning Item "The sale price or its dates cannot be read, so the price counts. Write it like the price, such as `12.00 USD`, and dates in ISO 8601."
    SaleWindowInverted "sale_window_inverted" Warning Item "The sale ends before it begins, so the price counts. Exchange the two dates."
    WindowIgnored "window_ignored" Warning Item "There are sale dates without a usable sale price. Give both or neither."
    ListPriceIgnored "list_price_ignored" Warning Item "The former price cannot be read or is lower than the price, so it is not used. Give one that is higher, in the same currency."

    // Availability and time.
    AvailabilityMissing "availability_missing" Error Item "Say whether the item can be had: `in_stock`, `out_of_stock`, `preorder` or `backorder`."
    AvailabilityUnknown "availability_unknown" Error Item "Use one of `in_stock`, `limited_stock`, `out_of_stock`, `preorder`, `backorder` or `discontinued`."
    AvailabilityDateMissing "availability_date_missing" Error Item "Say from when an item for preorder can be had, such as `2027-03-01`."
    BackorderDateMissing "backorder_date_missing" Warning Item "Say when an item on backorder will come, such as `2027-03-01`."
    AvailabilityDateImplausible "availability_date_implausible" Warning Item "The day from which the item can be had is past or more than a year ahead. Correct it."
    AvailabilityInStoreOnly "availability_in_store_only" Warning Item "The item can be had in a shop only, and is taken as in stock. Leave it out if it cannot be sent."
    StockConflict "stock_conflict" Warning Item "The quantity is 0 although the item is said to be available, so it is out of stock. Make the two agree."
    QuantityInvalid "quantity_invalid" Warning Item "Give the quantity as a whole number. A negative one counts as 0, an unreadable one as not given."
    QuantityAmbiguous "quantity_ambiguous" Warning Item "The quantity has a separator before three digits, which can mean decimals or thousands; the smaller reading is used. Write it without one."
    DateInvalid "date_invalid" Warning Item "Write the time in ISO 8601, such as `2027-03-01T08:00:00Z`; this one is not used."
    DateWithoutTimezone "date_without_timezone" Warning Item "The time has no zone and was read as UTC. Add one, such as `Z` or `+01:00`, or have `time_zone` set in the settings."
    Expired "expired" Warning Item "The offer has ended, so the item is not shown as buyable. Remove the date, or move it."

    // Identity and kind.
    GtinNotDigits "gtin_not_digits" Warning Item "A GTIN has digits only; this one is not used. Leave the field empty when there is none."
    GtinBadLength "gtin_bad_length" Warning Item "A GTIN has 8, 12, 13 or 14 digits; this one is not used. A spreadsheet may have dropped leading zeros: keep the column as text."
    GtinBadCheckDigit "gtin_bad_check_digit" Warning Item "The GTIN's last digit does not fit the others, so it is not used. Copy it again from the package."
    GtinRestricted "gtin_restricted" Warning Item "This number is for use inside one shop and is no GTIN for everybody; it is not used. Use the maker's."
    GtinCoupon "gtin_coupon" Warning Item "This number belongs to a coupon, not to a product; it is not used."
    GtinScientific "gtin_scientific" Warning Item "A spreadsheet has rounded this GTIN, such as `8.71213E+12`. Format the column as text and enter the number again."
    GtinDuplicateAcrossItems "gtin_duplicate_across_items" Warning Item "Several items have this GTIN. Give each variant its own."
    BrandMissing "brand_missing" Warning Item "Give the brand, so that the item can be recognised, or a GTIN, or say that no identifier exists."
    IdentifierConflict "identifier_conflict" Warning Item "The item says that no identifier exists and gives one. Correct either."
    GpcUnknown "gpc_unknown" Warning Item "The category is neither a number nor a path of Google's taxonomy. Take it from there, or leave it out."
    UnknownEnum "unknown_enum" Warning Item "The value is none of those that this attribute can have, so the most careful one is used. Use one that the format lists."
    OptionCountMismatch "option_count_mismatch" Warning Item "Options need one name and one value each, and each name once; those that do not fit are left out."
    TooManyValues "too_many_values" Warning Item "There are more values than what is kept; the first ones are."
    ShippingInvalid "shipping_invalid" Warning Item "Write shipping as `country:region:service:price`, such as `US:CA:Express:5.00 USD`; this one is not used."
    CountryUk "country_uk" Warning Item "The code of the United Kingdom is `GB`; `UK` was read as it. Write `GB`."
    WeightInvalid "weight_invalid" Warning Item "Write the weight as a number and a unit, such as `1.5 kg`; this one is not used."
}
