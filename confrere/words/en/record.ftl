# The patient's shared record, as this device opens it.

error-record-unknown = This record is not known here. “confrere record show” lists those that you may open.
error-record-ambiguous = { $matches } records begin like this: give the record's reference (“confrere record show” lists them, with birth dates).
error-record-open-already = A record of this patient is open here already ({ $record }): “confrere record show” shows it.
error-patient-not-attested = This profile does not say which patient it is. Enrol with the file from your institution (“confrere enroll --invitation”).
error-sheet-code-malformed = This is not the code of a record's sheet: 46 letters and digits, to copy as they are or to scan.
error-claim-refused = This sheet opens no record in your name. It is for the patient who was given it; ask your doctor to check the identity.
error-item-unknown = No line of this record begins like this. “confrere record show” lists them.
error-item-ambiguous = Several lines begin like this: type more of it.
error-document-missing = This line has no document attached.
error-document-of-another = This document is about another patient: it is neither shown nor deposited.
error-share-class-refused = This line is not shown in an exchange: the patient masked it, or it belongs to another access.
error-share-over = This access to the record has ended, with the request or at its date.
error-share-withdrawn = This line of the record is no longer shown here.

record-note-withdrawn = Taken back by whoever filed it
record-note-patient-unknown = The record has not said yet whose it is: check that this document is about that patient
