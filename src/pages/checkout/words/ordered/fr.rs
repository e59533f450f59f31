//! French.

use super::{
    ActionWords, AfterWords, DetailWords, HoldWords, InvoiceWords, Notice, NoticeWords,
    OrderedWords, Plural, SituationWords, WithdrawalWords,
};

pub(crate) const FR: OrderedWords = OrderedWords {
    situations: SituationWords {
        incomplete: Notice {
            title: "Il manque encore quelque chose",
            text: "Complétez vos coordonnées pour voir le total. Rien n’est encore commandé.",
        },
        ready: Notice {
            title: "Prêt à commander",
            text: "Vérifiez le total et appuyez sur le bouton. Rien n’est encore commandé.",
        },
        sold_out: Notice {
            title: "Épuisé entre-temps",
            text: "Quelqu’un a été plus rapide. Rien n’a été commandé ni débité.",
        },
        payment_unavailable: Notice {
            title: "Paiement indisponible pour le moment",
            text: "Le service de paiement n’a pas répondu. Rien n’a été débité. Veuillez réessayer dans une minute.",
        },
        stopped: Notice {
            title: "Pas en vente actuellement",
            text: "Les ventes sont suspendues. Rien n’a été commandé ni débité.",
        },
        preparing: Notice {
            title: "Préparation du paiement",
            text: "Cela prend quelques secondes.",
        },
        pay_now: Notice {
            title: "Payez pour finaliser votre commande",
            text: "Votre commande est passée dès que vous avez payé.",
        },
        pay_invoice: Notice {
            title: "Faites le virement pour finaliser votre commande",
            text: "Votre commande sera passée dès réception de {amount}. D’ici là, tout vous est réservé.",
        },
        declined: Notice {
            title: "Le paiement a été refusé",
            text: "Votre banque ne l’a pas accepté, et rien n’a été débité. Réessayez, avec une autre carte si vous le souhaitez.",
        },
        processing: Notice {
            title: "Votre paiement est en cours",
            text: "Cela prend généralement quelques secondes. Veuillez ne pas payer une seconde fois.",
        },
        too_late: Notice {
            title: "Le délai de paiement est écoulé",
            text: "Si votre paiement est déjà en route et que le stock suffit, la commande aboutit quand même. Sinon, tout vous est rendu.",
        },
        cancelling: Notice {
            title: "Annulation du paiement",
            text: "Cela prend quelques secondes. Veuillez ne plus payer\u{a0}: un paiement qui arriverait encore vous est rendu.",
        },
        confirmed: Notice {
            title: "Commande confirmée",
            text: "Merci. {seller} a reçu votre commande.",
        },
        cancelling_order: Notice {
            title: "Annulation de votre commande",
            text: "Nous vérifions que rien n’a encore été expédié. Ensuite, vous êtes remboursé.",
        },
        expired: Notice {
            title: "Cet achat a expiré",
            text: "Il n’a pas été payé à temps. Rien n’a été commandé ni débité.",
        },
        cancelled: Notice {
            title: "Annulé",
            text: "Rien n’a été commandé ni débité.",
        },
        released: Notice {
            title: "Rien n’a été débité",
            text: "Il n’y a pas de commande. Si votre banque a réservé le montant, elle le libère, généralement en quelques jours.",
        },
        refund_due: Notice {
            title: "Votre remboursement est en route",
            text: "{amount} vous sont rendus par le même moyen de paiement. Les banques mettent généralement 5 à 10 jours.",
        },
        refund_failed: Notice {
            title: "Le remboursement n’est pas encore arrivé",
            text: "Votre banque l’a renvoyé. Nous réessayons jusqu’à ce que vous ayez reçu vos {amount}. Vous n’avez rien à faire.",
        },
        refunded: Notice {
            title: "Remboursé",
            text: "{amount} vous ont été rendus par le même moyen de paiement. Votre banque peut mettre quelques jours à l’afficher.",
        },
    },
    actions: ActionWords {
        complete: "Compléter vos coordonnées",
        review: "Vérifier et commander",
        change_choice: "Modifier votre choix",
        try_again: "Réessayer",
        pay: "Continuer vers le paiement",
        pay_amount: "Payer {amount}",
        more_time: "Plus de temps",
        cancel_payment: "Modifier ou annuler",
        check_again: "Vérifier de nouveau",
        updates_itself: "Cette page se met à jour toute seule.",
        start_again: "Recommencer",
        back_to_offer: "Retour à l’offre",
    },
    hold: HoldWords {
        until: "Réservé pour vous jusqu’au {time}, {left}.",
        minutes: Plural {
            one: "encore {count} minute environ",
            many: "encore {count} minutes environ",
        },
        under_a_minute: "encore moins d’une minute",
        ends_soon: "Moins de {seconds} secondes restantes. Payez maintenant, ou demandez plus de temps si le bouton est affiché.",
        scarce: "D’autres personnes attendent\u{a0}: le délai ne peut pas être prolongé.",
    },
    invoice: InvoiceWords {
        heading: "Comment payer",
        amount: "Montant",
        reference: "Référence",
        due: "À payer avant le",
        hint: "Indiquez la référence sur le virement\u{a0}: elle montre que l’argent vient de vous. Vous recevez aussi ces informations par e-mail.",
    },
    details: DetailWords {
        heading: "Votre commande",
        order_number: "Numéro de commande",
        ordered_at: "Commandé le",
        payment: "Paiement",
        card: "{brand} se terminant par {last4}",
        destination: "Adresse de livraison",
        receipt_note: "Le reçu est envoyé à {email}.",
        keep_address: "Conservez l’adresse de cette page\u{a0}: elle affiche votre commande à tout moment.",
    },
    after: AfterWords {
        heading: "Vous avez changé d’avis\u{202f}?",
        cancel: "Annuler la commande",
        cancel_refused: "La commande est déjà en route et ne peut plus être annulée. Vous pouvez la retourner.",
        withdraw_until: "Vous pouvez vous rétracter jusqu’au {date}, sans donner de motif.",
        contact: "Des questions sur la livraison\u{202f}? Demandez à {seller}",
        forget: "Supprimer mes données",
        cancel_question: Notice {
            title: "Annuler cette commande\u{202f}?",
            text: "Si rien n’a encore été expédié, {seller} reçoit l’annulation et vous êtes remboursé de {amount}.",
        },
        cancel_confirm: "Annuler la commande",
        cancel_keep: "Garder la commande",
        forget_question: Notice {
            title: "Supprimer vos données\u{202f}?",
            text: "Nous effaçons ici votre nom, vos coordonnées et votre adresse, et demandons à {seller} de faire de même. Les données que le droit fiscal nous oblige à garder sont bloquées jusque-là. Cette page n’affichera plus vos coordonnées. Cette action est définitive.",
        },
        forget_confirm: "Supprimer mes données",
        forget_keep: "Garder mes données",
        forgotten: Notice {
            title: "Vos données sont supprimées",
            text: "Votre nom, vos coordonnées et votre adresse ont été retirés de cette commande.",
        },
    },
    withdrawal: WithdrawalWords {
        open: "Se rétracter du contrat ici",
        form: Notice {
            title: "Se rétracter du contrat",
            text: "Vous n’avez pas à donner de motif. Vérifiez ces informations, puis confirmez à la page suivante.",
        },
        name: "Nom et prénom",
        order: "Numéro de commande",
        contact: "E-mail, pour l’accusé de réception",
        proceed: "Se rétracter du contrat ici",
        name_missing: "Indiquez vos nom et prénom.",
        order_missing: "Indiquez le numéro de commande.",
        contact_missing: "Vérifiez l’adresse e-mail. L’accusé de réception y est envoyé.",
        question: Notice {
            title: "Confirmez votre rétractation",
            text: "Avec le bouton, vous envoyez cette déclaration à {seller}\u{a0}:",
        },
        statement: "Je me rétracte du contrat portant sur la commande {order}, {title}. {name}, {contact}.",
        confirm: "Confirmer la rétractation ici",
        back: "Retour à la commande",
        received: Notice {
            title: "Rétractation reçue",
            text: "Nous avons envoyé l’accusé de réception à {contact}.",
        },
        received_at: "Reçue le {time}",
    },
    notices: NoticeWords {
        not_found: Notice {
            title: "Rien à cette adresse",
            text: "Il n’y a pas de commande à cette adresse. Elle est peut-être mal saisie ou a expiré.",
        },
        too_many_requests: Notice {
            title: "Trop de tentatives",
            text: "Veuillez patienter une minute, puis réessayer. Rien n’a été commandé.",
        },
        unavailable: Notice {
            title: "Temporairement indisponible",
            text: "Cette page ne peut pas être affichée pour le moment. Veuillez réessayer sous peu. Si vous avez payé, votre paiement est en sécurité\u{a0}: ne payez pas une seconde fois.",
        },
    },
};
