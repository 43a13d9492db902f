# Deposit into a patient's record without reading it.

verb-deposit-help = deposit a document into a patient's record
deposit-flag-file-help = the document: a CDA, or a payer's reimbursement statement (FHIR ExplanationOfBenefit)
deposit-flag-record-help = the record's card, handed over by the patient or their doctor (a file, "-" for standard input)
deposit-flag-class-help = the part of the record: common (the default), announcement, representatives; reimbursement for a payer
deposit-done = Deposited into the record of { $patient }: { $title }. You can no longer read it; the patient and those whom the patient allows can.
deposit-already = This document was already in the record of { $patient } ({ $title }): nothing was added.
deposit-results = { $count ->
    [one] 1 result read
   *[other] { $count } results read
 }{ $abnormal ->
    [0] {""}
   *[other] , { $abnormal } of them out of range
 }
deposit-card-of = Card signed by { $name }.
deposit-card-of-patient = Card signed by the patient.

error-deposit-not-yours = This profile does not deposit into records: that takes the enrolment of a structure that deposits ("confrere invite --structure ... --deposit-only").
error-deposit-changed = Other content was deposited from here already under the same identifier and version: a corrected document carries a new version. Nothing was deposited.
error-deposit-known = This document is in the record already, deposited by your structure from another device. Nothing was added.
error-deposit-type-unknown = This type of document ({ $code }) is not on the national list: it is not deposited.
error-deposit-too-many-results = This report has more than { $limit } results: it is not deposited. Split it into several.
error-deposit-insurer-other = This statement is of another payer than you: it is not deposited.
error-record-card-not-yours = Only who keeps the record, the patient or the doctor who opened it for them, hands out its card.

# Laboratory results attached to an exchange.
laboratory-results = { $count ->
    [one] 1 result
   *[other] { $count } results
 } · { $laboratory } · { $date }
laboratory-patient = Patient: { $patient }
laboratory-unreadable = The results of this document cannot be read here: { $reason }
laboratory-unreachable = The results cannot be read offline.
