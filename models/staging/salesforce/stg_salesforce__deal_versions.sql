-- Every known version of a deal from Salesforce with its partner field, for the first observation of a value (fine-print 12).
{{ staged_deal_versions('salesforce') }}
