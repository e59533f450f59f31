//! Mail to the buyer: the receipt, and what became of money that is not kept.
//!
//! Promises: the same effect sends the same mail under the same id, however often it is tried; a mail server that is down
//! costs no receipt. Without a mail server none is sent: the order page says the same.

use buywire_checkout::address::Language;
use buywire_checkout::machine::BuyerNotice;
use buywire_checkout::policy::{ExceptionReason, SellingPolicy};
use buywire_checkout::pricing::Pricing;
use buywire_schemas::ids::CheckoutId;
use url::Url;

use super::outcome::{Outcome, Performed};
use crate::ambient;
use crate::checkout::order::order_number;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;
use crate::mail::{
    MailAddress, MailDelivery, MailError, MailRecipient, NoticeMail, OutgoingMail, PaidReference,
    PaymentCard, ReceiptAmounts, ReceiptLine, ReceiptMail, SellerContact, SellerLinks,
    WithdrawalException, WithdrawalTerms,
};

/// Delays double from a minute to an hour. After so many tries, three days have passed.
const RETRY_SECONDS: f64 = 60.0;
const RETRY_SECONDS_MAX: f64 = 3_600.0;
const TRIES_MAX: i32 = 80;

impl Checkouts {
    pub(super) async fn send_receipt(&self, id: CheckoutId, key: &str, tries: i32) -> Performed {
        let Some(view) = self.mail_view(id).await? else {
            return Ok(Outcome::nothing());
        };
        let mail = self.receipt(&view).await?;
        self.send(mail, key, tries).await
    }

    pub(super) async fn send_notice(
        &self,
        id: CheckoutId,
        key: &str,
        notice: BuyerNotice,
        tries: i32,
    ) -> Performed {
        let Some(view) = self.mail_view(id).await? else {
            return Ok(Outcome::nothing());
        };
        let mail = self.notice(&view, notice).await?;
        self.send(mail, key, tries).await
    }

    /// What a mail is made of. `None`: there is no mail server.
    pub(super) async fn mail_view(
        &self,
        id: CheckoutId,
    ) -> Result<Option<CheckoutView>, CheckoutError> {
        if self.mailer.is_none() {
            return Ok(None);
        }
        let stored = self.store.checkout(id).await?;
        self.view(stored.ok_or(CheckoutError::NotFound)?)
            .await
            .map(Some)
    }

    pub(crate) async fn send(
        &self,
        mail: Option<OutgoingMail>,
        key: &str,
        tries: i32,
    ) -> Performed {
        let Some((mailer, mail)) = self.mailer.as_ref().zip(mail) else {
            return Ok(Outcome::nothing());
        };
        match mailer.send(&mail, key, ambient::now()).await {
            Ok(()) => Ok(Outcome::nothing()),
            Err(error @ MailError::Refused { .. }) => {
                tracing::error!(mail = key, error = %error, "checkout.mail: refused, given up");
                Ok(Outcome::nothing())
            }
            Err(error) if tries >= TRIES_MAX => {
                tracing::error!(mail = key, error = %error, "checkout.mail: failed, given up");
                Ok(Outcome::nothing())
            }
            Err(error) => {
                tracing::warn!(mail = key, error = %error, "checkout.mail: failed, retrying");
                let delay = RETRY_SECONDS * 2_f64.powi(tries.min(10));
                Ok(Outcome::RetryIn(delay.min(RETRY_SECONDS_MAX)))
            }
        }
    }

    /// `None`: the buyer or the seller's terms are not there any more.
    async fn receipt(&self, view: &CheckoutView) -> Result<Option<OutgoingMail>, CheckoutError> {
        let Some(policy) = self.first_policy(view).await? else {
            return Ok(None);
        };
        let quote = view.stored.pricing.as_ref().and_then(Pricing::quote);
        let parts = recipient(view)
            .zip(quote)
            .zip(seller(&policy))
            .zip(links(&policy));
        let Some((((recipient, quote), seller), links)) = parts else {
            return Ok(None);
        };
        let Ok(order_url) = Url::parse(&self.order_page(&view.token)) else {
            return Ok(None);
        };
        let payment = view.payment.as_ref();
        let card = payment.and_then(|payment| {
            Some(PaymentCard {
                brand: payment.card_brand.clone(),
                last4: payment.card_last4.clone()?,
            })
        });
        let mail = ReceiptMail {
            recipient,
            order_number: order_number(view.stored.id),
            ordered_at: view.confirmed_at().unwrap_or(view.stored.updated_at),
            seller,
            links,
            lines: receipt_lines(view, &policy),
            amounts: ReceiptAmounts::from(quote),
            delivery: delivery(view),
            ship_to: view.buyer.as_ref().and_then(|buyer| buyer.ship_to.clone()),
            payment: card,
            withdrawal: view.may_withdraw().then_some(WithdrawalTerms {
                days: policy.withdrawal.days,
            }),
            order_url,
            is_test: view.stored.test,
        };
        Ok(Some(mail.compose()))
    }

