//! What the gateway fetches from partners: pictures.

mod images;
