//! Dutch, with the formal “u”.

use super::{
    ActionWords, AfterWords, DetailWords, HoldWords, InvoiceWords, Notice, NoticeWords,
    OrderedWords, Plural, SituationWords, WithdrawalWords,
};

pub(crate) const NL: OrderedWords = OrderedWords {
    situations: SituationWords {
        incomplete: Notice {
            title: "Er ontbreekt nog iets",
            text: "Vul uw gegevens aan om het totaal te zien. Er is nog niets besteld.",
        },
        ready: Notice {
            title: "Klaar om te bestellen",
            text: "Controleer het totaal en druk op de knop. Er is nog niets besteld.",
        },
        sold_out: Notice {
            title: "Intussen uitverkocht",
            text: "Iemand anders was sneller. Er is niets besteld en niets afgeschreven.",
        },
        payment_unavailable: Notice {
            title: "Betalen is nu niet mogelijk",
            text: "De betaaldienst antwoordde niet. Er is niets afgeschreven. Probeer het over een minuut opnieuw.",
        },
        stopped: Notice {
            title: "Op dit moment niet te koop",
            text: "De verkoop is onderbroken. Er is niets besteld en niets afgeschreven.",
        },
        preparing: Notice {
            title: "Uw betaling wordt voorbereid",
            text: "Dit duurt enkele seconden.",
        },
        pay_now: Notice {
            title: "Betaal om uw bestelling af te ronden",
            text: "Uw bestelling is geplaatst zodra u hebt betaald.",
        },
        pay_invoice: Notice {
            title: "Maak het bedrag over om uw bestelling te voltooien",
            text: "Uw bestelling wordt geplaatst zodra {amount} binnen is. Tot dan is alles voor u gereserveerd.",
        },
        declined: Notice {
            title: "De betaling is geweigerd",
            text: "Uw bank heeft de betaling niet goedgekeurd en er is niets afgeschreven. Probeer het opnieuw, eventueel met een andere kaart.",
        },
        processing: Notice {
            title: "Uw betaling wordt verwerkt",
            text: "Dit duurt meestal enkele seconden. Betaal niet nog een keer.",
        },
        too_late: Notice {
            title: "De tijd om te betalen is voorbij",
            text: "Is uw betaling al onderweg en is er nog genoeg, dan gaat de bestelling alsnog door. Anders krijgt u alles terug.",
        },
        cancelling: Notice {
            title: "De betaling wordt afgebroken",
            text: "Dit duurt enkele seconden. Betaal niet meer: een betaling die nog binnenkomt, krijgt u terug.",
        },
        confirmed: Notice {
            title: "Bestelling bevestigd",
            text: "Bedankt. {seller} heeft uw bestelling ontvangen.",
        },
        cancelling_order: Notice {
            title: "Uw bestelling wordt geannuleerd",
            text: "We controleren of er nog niets is verzonden. Daarna krijgt u uw geld terug.",
        },
        expired: Notice {
            title: "Deze aankoop is verlopen",
            text: "Er is niet op tijd betaald. Er is niets besteld en niets afgeschreven.",
        },
        cancelled: Notice {
            title: "Geannuleerd",
            text: "Er is niets besteld en niets afgeschreven.",
        },
        released: Notice {
            title: "Er is niets afgeschreven",
            text: "Er is geen bestelling. Heeft uw bank het bedrag gereserveerd, dan geeft die het vrij, meestal binnen enkele dagen.",
        },
        refund_due: Notice {
            title: "Uw geld is onderweg naar u",
            text: "{amount} gaat terug op dezelfde manier als u hebt betaald. Banken doen er meestal 5 tot 10 dagen over.",
        },
        refund_failed: Notice {
            title: "De terugbetaling is nog niet aangekomen",
            text: "Uw bank heeft die teruggestuurd. We proberen het opnieuw tot u {amount} terug hebt. U hoeft niets te doen.",
        },
        refunded: Notice {
            title: "Terugbetaald",
            text: "{amount} is teruggegaan op dezelfde manier als u hebt betaald. Het kan enkele dagen duren voordat uw bank dit toont.",
        },
    },
    actions: ActionWords {
        complete: "Uw gegevens aanvullen",
        review: "Controleren en bestellen",
        change_choice: "Uw keuze wijzigen",
        try_again: "Opnieuw proberen",
        pay: "Verder naar betalen",
        pay_amount: "{amount} betalen",
        more_time: "Meer tijd",
        cancel_payment: "Wijzigen of annuleren",
        check_again: "Opnieuw controleren",
        updates_itself: "Deze pagina wordt vanzelf bijgewerkt.",
        start_again: "Opnieuw beginnen",
        back_to_offer: "Terug naar het aanbod",
    },
    hold: HoldWords {
        until: "Voor u gereserveerd tot {time}, {left}.",
        minutes: Plural {
            one: "nog ongeveer {count} minuut",
            many: "nog ongeveer {count} minuten",
        },
        under_a_minute: "nog minder dan een minuut",
        ends_soon: "Nog minder dan {seconds} seconden. Betaal nu, of vraag meer tijd als de knop er is.",
        scarce: "Er wachten anderen, dus de tijd kan niet worden verlengd.",
    },
    invoice: InvoiceWords {
        heading: "Zo betaalt u",
        amount: "Bedrag",
        reference: "Betalingskenmerk",
        due: "Te betalen tot en met",
        hint: "Vermeld het betalingskenmerk bij de overschrijving: zo is duidelijk dat het geld van u is. U krijgt dit ook per e-mail.",
    },
    details: DetailWords {
        heading: "Uw bestelling",
        order_number: "Bestelnummer",
        ordered_at: "Besteld",
        payment: "Betaling",
        card: "{brand} eindigend op {last4}",
        destination: "Bezorgadres",
        receipt_note: "Het ontvangstbewijs gaat naar {email}.",
        keep_address: "Bewaar het adres van deze pagina: het toont uw bestelling op elk moment.",
    },
    after: AfterWords {
        heading: "Van gedachten veranderd?",
        cancel: "Bestelling annuleren",
        cancel_refused: "De bestelling is al onderweg en kan niet meer worden geannuleerd. U kunt die terugsturen.",
        withdraw_until: "U kunt tot en met {date} herroepen, zonder opgave van redenen.",
        contact: "Vragen over de bezorging? Vraag het {seller}",
        forget: "Mijn gegevens verwijderen",
        cancel_question: Notice {
            title: "Deze bestelling annuleren?",
            text: "Als er nog niets is verzonden, krijgt {seller} de annulering en krijgt u {amount} terug.",
        },
        cancel_confirm: "Bestelling annuleren",
        cancel_keep: "Bestelling behouden",
        forget_question: Notice {
            title: "Uw gegevens verwijderen?",
            text: "We verwijderen hier uw naam, contactgegevens en adres, en vragen {seller} hetzelfde te doen. Gegevens die we volgens de belastingwet moeten bewaren, worden tot dan geblokkeerd. Deze pagina toont uw gegevens daarna niet meer. Dit kan niet ongedaan worden gemaakt.",
        },
        forget_confirm: "Mijn gegevens verwijderen",
        forget_keep: "Mijn gegevens behouden",
        forgotten: Notice {
            title: "Uw gegevens zijn verwijderd",
            text: "Uw naam, contactgegevens en adres zijn uit deze bestelling verwijderd.",
        },
    },
    withdrawal: WithdrawalWords {
        open: "Overeenkomst hier herroepen",
        form: Notice {
            title: "Overeenkomst herroepen",
            text: "U hoeft geen reden te geven. Controleer deze gegevens en bevestig op de volgende pagina.",
        },
        name: "Voor- en achternaam",
        order: "Bestelnummer",
        contact: "E-mailadres, voor de ontvangstbevestiging",
        proceed: "Overeenkomst hier herroepen",
        name_missing: "Vul uw voor- en achternaam in.",
        order_missing: "Vul het bestelnummer in.",
        contact_missing: "Controleer het e-mailadres. Daar sturen we de ontvangstbevestiging naartoe.",
        question: Notice {
            title: "Bevestig uw herroeping",
            text: "Met de knop stuurt u {seller} deze verklaring:",
        },
        statement: "Ik herroep mijn overeenkomst over bestelling {order}, {title}. {name}, {contact}.",
        confirm: "Herroeping hier bevestigen",
        back: "Terug naar de bestelling",
        received: Notice {
            title: "Herroeping ontvangen",
            text: "We hebben de ontvangstbevestiging gestuurd naar {contact}.",
        },
        received_at: "Ontvangen op {time}",
    },
    notices: NoticeWords {
        not_found: Notice {
            title: "Hier is niets",
            text: "Er is geen bestelling op dit adres. Misschien is het verkeerd getypt of is de bestelling verlopen.",
        },
        too_many_requests: Notice {
            title: "Te veel pogingen",
            text: "Wacht een minuut en probeer het dan opnieuw. Er is niets besteld.",
        },
        unavailable: Notice {
            title: "Tijdelijk niet beschikbaar",
            text: "Deze pagina kan op dit moment niet worden getoond. Probeer het zo opnieuw. Als u hebt betaald, is uw betaling veilig: betaal niet nog een keer.",
        },
    },
};
