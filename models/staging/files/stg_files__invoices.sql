-- Current record versions of `invoices` from files as types; references stay native ids, amounts decimal text.
{{ staged_invoices('files') }}
