-- Current record versions of `invoices` from Chargebee as types; references stay native ids, amounts decimal text.
{{ staged_invoices('chargebee') }}
