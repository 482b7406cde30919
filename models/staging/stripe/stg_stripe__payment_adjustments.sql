-- Current record versions of `payment_adjustments` from Stripe as types; references stay native ids, amounts decimal text.
{{ staged_payment_adjustments('stripe') }}
