# Documents of the record: what keeps one from being written, or a received one from being read.

error-cda-author-is-recipient = The author of this document is also its recipient. Nothing was filed; take him off the recipients.
error-cda-rpps-wrong = The RPPS number of a professional in this document is not valid. Nothing was filed; check it in the directory.
error-cda-structure-wrong = The { $kind ->
    [finess] FINESS
    [siren] SIREN
    [siret] SIRET
   *[other] RPPS-rang
} number of a structure in this document is not valid. Nothing was filed; check it in the directory.
error-cda-patient-incomplete = The patient's identity is not complete enough for a document: it lacks { $trait ->
    [birth-name] the birth name
    [birth-given-names] the given names at birth
    [birth-date] the birth date
    [sex] the sex
    [birth-place] the INSEE code of the birth place
    [ins] the INS number
   *[other] a trait
}{ $others ->
    [0] {""}
    [one] {" "}and one more trait
   *[other] {" "}and { $others } more traits
}. Complete it in your software.
error-cda-ins-key-wrong = The last two digits of the INS number do not match the first thirteen. Nothing was filed; read the identity again in your software.
error-cda-pdf-wrong = The letter to file is not a whole PDF. Nothing was filed.
error-cda-pdf-too-large = The letter to file is too large (at most { $limit } bytes). Nothing was filed; make it lighter.
error-cda-dates-wrong = The dates of this document do not hold: { $which ->
    [after-document] the act or the encounter would be later than the document
    [before-birth] one of them is before the patient's birth
   *[other] one of them does not exist
}. Nothing was filed.
error-cda-value-wrong = This document cannot be written: the value of { $field } does not fit. Nothing was filed.
error-cda-rule-broken = This document breaks the rules of the shared record: { $rule }. It was refused; ask its author to correct it.
error-cda-unsafe = This document was refused unopened: its content is not safe ({ $clause }).
error-cda-not-a-document = This file is not a clinical document in CDA format. It was refused.
error-cda-unreadable = This document cannot be read ({ $clause }). It was refused; ask its author to send it again.
error-cda-patient-missing = This document does not say whose it is. It was refused.
error-cda-two-patients = This document is in the name of several patients. It was refused.
error-cda-two-identities = This document carries two different INS numbers. It was refused; ask its author to correct it.