    async fn notice(
        &self,
        view: &CheckoutView,
        notice: BuyerNotice,
    ) -> Result<Option<OutgoingMail>, CheckoutError> {
        let policy = self.first_policy(view).await?;
        let Some((recipient, payment)) = recipient(view).zip(view.payment.as_ref()) else {
            return Ok(None);
        };
        let Ok(order_url) = Url::parse(&self.order_page(&view.token)) else {
            return Ok(None);
        };
        let mail = NoticeMail {
            recipient,
            notice,
            amount: payment.amount,
            currency: payment.currency,
            reference: match view.stored.order {
                Some(_) => PaidReference::Order(order_number(view.stored.id)),
                None => PaidReference::Checkout(view.stored.id),
            },
            order_url,
            seller: policy.as_ref().and_then(seller),
            is_test: view.stored.test,
        };
        Ok(Some(mail.compose()))
    }

    /// The terms of the checkout's first seller: receipts name one.
    pub(crate) async fn first_policy(
        &self,
        view: &CheckoutView,
    ) -> Result<Option<SellingPolicy>, CheckoutError> {
        let Some(line) = view.stored.cart.lines.first() else {
            return Ok(None);
        };
        let terms = self.quotes.terms(&line.partner).await?;
        Ok(terms.map(|terms| terms.policy))
    }
}

/// `None`: the buyer was made unreadable, or the address is none for mail.
pub(crate) fn recipient(view: &CheckoutView) -> Option<MailRecipient> {
    let buyer = view.buyer.as_ref()?;
    Some(MailRecipient {
        address: MailAddress::parse(&buyer.email).ok()?,
        name: buyer.name.clone(),
        language: Language::from_tag(&view.stored.language).unwrap_or(Language::English),
    })
}

pub(crate) fn seller(policy: &SellingPolicy) -> Option<SellerContact> {
    let seller = policy.seller.as_ref()?;
    Some(SellerContact {
        name: seller.name.clone(),
        address: seller.address.clone(),
        country: seller.country.clone(),
        email: MailAddress::parse(&seller.email).ok()?,
        phone: seller.phone.clone(),
    })
}

fn links(policy: &SellingPolicy) -> Option<SellerLinks> {
    let url = |link: &Option<String>| link.as_deref().and_then(|link| Url::parse(link).ok());
    Some(SellerLinks {
        terms_of_use: url(&policy.links.terms_of_use)?,
        privacy_policy: url(&policy.links.privacy_policy)?,
        return_policy: url(&policy.links.return_policy),
        shipping_policy: url(&policy.links.shipping_policy),
    })
}

fn receipt_lines(view: &CheckoutView, policy: &SellingPolicy) -> Vec<ReceiptLine> {
    let lines = view.stored.cart.lines.iter();
    let lines = lines.map(|line| ReceiptLine {
        title: line.title.clone(),
        options: line.options.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        exception: policy
            .withdrawal
            .exception(&line.item_id, line.category.as_deref())
            .map(exception),
    });
    lines.collect()
}

fn delivery(view: &CheckoutView) -> Option<MailDelivery> {
    let Some(Pricing::Quoted { deliveries, .. }) = &view.stored.pricing else {
        return None;
    };
    let delivery = deliveries.first()?;
    let mut options = delivery.options.iter();
    let chosen = options.find(|option| option.id == delivery.chosen)?;
    Some(MailDelivery {
        title: chosen.title.clone(),
        days: chosen.days,
    })
}

fn exception(reason: ExceptionReason) -> WithdrawalException {
    match reason {
        ExceptionReason::DatedTicket => WithdrawalException::DatedTicket,
        ExceptionReason::SealedMedia => WithdrawalException::SealedMedia,
        ExceptionReason::Perishable => WithdrawalException::Perishable,
        ExceptionReason::CustomMade => WithdrawalException::CustomMade,
        ExceptionReason::DigitalAfterConsent => WithdrawalException::DigitalAfterConsent,
    }
}
