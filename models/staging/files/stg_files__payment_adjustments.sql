-- Current record versions of `payment_adjustments` from files as types; references stay native ids, amounts decimal text.
{{ staged_payment_adjustments('files') }}
