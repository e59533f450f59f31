//! ISO 3166-1 alpha-2: all 249 officially assigned codes, and XK, which carriers and the
//! European Commission use for Kosovo. Other user-assigned codes are not included.

use crate::problem::Violation;

/// In alphabetical order, separated by single spaces. From Debian iso-codes 4.15: `regenerate_countries.py`.
const ASSIGNED: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR \
CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU \
ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Reads a country code in upper case.
pub fn parse_country(text: &str) -> Result<String, Violation> {
    let mut codes = ASSIGNED.as_bytes().chunks(3);
    let assigned = text.len() == 2 && codes.any(|code| code.starts_with(text.as_bytes()));
    assigned.then(|| text.to_owned()).ok_or(Violation::new(
        "country_unknown",
        "must be an ISO 3166-1 alpha-2 code in upper case, such as US",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_249_countries_and_kosovo_in_order() {
        let codes: Vec<&str> = ASSIGNED.split(' ').collect();
        assert_eq!(codes.len(), 250);
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|code| parse_country(code).is_ok()));
        for code in ["", "U", "us", "UK", "ZZ", "XX", "EU", "USA", "D ", " A"] {
            assert!(parse_country(code).is_err(), "{code}");
        }
    }
}
