-- Every known version of a deal with its partner field, for the first observation of a value (fine-print 12).
{{ staged_deal_versions('airbyte_api') }}
