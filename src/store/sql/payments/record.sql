-- Records what the processor said of a payment. What is unknown now stays as it was known.
UPDATE payments SET session_id = coalesce($2, session_id), payment_id = coalesce($3, payment_id), status = coalesce($4, status),
    amount_captured = greatest(amount_captured, $5), amount_refunded = greatest(amount_refunded, $6),
    card_brand = coalesce($7, card_brand), card_last4 = coalesce($8, card_last4), decline_code = $9,
    dispute = coalesce($10, dispute), card = coalesce($11, card),
    updated_at = now()
WHERE id = $1
