-- Current record versions of `deal_registrations` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_deal_registrations('airbyte_source') }}
