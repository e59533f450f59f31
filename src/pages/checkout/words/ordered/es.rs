//! Spanish, with the formal «usted».

use super::{
    ActionWords, AfterWords, DetailWords, HoldWords, InvoiceWords, Notice, NoticeWords,
    OrderedWords, Plural, SituationWords, WithdrawalWords,
};

pub(crate) const ES: OrderedWords = OrderedWords {
    situations: SituationWords {
        incomplete: Notice {
            title: "Todavía falta algo",
            text: "Complete sus datos para ver el total. Todavía no se ha pedido nada.",
        },
        ready: Notice {
            title: "Todo listo para pedir",
            text: "Revise el total y pulse el botón. Todavía no se ha pedido nada.",
        },
        sold_out: Notice {
            title: "Se ha agotado",
            text: "Alguien fue más rápido. No se ha pedido ni cobrado nada.",
        },
        payment_unavailable: Notice {
            title: "El pago no está disponible ahora",
            text: "El servicio de pago no ha respondido. No se ha cobrado nada. Inténtelo de nuevo en un minuto.",
        },
        stopped: Notice {
            title: "No está a la venta por el momento",
            text: "Las ventas están en pausa. No se ha pedido ni cobrado nada.",
        },
        preparing: Notice {
            title: "Preparando su pago",
            text: "Tarda unos segundos.",
        },
        pay_now: Notice {
            title: "Pague para completar su pedido",
            text: "Su pedido se realiza en cuanto haya pagado.",
        },
        pay_invoice: Notice {
            title: "Haga la transferencia para completar su pedido",
            text: "Su pedido se realizará en cuanto lleguen {amount}. Hasta entonces, todo está reservado para usted.",
        },
        declined: Notice {
            title: "El pago ha sido rechazado",
            text: "Su banco no lo ha aprobado y no se ha cobrado nada. Inténtelo de nuevo, con otra tarjeta si lo desea.",
        },
        processing: Notice {
            title: "Su pago se está procesando",
            text: "Normalmente tarda unos segundos. No pague otra vez.",
        },
        too_late: Notice {
            title: "El tiempo para pagar ha terminado",
            text: "Si su pago ya está en camino y quedan unidades, el pedido se realizará igualmente. Si no, se le devolverá todo.",
        },
        cancelling: Notice {
            title: "Cancelando el pago",
            text: "Tarda unos segundos. Ya no pague: si aun así llega un pago, se le devolverá.",
        },
        confirmed: Notice {
            title: "Pedido confirmado",
            text: "Gracias. {seller} ha recibido su pedido.",
        },
        cancelling_order: Notice {
            title: "Cancelando su pedido",
            text: "Comprobamos que todavía no se ha enviado nada. Después recibirá su dinero.",
        },
        expired: Notice {
            title: "Esta compra ha caducado",
            text: "No se pagó a tiempo. No se ha pedido ni cobrado nada.",
        },
        cancelled: Notice {
            title: "Cancelado",
            text: "No se ha pedido ni cobrado nada.",
        },
        released: Notice {
            title: "No se ha cobrado nada",
            text: "No hay ningún pedido. Si su banco ha retenido el importe, lo liberará, normalmente en unos días.",
        },
        refund_due: Notice {
            title: "Su dinero está en camino",
            text: "Le devolvemos {amount} por el mismo medio de pago. Los bancos suelen tardar de 5 a 10 días.",
        },
        refund_failed: Notice {
            title: "El reembolso aún no ha llegado",
            text: "Su banco lo ha rechazado. Lo seguiremos intentando hasta que reciba {amount}. No tiene que hacer nada.",
        },
        refunded: Notice {
            title: "Reembolsado",
            text: "Le hemos devuelto {amount} por el mismo medio de pago. Su banco puede tardar unos días en mostrarlo.",
        },
    },
    actions: ActionWords {
        complete: "Completar sus datos",
        review: "Revisar y pedir",
        change_choice: "Cambiar su elección",
        try_again: "Intentar de nuevo",
        pay: "Continuar al pago",
        pay_amount: "Pagar {amount}",
        more_time: "Más tiempo",
        cancel_payment: "Cambiar o cancelar",
        check_again: "Comprobar de nuevo",
        updates_itself: "Esta página se actualiza sola.",
        start_again: "Empezar de nuevo",
        back_to_offer: "Volver a la oferta",
    },
    hold: HoldWords {
        until: "Reservado para usted hasta el {time}, {left}.",
        minutes: Plural {
            one: "queda aproximadamente {count} minuto",
            many: "quedan aproximadamente {count} minutos",
        },
        under_a_minute: "queda menos de un minuto",
        ends_soon: "Quedan menos de {seconds} segundos. Pague ahora, o pida más tiempo si aparece el botón.",
        scarce: "Hay otras personas esperando, por eso el tiempo no se puede ampliar.",
    },
    invoice: InvoiceWords {
        heading: "Cómo pagar",
        amount: "Importe",
        reference: "Concepto",
        due: "Pagar antes del",
        hint: "Indique el concepto en la transferencia: así se sabe que el dinero es suyo. También le enviamos estos datos por correo electrónico.",
    },
    details: DetailWords {
        heading: "Su pedido",
        order_number: "Número de pedido",
        ordered_at: "Pedido el",
        payment: "Pago",
        card: "{brand} terminada en {last4}",
        destination: "Dirección de entrega",
        receipt_note: "El recibo se envía a {email}.",
        keep_address: "Guarde la dirección de esta página: muestra su pedido en cualquier momento.",
    },
    after: AfterWords {
        heading: "¿Ha cambiado de opinión?",
        cancel: "Cancelar el pedido",
        cancel_refused: "El pedido ya está en camino y no se puede cancelar. Puede devolverlo.",
        withdraw_until: "Puede desistir hasta el {date}, sin indicar el motivo.",
        contact: "¿Preguntas sobre la entrega? Consulte a {seller}",
        forget: "Borrar mis datos",
        cancel_question: Notice {
            title: "¿Cancelar este pedido?",
            text: "Si todavía no se ha enviado nada, {seller} recibirá la cancelación y usted recibirá {amount}.",
        },
        cancel_confirm: "Cancelar el pedido",
        cancel_keep: "Conservar el pedido",
        forget_question: Notice {
            title: "¿Borrar sus datos?",
            text: "Quitamos aquí su nombre, sus datos de contacto y su dirección, y pedimos a {seller} que haga lo mismo. Los datos que la ley fiscal nos obliga a guardar quedan bloqueados hasta entonces. Esta página dejará de mostrar sus datos. Esta acción no se puede deshacer.",
        },
        forget_confirm: "Borrar mis datos",
        forget_keep: "Conservar mis datos",
        forgotten: Notice {
            title: "Sus datos se han borrado",
            text: "Su nombre, sus datos de contacto y su dirección se han quitado de este pedido.",
        },
    },
    withdrawal: WithdrawalWords {
        open: "Desistir del contrato aquí",
        form: Notice {
            title: "Desistir del contrato",
            text: "No tiene que indicar el motivo. Revise estos datos y confirme en la página siguiente.",
        },
        name: "Nombre y apellidos",
        order: "Número de pedido",
        contact: "Correo electrónico, para el acuse de recibo",
        proceed: "Desistir del contrato aquí",
        name_missing: "Indique su nombre y apellidos.",
        order_missing: "Indique el número de pedido.",
        contact_missing: "Revise el correo electrónico. Allí se envía el acuse de recibo.",
        question: Notice {
            title: "Confirme su desistimiento",
            text: "Con el botón envía a {seller} esta declaración:",
        },
        statement: "Desisto de mi contrato sobre el pedido {order}, {title}. {name}, {contact}.",
        confirm: "Confirmar el desistimiento aquí",
        back: "Volver al pedido",
        received: Notice {
            title: "Desistimiento recibido",
            text: "Hemos enviado el acuse de recibo a {contact}.",
        },
        received_at: "Recibido el {time}",
    },
    notices: NoticeWords {
        not_found: Notice {
            title: "Aquí no hay nada",
            text: "No hay ningún pedido en esta dirección. Puede que esté mal escrita o que haya caducado.",
        },
        too_many_requests: Notice {
            title: "Demasiados intentos",
            text: "Espere un minuto e inténtelo de nuevo. No se ha pedido nada.",
        },
        unavailable: Notice {
            title: "No disponible temporalmente",
            text: "Esta página no se puede mostrar en este momento. Inténtelo de nuevo en breve. Si ha pagado, su pago está a salvo: no pague otra vez.",
        },
    },
};
