-- Current record versions of `payment_adjustments` from Chargebee as types; references stay native ids, amounts decimal text.
{{ staged_payment_adjustments('chargebee') }}
