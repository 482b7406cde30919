-- Current record versions of `payment_adjustments` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_payment_adjustments('airbyte_api') }}
