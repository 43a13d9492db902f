# The record: what is refused, and what to do.

error-claim-used = This record can no longer be taken over with this sheet: it was used already, or the record has none. If it was not you, tell your doctor at once.
error-record-opener-refused = A record is opened by the patient, or by a professional for a patient without a device; only an enrolled patient may take it over. Enrol the patient first.
error-record-unknown-here = No patient's record matches. Check the card or the sheet of the record.
error-access-reader-not-caller = A consultation is stated from the device that reads. Log in again on this device, then try again.
error-access-late = This statement of a consultation is too old. Check your device's clock, then open the record again.
error-access-statement-needed = First say why you open this record: the patient will see it in the log. Open it again with its purpose.
error-depositor-reads-nothing = This account only deposits: it takes part in no exchange and reads nothing. Make it a deposit.
error-deposit-class-refused = This account does not deposit into this part of the record: a care structure deposits documents there, who pays reimbursements and nothing else. Choose another part.
error-epoch-record-refused = An exchange is about one patient's record, and this part exists in a record only. Send once per record.

# The patient's identity, given with the invitation.

error-attestation-malformed = The patient's identity in the invitation cannot be read ({ $clause }). Ask for a new invitation.
error-attestation-forged = The patient's identity in the invitation was not made by who runs this service. Go no further; ask for a new invitation.
error-attestation-foreign = This patient's identity is not that of this account. Ask for a new invitation.
error-record-identity-differs = Whoever took this record over says that it is another patient's than the one you know. File nothing in it and show nothing; speak with your patient.
error-filing-already = This text already stands in the patient's record, asked for by somebody of the exchange. It is not filed twice.
