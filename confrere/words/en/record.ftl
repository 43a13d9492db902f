# The patient's shared record, consent, filing.

error-record-unknown = This record is not known here. “confrere record show” lists those that you may open.
