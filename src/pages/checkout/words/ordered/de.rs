//! German, with the formal „Sie“.

use super::{
    ActionWords, AfterWords, DetailWords, HoldWords, InvoiceWords, Notice, NoticeWords,
    OrderedWords, Plural, SituationWords, WithdrawalWords,
};

pub(crate) const DE: OrderedWords = OrderedWords {
    situations: SituationWords {
        incomplete: Notice {
            title: "Es fehlt noch etwas",
            text: "Ergänzen Sie Ihre Angaben, um den Gesamtbetrag zu sehen. Noch ist nichts bestellt.",
        },
        ready: Notice {
            title: "Bereit zum Bestellen",
            text: "Prüfen Sie den Gesamtbetrag und drücken Sie die Schaltfläche. Noch ist nichts bestellt.",
        },
        sold_out: Notice {
            title: "Inzwischen ausverkauft",
            text: "Jemand anderes war schneller. Es wurde nichts bestellt und nichts abgebucht.",
        },
        payment_unavailable: Notice {
            title: "Zahlung zurzeit nicht möglich",
            text: "Der Zahlungsdienst hat nicht geantwortet. Es wurde nichts abgebucht. Bitte versuchen Sie es in einer Minute noch einmal.",
        },
        stopped: Notice {
            title: "Zurzeit nicht erhältlich",
            text: "Der Verkauf ist unterbrochen. Es wurde nichts bestellt und nichts abgebucht.",
        },
        preparing: Notice {
            title: "Ihre Zahlung wird vorbereitet",
            text: "Das dauert einige Sekunden.",
        },
        pay_now: Notice {
            title: "Bezahlen Sie, um die Bestellung abzuschließen",
            text: "Ihre Bestellung ist aufgegeben, sobald Sie bezahlt haben.",
        },
        pay_invoice: Notice {
            title: "Überweisen Sie, um Ihre Bestellung abzuschließen",
            text: "Ihre Bestellung gilt, sobald {amount} eingegangen sind. So lange ist alles für Sie reserviert.",
        },
        declined: Notice {
            title: "Die Zahlung wurde abgelehnt",
            text: "Ihre Bank hat nicht zugestimmt, und es wurde nichts abgebucht. Versuchen Sie es noch einmal, gern mit einer anderen Karte.",
        },
        processing: Notice {
            title: "Ihre Zahlung wird verarbeitet",
            text: "Das dauert meist nur einige Sekunden. Bitte bezahlen Sie nicht noch einmal.",
        },
        too_late: Notice {
            title: "Die Zeit zum Bezahlen ist abgelaufen",
            text: "Ist Ihre Zahlung schon unterwegs und noch genug verfügbar, kommt die Bestellung trotzdem zustande. Sonst erhalten Sie alles zurück.",
        },
        cancelling: Notice {
            title: "Die Zahlung wird abgebrochen",
            text: "Das dauert einige Sekunden. Bitte bezahlen Sie nicht mehr: Eine Zahlung, die noch eintrifft, erhalten Sie zurück.",
        },
        confirmed: Notice {
            title: "Bestellung bestätigt",
            text: "Vielen Dank. {seller} hat Ihre Bestellung erhalten.",
        },
        cancelling_order: Notice {
            title: "Ihre Bestellung wird storniert",
            text: "Wir prüfen, ob noch nichts versandt wurde. Danach erhalten Sie Ihr Geld zurück.",
        },
        expired: Notice {
            title: "Dieser Kaufvorgang ist abgelaufen",
            text: "Er wurde nicht rechtzeitig bezahlt. Es wurde nichts bestellt und nichts abgebucht.",
        },
        cancelled: Notice {
            title: "Abgebrochen",
            text: "Es wurde nichts bestellt und nichts abgebucht.",
        },
        released: Notice {
            title: "Es wurde nichts abgebucht",
            text: "Es gibt keine Bestellung. Hat Ihre Bank den Betrag vorgemerkt, gibt sie ihn frei, meist innerhalb weniger Tage.",
        },
        refund_due: Notice {
            title: "Ihre Erstattung ist unterwegs",
            text: "{amount} gehen auf demselben Weg zurück, auf dem Sie bezahlt haben. Banken brauchen meist 5 bis 10 Tage.",
        },
        refund_failed: Notice {
            title: "Die Erstattung ist noch nicht angekommen",
            text: "Ihre Bank hat sie zurückgewiesen. Wir versuchen es weiter, bis Sie Ihre {amount} haben. Sie müssen nichts tun.",
        },
        refunded: Notice {
            title: "Erstattet",
            text: "{amount} gingen auf demselben Weg zurück, auf dem Sie bezahlt haben. Bis Ihre Bank es anzeigt, können einige Tage vergehen.",
        },
    },
    actions: ActionWords {
        complete: "Angaben ergänzen",
        review: "Prüfen und bestellen",
        change_choice: "Auswahl ändern",
        try_again: "Noch einmal versuchen",
        pay: "Weiter zur Zahlung",
        pay_amount: "{amount} bezahlen",
        more_time: "Mehr Zeit",
        cancel_payment: "Ändern oder abbrechen",
        check_again: "Erneut prüfen",
        updates_itself: "Diese Seite aktualisiert sich von selbst.",
        start_again: "Neu beginnen",
        back_to_offer: "Zurück zum Angebot",
    },
    hold: HoldWords {
        until: "Für Sie reserviert bis {time}, {left}.",
        minutes: Plural {
            one: "noch etwa {count} Minute",
            many: "noch etwa {count} Minuten",
        },
        under_a_minute: "noch weniger als eine Minute",
        ends_soon: "Noch weniger als {seconds} Sekunden. Bezahlen Sie jetzt, oder nehmen Sie mehr Zeit, wenn die Schaltfläche da ist.",
        scarce: "Andere warten, deshalb kann die Zeit nicht verlängert werden.",
    },
    invoice: InvoiceWords {
        heading: "So bezahlen Sie",
        amount: "Betrag",
        reference: "Verwendungszweck",
        due: "Zahlbar bis",
        hint: "Geben Sie bei der Überweisung den Verwendungszweck an: Er zeigt, dass das Geld von Ihnen ist. Sie erhalten alles auch per E-Mail.",
    },
    details: DetailWords {
        heading: "Ihre Bestellung",
        order_number: "Bestellnummer",
        ordered_at: "Bestellt",
        payment: "Zahlung",
        card: "{brand} mit den Endziffern {last4}",
        destination: "Lieferadresse",
        receipt_note: "Der Beleg geht an {email}.",
        keep_address: "Bewahren Sie die Adresse dieser Seite auf: Sie zeigt Ihre Bestellung jederzeit.",
    },
    after: AfterWords {
        heading: "Haben Sie es sich anders überlegt?",
        cancel: "Bestellung stornieren",
        cancel_refused: "Die Bestellung ist schon unterwegs und kann nicht mehr storniert werden. Sie können sie zurücksenden.",
        withdraw_until: "Sie können bis {date} ohne Angabe von Gründen widerrufen.",
        contact: "Fragen zur Lieferung? Wenden Sie sich an {seller}",
        forget: "Meine Daten löschen",
        cancel_question: Notice {
            title: "Diese Bestellung stornieren?",
            text: "Wurde noch nichts versandt, erhält {seller} die Stornierung und Sie erhalten {amount} zurück.",
        },
        cancel_confirm: "Bestellung stornieren",
        cancel_keep: "Bestellung behalten",
        forget_question: Notice {
            title: "Ihre Daten löschen?",
            text: "Wir entfernen hier Ihren Namen, Ihre Kontaktdaten und Ihre Adresse und bitten {seller}, dasselbe zu tun. Daten, die wir nach dem Steuerrecht aufbewahren müssen, werden bis dahin gesperrt. Diese Seite zeigt Ihre Angaben dann nicht mehr. Das lässt sich nicht rückgängig machen.",
        },
        forget_confirm: "Meine Daten löschen",
        forget_keep: "Meine Daten behalten",
        forgotten: Notice {
            title: "Ihre Daten sind gelöscht",
            text: "Ihr Name, Ihre Kontaktdaten und Ihre Adresse sind aus dieser Bestellung entfernt.",
        },
    },
    withdrawal: WithdrawalWords {
        open: "Vertrag hier widerrufen",
        form: Notice {
            title: "Vertrag widerrufen",
            text: "Sie müssen keine Gründe angeben. Prüfen Sie diese Angaben und bestätigen Sie auf der nächsten Seite.",
        },
        name: "Vor- und Nachname",
        order: "Bestellnummer",
        contact: "E-Mail-Adresse für die Eingangsbestätigung",
        proceed: "Vertrag hier widerrufen",
        name_missing: "Bitte geben Sie Ihren Vor- und Nachnamen an.",
        order_missing: "Bitte geben Sie die Bestellnummer an.",
        contact_missing: "Bitte prüfen Sie die E-Mail-Adresse. Dorthin geht die Eingangsbestätigung.",
        question: Notice {
            title: "Widerruf bestätigen",
            text: "Mit der Schaltfläche senden Sie {seller} diese Erklärung:",
        },
        statement: "Ich widerrufe meinen Vertrag über die Bestellung {order}, {title}. {name}, {contact}.",
        confirm: "Widerruf hier bestätigen",
        back: "Zurück zur Bestellung",
        received: Notice {
            title: "Widerruf eingegangen",
            text: "Wir haben die Eingangsbestätigung an {contact} gesendet.",
        },
        received_at: "Eingegangen: {time}",
    },
    notices: NoticeWords {
        not_found: Notice {
            title: "Hier ist nichts",
            text: "Unter dieser Adresse gibt es keine Bestellung. Vielleicht enthält sie einen Tippfehler, oder sie ist abgelaufen.",
        },
        too_many_requests: Notice {
            title: "Zu viele Versuche",
            text: "Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal. Es wurde nichts bestellt.",
        },
        unavailable: Notice {
            title: "Vorübergehend nicht verfügbar",
            text: "Diese Seite kann zurzeit nicht angezeigt werden. Bitte versuchen Sie es in Kürze noch einmal. Wenn Sie bezahlt haben, ist Ihre Zahlung sicher: Bezahlen Sie nicht noch einmal.",
        },
    },
};
